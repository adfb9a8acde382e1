"""Bifurcations of update rules: places and normal forms in closed form, amplitudes by simulation."""

import math

import numpy
import pytest

from gamedyn.dynamics import Bifurcations, continue_fixed_points, find_bifurcations, rule_family, simulate
from gamedyn.games import (
    Bilinear,
    DiracGAN,
    Quadratic,
    Regularized,
    congestion_game,
    cournot,
)
from gamedyn.objectives import NonSaturating
from gamedyn.updates import (
    AlternatingGradientDescent,
    HeavyBall,
    MultiplicativeWeights,
    OptimisticGradient,
    SimultaneousGradientDescent,
    StepMap,
)
from tests.dynamics.branch_games import Line, logistic, polynomial, rotation

DESCENT = SimultaneousGradientDescent(0.1)
# 1 - 2 h at its minima: flip at h = 1, where x - h (x^3 - x) has c = f''' / 6 + f''^2 / 4 = -1 + 36 / 4.
WELL = Line(lambda x: (x**2 - 1) ** 2 / 4, lambda x: x**3 - x)


def found_on(family, z, bounds, step=0.05, **options):
    return find_bifurcations(family, continue_fixed_points(family, z, bounds, step=step, **options))


def test_the_logistic_map_crosses_at_one_and_flips_at_three():
    crossing, flip = found_on(logistic, [0.6], (0.5, 3.4), start=2.5)
    assert (crossing.kind, crossing.crossing, crossing.criticality) == ("branch point", "transcritical", "")
    assert abs(crossing.parameter - 1) < 1e-12
    # x + (r - 1) x - r x^2 at r = 1; f''^2 / 4 = r^2 = 9.
    assert abs(crossing.coefficient + 1) < 1e-9
    assert (flip.kind, flip.criticality, flip.turns) == ("flip", "supercritical", 0.5)
    assert abs(flip.parameter - 3) < 1e-11
    assert abs(flip.coefficient - 9) < 1e-6
    assert abs(flip.coefficient - 9) <= flip.coefficient_error
    assert "flip at 3, z = (0.666667); supercritical, coefficient 9" in str(flip)
    assert "branch point (transcritical) at 1" in str(crossing)


def test_a_fold_is_where_two_points_meet():
    family = polynomial(lambda x, c: x**3 / 3 - c * x, lambda x, c: x**2 - c)
    branch = continue_fixed_points(family, [1.0], (-1.0, 2.0), start=1.0)
    (fold,) = find_bifurcations(family, branch)
    assert (fold.kind, fold.criticality) == ("fold", "")
    assert abs(fold.parameter) < 1e-12
    assert abs(fold.point[0]) < 1e-10
    # x + 0.1 (c - x^2)
    assert abs(fold.coefficient + 0.1) < 1e-8
    # Once round it, on to the unstable side: x = +-sqrt(c).
    assert branch.points.min() < -1.4
    numpy.testing.assert_allclose(branch.points[:, 0] ** 2, branch.parameters, atol=1e-12)
    assert (branch.stable == (branch.points[:, 0] > 0)).all()


@pytest.mark.parametrize(("z", "start"), [(0.0, -0.5), (1.0, 1.0)], ids=["through", "along the parabola"])
@pytest.mark.parametrize("step", [0.02, *(pytest.param(more, marks=pytest.mark.full) for more in (0.013, 0.05))])
def test_a_pitchfork_is_one_branch_point_from_either_branch(z, start, step):
    # Descent on x^4 / 4 - c x^2 / 2: x + 0.1 (c x - x^3). Newton's method has no regular system at its centre.
    family = polynomial(lambda x, c: x**4 / 4 - c * x**2 / 2, lambda x, c: x**3 - c * x)
    found = found_on(family, [z], (-1.0, 2.0), start=start, step=step)
    assert found.complete
    (one,) = found
    assert (one.kind, one.crossing, one.criticality) == ("branch point", "pitchfork", "supercritical")
    assert abs(one.parameter) < 1e-12
    assert abs(one.point[0]) < 1e-10
    assert abs(one.coefficient + 0.1) < 1e-7


