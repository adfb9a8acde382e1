"""Branches: curves in closed form, ends told in words, memories, bad input."""

import math

import numpy
import pytest

from gamedyn.dynamics import continue_fixed_points, find_bifurcations, rule_family
from gamedyn.games import Quadratic, congestion_game
from gamedyn.updates import Adam, HeavyBall, MultiplicativeWeights, SimultaneousGradientDescent, StepMap
from tests.dynamics.branch_games import Line, logistic, polynomial

DESCENT = SimultaneousGradientDescent(0.1)
WELL = Line(lambda x: (x**2 - 1) ** 2 / 4, lambda x: x**3 - x)


def test_a_branch_holds_its_points_multipliers_and_ends():
    branch = continue_fixed_points(logistic, [0.6], (1.5, 3.5), start=2.5)
    r = branch.parameters
    numpy.testing.assert_allclose(branch.points[:, 0], 1 - 1 / r, rtol=0, atol=1e-12)
    numpy.testing.assert_allclose(branch.multipliers[:, 0], 2 - r, rtol=0, atol=1e-11)
    assert (branch.stable == (r < 3)).all()
    assert (r[0], r[-1]) == (1.5, 3.5)
    assert (numpy.diff(r) > 0).all()
    assert numpy.diff(r).max() <= 0.02 * 2 * 1.01
    assert (branch.complete, branch.reason, branch.period) == (True, "it reaches a bound", 1)
    assert "fixed points for parameters from 1.5 to 3.5" in str(branch)


def test_memories_belong_to_the_state():
    # Heavy ball on 2 x^2: [z, z_-] with r^2 - (1 + b - 4 h) r + b = 0.
    bowl = Quadratic([[[4.0]]], dims=(1,))
    branch = continue_fixed_points(rule_family(HeavyBall(0.1, momentum=0.3), bowl), [0.0], (0.1, 1.0), step=0.1)
    assert branch.states.shape == (*branch.parameters.shape, 2)
    # A start on the bound is one point.
    assert (numpy.diff(branch.parameters) > 1e-6).all()
    for h, found in zip(branch.parameters, branch.multipliers, strict=True):
        numpy.testing.assert_allclose(numpy.poly(found).real, [1, -(1.3 - 4 * h), 0.3], atol=1e-12)
    again = continue_fixed_points(
        rule_family(HeavyBall(0.1, momentum=0.3), bowl), branch.states[0], (0.1, 1.0), step=0.1
    )
    numpy.testing.assert_array_equal(again.multipliers, branch.multipliers)


def test_multipliers_of_a_cycle_are_of_the_derivative_once_round():
    family = lambda r: StepMap(HeavyBall(1.0, momentum=0.01), logistic(r).game)  # noqa: E731
    first = [0.487, 0.153]
    branch = continue_fixed_points(family, first, (3.835, 3.845), period=3)
    assert branch.orbits.shape[1:] == (3, 1)

    def thrice(u, r):
        for _ in range(3):
            u = numpy.array([r * u[0] * (1 - u[0]) + 0.01 * (u[0] - u[1]), u[0]])
        return u

    u, r = branch.states[-1], branch.parameters[-1]
    numpy.testing.assert_allclose(thrice(u, r), u, atol=1e-12)
    slopes = numpy.stack([(thrice(u + e, r) - thrice(u - e, r)) / 2e-5 for e in 1e-5 * numpy.eye(2)], -1)
    numpy.testing.assert_allclose(
        numpy.poly(branch.multipliers[-1]).real, [1, -numpy.trace(slopes), numpy.linalg.det(slopes)], atol=1e-6
    )


def test_momentum_is_a_parameter_too():
    # -1 is a multiplier where 2 (1 + b) = h l.
    family = rule_family(HeavyBall(0.7), Quadratic([[[4.0]]], dims=(1,)), "momentum")
    (flip,) = find_bifurcations(family, continue_fixed_points(family, [0.0], (0.1, 0.9)))
    assert (flip.kind, flip.criticality) == ("flip", "degenerate")
    assert abs(flip.parameter - 0.4) < 1e-11


@pytest.mark.parametrize(("z", "start"), [(1.0, 0.0), (0.0, 1.0)], ids=["from its side", "from a fold"])
def test_a_closed_curve_is_walked_round_once(z, start):
    # x^2 + c^2 = 1, with folds at c = 1 and c = -1.
    family = polynomial(lambda x, c: x**3 / 3 + (c**2 - 1) * x, lambda x, c: x**2 + c**2 - 1)
    branch = continue_fixed_points(family, [z], (-2.0, 2.0), start=start, step=0.05)
    assert (branch.complete, branch.reason) == (True, "it closes")
    numpy.testing.assert_allclose(branch.points[:, 0] ** 2 + branch.parameters**2, 1.0, atol=1e-12)
    turns = numpy.unwrap(numpy.arctan2(branch.points[:, 0], branch.parameters))
    assert 0.9 < abs(turns[-1] - turns[0]) / (2 * math.pi) < 1.05
    folds = find_bifurcations(family, branch)
    assert [one.kind for one in folds] == ["fold", "fold"]
    numpy.testing.assert_allclose(sorted(one.parameter for one in folds), [-1, 1], atol=1e-11)


