"""Doubled cycles and cascades of doublings, against closed forms and mpmath."""

import math

import numpy
import pytest

from gamedyn.dynamics import (
    bifurcation_diagram,
    continue_cycles,
    continue_fixed_points,
    find_bifurcations,
    period_doubling_cascade,
    rule_family,
)
from gamedyn.games import Quadratic, congestion_game
from gamedyn.updates import HeavyBall, MultiplicativeWeights, SimultaneousGradientDescent, StepMap
from tests.dynamics.branch_games import Line, logistic

DESCENT = SimultaneousGradientDescent(0.1)
# A slope x phi(x^2), phi = (1 + 4 y) / (1 + y)^(5/4): x and -x are a cycle of descent where phi(x^2) = 2 / h. phi rises
# from 1 to its greatest value 12 / 3.75^(5/4) at y = 11/4, and falls slowly: cycles are stable beyond.
BENT = Line(
    lambda x: 16 * (1 + x**2) ** 0.75 / 6 + 6 / (1 + x**2) ** 0.25, lambda x: x * (1 + 4 * x**2) / (1 + x**2) ** 1.25
)
FOLD = 2 * 3.75**1.25 / 12


def flips_of_the_logistic_map(count):
    """f^n(x) = x and (f^n)' = -1 for n = 1, 2, 4, ..., by Newton's method with 40 digits."""
    mpmath = pytest.importorskip("mpmath")

    def once(r, x, n):
        slope = mpmath.mpf(1)
        for _ in range(n):
            slope, x = slope * r * (1 - 2 * x), r * x * (1 - x)
        return x, slope

    with mpmath.workdps(40):
        found, guess = [mpmath.mpf(3)], 1 + mpmath.sqrt(6)
        for k in range(1, count):
            n, x = 2**k, mpmath.mpf("0.5")
            for _ in range(3000):
                x = once(guess - (guess - found[-1]) / 50, x, 1)[0]
            system = lambda r, x, n=n: (once(r, x, n)[0] - x, once(r, x, n)[1] + 1)  # noqa: E731
            found.append(mpmath.findroot(system, (guess, x))[0])
            guess = found[-1] + (found[-1] - found[-2]) / mpmath.mpf("4.669")
        return [float(a) for a in found]


def cascade_of(doublings):
    branch = continue_fixed_points(logistic, [0.6], (2.9, 3.6), step=0.1)
    return period_doubling_cascade(logistic, branch, doublings=doublings)


@pytest.mark.filterwarnings("error")
def test_flips_of_the_logistic_map_to_thirteen_digits():
    cascade = cascade_of(5)
    numpy.testing.assert_allclose(cascade.parameters, flips_of_the_logistic_map(5), rtol=1e-12)
    assert abs(cascade.parameters[1] - (1 + math.sqrt(6))) < 1e-13
    gaps = numpy.diff(cascade.parameters)
    numpy.testing.assert_allclose(cascade.ratios, gaps[:-1] / gaps[1:])
    assert (cascade.complete, cascade.reason) == (True, "all were found")
    assert str(cascade).startswith("flips at 3, 3.449489743, 3.54409036")


@pytest.mark.full
@pytest.mark.filterwarnings("error")
def test_eight_doublings_tend_to_feigenbaums_ratio():
    cascade = cascade_of(8)
    numpy.testing.assert_allclose(cascade.parameters, flips_of_the_logistic_map(8), rtol=1e-12)
    assert abs(cascade.ratios[-1] - 4.669201609) < 1e-4


def test_the_cycle_of_period_two_of_the_logistic_map():
    (flip,) = find_bifurcations(logistic, continue_fixed_points(logistic, [0.6], (2.9, 3.4), step=0.1))
    branch = continue_cycles(logistic, flip, (2.9, 3.5))
    r, x = branch.parameters, branch.points[:, 0]
    assert (branch.period, branch.complete) == (2, True)
    # r^2 x^2 - r (r + 1) x + r + 1 = 0, with the multiplier 4 + 2 r - r^2.
    numpy.testing.assert_allclose(r**2 * x**2 - r * (r + 1) * x + r + 1, 0, atol=1e-11)
    numpy.testing.assert_allclose(branch.multipliers[:, 0].real, 4 + 2 * r - r**2, atol=1e-10)
    assert r.min() < 3.01
    assert branch.orbits.shape == (len(r), 2, 1)
    numpy.testing.assert_array_equal(branch.orbits[:, 0], branch.points)
    numpy.testing.assert_allclose(branch.orbits.sum(axis=(1, 2)), (r + 1) / r, atol=1e-11)
    (second,) = find_bifurcations(logistic, branch)
    assert (second.kind, second.period) == ("flip", 2)
    assert abs(second.parameter - (1 + math.sqrt(6))) < 1e-11