def test_a_pitchforks_coefficient_sees_what_other_directions_bend():
    # y* = x^2 / 2 on the centre manifold: x - h x^3 + h x (s y) gives c = h (s / 2 - 1), subcritical for s = 4.
    def family(c, s=4.0):
        def losses(z):
            x, y = z[..., 0], z[..., 1]
            return numpy.stack([-c * x**2 / 2 + x**4 / 4 - s * x**2 * y / 2, y**2 / 2 - x**2 * y / 2], -1)

        def slopes(z):
            x, y = z[..., 0], z[..., 1]
            return numpy.stack([-c * x + x**3 - s * x * y, y - x**2 / 2], -1)

        return StepMap(SimultaneousGradientDescent(0.1), Line(losses, slopes, (1, 1)))

    (one,) = found_on(family, [0.0, 0.0], (-0.5, 0.5))
    assert (one.crossing, one.criticality) == ("pitchfork", "subcritical")
    assert abs(one.coefficient - 0.1) < 1e-7


@pytest.mark.parametrize("bounds", [(1.0, 1.5), (0.5, 1.0), (0.4, 1.6)])
def test_a_flip_at_either_end_counts_once(bounds):
    (flip,) = found_on(rule_family(DESCENT, WELL), [1.0], bounds)
    assert flip.kind == "flip"
    assert abs(flip.parameter - 1) < 1e-12
    assert abs(flip.coefficient - 8) < 1e-6


def test_the_doubled_cycle_has_the_amplitude_of_the_normal_form():
    family = rule_family(DESCENT, WELL)
    (flip,) = found_on(family, [1.0], (0.5, 1.5))
    h = 1.0005
    path = numpy.asarray(simulate(WELL, SimultaneousGradientDescent(h), [1.01], 40000).points)[-2:, 0]
    # x^2 = -(1 + r) / c, r = 1 - 2 h.
    predicted = ((2 * h - 2) / flip.coefficient) ** 0.5
    assert abs(abs(path[1] - path[0]) / (2 * predicted) - 1) < 0.01


def quartic_game(k, q):
    return Line(lambda x: k * x**2 / 2 + q * x**4 / 4, lambda x: k * x + q * x**3)


def test_descent_on_quartics_flips_at_two_over_the_curvature():
    # x - h (L x + q x^3): c = -h q = -2 q / L. A wall that steepens (q > 0) throws iterates out.
    for curvature, quartic, word in (
        (3.0, 1.0, "subcritical"),
        (3.0, -1.0, "supercritical"),
        (0.5, 2.0, "subcritical"),
    ):
        game = quartic_game(curvature, quartic)
        (flip,) = found_on(rule_family(DESCENT, game), [0.0], (0.1 / curvature, 2.5 / curvature))
        assert abs(flip.parameter * curvature - 2) < 1e-10
        assert abs(flip.coefficient + 2 * quartic / curvature) < 1e-6
        assert flip.criticality == word


def test_quadratics_flip_without_a_cycle():
    (flip,) = found_on(rule_family(DESCENT, Quadratic([[[4.0]]], dims=(1,))), [0.0], (0.1, 1.0))
    assert abs(flip.parameter - 0.5) < 1e-12
    assert (flip.criticality, flip.coefficient) == ("degenerate", 0.0)


def test_neimark_sacker_by_hand():
    # k = 1/2, h = 0.8: r = 0.6 +- 0.8 i, q = (1, -+i) / sqrt 2, C(q, q, q*) = -6 h q / 2, so d = -3 h Re(r*) / 2.
    (one,) = found_on(rule_family(DESCENT, rotation(0.5)), [0.0, 0.0], (0.1, 1.2))
    assert (one.kind, one.criticality, one.resonance) == ("Neimark-Sacker", "supercritical", 0)
    assert abs(one.parameter - 0.8) < 1e-12
    assert abs(one.turns - math.atan2(0.8, 0.6) / (2 * math.pi)) < 1e-12
    assert abs(one.coefficient + 0.72) < 1e-7


