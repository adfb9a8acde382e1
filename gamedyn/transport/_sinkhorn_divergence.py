"""The Sinkhorn divergence: entropic transport without its bias, 0 between equal laws."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.transport._cost import PointCost
from gamedyn.transport._lazy_plan import EntropicPlan
from gamedyn.transport._sinkhorn_progress import budgeted, warn_if_unfinished
from gamedyn.transport._sinkhorn_stages import Solution, solve, solve_symmetric
from gamedyn.transport._supports import Supports, read_supports

__all__ = ["sinkhorn_divergence"]


def sinkhorn_divergence(
    x: Array,
    y: Array,
    *,
    epsilon: float,
    order: float = 2,
    x_weights: Array | None = None,
    y_weights: Array | None = None,
    tolerance: float | None = None,
    max_iterations: int = 5000,
    max_bytes: int = 2**30,
    return_gradient: bool = False,
    progress: bool = False,
) -> Any:
    """S_eps = OT_eps(x, y) - (OT_eps(x, x) + OT_eps(y, y)) / 2, with OT_eps as in `sinkhorn`.

    In units of the cost |x - y|^p: no root is taken. For p = 1 and 2 it is >= 0, and 0 only between equal laws; between
    the transport cost (eps -> 0) and half a squared maximum mean discrepancy of the kernel -|x - y|^p (eps -> inf).
    Libraries whose cost is |x - y|^2 / 2 return half of this at half of this epsilon.

    Parameters
    ----------
    x, y : array_like, shapes (n, d) and (m, d), or (n,) and (m,)
        The two samples.
    epsilon : float
        The temperature, in units of the cost.
    order : float
        p >= 1.
    x_weights, y_weights : array_like, optional, shapes (n,) and (m,)
        As in `sinkhorn`.
    tolerance : float, optional
        As in `sinkhorn`, for each of the three problems; 1e-9 where not given, since they are subtracted.
    max_iterations, max_bytes, progress
        As in `sinkhorn`, for each of the three problems.
    return_gradient : bool
        Whether to return (S_eps, gradient in x, gradient in y).

    Returns
    -------
    array of shape (), or a tuple of arrays of shapes (), of x and of y
        What rounding leaves below 0 is returned as 0.

    Raises
    ------
    ValueError
        As `sinkhorn`.

    Notes
    -----
    The error of each dual value is of second order in the marginal error, and rounding leaves some ulp of the largest
    potential. The two problems of a set with itself have one potential each, found by half steps. With PyTorch and JAX
    first derivatives flow to points and weights.

    References
    ----------
    Feydy, Sejourne, Vialard, Amari, Trouve and Peyre (2019), Interpolating between optimal transport and MMD using
    Sinkhorn divergences.

    Examples
    --------
    >>> float(sinkhorn_divergence([[0.0, 0.0]], [[3.0, 4.0]], epsilon=0.1))  # two Diracs: the cost itself
    25.0
    """
    check_positive("epsilon", epsilon)
    epsilon = float(epsilon)
    supports = read_supports(x, y, None, order, x_weights, y_weights)
    xp, a, b, cost = supports.xp, supports.a, supports.b, supports.points
    tolerance = 1e-9 if tolerance is None else tolerance
    with budgeted("sinkhorn_divergence", tolerance, max_iterations, max_bytes, progress) as budget:
        across = solve(cost, a, b, epsilon, (math.inf, math.inf), budget)
        own = []
        for mass, points in ((a, cost.x), (b, cost.y)):
            own.append(solve_symmetric(PointCost(points, points, float(order)), mass, epsilon, budget))
    for solution in (across, *own):
        warn_if_unfinished("sinkhorn_divergence", solution)
    # One difference for each point, in which what is common to its two potentials cancels before it is summed.
    left, right = across.f - own[0].f, across.g - own[1].f
    value = xp.sum(a * left) + xp.sum(b * right)
    value = xp.maximum(value, xp.zeros_like(value))
    if not (return_gradient or supports.differentiated):
        return value
    slopes = _position_slopes(supports, across, own, epsilon)
    value = supports.attach(value, {**slopes, **supports.mass_slopes(left, right, normalized=True)})
    if not return_gradient:
        return value
    return value, *(xp.reshape(slopes[name], numpy.shape(given)) for name, given in (("x", x), ("y", y)))


def _position_slopes(supports: Supports, across: Solution, own: list[Solution], epsilon: float) -> dict[str, Array]:
    """Gradients of S_eps in x and y: each point takes part in two problems, and twice in the one with its own set."""
    a, b, cost = supports.a, supports.b, supports.points
    slopes = EntropicPlan(cost, a, b, across.f, across.g, epsilon, across.entries).position_gradients()
    found = {}
    for name, mass, points, solution, slope in zip("xy", (a, b), (cost.x, cost.y), own, slopes, strict=True):
        itself = PointCost(points, points, cost.order)
        plan = EntropicPlan(itself, mass, mass, solution.f, solution.f, epsilon, solution.entries)
        first, second = plan.position_gradients()
        found[name] = slope - (first + second) / 2
    return found
