"""Facts about the parts of exact transport: assignments, programs, sparse plans, costs of points."""

import math
import sys
import types
from fractions import Fraction

import numpy
import pytest
from scipy.optimize import linear_sum_assignment, linprog

from gamedyn.backend import MissingExtraError
from gamedyn.transport import wasserstein_distance
from gamedyn.transport._assignment import assignment, assignment_potential
from gamedyn.transport._column_generation import column_generation
from gamedyn.transport._exact import choose, host_shares, solve_exactly
from gamedyn.transport._point_costs import power_costs
from gamedyn.transport._sparse_margins import north_west_corner, with_margins
from gamedyn.transport._start import reduced_cost


def margins(entries, n, m):
    return numpy.bincount(entries[0], entries[2], n), numpy.bincount(entries[1], entries[2], m)


def random_costs(rng):
    """Square matrices with few and many ties, of one and of many scales."""
    x, y = rng.standard_normal((2, 90, 2))
    yield numpy.linalg.norm(x[:, None] - y, axis=-1)
    yield rng.integers(0, 5, (80, 80)).astype(float)
    yield 10.0 ** rng.uniform(-9, 9, (70, 70))
    yield rng.random((5, 5))
    yield numpy.zeros((66, 66))


def test_assignment_is_the_best_and_its_potentials_prove_it(rng):
    for cost in random_costs(rng):
        n = len(cost)
        columns, reduced, start = assignment(cost)
        best = linear_sum_assignment(cost)
        assert cost[numpy.arange(n), columns].sum() == pytest.approx(cost[best].sum(), rel=1e-13, abs=0.0)
        g = assignment_potential(columns, reduced, start)
        f = (cost - g).min(axis=1)
        slack = 1e-13 * cost.max()
        numpy.testing.assert_allclose(f + g[columns], cost[numpy.arange(n), columns], atol=slack, rtol=0)


def test_potentials_are_found_along_the_longest_path():
    # Row i may also use column i + 1, at a price less by 1: g falls by 1 from column to column.
    n = 50
    cost = numpy.full((n, n), 1e3)
    cost[numpy.arange(n), numpy.arange(n)] = 1.0
    cost[numpy.arange(n - 1), numpy.arange(1, n)] = 0.0
    g = assignment_potential(numpy.arange(n), cost, numpy.zeros(n))
    numpy.testing.assert_allclose(numpy.diff(g), -1.0, rtol=1e-12)


def test_a_start_leaves_little_where_mass_goes(rng):
    x = rng.standard_normal((200, 5))
    y = x[rng.permutation(200)] + 0.01 * rng.standard_normal((200, 5))
    cost = ((x[:, None] - y) ** 2).sum(axis=-1)
    reduced, f, g = reduced_cost(cost, numpy.ones(200), numpy.ones(200))
    numpy.testing.assert_allclose(reduced, cost - f[:, None] - g, atol=1e-12)
    rows, columns = linear_sum_assignment(cost)
    assert numpy.abs(reduced[rows, columns]).mean() < 0.01 * cost.mean()
    same, f, g = reduced_cost(numpy.ones((3, 2)), numpy.ones(3), numpy.ones(2))
    assert not same.any()
    assert (f == 1).all()
    assert not g.any()


@pytest.mark.parametrize("sizes", [(5, 7), (90, 60), (40, 130)])
@pytest.mark.parametrize("order", [1, 2])
def test_column_generation_is_the_whole_program(sizes, order, rng):
    n, m = sizes
    x, y = rng.standard_normal((n, 2)), rng.standard_normal((m, 2))
    cost = numpy.linalg.norm(x[:, None] - y, axis=-1) ** order
    a, b = rng.dirichlet(numpy.ones(n)), rng.dirichlet(numpy.ones(m))
    entries, g, rounds = column_generation(cost, a, b)
    assert rounds >= 1
    equations = numpy.concatenate([numpy.kron(numpy.eye(n), numpy.ones(m)), numpy.kron(numpy.ones(n), numpy.eye(m))])
    whole = linprog(cost.reshape(-1), A_eq=equations[:-1], b_eq=numpy.concatenate([a, b])[:-1]).fun
    assert (entries[2] * cost[entries[0], entries[1]]).sum() == pytest.approx(whole, rel=1e-10, abs=0.0)
    f = (cost - g).min(axis=1)
    assert a @ f + b @ (cost - f[:, None]).min(axis=0) == pytest.approx(whole, rel=1e-10, abs=0.0)
    for found, wanted in zip(margins(entries, n, m), (a, b), strict=True):
        numpy.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-16)
    assert len(entries[2]) <= n + m


