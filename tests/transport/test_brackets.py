"""Brackets of transport costs against exact arithmetic: what rounding, and plans that miss their margins, may do."""

from fractions import Fraction

import mpmath
import numpy
import pytest
import scipy.optimize

from gamedyn.transport import _exact as exact
from gamedyn.transport import optimal_transport, unbalanced_sinkhorn
from gamedyn.transport._cost import PointCost
from gamedyn.transport._sparse_margins import with_margins


def test_lower_ends_stay_below_exact_costs(rng):
    for _ in range(200):
        cost = rng.uniform(1.0, 2.0, (7, 7))
        result = optimal_transport(cost, return_result=True)
        rows, columns = scipy.optimize.linear_sum_assignment(cost)
        paid = sum((Fraction(float(c)) for c in cost[rows, columns]), Fraction(0)) / 7
        assert Fraction(result.lower) <= paid <= Fraction(result.upper)
        assert result.gap < 1e-13


def test_rounding_of_the_costs_widens_the_bracket():
    cost, half = numpy.array([[1.0, 3.0], [3.0, 1.0]]), numpy.array([0.5, 0.5])
    found = exact.solve_exactly(cost, half, half, "assignment", prove=True, rounding=1e-3)
    assert found.lower <= 1.0 * (1 - 1e-3)
    assert found.upper >= 1.0 * (1 + 1e-3)


def test_a_plan_that_lacks_mass_does_not_lower_the_upper_end(monkeypatch, rng):
    cost, a = rng.uniform(1.0, 2.0, (5, 4)), rng.dirichlet(numpy.ones(5))
    b = rng.dirichlet(numpy.ones(4))
    whole = float(optimal_transport(cost, a, b))

    def careless(cost, a, b):
        (rows, columns, masses), g, rounds = solver(cost, a, b)
        return (rows, columns, masses * (1 - 1e-3)), g, rounds

    solver = exact.column_generation
    monkeypatch.setattr(exact, "column_generation", careless)
    found = exact.solve_exactly(cost, a, b, "lp", prove=True)
    assert found.paid < whole * (1 - 5e-4)
    assert found.lower <= whole <= found.upper
    assert found.marginal_error == pytest.approx(2e-3, rel=1e-9)


@pytest.mark.parametrize("unit", [1.5e308, 1e-305])
def test_costs_of_extreme_size_cost_their_size(unit):
    cost = numpy.array([[0.25, 1.0, 0.5], [1.0, 0.75, 1.0]])
    result = optimal_transport(cost * unit, [0.25, 0.75], [0.5, 0.25, 0.25], return_result=True)
    # The first row to its first column; the second fills the rest: 1/16 + (1/4 + 3/16 + 1/4).
    assert float(result.value) == pytest.approx(0.75 * unit, rel=1e-14)
    assert result.lower <= 0.75 * unit * (1 + 1e-14)
    assert result.upper >= 0.75 * unit * (1 - 1e-14)


@pytest.mark.parametrize("order", [1, 1.5, 2, 7])
@pytest.mark.parametrize("d", [1, 3, 6])
def test_costs_of_points_are_as_near_as_they_say(d, order, rng):
    x = rng.standard_normal((12, d))
    y = x[::-1] + rng.choice([0.0, 1e-9, 1.0], (12, 1)) * rng.standard_normal((12, d))
    points = PointCost(x, y, float(order))
    relative, absolute = points.rounding()
    worst = 0.0
    with mpmath.workdps(40):
        for i, row in enumerate(points.rows(0, 12)):
            for j, entry in enumerate(row):
                gaps = [mpmath.mpf(float(s)) - mpmath.mpf(float(t)) for s, t in zip(x[i], y[j], strict=True)]
                true = sum(gap**2 for gap in gaps) ** (mpmath.mpf(order) / 2)
                allowed = relative * true + absolute
                error = abs(mpmath.mpf(float(entry)) - true)
                assert error <= allowed
                worst = max(worst, float(error / allowed) if allowed > 0 else 0.0)
    assert worst > 1e-3  # a bound, and not one that says nothing


def test_little_mass_that_is_missing_is_laid_out(rng):
    a, b = rng.dirichlet(numpy.ones(6)), rng.dirichlet(numpy.ones(5))
    plan = a[:, None] * b
    plan[2] *= 1 - 1e-9
    rows, columns = numpy.indices(plan.shape).reshape(2, -1)
    i, j, masses = with_margins((rows, columns, plan.reshape(-1)), a, b)
    numpy.testing.assert_allclose(numpy.bincount(i, masses), a, rtol=1e-14)
    numpy.testing.assert_allclose(numpy.bincount(j, masses), b, rtol=1e-14)


def test_the_tolerance_of_small_masses_is_relative(rng):
    cost = rng.uniform(0.0, 1.0, (6, 5))
    a, b = 1e-7 * rng.dirichlet(numpy.ones(6)), 3e-7 * rng.dirichlet(numpy.ones(5))
    given = {"cost": cost, "epsilon": 0.05, "marginal_penalty": 1.0, "x_weights": a, "y_weights": b}
    result = unbalanced_sinkhorn(return_result=True, **given)
    assert result.converged
    rows = numpy.sum(result.plan.dense(), axis=1)
    assert float(numpy.sum(numpy.abs(rows - a * numpy.exp(-result.potentials[0])))) <= 1.001e-6 * a.sum()


def test_equal_masses_other_than_one_at_high_temperatures(rng):
    cost = rng.uniform(0.0, 1.0, (6, 5))
    a, b = 2 * rng.dirichlet(numpy.ones(6)), 2 * rng.dirichlet(numpy.ones(5))
    # P near a b^T / 2: KL(P | a b^T) = 2 log(1/2) - 2 + 4.
    given = {"epsilon": 1e6, "marginal_penalty": numpy.inf, "x_weights": a, "y_weights": b}
    expected = 1e6 * (2 - 2 * numpy.log(2)) + a @ cost @ b / 2
    assert float(unbalanced_sinkhorn(cost=cost, **given)) == pytest.approx(expected, rel=1e-9)
