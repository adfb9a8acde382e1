"""Two weighted samples of numbers, as arguments: validated, with their axis last; and the norm of their distances."""

from __future__ import annotations

import math
from typing import Any

from gamedyn._checks import check_in_interval
from gamedyn.backend import Array, float_arrays
from gamedyn.transport._weights import check_finite, check_weights

__all__ = ["norm", "read_samples"]


def read_samples(
    x: Array,
    y: Array,
    order: float,
    x_weights: Array | None,
    y_weights: Array | None,
    axis: int,
    power: bool,
    check: bool,
) -> tuple[Any, Array, Array, Array | None, Array | None]:
    """(xp, x, y, x_weights, y_weights), as `wasserstein_on_line` describes its arguments, samples last."""
    check_in_interval("order", order, 1, math.inf)
    if power and order == math.inf:
        raise ValueError("`power` must be False for `order` = inf, whose power is not defined.")
    given = {"x": x, "y": y, "x_weights": x_weights, "y_weights": y_weights}
    given = {name: value for name, value in given.items() if value is not None or name in ("x", "y")}
    xp, *arrays = float_arrays(*given.values(), names=tuple(given))
    values = dict(zip(given, arrays, strict=True))
    for name in ("x", "y"):
        values[name] = _samples_last(xp, values[name], name, axis, check)
    for name in ("x", "y"):
        weights = f"{name}_weights"
        if weights in values:
            values[weights] = _weights_last(xp, values[weights], weights, values[name].shape, axis, check)
    shapes = [tuple(values[name].shape[:-1]) for name in ("x", "y")]
    if any(1 != i != j != 1 for i, j in zip(shapes[0][::-1], shapes[1][::-1], strict=False)):
        raise ValueError(f"the batch shapes of `x` and `y` must broadcast, got {shapes[0]} and {shapes[1]}.")
    return xp, values["x"], values["y"], values.get("x_weights"), values.get("y_weights")


def _samples_last(xp: Any, values: Array, name: str, axis: int, check: bool) -> Array:
    if values.ndim == 0:
        raise ValueError(f"`{name}` must have at least one axis, got a single number.")
    if not -values.ndim <= axis < values.ndim:
        raise ValueError(f"`axis` must be an axis of `{name}` of shape {tuple(values.shape)}, got {axis}.")
    if values.shape[axis] == 0:
        raise ValueError(f"`{name}` must hold at least one value, got shape {tuple(values.shape)}.")
    if check:
        check_finite(xp, values, name)
    return values if axis in (-1, values.ndim - 1) else xp.moveaxis(values, axis, -1)


def _weights_last(xp: Any, weights: Array, name: str, shape: tuple[int, ...], axis: int, check: bool) -> Array:
    given = tuple(weights.shape)
    if weights.ndim == len(shape) and weights.ndim > 1:
        weights = xp.moveaxis(weights, axis, -1)
    if weights.shape not in (shape, shape[-1:]):
        raise ValueError(f"`{name}` must have one weight for each of {shape[-1]} values, got shape {given}.")
    if check:
        check_weights(xp, weights, name)
    return weights


def norm(xp: Any, distance: Array, mass: Array | None, order: float, power: bool) -> Array:
    """(sum mass distance^p)^(1/p), with equal masses where None."""
    if order == math.inf:
        return xp.max(distance if mass is None else xp.where(mass > 0, distance, xp.zeros_like(distance)), axis=-1)
    if order == 1 or power:
        return _average(xp, distance if order == 1 else distance**order, mass)
    # In units of the largest distance no power overflows, and the sum does not underflow.
    scale = xp.max(distance, axis=-1, keepdims=True)
    empty = scale == 0
    ratio = distance / xp.where(empty, xp.ones_like(scale), scale)
    mean = _average(xp, ratio**order, mass)
    none = mean == 0
    # A root of 0 has no derivative; its place is taken before the root.
    root = xp.where(none, xp.ones_like(mean), mean) ** (1 / order)
    return xp.where(none, xp.zeros_like(mean), scale[..., 0] * root)


def _average(xp: Any, values: Array, mass: Array | None) -> Array:
    return xp.mean(values, axis=-1) if mass is None else xp.sum(mass * values, axis=-1)