def test_column_generation_adds_what_it_lacks(rng):
    # On the line with p = 1 potentials are hardly determined: the first pairs do not suffice.
    x, y = rng.standard_normal((100, 2)), rng.standard_normal((90, 2))
    a, b = rng.dirichlet(numpy.ones(100)), rng.dirichlet(numpy.ones(90))
    assert column_generation(numpy.linalg.norm(x[:, None] - y, axis=-1), a, b)[2] > 1


def test_north_west_corner_has_its_margins(rng):
    for n, m in ((1, 1), (1, 4), (6, 1), (5, 7)):
        a, b = rng.dirichlet(numpy.ones(n)), rng.dirichlet(numpy.ones(m))
        entries = north_west_corner(a, b)
        assert len(entries[2]) <= n + m - 1
        for found, wanted in zip(margins(entries, n, m), (a, b), strict=True):
            numpy.testing.assert_allclose(found, wanted, atol=1e-15)
    rows, columns, masses = north_west_corner(numpy.array([0.5, 0.5]), numpy.array([0.25, 0.75]))
    assert rows.tolist() == [0, 0, 1]
    assert columns.tolist() == [0, 1, 1]
    assert masses.tolist() == [0.25, 0.25, 0.5]


def test_plans_get_their_margins(rng):
    a, b = rng.dirichlet(numpy.ones(6)), rng.dirichlet(numpy.ones(5))
    rows, columns = (k.reshape(-1) for k in numpy.indices((6, 5)))
    masses = (numpy.outer(a, b) * rng.uniform(0.5, 1.5, (6, 5))).reshape(-1)
    masses[3] = -1.0
    fixed = with_margins((rows, columns, masses), a, b)
    assert (fixed[2] >= 0).all()
    assert len(set(zip(fixed[0].tolist(), fixed[1].tolist(), strict=True))) == len(fixed[2])
    for found, wanted in zip(margins(fixed, 6, 5), (a, b), strict=True):
        numpy.testing.assert_allclose(found, wanted, rtol=1e-13)


@pytest.mark.parametrize("order", [1, 1.5, 2, 3])
@pytest.mark.parametrize("d", [1, 3, 20])
def test_costs_of_points_far_from_the_origin_keep_their_digits(order, d, rng):
    # Through squared norms, as matrix products are often used, an offset of 1e6 leaves four digits.
    x, y = rng.standard_normal((30, d)) + 1e6, rng.standard_normal((25, d)) + 1e6
    y[:3] = x[:3]
    y[3] = x[3] + 1e-3
    cost, unit, rounding = power_costs(x, y, order)
    exact = numpy.array(
        [[float(sum((Fraction(u) - Fraction(v)) ** 2 for u, v in zip(p, q, strict=True))) for q in y] for p in x]
    )
    numpy.testing.assert_allclose(cost * unit**order, exact ** (order / 2), rtol=max(rounding, 1e-13), atol=0)
    assert (cost.diagonal()[:3] == 0).all()
    # Many pairs near each other compared to the spread: differences throughout.
    clusters = numpy.repeat(rng.standard_normal((2, d)) * 1e3, 15, axis=0) + 1e-3 * rng.standard_normal((30, d))
    cost, unit, _ = power_costs(clusters, clusters[::-1], 2)
    numpy.testing.assert_allclose(cost, ((clusters[:, None] - clusters[::-1]) ** 2).sum(axis=-1), rtol=1e-12)


def test_choice_of_the_solver(monkeypatch):
    equal, other = numpy.full(80, 1 / 80), numpy.arange(1, 81) / numpy.arange(1, 81).sum()
    exact = sys.modules["gamedyn.transport._exact"]
    many = numpy.arange(1, 4001) / numpy.arange(1, 4001).sum()
    for installed, loaded, large in (
        (True, True, "network_simplex"),
        (True, False, "lp"),
        (False, False, "lp"),
    ):
        monkeypatch.setattr(exact, "network_simplex_is_installed", lambda installed=installed: installed)
        monkeypatch.setattr(exact, "network_simplex_is_loaded", lambda loaded=loaded: loaded)
        # An import of seconds is repaid by many pairs alone.
        assert choose("auto", equal, many) == ("network_simplex" if installed else "lp")
        assert choose("auto", equal, equal) == "assignment"
        assert choose("auto", equal, other) == large
        assert choose("auto", other[:8] / other[:8].sum(), equal) == "lp"
        assert choose("lp", equal, equal) == "lp"
    with pytest.raises(ValueError, match="'assignment' needs equal sizes and equal weights"):
        choose("assignment", equal, other)


