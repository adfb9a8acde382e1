"""The best permutation of a square cost matrix, and potentials that prove it."""

from __future__ import annotations

import numpy

from gamedyn.transport._start import reduced_cost

__all__ = ["assignment", "assignment_potential"]

_SMALL = 64  # points; below, a start costs more than it saves
_ROWS = 32  # that are looked at together in the search for potentials


def assignment(cost: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """(columns, reduced, g): row i goes to columns[i]; cost less the potentials that the solver started from.

    Parameters
    ----------
    cost : array, shape (n, n)

    Notes
    -----
    Shortest augmenting paths (SciPy's) on the reduced cost: most rows then find their column at once.
    """
    from scipy.optimize import linear_sum_assignment

    n = len(cost)
    if n < _SMALL:
        return linear_sum_assignment(cost)[1], cost, numpy.zeros(n)
    weights = numpy.ones(n)
    reduced, _, g = reduced_cost(cost, weights, weights)
    return linear_sum_assignment(reduced)[1], reduced, g


def assignment_potential(columns: numpy.ndarray, reduced: numpy.ndarray, g: numpy.ndarray) -> numpy.ndarray:
    """A column potential that makes the permutation tight: reduced_ij - h_j is least at j = columns[i], added to g.

    Parameters
    ----------
    columns, reduced, g : array, shapes (n,), (n, n) and (n,)
        As `assignment` returns them.

    Notes
    -----
    h_j <= h_columns[i] + reduced_ij - reduced_i,columns[i] are shortest paths, without negative cycles since the
    permutation is optimal (Bellman and Ford): rows whose own column has changed are looked at again, those of short
    paths first.
    """
    n = len(columns)
    matched = reduced[numpy.arange(n), columns]
    row_of = numpy.empty(n, int)
    row_of[columns] = numpy.arange(n)
    # Rounding may make cycles that are negative by some ulp: changes as small end the search.
    least = 2.0**-52 * float(numpy.max(numpy.abs(reduced)))
    potential = numpy.zeros(n)
    waiting = numpy.ones(n, bool)
    for _ in range(n):
        rows = numpy.flatnonzero(waiting)
        if len(rows) == 0:
            break
        rows = rows[numpy.argsort(potential[columns[rows]] - matched[rows])]
        for start in range(0, len(rows), _ROWS):
            part = rows[start : start + _ROWS]
            part = part[waiting[part]]
            if len(part) == 0:
                continue
            waiting[part] = False
            shorter = numpy.min(reduced[part] + (potential[columns[part]] - matched[part])[:, None], axis=0)
            changed = numpy.flatnonzero(shorter < potential - least)
            potential[changed] = shorter[changed]
            waiting[row_of[changed]] = True
    return g + potential
