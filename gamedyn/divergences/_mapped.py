"""Estimates of a monotone function of a divergence: value and interval mapped, the error times the slope."""

from __future__ import annotations

from collections.abc import Callable

from gamedyn.backend import Array, array_namespace, float_arrays
from gamedyn.divergences._quiet import safe_root
from gamedyn.numerics import Estimate

__all__ = ["mapped", "root", "rooted"]


def mapped(
    estimate: Estimate, function: Callable[[Array], Array], slope: Callable[[Array], Array], definition: str
) -> Estimate:
    """The Estimate of function(value), `slope` its derivative; where that is infinite the error is left out, as 0."""
    value, factor = function(estimate.value), slope(estimate.value)
    xp = array_namespace(value)
    error = estimate.standard_error * xp.where(xp.isfinite(factor), xp.abs(factor), 0.0)
    ends = function(estimate.lower), function(estimate.upper)
    falling = ends[1] < ends[0]
    lower, upper = xp.where(falling, ends[1], ends[0]), xp.where(falling, ends[0], ends[1])
    return Estimate(value, error, lower, upper, estimate.level, estimate.method, estimate.n, definition)


def root(value: Array) -> Array:
    """The square root, 0 for what is not positive, with gradient 0 there."""
    xp, value = float_arrays(value, names=("value",))
    return safe_root(xp, value)


def rooted(estimate: Estimate) -> Estimate:
    """The Estimate of the square root, whose lower end is not below 0."""
    return mapped(estimate, root, _slope_of_root, f"square root of {estimate.definition}")


def _slope_of_root(value: Array) -> Array:
    xp, value = float_arrays(value, names=("value",))
    positive = value > 0
    # Without a slope at 0 the error of the value itself is the best that can be said.
    return xp.where(positive, 1 / (2 * xp.sqrt(xp.where(positive, value, 1.0))), 0.5)