def test_a_subcritical_flip_and_the_fold_of_its_cycle_bound_the_hysteresis():
    family = rule_family(DESCENT, BENT)
    (flip,) = find_bifurcations(family, continue_fixed_points(family, [0.0], (0.5, 2.2), step=0.1))
    assert flip.criticality == "subcritical"
    assert abs(flip.parameter - 2) < 1e-11
    cycles = continue_cycles(family, flip, (0.5, 2.05), step=0.1)
    y = cycles.points[:, 0] ** 2
    numpy.testing.assert_allclose((1 + 4 * y) / (1 + y) ** 1.25, 2 / cycles.parameters, rtol=1e-10)
    # Away from the flip, where it is smallest, and never back through it.
    assert (numpy.diff(y) > 0).all()
    fold = next(one for one in find_bifurcations(family, cycles) if one.kind == "fold")
    assert abs(fold.parameter - FOLD) < 1e-10
    assert abs(fold.point[0] ** 2 - 11 / 4) < 1e-6
    # From rest upwards rest lasts to 2; from the cycle downwards the cycle lasts to the fold.
    up = numpy.linspace(0.81, 1.91, 6)
    rising = bifurcation_diagram(BENT, DESCENT, "step_size", up, [0.1], transient=60, sweep="follow")
    falling = bifurcation_diagram(BENT, DESCENT, "step_size", up[::-1], [5.0], transient=60, sweep="follow")
    assert (rising.periods == 1).all()
    assert (falling.periods == numpy.where(up[::-1] > FOLD, 2, 1)).all()


def test_the_double_well_flips_at_one_and_at_root_five_minus_one():
    # a x - b x^3 with a = 1 + h, b = h: a cycle u, v has b u v = 1, b (u + v)^2 = a + 2 and the multiplier 9 - 2 a^2.
    well = Line(lambda x: (x**2 - 1) ** 2 / 4, lambda x: x**3 - x)
    family = rule_family(DESCENT, well)
    cascade = period_doubling_cascade(family, continue_fixed_points(family, [1.0], (0.8, 1.4), step=0.1), doublings=2)
    numpy.testing.assert_allclose(cascade.parameters, [1, math.sqrt(5) - 1], rtol=1e-12)


def test_cycles_with_memories():
    # x = -x' under z - h xi + b (z - z_-): h phi(x^2) = 2 (1 + b).
    b = 0.2
    family = rule_family(HeavyBall(0.1, momentum=b), BENT)
    (flip,) = find_bifurcations(family, continue_fixed_points(family, [0.0], (1.0, 2.6), step=0.1))
    assert abs(flip.parameter - 2 * (1 + b)) < 1e-11
    cycles = continue_cycles(family, flip, (2.0, 2.6), step=0.1)
    y = cycles.points[:, 0] ** 2
    assert y.max() > 0.05
    numpy.testing.assert_allclose((1 + 4 * y) / (1 + y) ** 1.25, 2 * (1 + b) / cycles.parameters, rtol=1e-10)


def test_symmetric_congestion_doubles_once():
    # Chotibut et al. 2019: one period doubling for b = 1/2, and a cycle of period 2 that attracts beyond.
    family = lambda a: StepMap(MultiplicativeWeights(1.0), congestion_game(a, 0.5))  # noqa: E731
    branch = continue_fixed_points(family, [0.5] * 4, (7.0, 30.0), step=0.1)
    cascade = period_doubling_cascade(family, branch, doublings=2)
    numpy.testing.assert_allclose(cascade.parameters, [8.0], rtol=1e-12)
    assert cascade.reason == "cycles of period 2 show no flip: they reach a bound"


