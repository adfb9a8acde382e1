"""The transport problem as a linear program that is given its columns as they are needed."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.transport._sparse_margins import Entries, north_west_corner, with_margins
from gamedyn.transport._start import reduced_cost

__all__ = ["column_generation"]

_ALL = 4096  # pairs that are solved at once
_NEAREST = 10  # of the least reduced costs of each row and column, to begin with
_MORE = 4  # and to add in every round
_ROUNDS = 100


def column_generation(cost: numpy.ndarray, a: numpy.ndarray, b: numpy.ndarray) -> tuple[Entries, numpy.ndarray, int]:
    """(entries, g, rounds) of min <plan, cost> over plans with margins a and b, by HiGHS.

    Parameters
    ----------
    cost : array, shape (n, m)
        Non-negative.
    a, b : array, shapes (n,) and (m,)
        Positive, each of sum 1.

    Notes
    -----
    The program begins with the pairs of least reduced cost under potentials from a short Sinkhorn iteration, and a
    feasible plan; pairs whose reduced cost turns out negative join it until there are none.
    """
    n, m = cost.shape
    scale = float(numpy.max(cost)) or 1.0
    reduced, _, g = reduced_cost(cost, a, b) if n * m > _ALL else (cost, None, numpy.zeros(m))
    reduced = reduced / scale
    pairs = _first_pairs(reduced, a, b)
    for step in range(1, _ROUNDS + 1):
        masses, u, v = _solve(reduced.reshape(-1)[pairs], pairs, a, b, "highs-ds" if step == 1 else "highs-ipm")
        if len(pairs) == n * m:
            break
        slack = reduced - u[:, None]
        slack -= v
        new = _most_negative(slack)
        if len(new) == 0:
            break
        pairs = numpy.union1d(pairs, new)
    rows, columns = numpy.divmod(pairs, m)
    return with_margins((rows, columns, masses), a, b), g + scale * v, step


def _first_pairs(reduced: numpy.ndarray, a: numpy.ndarray, b: numpy.ndarray) -> numpy.ndarray:
    n, m = reduced.shape
    if n * m <= _ALL:
        return numpy.arange(n * m)
    rows, columns, _ = north_west_corner(a, b)
    by_row = numpy.argpartition(reduced, min(_NEAREST, m - 1), axis=1)[:, :_NEAREST]
    by_column = numpy.argpartition(reduced, min(_NEAREST, n - 1), axis=0)[:_NEAREST]
    return numpy.unique(
        numpy.concatenate(
            [
                rows * m + columns,
                (numpy.arange(n)[:, None] * m + by_row).reshape(-1),
                (by_column * m + numpy.arange(m)).reshape(-1),
            ]
        )
    )


def _most_negative(slack: numpy.ndarray) -> numpy.ndarray:
    """Pairs of negative reduced cost, the most negative ones of each row and column; none up to the solver's error."""
    n, m = slack.shape
    if float(numpy.min(slack)) >= -1e-9:
        return numpy.empty(0, int)
    by_row = numpy.argpartition(slack, min(_MORE, m - 1), axis=1)[:, :_MORE]
    by_column = numpy.argpartition(slack, min(_MORE, n - 1), axis=0)[:_MORE]
    pairs = numpy.concatenate(
        [(numpy.arange(n)[:, None] * m + by_row).reshape(-1), (by_column * m + numpy.arange(m)).reshape(-1)]
    )
    return numpy.asarray(pairs[slack.reshape(-1)[pairs] < -1e-9])


def _solve(
    cost: numpy.ndarray, pairs: numpy.ndarray, a: numpy.ndarray, b: numpy.ndarray, method: str
) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Masses and both potentials of the program on these pairs alone."""
    from scipy.optimize import linprog
    from scipy.sparse import csc_array

    n, m = len(a), len(b)
    # HiGHS's tolerances are absolute, 1e-10 at best: a total mass of 1e6 keeps them at the rounding of the weights.
    unit = 1e6
    # One margin follows from the others, and their sums differ by rounding: the largest is left out, else the program
    # may have no solution at all.
    kept = numpy.delete(numpy.arange(n + m), n + int(numpy.argmax(b)))
    place = numpy.full(n + m, -1)
    place[kept] = numpy.arange(n + m - 1)
    rows, columns = numpy.divmod(pairs, m)
    entries = place[numpy.stack([rows, n + columns], axis=1)]
    used = entries >= 0
    starts = numpy.concatenate([[0], numpy.cumsum(numpy.sum(used, axis=1))])
    margins: Any = csc_array((numpy.ones(int(starts[-1])), entries[used], starts), shape=(n + m - 1, len(pairs)))
    found = linprog(
        cost,
        A_eq=margins,
        b_eq=unit * numpy.concatenate([a, b])[kept],
        method=method,
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if found.x is None:
        raise RuntimeError(f"the linear program was not solved: {found.message}")
    potential = numpy.zeros(n + m)
    potential[kept] = found.eqlin.marginals
    return found.x / unit, potential[:n], potential[n:]