def test_shares_of_single_precision_sum_to_one(rng):
    shares = host_shares(rng.dirichlet(numpy.ones(50)).astype("float32"))
    assert shares.dtype == float
    assert shares.sum() == pytest.approx(1.0, rel=1e-15, abs=0.0)
    third = host_shares(numpy.full(3, 1 / 3, "float32"))
    assert third.tolist() == [1 / 3] * 3


def test_pot_is_asked_and_its_answer_proved(monkeypatch, rng):
    # In the place of POT a module that answers with the vertex found by linprog, or with nonsense.
    n, m = 6, 4
    cost = 1e32 * rng.random((n, m))
    a, b = rng.dirichlet(numpy.ones(n)), rng.dirichlet(numpy.ones(m))
    asked = {}

    def emd(v, w, given, numItermax, log):
        asked.update(v=v, w=w, cost=given, iterations=numItermax)
        equations = numpy.concatenate(
            [numpy.kron(numpy.eye(n), numpy.ones(m)), numpy.kron(numpy.ones(n), numpy.eye(m))]
        )
        found = linprog(given.reshape(-1), A_eq=equations[:-1], b_eq=numpy.concatenate([v, w])[:-1])
        return found.x.reshape(n, m), {"v": numpy.append(found.eqlin.marginals[n:], 0.0), "warning": None}

    monkeypatch.setitem(sys.modules, "ot", types.SimpleNamespace(emd=emd))
    result = solve_exactly(cost, a, b, "network_simplex", prove=True)
    # Tolerances of 1e-9 would be nothing beside costs of 1e32.
    assert asked["cost"].max() == 1.0
    assert asked["v"].sum() == pytest.approx(asked["w"].sum(), rel=1e-15, abs=0.0)
    assert asked["iterations"] >= 10**6
    assert result.method == "network_simplex"
    expected = solve_exactly(cost, a, b, "lp", prove=True)
    assert result.paid == pytest.approx(expected.paid, rel=1e-10, abs=0.0)
    assert result.lower <= expected.paid * (1 + 1e-12)
    assert result.upper - result.lower < 1e-9 * result.upper

    nothing = types.SimpleNamespace(emd=lambda *_, **__: (numpy.zeros((n, m)), {"v": numpy.zeros(m), "warning": "no"}))
    monkeypatch.setitem(sys.modules, "ot", nothing)
    with pytest.raises(RuntimeError, match="POT did not solve the transport problem: no"):
        solve_exactly(cost, a, b, "network_simplex", prove=True)


def test_without_pot_its_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ot", None)
    with pytest.raises(MissingExtraError, match=r"gamedyn\[transport\]"):
        wasserstein_distance([[0.0], [1.0]], [[0.0], [2.0]], method="network_simplex", return_result=True)


def test_agrees_with_pot_itself(rng):
    pytest.importorskip("ot")
    x, y = rng.standard_normal((80, 2)), rng.standard_normal((70, 2))
    v, w = rng.random(80), rng.random(70)
    result = wasserstein_distance(x, y, 2, v, w, return_result=True)
    assert result.method == "network_simplex"
    program = wasserstein_distance(x, y, 2, v, w, method="lp")
    assert float(result.value) == pytest.approx(float(program), rel=1e-10, abs=0.0)
    assert math.isclose(result.lower, result.upper, rel_tol=1e-9)


def test_a_start_that_runs_away_is_made_again_with_plain_steps(monkeypatch, rng):
    start = sys.modules["gamedyn.transport._start"]
    # Over-relaxed by far too much, every start runs away.
    monkeypatch.setattr(start, "_RELAXATION", 50.0)
    cost = rng.random((60, 60))
    reduced, f, g = reduced_cost(cost, numpy.ones(60), numpy.ones(60))
    numpy.testing.assert_allclose(reduced, cost - f[:, None] - g, atol=1e-13)
    assert not numpy.array_equal(f, cost.min(axis=1))
