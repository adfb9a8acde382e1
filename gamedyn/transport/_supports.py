"""Two weighted supports at the public border: checked, centred, with masses that sum to one where they should."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_in_interval
from gamedyn.backend import Array, device_of, float_arrays, off_tape, on_tape
from gamedyn.transport._cost import Cost, MatrixCost, PointCost
from gamedyn.transport._weights import check_finite, check_weights

__all__ = ["Supports", "read_supports"]


@dataclass(frozen=True, eq=False)
class Supports:
    """Masses and cost of a transport problem as constants, and what was given for them, perhaps on a tape.

    Parameters
    ----------
    xp : module
        The namespace of all arrays.
    a, b : array, shapes (n,) and (m,)
        Masses.
    cost : Cost
        Of shape (n, m).
    given : dict of str to array
        The arguments by name.
    center : array or None, shape (d,)
        What was subtracted from the points.
    """

    xp: Any
    a: Array
    b: Array
    cost: Cost
    given: dict[str, Array]
    center: Array | None

    def attach(self, value: Array, slopes: dict[str, Array]) -> Array:
        """`value` on the tape of the arguments, by what its gradient in each of them is.

        First derivatives only: the slopes themselves are constants.
        """
        for name, array in self.given.items():
            if on_tape(array):
                value = value + self.xp.sum(slopes[name] * (array - off_tape(array)))
        return value

    @property
    def differentiated(self) -> bool:
        """Whether any argument is on a tape."""
        return any(on_tape(array) for array in self.given.values())

    @property
    def points(self) -> PointCost:
        """The cost, where it was made from points."""
        if not isinstance(self.cost, PointCost):
            raise TypeError("points are needed, got a matrix of costs.")
        return self.cost

    def is_one_point(self) -> bool:
        """Whether all points are the same."""
        x, y = self.given["x"], self.given["y"]
        return bool(self.xp.all(x == x[0, :])) and bool(self.xp.all(y == x[0, :]))

    def mass_slopes(self, by_a: Array, by_b: Array, *, normalized: bool) -> dict[str, Array]:
        """Gradients in the weights as they were given, of which the masses may be the shares."""
        slopes = {}
        for side, mass, slope in (("x", self.a, by_a), ("y", self.b, by_b)):
            name = f"{side}_weights"
            if name in self.given:
                if normalized:
                    # One of the masses gives the sum of the weights, which might overflow.
                    weights = off_tape(self.given[name])
                    slope = (slope - self.xp.sum(mass * slope)) * self.xp.max(mass) / self.xp.max(weights)
                slopes[name] = slope
        return slopes


def read_supports(
    x: Any,
    y: Any,
    cost: Any,
    order: float,
    x_weights: Any,
    y_weights: Any,
    *,
    normalize: bool = True,
    labels: dict[str, str] | None = None,
) -> Supports:
    """The problem that the arguments state, or an error that says which of them is wrong, by `labels` of the names."""
    labels = labels or {}
    check_in_interval("order", order, 1, math.inf, closed="left")
    given = {"x": x, "y": y, "cost": cost, "x_weights": x_weights, "y_weights": y_weights}
    given = {name: value for name, value in given.items() if value is not None}
    if not ({"x", "y"} <= set(given) if cost is None else not {"x", "y"} & set(given)):
        raise ValueError(f"pass either `x` and `y` or `cost`, got {', '.join(f'`{k}`' for k in given) or 'none'}.")
    xp, *arrays = float_arrays(*given.values(), names=tuple(labels.get(name, name) for name in given))
    given = dict(zip(given, arrays, strict=True))
    for name in ("x", "y"):
        if name in given and given[name].ndim == 1:
            given[name] = given[name][:, None]
    fixed = {name: off_tape(array) for name, array in given.items()}
    found, center = (
        _matrix(xp, fixed["cost"]) if cost is not None else _points(xp, fixed["x"], fixed["y"], order, labels)
    )
    masses = [_masses(xp, fixed, side, size, normalize, labels) for side, size in zip("xy", found.shape, strict=True)]
    return Supports(xp, masses[0], masses[1], found, given, center)


def _matrix(xp: Any, cost: Array) -> tuple[Cost, None]:
    if cost.ndim != 2 or 0 in cost.shape:
        raise ValueError(f"`cost` must have shape (n, m) and hold a number, got shape {tuple(cost.shape)}.")
    check_finite(xp, cost, "cost")
    if bool(xp.any(cost < 0)):
        raise ValueError(f"`cost` must be >= 0, got a smallest entry of {float(xp.min(cost)):g}.")
    return MatrixCost(cost), None


def _points(xp: Any, x: Array, y: Array, order: float, labels: dict[str, str]) -> tuple[Cost, Array]:
    names = labels.get("x", "x"), labels.get("y", "y")
    for name, points in zip(names, (x, y), strict=True):
        if points.ndim != 2 or 0 in points.shape:
            raise ValueError(
                f"`{name}` must have shape (n, d) or (n,) and hold a point, got shape {tuple(points.shape)}."
            )
        check_finite(xp, points, name)
    if x.shape[1] != y.shape[1]:
        raise ValueError(
            f"`{names[0]}` and `{names[1]}` must have one dimension d, got shapes {tuple(x.shape)} and "
            f"{tuple(y.shape)}."
        )
    # Distances do not change, and what is expanded from squares keeps its digits.
    center = (xp.mean(x, axis=0) + xp.mean(y, axis=0)) / 2
    # Points of 1e308 are too far apart for any cost, which the solver says.
    with numpy.errstate(over="ignore", invalid="ignore"):
        return PointCost(x - center, y - center, float(order)), center


def _masses(xp: Any, given: dict[str, Array], side: str, size: int, normalize: bool, labels: dict[str, str]) -> Array:
    name = f"{side}_weights"
    if name not in given:
        like_this = next(iter(given.values()))
        return xp.full((size,), 1 / size, dtype=like_this.dtype, device=device_of(like_this))
    weights, name = given[name], labels.get(name, name)
    if weights.shape != (size,):
        raise ValueError(f"`{name}` must have one weight for each of {size} points, got shape {tuple(weights.shape)}.")
    check_weights(xp, weights, name)
    if not normalize:
        return weights
    # In units of the largest no sum overflows.
    weights = weights / xp.max(weights)
    return weights / xp.sum(weights)