def planar(c, angle, a, b, e, cubic):
    """w -> c exp(i angle) w + a w^2 / 2 + b |w|^2 + e w*^2 / 2 + cubic w |w|^2 / 2 for w = x + i y, as descent."""

    def slopes(z):
        w = z[..., 0] + 1j * z[..., 1]
        # |w|^2 and w* by x and y, so that complex steps see a polynomial.
        square, conj = z[..., 0] ** 2 + z[..., 1] ** 2, z[..., 0] - 1j * z[..., 1]
        ahead = c * numpy.exp(1j * angle) * w + a * w**2 / 2 + b * square + e * conj**2 / 2 + cubic * w * square / 2
        return numpy.stack([z[..., 0] - ahead.real, z[..., 1] - ahead.imag], -1)

    return Line(lambda z: 0 * z, slopes, (1, 1))


@pytest.mark.parametrize("angle", [1.1, *(pytest.param(more, marks=pytest.mark.full) for more in (0.7, 2.6))])
def test_quadratic_terms_enter_the_first_lyapunov_coefficient_as_in_wans_formula(angle):
    a, b, e, cubic = 0.4 - 0.3j, 0.5 + 0.2j, -0.3 + 0.6j, -1.2 + 0.5j
    family = lambda c: StepMap(SimultaneousGradientDescent(1.0), planar(c, angle, a, b, e, cubic))  # noqa: E731
    (one,) = found_on(family, [0.0, 0.0], (0.9, 1.05))
    assert abs(one.parameter - 1) < 1e-11
    assert abs(one.turns - angle / (2 * math.pi)) < 1e-11
    r = numpy.exp(1j * angle)
    mixed = ((1 - 2 * r) / r**2 / (2 * (1 - r)) * a * b).real
    exact = (cubic / r / 2).real - mixed - abs(b) ** 2 / 2 - abs(e) ** 2 / 4
    # x q + c. c. with |q| = 1 is w = sqrt(2) x.
    assert abs(one.coefficient - 2 * exact) < 1e-6
    if angle == 1.1:
        rule, growth = SimultaneousGradientDescent(1.0), 1e-4
        path = simulate(planar(1 + growth, angle, a, b, e, cubic), rule, [(-growth / exact) ** 0.5, 0.0], 40000)
        assert abs((numpy.asarray(path.points)[-5000:] ** 2).sum(-1).mean() / (-growth / exact) - 1) < 0.01


def test_the_closed_curve_has_the_radius_of_the_normal_form():
    (one,) = found_on(rule_family(DESCENT, rotation(0.5)), [0.0, 0.0], (0.1, 1.2))
    h = 0.8005
    path = numpy.asarray(simulate(rotation(0.5), SimultaneousGradientDescent(h), [0.02, 0.0], 20000).points)[-2000:]
    growth = abs(1 - h * (0.5 + 1j)) - 1
    assert abs((path**2).sum(-1).mean() / (-2 * growth / one.coefficient) - 1) < 0.01


@pytest.mark.parametrize(("k", "h", "q"), [(math.sqrt(3), math.sqrt(3) / 2, 3), (1.0, 1.0, 4)])
def test_strong_resonances_have_no_coefficient(k, h, q):
    (one,) = found_on(rule_family(DESCENT, rotation(k)), [0.0, 0.0], (0.1, 1.2))
    assert abs(one.parameter - h) < 1e-12
    assert (one.kind, one.resonance, one.criticality) == ("Neimark-Sacker", q, "")
    assert abs(one.turns - 1 / q) < 1e-9
    assert math.isnan(one.coefficient)
    assert f"strong resonance 1:{q}" in str(one)


def test_two_at_once_have_no_coefficient():
    (pairs,) = found_on(rule_family(DESCENT, rotation(0.5, copies=2)), [0.0] * 4, (0.1, 1.2))
    assert (pairs.kind, pairs.multiplicity, pairs.criticality) == ("Neimark-Sacker", 2, "")
    assert abs(pairs.parameter - 0.8) < 1e-12
    assert math.isnan(pairs.coefficient)
    wells = Line(lambda z: (z**2 - 1) ** 2 / 4, lambda z: z**3 - z, (1, 1))
    (flips,) = found_on(rule_family(DESCENT, wells), [1.0, 1.0], (0.5, 1.5))
    assert (flips.kind, flips.multiplicity, flips.criticality) == ("flip", 2, "")
    assert abs(flips.parameter - 1) < 1e-12
    assert "2 multipliers or pairs at once" in str(flips)


