"""differential_nash_gap: gradients, curvature deficits and Newton's step, against quadratic games and their theory."""

import math

import numpy
import pytest

from gamedyn.equilibria import _nash_gap, check_differential_nash, differential_nash_gap
from gamedyn.games import Box, Game, Quadratic, Simplex


class Arctangent(Game):
    """One player with xi = atan(x), L = x atan(x) - log(1 + x^2) / 2."""

    dims = (1,)

    def losses(self, z):
        return z * numpy.arctan(z) - numpy.log(1 + z * z) / 2


def symmetric(rng, values):
    u = numpy.linalg.qr(rng.standard_normal((len(values), len(values))))[0]
    matrix = (u * values) @ u.T
    return (matrix + matrix.T) / 2


def random_jacobian(rng, first, second):
    """Own Hessians with these eigenvalues, and anything between the players."""
    p, q = symmetric(rng, first), symmetric(rng, second)
    a, b = rng.standard_normal((len(first), len(second))), rng.standard_normal((len(second), len(first)))
    return numpy.block([[p, a], [b, q]])


def test_deficits_are_the_negative_curvatures_and_the_newton_step_is_the_distance(rng):
    jacobian = random_jacobian(rng, [-0.7, 1.0, 4.0], [0.2, 3.0])
    z = rng.standard_normal(5)
    gap = differential_nash_gap(Quadratic.from_jacobian(jacobian, (3, 2)), z)
    assert gap.smallest_curvatures == pytest.approx((-0.7, 0.2), abs=1e-12)
    assert gap.curvature_deficits == pytest.approx((0.7, 0.0), abs=1e-12)
    xi = jacobian @ z
    norms = [numpy.linalg.norm(xi[:3]), numpy.linalg.norm(xi[3:])]
    assert gap.gradient_norms == pytest.approx(norms, rel=1e-12)
    scale = 1 + numpy.linalg.norm(z)
    slopes = [numpy.linalg.norm(jacobian[:3]), numpy.linalg.norm(jacobian[3:])]
    assert gap.relative_gradients == pytest.approx([n / s / scale for n, s in zip(norms, slopes, strict=True)])
    # The field is linear, so that its only zero is one Newton step away.
    assert gap.newton_step == pytest.approx(numpy.linalg.norm(z), rel=1e-10)
    assert gap.newton_reduction < 1e-10
    assert gap.is_newton_trusted
    assert (gap.rank, gap.dimension, gap.method) == (5, 5, "dense")


def test_a_jacobian_that_is_singular_but_for_rounding_has_its_rank(rng):
    v, z = rng.standard_normal((4, 2)), rng.standard_normal(4)
    # A potential game.
    jacobian = v @ v.T
    gap = differential_nash_gap(Quadratic.from_jacobian(jacobian, (2, 2)), z)
    assert numpy.linalg.svd(jacobian, compute_uv=False)[-1] > 0
    assert gap.rank == 2
    # Rest points are z + ker J: the nearest one is as far as z is long across it.
    across = numpy.linalg.qr(v)[0]
    assert gap.newton_step == pytest.approx(numpy.linalg.norm(across.T @ z), rel=1e-10)
    assert gap.is_newton_trusted


@pytest.mark.parametrize(("factor", "answer"), [(1.001, "yes"), (0.999, "no")])
def test_the_deficit_is_the_least_curvature_that_makes_a_nash_equilibrium(rng, factor, answer):
    jacobian = random_jacobian(rng, [-0.7, 1.0], [-2.0, -1.0, 3.0])
    gap = differential_nash_gap(Quadratic.from_jacobian(jacobian, (2, 3)), numpy.zeros(5))
    changed = jacobian + factor * numpy.diag(numpy.repeat(gap.curvature_deficits, (2, 3)))
    assert check_differential_nash(Quadratic.from_jacobian(changed, (2, 3)), numpy.zeros(5)).answer == answer


def test_of_a_line_of_rest_points_the_nearest_counts():
    # xi = (2 (x + y), 2 (x + y)): at rest on x + y = 0, which is 3 / sqrt(2) away from (1, 2).
    gap = differential_nash_gap(Quadratic.from_jacobian(numpy.full((2, 2), 2.0), (1, 1)), [1.0, 2.0])
    assert gap.newton_step == pytest.approx(3 / math.sqrt(2), rel=1e-14)
    assert gap.rank == 1
    assert gap.curvature_deficits == (0.0, 0.0)


def test_rounding_is_no_deficit(rng):
    # One direction of three is flat, up to rounding on either side of 0.
    for _ in range(5):
        gap = differential_nash_gap(Quadratic.from_jacobian(symmetric(rng, [0.0, 1.0, 2.0]), (3,)), numpy.zeros(3))
        assert gap.curvature_deficits == (0.0,)


def test_a_newton_step_that_overshoots_is_not_trusted():
    # atan(3) (1 + 3^2) = 12.49 beyond 3, where |atan| is larger.
    gap = differential_nash_gap(Arctangent(), [3.0])
    assert gap.newton_step == pytest.approx(10 * math.atan(3), rel=1e-9)
    assert gap.newton_reduction == pytest.approx(math.atan(10 * math.atan(3) - 3) / math.atan(3), rel=1e-9)
    assert not gap.is_newton_trusted
    assert "changes too much" in str(gap)
    assert differential_nash_gap(Arctangent(), [0.1]).is_newton_trusted


