"""Exact transport plans between small supports, with potentials that prove them."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.transport._certificate import round_to_margins

__all__ = ["assignment_plan", "linear_plan"]


def assignment_plan(cost: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """(columns, g): the best permutation of a square cost matrix, and a column potential that proves it.

    Parameters
    ----------
    cost : array, shape (n, n)
        Row i goes to column columns[i].
    """
    from scipy.optimize import linear_sum_assignment

    columns = linear_sum_assignment(cost)[1]
    # Feasible and tight potentials solve g_j <= g_columns[i] + cost_ij - cost_i,columns[i]: shortest paths, without
    # negative cycles since the permutation is optimal (Bellman and Ford).
    matched = cost[numpy.arange(len(cost)), columns]
    potential = numpy.zeros(len(cost))
    for _ in range(len(cost)):
        shorter = numpy.minimum(potential, numpy.min(potential[columns][:, None] + cost - matched[:, None], axis=0))
        if numpy.array_equal(shorter, potential):
            break
        potential = shorter
    return columns, potential


def linear_plan(cost: numpy.ndarray, a: numpy.ndarray, b: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """(plan, g) of min <plan, cost> over plans with margins a and b, by HiGHS.

    Parameters
    ----------
    cost : array, shape (n, m)
        Non-negative.
    a, b : array, shapes (n,) and (m,)
        Non-negative, each of sum 1.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    n, m = cost.shape
    scale = float(numpy.max(cost)) or 1.0
    # HiGHS's tolerances are absolute, 1e-10 at best: a total mass of 1e6 keeps them at the rounding of the weights.
    unit = 1e6
    rows, columns = numpy.divmod(numpy.arange(n * m), m)
    entries = numpy.concatenate([rows, n + columns]), numpy.tile(numpy.arange(n * m), 2)
    margins: Any = coo_array((numpy.ones(2 * n * m), entries), shape=(n + m, n * m)).tocsr()
    # One margin follows from the others, and their sums differ by rounding: the largest is left out, else the program
    # may have no solution at all.
    kept = numpy.delete(numpy.arange(n + m), n + int(numpy.argmax(b)))
    found = linprog(
        (cost / scale).reshape(-1),
        A_eq=margins[kept],
        b_eq=unit * numpy.concatenate([a, b])[kept],
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if found.x is None:
        raise RuntimeError(f"the linear program was not solved: {found.message}")
    plan: numpy.ndarray = round_to_margins(found.x.reshape(n, m) / unit, a, b)
    potential = numpy.zeros(n + m)
    potential[kept] = scale * found.eqlin.marginals
    return plan, potential[n:]
