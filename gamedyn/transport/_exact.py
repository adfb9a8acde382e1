"""Exact transport plans between small supports, on the host, with potentials that prove them."""

from __future__ import annotations

from typing import NamedTuple

import numpy

from gamedyn._checks import check_choice
from gamedyn.backend import Array, to_host
from gamedyn.transport._assignment import assignment, assignment_potential
from gamedyn.transport._certificate import bracket
from gamedyn.transport._column_generation import column_generation
from gamedyn.transport._network_simplex import network_simplex, network_simplex_is_installed, network_simplex_is_loaded
from gamedyn.transport._sparse_margins import Entries

__all__ = ["METHODS", "ExactSolution", "choose", "host_shares", "solve_exactly"]

METHODS = ("auto", "assignment", "lp", "network_simplex")
"""What `method` may be for an exact solution."""

# Pairs that take some ten seconds (the program: up to a minute in two dimensions).
_LARGEST = {"assignment": 25_000_000, "lp": 4_000_000, "network_simplex": 25_000_000}
_FEW = 4096  # pairs, up to which the program needs no second library
_REPAID = 250_000  # pairs; below, the program takes a fraction of the seconds in which POT is imported


class ExactSolution(NamedTuple):
    """A plan and its proof, in units of the cost.

    Parameters
    ----------
    entries : Entries
        The plan.
    paid : float
        Its cost.
    potentials : tuple of array, or None
        Feasible (f, g), where asked for.
    lower, upper : float
        The bracket of the optimal cost that both prove.
    marginal_error : float
        sum of |margins of plan - weights|.
    iterations : int
        Rounds of the linear program, else 0.
    method : str
        Which solver it was.
    """

    entries: Entries
    paid: float
    potentials: tuple[numpy.ndarray, numpy.ndarray] | None
    lower: float
    upper: float
    marginal_error: float
    iterations: int
    method: str


def solve_exactly(
    cost: numpy.ndarray, a: numpy.ndarray, b: numpy.ndarray, chosen: str, *, prove: bool, rounding: float = 0.0
) -> ExactSolution:
    """The least sum plan cost over plans with margins a and b.

    Parameters
    ----------
    cost : array, shape (n, m)
        Finite and non-negative.
    a, b : array, shapes (n,) and (m,)
        Non-negative, each of sum 1.
    chosen : str
        As `choose` returns it.
    prove : bool
        Whether potentials and bracket are wanted; an assignment is optimal without them.
    rounding : float
        Relative rounding error of the costs.
    """
    # Points without mass take no part.
    rows, columns = numpy.flatnonzero(a), numpy.flatnonzero(b)
    whole = len(rows) == len(a) and len(columns) == len(b)
    inner = cost if whole else cost[numpy.ix_(rows, columns)]
    if chosen == "assignment":
        partner, reduced, start = assignment(inner)
        entries, iterations = (numpy.arange(len(a)), partner, numpy.full(len(a), 1 / len(a))), 0
        potential = assignment_potential(partner, reduced, start) if prove else None
    else:
        solver = column_generation if chosen == "lp" else network_simplex
        entries, potential, iterations = solver(inner, a[rows], b[columns])
    entries = rows[entries[0]], columns[entries[1]], entries[2]
    paid = float(numpy.sum(entries[2] * cost[entries[0], entries[1]]))
    if potential is None:
        return ExactSolution(entries, paid, None, numpy.nan, numpy.nan, 0.0, iterations, chosen)
    f = numpy.min((cost if whole else cost[:, columns]) - potential, axis=1)
    g = numpy.min(cost - f[:, None], axis=0)
    largest = float(numpy.max(cost))
    short = numpy.abs(numpy.bincount(entries[0], entries[2], len(a)) - a)
    error = float(numpy.sum(short) + numpy.sum(numpy.abs(numpy.bincount(entries[1], entries[2], len(b)) - b)))
    # Rounding of the sums, of f and g themselves, and of the costs.
    size = float(a @ numpy.abs(f) + b @ numpy.abs(g) + numpy.max(numpy.abs(f)) + numpy.max(numpy.abs(g)))
    lower, upper = bracket(
        paid * (1 + rounding),
        float(a @ f + b @ g) * (1 - rounding),
        slack=8 * 2.0**-53 * size,
        excess=error * largest,
    )
    return ExactSolution(entries, paid, (f, g), lower, upper, error, iterations, chosen)


def host_shares(masses: Array) -> numpy.ndarray:
    """Masses as NumPy float64 of sum 1; equal ones stay equal.

    Parameters
    ----------
    masses : array, shape (n,)
        Of any library; those of single precision have a sum of 1 only up to its rounding.
    """
    shares = to_host(masses).astype(float)
    if bool(numpy.all(shares == shares[0])):
        return numpy.full(len(shares), 1 / len(shares))
    return numpy.asarray(shares / numpy.sum(shares))


def choose(method: str, a: numpy.ndarray, b: numpy.ndarray) -> str:
    """The solver that `method` means for these masses.

    Parameters
    ----------
    method : str
        One of METHODS.
    a, b : array, shapes (n,) and (m,)

    Raises
    ------
    ValueError
        If it does not fit, or the supports are too large for it.
    """
    check_choice("method", method, METHODS)
    fits = len(a) == len(b) and bool(numpy.all(a == a[0]) and numpy.all(b == b[0]))
    if method == "assignment" and not fits:
        raise ValueError("`method` 'assignment' needs equal sizes and equal weights. Use 'lp'.")
    if method == "auto":
        many = len(a) * len(b) > (_FEW if network_simplex_is_loaded() else _REPAID)
        method = "assignment" if fits else "network_simplex" if many and network_simplex_is_installed() else "lp"
    if len(a) * len(b) > _LARGEST[method]:
        raise ValueError(
            f"exact transport ({method}) takes up to {_LARGEST[method]} pairs of points, got {len(a)} x {len(b)}. "
            "Use `method` 'sinkhorn', sliced_wasserstein, or a subsample."
        )
    return method
