"""Constructor parameters: float arrays of one library, broadcast together, checked once, frozen."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy

from gamedyn._checks import check_in_interval, check_integer, describe
from gamedyn.backend import Array, array_namespace, device_of, float_arrays, to_device, to_host
from gamedyn.numerics import log_sigmoid, sigmoid, xlogy

__all__ = [
    "check_finite",
    "check_probabilities",
    "counting_points",
    "draw_shape",
    "finite_points",
    "freeze",
    "freeze_chance",
    "freeze_parameters",
    "geometric_points",
    "hosted",
    "log_mass",
    "log_survival",
    "place_of",
    "quantile_argument",
    "spread_points",
]

_MOST_POINTS = 10_000_000


def freeze(law: Any, **values: Any) -> None:
    """Set attributes of a frozen dataclass, during its construction."""
    for name, value in values.items():
        object.__setattr__(law, name, value)


def freeze_parameters(law: Any, *names: str) -> Any:
    """Replace the named fields by float arrays of one library and dtype, broadcast together; return the namespace."""
    xp, *arrays = float_arrays(*(getattr(law, name) for name in names), names=names)
    freeze(law, **dict(zip(names, xp.broadcast_arrays(*arrays), strict=True)))
    return xp


def freeze_chance(law: Any) -> tuple[Array, Array]:
    """Freeze `probs` and `logits` of which one is given; return (log(1 - probs), log probs)."""
    if (law.probs is None) == (law.logits is None):
        raise ValueError("exactly one of `probs` and `logits` must be given.")
    if law.logits is None:
        xp = freeze_parameters(law, "probs")
        if law.check:
            check_in_interval("probs", law.probs, 0.0, 1.0)
        # 1 - p is exact from 1/2 on; log1p keeps the digits of small p.
        small = xp.log1p(-xp.minimum(law.probs, xp.full_like(law.probs, 0.5)))
        of_zero = xp.where(law.probs < 0.5, small, log_mass(1 - law.probs))
        of_one = log_mass(law.probs)
        freeze(law, logits=of_one - of_zero)
        return of_zero, of_one
    xp = freeze_parameters(law, "logits")
    if law.check and bool(xp.any(xp.isnan(law.logits))):
        raise ValueError("`logits` must hold numbers, got nan.")
    freeze(law, probs=sigmoid(law.logits))
    return log_sigmoid(-law.logits), log_sigmoid(law.logits)


def check_finite(name: str, value: Array) -> None:
    """Raise unless the array is finite everywhere."""
    xp = array_namespace(value)
    if not bool(xp.all(xp.isfinite(value))):
        raise ValueError(f"`{name}` must be finite, got {describe(value)} with infinite or nan entries.")


def check_probabilities(name: str, value: Array) -> None:
    """Raise unless the last axis holds non-negative numbers that sum to 1, within the square root of the precision.

    The tolerance lets pass what was rounded once too often, and stops what was never normalised.
    """
    xp = array_namespace(value)
    check_finite(name, value)
    if value.ndim == 0 or value.shape[-1] == 0:
        raise ValueError(f"`{name}` must have at least one entry along its last axis, got shape {tuple(value.shape)}.")
    if bool(xp.any(value < 0)):
        raise ValueError(f"`{name}` must be non-negative, got a smallest entry of {float(xp.min(value)):g}.")
    excess = float(xp.max(xp.abs(xp.sum(value, axis=-1) - 1)))
    if excess > float(xp.finfo(value.dtype).eps) ** 0.5:
        raise ValueError(f"`{name}` must sum to 1 along the last axis, got sums that are off by up to {excess:g}.")


def log_mass(probability: Array) -> Array:
    """log p, with log 0 = -inf and no warning."""
    return xlogy(1.0, probability)


def log_survival(u: Array) -> Array:
    """log(1 - u) of a probability u, with log 0 = -inf and no warning."""
    xp = array_namespace(u)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        return xp.log1p(-u)


def draw_shape(n: int, *parts: tuple[int, ...]) -> tuple[int, ...]:
    """(n,) followed by the given shapes, after a check of n."""
    check_integer("n", n, 0)
    return (int(n), *(size for part in parts for size in part))


def quantile_argument(law: Any, u: Array, *parameters: Array) -> tuple[Any, ...]:
    """(namespace, u, *parameters) as float arrays; ValueError where u leaves [0, 1] and the law checks."""
    names = ("u", *(f"parameter {i}" for i in range(len(parameters))))
    xp, u, *rest = float_arrays(u, *parameters, names=names)
    if law.check and not bool(xp.all((u >= 0) & (u <= 1))):
        raise ValueError(f"`u` must lie in [0, 1], got {describe(u)} with entries outside.")
    return (xp, u, *rest)


def hosted(array: Array) -> list[float]:
    """The entries of a parameter as Python floats."""
    return [float(value) for value in to_host(array).ravel()]


def spread_points(loc: Array, scale: Array, steps: tuple[float, ...]) -> tuple[float, ...]:
    """loc + step * scale for every step and every law of the batch, sorted and distinct."""
    pairs = zip(hosted(loc), hosted(scale), strict=True)
    return finite_points(a + step * b for a, b in pairs for step in steps)


def finite_points(points: Iterable[float]) -> tuple[float, ...]:
    """The points that have not overflowed, sorted and distinct, on the host."""
    return tuple(sorted({float(point) for point in points if math.isfinite(point)}))


def geometric_points(logs: Sequence[float]) -> numpy.ndarray:
    """exp of ascending numbers, and points between, so that no piece spans more than e^8, well within the doubles.

    In a longer piece of a power of x, all nodes of a quadrature would lie far from the end that holds the mass.
    """
    # The tail beyond the last point, in units of that point, must not overflow either.
    ends = numpy.clip(logs, -700.0, 650.0)
    pieces = [numpy.linspace(a, b, 2 + int((b - a) / 8)) for a, b in itertools.pairwise(ends)]
    return numpy.asarray(numpy.exp(numpy.concatenate([ends[:1], *pieces])))


def counting_points(last: float, name: str, parameter: Array) -> Array:
    """0, 1, ..., last along a new first axis of a parameter; ValueError naming it where they are too many."""
    if not last < _MOST_POINTS:
        raise ValueError(
            f"`{name}` must leave at most {_MOST_POINTS} atoms of a mass above 1e-300 to be listed, got "
            f"{describe(parameter)}, which leaves {last:.3g}."
        )
    xp, place = place_of(parameter)
    return to_device(numpy.arange(int(last) + 1.0).reshape(-1, *(1,) * parameter.ndim), xp, **place)


def place_of(array: Array) -> tuple[Any, dict[str, Any]]:
    """The namespace of a parameter, and the dtype and device that new arrays take from it."""
    return array_namespace(array), {"dtype": array.dtype, "device": device_of(array)}