@pytest.mark.full
def test_asymmetric_congestion_doubles_again_and_again():
    # (x, 1 - x) twice in four coordinates, in which other multipliers grow like 3^p; the oracle is the map of x alone.
    mpmath = pytest.importorskip("mpmath")
    b = 0.3
    family = lambda a: StepMap(MultiplicativeWeights(1.0), congestion_game(a, b))  # noqa: E731
    branch = continue_fixed_points(family, [b, 1 - b, b, 1 - b], (8.0, 16.0), step=0.1)
    cascade = period_doubling_cascade(family, branch, doublings=6)
    assert cascade.complete

    def once_round(a, x, n):
        slope = mpmath.mpf(1)
        for _ in range(n):
            e = mpmath.exp(a * (x - b))
            below = x + (1 - x) * e
            slope, x = slope * e * (1 - a * x * (1 - x)) / below**2, x / below
        return x, slope

    with mpmath.workdps(30):
        for k, a in enumerate(cascade.parameters):
            n, x = 2**k, mpmath.mpf("0.35")
            # Just before the flip the cycle attracts.
            before = a - (a - cascade.parameters[k - 1] if k else 1.0) / 50
            for _ in range(4000):
                x = once_round(mpmath.mpf(before), x, 1)[0]
            system = lambda a, x, n=n: (once_round(a, x, n)[0] - x, once_round(a, x, n)[1] + 1)  # noqa: E731
            assert abs(mpmath.findroot(system, (before, x))[0] / a - 1) < 1e-11


def test_cascades_that_end_say_why():
    stable = continue_fixed_points(logistic, [0.6], (2.5, 2.9), step=0.1)
    none = period_doubling_cascade(logistic, stable)
    assert (len(none.parameters), none.complete, none.reason) == (0, False, "the branch has no flip")
    short = continue_fixed_points(logistic, [0.6], (2.9, 3.5), step=0.1)
    two = period_doubling_cascade(logistic, short, doublings=4)
    assert (len(two.parameters), two.complete) == (2, False)
    assert two.reason == "cycles of period 4 show no flip: they reach a bound"
    # The third flip, at 3.54409, is just beyond.
    just = continue_fixed_points(logistic, [0.6], (2.9, 3.544), step=0.1)
    beyond = period_doubling_cascade(logistic, just, doublings=3)
    assert (len(beyond.parameters), beyond.complete) == (2, False)
    few = period_doubling_cascade(logistic, short, doublings=2, max_points=3)
    assert (len(few.parameters), few.complete) == (1, False)
    assert few.reason.endswith("the budget ran out")


def test_only_flips_have_doubled_cycles():
    (crossing,) = find_bifurcations(logistic, continue_fixed_points(logistic, [0.6], (0.5, 2.9), start=2.5, step=0.1))
    with pytest.raises(ValueError, match="`flip` must be a bifurcation of kind 'flip', got 'branch point'"):
        continue_cycles(logistic, crossing, (0.5, 2.9))
    pair = rule_family(DESCENT, Quadratic.from_jacobian(numpy.eye(2), (1, 1)))
    (both,) = find_bifurcations(pair, continue_fixed_points(pair, [0.0, 0.0], (1.0, 2.5), step=0.1))
    with pytest.raises(ValueError, match="`flip` must be of one multiplier, got 2 at 2"):
        continue_cycles(pair, both, (1.0, 2.5))
    (flip,) = find_bifurcations(logistic, continue_fixed_points(logistic, [0.6], (2.9, 3.1), step=0.1))
    with pytest.raises(ValueError, match=r"`bounds` must hold the parameter 3.00\d+, where cycles"):
        continue_cycles(logistic, flip, (2.0, 3.0))
    with pytest.raises(ValueError, match=r"`bounds` must be finite and increase, got \(4, 3\)"):
        continue_cycles(logistic, flip, (4.0, 3.0))
    with pytest.raises(ValueError, match="doublings"):
        period_doubling_cascade(logistic, continue_fixed_points(logistic, [0.6], (2.5, 2.9), step=0.1), doublings=0)
