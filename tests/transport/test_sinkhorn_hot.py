"""Entropic transport at temperatures far above the costs, where the plan is nearly the product of the masses."""

import mpmath
import numpy
import pytest

from gamedyn.transport import sinkhorn, sinkhorn_divergence
from tests.transport.test_sinkhorn import distances, problem


def truth(cost, a, b, epsilon):
    """OT_eps to second order in c / eps: E c - (E c^2 - E (E_j c)^2 - E (E_i c)^2 + (E c)^2) / (2 eps), 60 digits."""
    with mpmath.workdps(60):
        a, b = ([mpmath.mpf(float(w)) for w in masses] for masses in (a, b))
        a, b = [w / sum(a) for w in a], [w / sum(b) for w in b]
        c = [[mpmath.mpf(float(entry)) for entry in row] for row in cost]
        rows = [sum(w * entry for w, entry in zip(b, row, strict=True)) for row in c]
        columns = [sum(w * row[j] for w, row in zip(a, c, strict=True)) for j in range(len(b))]
        mean = sum(w * row for w, row in zip(a, rows, strict=True))
        squares = sum(v * w * entry**2 for v, row in zip(a, c, strict=True) for w, entry in zip(b, row, strict=True))
        by_row = sum(w * row**2 for w, row in zip(a, rows, strict=True))
        by_column = sum(w * column**2 for w, column in zip(b, columns, strict=True))
        return mean - (squares - by_row - by_column + mean**2) / (2 * mpmath.mpf(epsilon))


@pytest.mark.parametrize("epsilon", [1e8, 1e15, 1e100, 1e300])
def test_no_digit_of_the_costs_is_lost(library, epsilon, rng):
    x, y, a, b = problem(rng, 7, 5)
    native = [library.asarray(array) for array in (x, y, a, b)]
    masses = {"x_weights": native[2], "y_weights": native[3]}
    value = sinkhorn(native[0], native[1], epsilon=epsilon, **masses)
    assert library.owns(value)
    across = truth(distances(x, y, 2), a, b, epsilon)
    assert float(value) == pytest.approx(float(across), rel=1e-14, abs=0.0)
    own = [truth(distances(z, z, 2), w, w, epsilon) for z, w in ((x, a), (y, b))]
    value = sinkhorn_divergence(native[0], native[1], epsilon=epsilon, **masses)
    assert float(value) == pytest.approx(float(across - sum(own) / 2), rel=1e-13, abs=0.0)


def test_hot_and_warm_formulas_meet(rng):
    x, y, a, b = problem(rng, 7, 5)
    cost = distances(x, y, 2)
    given = {"cost": cost, "x_weights": a, "y_weights": b, "tolerance": 1e-14, "return_result": True}
    warm, hot = (sinkhorn(epsilon=factor * 1e3 * cost.max(), **given) for factor in (0.999, 1.001))
    assert (warm.method, hot.method) == ("sinkhorn, kernel", "sinkhorn, near the product")
    assert hot.converged
    # The plan hardly depends on a temperature that changes by a five-hundredth.
    numpy.testing.assert_allclose(hot.plan.dense(), warm.plan.dense(), rtol=1e-5)
    numpy.testing.assert_allclose(hot.plan.margins()[0], a / a.sum(), rtol=1e-13)
    slope = (float(hot.value) - float(warm.value)) / float(truth(cost, a, b, 1e3) - truth(cost, a, b, 998.0))
    assert 0 < slope < 1
    assert hot.lower <= float(hot.transport_cost)


def test_blocks_and_the_bar_of_hot_sweeps(rng, capsys):
    pytest.importorskip("tqdm")
    x, y, a, b = problem(rng, 40, 30)
    given = {"epsilon": 1e9, "x_weights": a, "y_weights": b}
    whole = sinkhorn(x, y, **given)
    assert float(sinkhorn(x, y, max_bytes=1, progress=True, **given)) == pytest.approx(float(whole), rel=1e-14, abs=0.0)
    assert "1.00 sweeps" in capsys.readouterr().err