def test_products_find_what_the_matrix_has(rng, monkeypatch):
    jacobian = random_jacobian(rng, numpy.linspace(-1.0, 5.0, 30), numpy.linspace(0.5, 5.0, 30)) + 4 * numpy.eye(60)
    jacobian[:30, :30] -= 4 * numpy.eye(30)
    jacobian[30:, 30:] -= 4 * numpy.eye(30)
    jacobian[:30, 30:] *= 0.1
    jacobian[30:, :30] *= 0.1
    game, z = Quadratic.from_jacobian(jacobian, (30, 30)), rng.standard_normal(60)
    dense = differential_nash_gap(game, z)
    monkeypatch.setattr(_nash_gap, "DENSE_LIMIT", 10)
    large = differential_nash_gap(game, z)
    assert (large.method, large.rank, large.dimension) == ("products", None, 60)
    assert large.smallest_curvatures == pytest.approx(dense.smallest_curvatures, abs=1e-8)
    assert max(large.curvature_errors) < 1e-8
    assert large.curvature_deficits == pytest.approx((1.0, 0.0), abs=1e-8)
    assert large.gradient_norms == pytest.approx(dense.gradient_norms, rel=1e-14)
    # Within 8 random products of the norm, and within GMRES' tolerance of the step.
    assert large.relative_gradients == pytest.approx(dense.relative_gradients, rel=0.3)
    assert large.newton_step == pytest.approx(dense.newton_step, rel=0.1)
    assert large.newton_reduction < 0.011
    singular = Quadratic.from_jacobian(numpy.zeros((60, 60)), (30, 30), numpy.ones(60))
    assert math.isnan(differential_nash_gap(singular, z).newton_step)
    assert "was not found" in str(differential_nash_gap(singular, z))


def test_products_along_a_face_find_what_the_matrix_has(rng, monkeypatch):
    game = Quadratic.from_jacobian(random_jacobian(rng, [-2.0, 1.0, 3.0, 4.0], [-1.0, 2.0, 3.0]), (4, 3))
    game.domain = Box(numpy.full(7, -1.0), numpy.full(7, 1.0))
    z = numpy.array([1.0, 0.2, -0.3, -1.0, 0.1, 1.0, -0.4])
    dense = differential_nash_gap(game, z)
    monkeypatch.setattr(_nash_gap, "DENSE_LIMIT", 5)
    large = differential_nash_gap(game, z)
    assert dense.dimension == large.dimension == 4
    assert large.smallest_curvatures == pytest.approx(dense.smallest_curvatures, abs=1e-12)
    assert large.gradient_norms == pytest.approx(dense.gradient_norms, rel=1e-12)
    assert large.newton_step == pytest.approx(dense.newton_step, rel=1e-6)
    held = differential_nash_gap(game, numpy.array([0.0, 0.2, -0.3, 0.0, 1.0, -1.0, 1.0]))
    assert held.smallest_curvatures[1] == math.inf
    game.domain = Simplex()
    with pytest.raises(ValueError, match="borders of a domain that is no Box"):
        differential_nash_gap(game, numpy.full(7, 1 / 7))


def test_along_a_face_only_what_may_move_counts():
    # Player 1's curvature is -3 along y, where it presses against its bound: xi_y = -3 < 0 at the upper end.
    game = Quadratic.from_jacobian(numpy.diag([2.0, 1.0, -3.0]), (1, 2))
    game.domain = Box([-numpy.inf, -numpy.inf, -1.0], [numpy.inf, numpy.inf, 1.0])
    held, inside = (differential_nash_gap(game, [0.0, 0.5, y]) for y in (1.0, 0.5))
    assert held.smallest_curvatures == (2.0, 1.0)
    assert held.gradient_norms == (0.0, 0.5)
    assert held.dimension == 2
    assert held.newton_step == 0.5
    assert inside.curvature_deficits == (0.0, 3.0)
    assert inside.gradient_norms[1] == pytest.approx(math.hypot(0.5, 1.5))


def test_a_multiplier_of_the_wrong_sign_counts_as_a_gradient():
    # xi_y = -3 y: y would grow smaller from -1/2, off its upper bound, and from -1 through its lower one.
    game = Quadratic.from_jacobian(numpy.diag([2.0, -3.0]), (1, 1))
    game.domain = Box([-numpy.inf, -1.0], [numpy.inf, -0.5])
    upper, lower, between = (differential_nash_gap(game, [0.0, y]) for y in (-0.5, -1.0, -0.75))
    assert upper.gradient_norms == (0.0, 1.5)
    assert lower.gradient_norms == (0.0, 0.0)
    assert between.newton_step == 0.75
    assert math.isnan(between.newton_reduction)
    assert "leaves the domain" in str(between)


def test_it_prints_and_becomes_plain_values():
    gap = differential_nash_gap(Quadratic.from_jacobian(numpy.diag([-1.0, 2.0]), (1, 1)), [0.0, 1.0])
    lines = str(gap).splitlines()
    assert "player 0" in lines[1]
    assert "deficit 1" in lines[1]
    assert "deficit 0" in lines[2]
    assert "length 1 " in lines[3]
    document = gap.document()
    assert document["curvature_deficits"] == [1.0, 0.0]
    assert document["gradient_norms"] == [0.0, 2.0]


def test_errors_name_the_argument():
    game = Quadratic.from_jacobian(numpy.eye(2), (1, 1))
    with pytest.raises(ValueError, match=r"`z` must be one point of shape \(2,\), got \(3, 2\)"):
        differential_nash_gap(game, numpy.zeros((3, 2)))
    with pytest.raises(ValueError, match="`steps`"):
        differential_nash_gap(game, numpy.zeros(2), steps=0)
    with pytest.raises(TypeError, match="`game`"):
        differential_nash_gap(3, numpy.zeros(2))
