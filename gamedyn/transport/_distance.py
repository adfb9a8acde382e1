"""Wasserstein distances between small weighted point sets in any dimension."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_in_interval
from gamedyn.backend import Array, device_of, float_arrays, to_device, to_host
from gamedyn.transport._certificate import feasible_potentials
from gamedyn.transport._critic import TransportCritic
from gamedyn.transport._exact import assignment_plan, linear_plan
from gamedyn.transport._on_line import wasserstein_on_line
from gamedyn.transport._result import TransportResult
from gamedyn.transport._weights import check_finite, check_weights

__all__ = ["wasserstein_distance"]

# A cost matrix of this many entries takes seconds (assignment: 3000 x 3000) or tens of seconds (LP: 500 x 500).
_LARGEST = {"assignment": 9_000_000, "lp": 250_000}


def wasserstein_distance(
    x: Array,
    y: Array,
    order: float = 1,
    x_weights: Array | None = None,
    y_weights: Array | None = None,
    method: str = "auto",
    return_result: bool = False,
    *,
    power: bool = False,
) -> Any:
    """W_p = (min over plans of sum plan_ij |x_i - y_j|^p)^(1/p), exactly, with Euclidean distances.

    Parameters
    ----------
    x, y : array_like, shapes (n, d) and (m, d), or (n,) and (m,) on the line
        The two samples.
    order : float
        p >= 1, finite.
    x_weights, y_weights : array_like, optional, shapes (n,) and (m,)
        Non-negative masses; each set is divided by its sum. Equal where not given.
    method : str
        "assignment" (equal sizes, no weights), "lp" (any), or "auto": on the line the sorted formula where no result
        is asked for, else the assignment where it applies, else the linear program.
    return_result : bool
        Whether to return the TransportResult with plan, potentials, critic and bracket.
    power : bool
        Whether the number returned is W_p^p.

    Returns
    -------
    array of shape (), or TransportResult
        In the unit of x.

    Raises
    ------
    ValueError
        For non-finite points, invalid weights, dimensions that differ, or supports too large for an exact solution.

    Notes
    -----
    Solved on the host. The potentials are made feasible by c-transforms and the plan by rounding to its margins, so
    that [lower, upper] holds the distance up to rounding whatever the solver did; a gap above 1e-6 of the value
    warns, as it may for large p, where costs span more digits than a solver has.

    References
    ----------
    Peyre and Cuturi (2019), Computational optimal transport.
    Altschuler, Weed and Rigollet (2017), Near-linear time approximation algorithms for optimal transport via Sinkhorn
    iteration.

    Examples
    --------
    >>> square = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    >>> moved = [[3.0, 4.0], [4.0, 4.0], [3.0, 5.0], [4.0, 5.0]]
    >>> float(wasserstein_distance(square, moved, order=2))  # a translation by (3, 4)
    5.0
    """
    check_choice("method", method, ("auto", "assignment", "lp"))
    check_in_interval("order", order, 1, math.inf, closed="left")
    given = {"x": x, "y": y, "x_weights": x_weights, "y_weights": y_weights}
    given = {name: value for name, value in given.items() if value is not None}
    xp, *arrays = float_arrays(*given.values(), names=tuple(given))
    values = dict(zip(given, arrays, strict=True))
    if method == "auto" and not return_result and values["x"].ndim == values["y"].ndim == 1:
        return wasserstein_on_line(**values, order=order, power=power)
    hosted = {name: to_host(array).astype(float) for name, array in values.items()}
    result = _solve(hosted, float(order), method)
    native = values["x"]

    def back(array: Any) -> Array:
        return to_device(array, xp, dtype=native.dtype, device=device_of(native))

    if not return_result:
        return back(result.transport_cost if power else result.value)
    f, g = result.potentials or (None, None)
    return TransportResult(
        value=back(result.value),
        transport_cost=result.transport_cost,
        objective=result.objective,
        plan=back(result.plan),
        potentials=(back(f), back(g)),
        critic=result.critic,
        lower=result.lower,
        upper=result.upper,
        marginal_error=result.marginal_error,
        method=result.method,
        definition=result.definition,
    )


def _solve(values: dict[str, numpy.ndarray], order: float, method: str) -> TransportResult:
    x, y = _points(values["x"], "x"), _points(values["y"], "y")
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"`x` and `y` must have one dimension d, got shapes {x.shape} and {y.shape}.")
    weighted = "x_weights" in values or "y_weights" in values
    a, b = _masses(values, "x", len(x)), _masses(values, "y", len(y))
    fits = len(x) == len(y) and not weighted
    if method == "assignment" and not fits:
        raise ValueError("`method` 'assignment' needs equal sizes and no weights. Use 'lp'.")
    chosen = "assignment" if fits and method != "lp" else "lp"
    if len(x) * len(y) > _LARGEST[chosen]:
        raise ValueError(
            f"exact transport ({chosen}) takes up to {_LARGEST[chosen]} pairs of points, got {len(x)} x {len(y)}. "
            "Use sliced_wasserstein, or a subsample."
        )
    from scipy.spatial.distance import cdist

    distance = cdist(x, y)
    # In units of the largest distance no power overflows.
    scale = float(numpy.max(distance)) or 1.0
    cost = (distance / scale) ** order
    plan, potential = _plan(cost, a, b, chosen)
    f, g = feasible_potentials(cost, potential)
    paid = float(numpy.sum(plan * cost))
    proved = max(float(a @ f + b @ g), 0.0)
    lower, upper = scale * min(proved, paid) ** (1 / order), scale * paid ** (1 / order)
    if upper - lower > 1e-6 * upper:
        warnings.warn(f"the transport distance is only known to lie in [{lower:g}, {upper:g}].", stacklevel=3)
    f, g = f * scale**order, g * scale**order
    margins = numpy.sum(numpy.abs(plan.sum(axis=1) - a)) + numpy.sum(numpy.abs(plan.sum(axis=0) - b))
    return TransportResult(
        value=upper,
        transport_cost=paid * scale**order,
        objective=paid * scale**order,
        plan=plan,
        potentials=(f, g),
        critic=TransportCritic(points=y, potential=g, order=order),
        lower=lower,
        upper=upper,
        marginal_error=float(margins),
        method=chosen,
        definition=f"(min over plans of sum plan |x - y|^{order:g})^(1/{order:g}), Euclidean, weights of sum 1",
    )


def _plan(cost: numpy.ndarray, a: numpy.ndarray, b: numpy.ndarray, chosen: str) -> tuple[numpy.ndarray, numpy.ndarray]:
    if chosen == "assignment":
        columns, potential = assignment_plan(cost)
        plan = numpy.zeros_like(cost)
        plan[numpy.arange(len(cost)), columns] = a
        return plan, potential
    return linear_plan(cost, a, b)


def _points(values: numpy.ndarray, name: str) -> numpy.ndarray:
    if values.ndim not in (1, 2) or values.size == 0:
        raise ValueError(f"`{name}` must have shape (n, d) or (n,) and hold a point, got shape {values.shape}.")
    check_finite(numpy, values, name)
    return values.reshape(len(values), -1)


def _masses(values: dict[str, numpy.ndarray], side: str, size: int) -> numpy.ndarray:
    name = f"{side}_weights"
    if name not in values:
        return numpy.full(size, 1 / size)
    weights = values[name]
    if weights.shape != (size,):
        raise ValueError(f"`{name}` must have one weight for each of {size} points, got shape {weights.shape}.")
    check_weights(numpy, weights, name)
    return numpy.asarray(weights / weights.sum())