def test_the_fold_that_opens_the_window_of_period_three():
    x = 0.5
    for _ in range(1000):
        x = 3.84 * x * (1 - x)
    branch = continue_fixed_points(logistic, [x], (3.7, 3.86), start=3.84, period=3, step=0.05)
    fold, flip = find_bifurcations(logistic, branch)
    assert (fold.kind, fold.period) == ("fold", 3)
    assert abs(fold.parameter - (1 + math.sqrt(8))) < 1e-11
    # The flip that ends the stable cycle: the real root of f^3(x) = x, (f^3)' = -1 in the window.
    assert flip.kind == "flip"
    assert abs(flip.parameter - 3.8414990075435) < 1e-10
    assert "fold of a cycle of period 3" in str(fold)


@pytest.mark.full
def test_congestion_has_cycles_of_period_three_from_a_fold_on():
    # By Li and Yorke's theorem, chaos: for b = 0.3, where multiplicative weights play x / (x + (1 - x) exp(a (x - b))).
    mpmath = pytest.importorskip("mpmath")
    b = 0.3

    def step(x, a):
        return x / (x + (1 - x) * mpmath.exp(a * (x - b)))

    def thrice(x, a):
        return step(step(step(x, a), a), a)

    with mpmath.workdps(30):
        x = mpmath.mpf("0.4")
        for _ in range(3000):
            x = step(x, 18)
        start = float(x)
        x = min(x, step(x, 18), step(step(x, 18), 18))
        exact = mpmath.findroot(
            lambda x, a: (mpmath.log(thrice(x, a) / x), mpmath.diff(lambda y: thrice(y, a), x) - 1), (x, 17.9)
        )[1]
    family = lambda a: StepMap(MultiplicativeWeights(1.0), congestion_game(a, b))  # noqa: E731
    branch = continue_fixed_points(
        family, [start, 1 - start, start, 1 - start], (17.0, 18.5), start=18.0, period=3, step=0.01
    )
    fold = next(one for one in find_bifurcations(family, branch) if one.kind == "fold")
    assert abs(fold.parameter - float(exact)) < 1e-8
    # Chotibut et al. 2018: on the diagonal b is the centre of mass of every cycle.
    numpy.testing.assert_allclose(branch.orbits[..., 0].mean(axis=1), b, atol=1e-9)


def test_a_budget_that_ran_out_is_told():
    branch = continue_fixed_points(rule_family(DESCENT, WELL), [1.0], (0.5, 1.5), max_points=5)
    assert not branch.complete
    assert "the budget ran out" in branch.reason
    assert len(branch.parameters) <= 7
    assert branch.parameters.max() < 1.0


def test_a_parameter_that_the_rule_refuses_ends_the_branch():
    branch = continue_fixed_points(rule_family(DESCENT, WELL), [1.0], (-0.5, 1.5), start=0.5)
    assert not branch.complete
    assert "`step_size` must be positive" in branch.reason
    assert 0 < branch.parameters.min() < 1e-4
    assert branch.parameters.max() == 1.5


def test_points_from_any_array_library(library):
    family = rule_family(DESCENT, WELL)
    branch = continue_fixed_points(family, library.asarray([1.05]), (0.5, 1.5))
    numpy.testing.assert_allclose(branch.points, 1.0, atol=1e-13)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bounds": (1.0, 0.5)}, r"`bounds` must be finite and increase, got \(1, 0.5\)"),
        ({"bounds": (0.5, math.inf)}, r"`bounds` must be finite"),
        ({"start": 2.0}, r"`start` must lie in the bounds \[0.5, 1.5\], got 2"),
        ({"z": [1.0, 2.0, 3.0]}, r"`z` must have shape \(1,\)"),
        ({"z": [7.0], "period": 3}, r"`z` must be near a cycle of period 3 for the parameter 0.5"),
        ({"period": 0}, "period"),
        ({"step": 0.0}, "step"),
        ({"max_points": 1}, "max_points"),
    ],
)
def test_what_is_refused(change, message):
    arguments = {"z": [1.0], "bounds": (0.5, 1.5), **change}
    with pytest.raises((ValueError, TypeError), match=message):
        continue_fixed_points(rule_family(DESCENT, WELL), arguments.pop("z"), arguments.pop("bounds"), **arguments)


def test_no_fixed_point_nearby():
    slope = Line(lambda x: x, lambda x: x**0)
    with pytest.raises(ValueError, match=r"`z` must be near a fixed point for the parameter 0.5"):
        continue_fixed_points(rule_family(DESCENT, slope), [1.0], (0.5, 1.5))


def test_unknown_parameters_and_changing_rules():
    with pytest.raises(ValueError, match=r"`parameter` must be one of .*step_size.* of HeavyBall, got 'speed'"):
        rule_family(HeavyBall(0.1), WELL, "speed")
    with pytest.raises(NotImplementedError):
        continue_fixed_points(rule_family(Adam(0.1), WELL), [1.0], (0.5, 1.5))