def test_multipliers_that_stay_on_the_circle_are_told_and_not_counted():
    family = rule_family(AlternatingGradientDescent(0.1), Bilinear([[0.7]]))
    branch = continue_fixed_points(family, [0.0, 0.0], (0.5, 1.0))
    assert not branch.stable.any()
    found = find_bifurcations(family, branch)
    assert isinstance(found, Bifurcations)
    assert (len(found), found.complete) == (0, False)
    assert found.reason == "from 0.5 to 1, multipliers stay critical (Neimark-Sacker)"
    assert "no bifurcation\nincomplete: from 0.5" in str(found)


def test_a_pole_is_no_crossing():
    # x - x / c: the multiplier 1 - 1 / c jumps from minus to plus infinity at 0, and is -1 at 1 / 2.
    found = found_on(
        polynomial(lambda x, c: x**2 / (2 * c), lambda x, c: x / c, step=1.0), [0.0], (-1.0, 1.0), start=0.5
    )
    assert [one.kind for one in found] == ["flip"]
    assert abs(found[0].parameter - 0.5) < 1e-11


def test_large_games_count_their_pairs():
    # One pair with k = 1/2 crosses at 0.8, eleven more with k = 1 would at 1.
    k = numpy.array([0.5] + [1.0] * 11)
    (one,) = found_on(rule_family(DESCENT, rotation(k, copies=12)), [0.0] * 24, (0.5, 0.95), step=0.2)
    assert (one.kind, one.multiplicity) == ("Neimark-Sacker", 1)
    assert abs(one.parameter - 0.8) < 1e-12
    assert abs(one.coefficient + 0.72) < 1e-7
    assert "z = (0, 0, 0, 0, 0, 0, ...)" in str(one)
    wide = rule_family(AlternatingGradientDescent(0.1), Bilinear(0.7 * numpy.eye(12)))
    found = found_on(wide, [0.0] * 24, (0.5, 1.0), step=0.2)
    assert (len(found), found.complete) == (0, False)


def test_stretches_that_cannot_be_followed_are_told():
    (branch,) = [continue_fixed_points(logistic, [0.6], (2.5, 3.4))]

    def refusing(r):
        if 2.8 < r < 3.1:
            raise ValueError("no such rate")
        return logistic(r)

    found = find_bifurcations(refusing, branch)
    assert not found.complete
    assert "no such rate" in found.reason
    assert len(found) == 0


@pytest.mark.parametrize("momentum", [0.3, pytest.param(-0.3, marks=pytest.mark.full)])
def test_heavy_ball_loses_rotations_where_its_polynomial_says(momentum):
    # r^2 - (1 + b - h l) r + b = 0 with l = k + i and r on the circle.
    k = 0.5
    (one,) = found_on(rule_family(HeavyBall(0.1, momentum=momentum), rotation(k)), [0.0, 0.0], (0.02, 2.0))[:1]
    r = numpy.exp(2j * math.pi * one.turns)
    h = [(1 + momentum - r - momentum / r) / eigenvalue for eigenvalue in (k + 1j, k - 1j)]
    best = min(h, key=lambda value: abs(value.imag))
    assert one.kind == "Neimark-Sacker"
    assert abs(best - one.parameter) < 1e-10


def test_optimistic_gradient_loses_rotations_at_one_over_root_three():
    # r^2 - (1 - 2 h l) r - h l = 0, l = i: |r| = 1 first at h = 1 / sqrt 3.
    family = rule_family(OptimisticGradient(0.1), Bilinear([[1.0]]))
    (one,) = found_on(family, [0.0, 0.0], (0.1, 0.9))
    assert one.kind == "Neimark-Sacker"
    assert abs(one.parameter - 3**-0.5) < 1e-10


