"""Certificates of transport: the bracket that a plan and feasible potentials prove, and cuts of margins to size."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array

__all__ = ["bracket", "cut_to"]


def bracket(
    paid: float, proved: float, order: float = 1.0, *, slack: float = 0.0, excess: float = 0.0
) -> tuple[float, float]:
    """(lower, upper) of the root of an optimal cost, from the cost of a plan and the dual value of potentials.

    Parameters
    ----------
    paid : float
        sum plan cost of a plan, cost >= 0.
    proved : float
        <a, f> + <b, g> of feasible potentials.
    order : float
        p >= 1; the p-th root is taken.
    slack : float
        What rounding may have added to `proved`.
    excess : float
        What it would cost to give the plan its margins exactly.
    """
    # Terms >= 0 add up with a relative error, which pairwise summation keeps at some ulp.
    upper = max(paid, 0.0) * (1 + 1e-14) + excess
    lower = min(max(proved - slack, 0.0), upper)
    return lower ** (1 / order), upper ** (1 / order)


def cut_to(xp: Any, wanted: Array, given: Array) -> Array:
    """Factors <= 1 that bring margins down to those wanted where they are larger.

    Parameters
    ----------
    xp : module
    wanted, given : array, shape (n,)
        Non-negative.
    """
    ratio = wanted / xp.where(given > 0, given, xp.ones_like(given))
    return xp.minimum(ratio, xp.ones_like(ratio))
