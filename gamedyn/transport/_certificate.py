"""Certificates of transport: feasible potentials, plans with exact margins, and the bracket that both prove."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, array_namespace

__all__ = ["bracket", "feasible_potentials", "round_to_margins"]


def feasible_potentials(cost: Array, potential: Array) -> tuple[Array, Array]:
    """(f, g) with f_i + g_j <= cost_ij, no worse than the column potential given: two c-transforms.

    Parameters
    ----------
    cost : array, shape (n, m)
    potential : array, shape (m,)
        Any finite numbers.
    """
    xp = array_namespace(cost)
    f = xp.min(cost - potential, axis=1)
    return f, xp.min(cost - f[:, None], axis=0)


def round_to_margins(plan: Array, a: Array, b: Array) -> Array:
    """A plan with margins a and b near one without: rows and columns cut to size, the missing mass spread as a product.

    Parameters
    ----------
    plan : array, shape (n, m)
    a, b : array, shapes (n,) and (m,)
        Non-negative, of one sum.

    References
    ----------
    Altschuler, Weed and Rigollet (2017), Near-linear time approximation algorithms for optimal transport via Sinkhorn
    iteration.
    """
    xp = array_namespace(plan)
    plan = xp.maximum(plan, xp.zeros_like(plan))
    plan = plan * _cut(xp, a, xp.sum(plan, axis=1))[:, None]
    plan = plan * _cut(xp, b, xp.sum(plan, axis=0))
    rows = xp.maximum(a - xp.sum(plan, axis=1), xp.zeros_like(a))
    columns = xp.maximum(b - xp.sum(plan, axis=0), xp.zeros_like(b))
    # The two sums differ by rounding; the larger keeps what is added below every margin.
    missing = xp.maximum(xp.sum(rows), xp.sum(columns))
    return plan + rows[:, None] * (columns / xp.where(missing > 0, missing, xp.ones_like(missing)))


def _cut(xp: Any, wanted: Array, given: Array) -> Array:
    ratio = wanted / xp.where(given > 0, given, xp.ones_like(given))
    return xp.minimum(ratio, xp.ones_like(ratio))


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