def test_dirac_gan_with_r1_loses_its_point_at_the_step_gamma_over_omega_squared():
    # xi_theta = c'(0) psi, xi_psi = b'(0) theta + gamma psi: eigenvalues l with l^2 - gamma l + 1/4 = 0; |1 - h l| = 1
    # for complex pairs where 2 Re l = h |l|^2: gamma = h / 4.
    h = 0.3
    family = lambda gamma: StepMap(SimultaneousGradientDescent(h), Regularized(DiracGAN(), r1=gamma))  # noqa: E731
    (one,) = found_on(family, [0.0, 0.0], (0.01, 0.3))
    assert (one.kind, one.criticality) == ("Neimark-Sacker", "supercritical")
    # Derived with SymPy from the cubic terms -h c''(0) psi^2 theta and -h b''(0) psi theta^2.
    assert abs(one.coefficient + 3 * h**3 / 64) < 1e-8
    assert abs(one.parameter - h / 4) < 1e-10
    assert abs(math.cos(2 * math.pi * one.turns) - (1 - h * one.parameter / 2)) < 1e-10


@pytest.mark.parametrize("h", [0.1, 0.02])
def test_the_non_saturating_dirac_gan_has_the_stable_circle_of_its_normal_form(h):
    # The claim game.dirac-nonsaturating-cycle: r^2 = 2 h + O(h^2) without R1. There |1 - h l|^2 = 1 + h^2 / 4, and
    # u = x q + c. c. has |u|^2 = 2 |x|^2 = -2 (|r| - 1) / d.
    game = DiracGAN(NonSaturating())
    family = lambda gamma: StepMap(SimultaneousGradientDescent(h), Regularized(game, r1=gamma))  # noqa: E731
    (one,) = found_on(family, [0.0, 0.0], (h / 8, h / 2))
    assert abs(one.parameter - h / 4) < 1e-10
    assert one.criticality == "supercritical"
    assert abs(one.coefficient - (-h / 8 + h**3 / 64)) < 1e-8
    squared = -2 * (math.sqrt(1 + h**2 / 4) - 1) / one.coefficient
    assert abs(squared / (2 * h) - 1) < h**2
    if h == 0.1:
        path = numpy.asarray(simulate(game, SimultaneousGradientDescent(h), [0.4, 0.0], 6000).points)[-1000:]
        assert abs((path**2).sum(-1).mean() / squared - 1) < 0.05


def test_cournots_tatonnement_flips_at_three_firms():
    # Best replies are descent of step 1 / (2 b), whose multiplier -(n - 1) / 2 is -1 for three firms: Theocharis 1960.
    game = cournot(intercept=10.0, slope=1.0, costs=[1.0, 1.0, 1.0])
    rest = numpy.linalg.solve(
        numpy.asarray(game.jacobian(numpy.zeros(3))), -numpy.asarray(game.simultaneous_gradient(numpy.zeros(3)))
    )
    (flip,) = found_on(rule_family(DESCENT, game), rest, (0.1, 0.9))
    assert flip.kind == "flip"
    assert abs(flip.parameter - 0.5) < 1e-12


@pytest.mark.parametrize("b", [0.5, 0.3])
def test_congestion_maps_flip_at_two_over_b_one_minus_b(b):
    # x' = x / (x + (1 - x) exp(a (x - b))) has the slope 1 - a b (1 - b) at b; derived, as c = f''' / 6 + f''^2 / 4.
    family = lambda a: StepMap(MultiplicativeWeights(1.0), congestion_game(a, b))  # noqa: E731
    at = 2 / (b * (1 - b))
    found = found_on(family, [b, 1 - b, b, 1 - b], (0.7 * at, 1.2 * at))
    assert found.complete
    (flip,) = found
    assert flip.kind == "flip"
    assert abs(flip.parameter / at - 1) < 1e-11
    # Along (1, -1, 1, -1) / 2 lengths are half of x's: c in x, over 4.
    c = 2 * (3 * b**2 - 3 * b + 1) / (3 * b**2 * (1 - b) ** 2)
    assert flip.multiplicity == 1
    assert abs(flip.coefficient / (c / 4) - 1) < 1e-6
