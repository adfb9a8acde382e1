"""Two laws of one family on the line that differ in location and scale only: F^-1 - G^-1 = a + b z(u)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gamedyn import distributions
from gamedyn.backend import Array, float_arrays, to_host
from gamedyn.distributions import Distribution

__all__ = ["LocationScale", "as_location_scale", "second_order_between"]


@dataclass(frozen=True)
class LocationScale:
    """F^-1(u) - G^-1(u) = shift + stretch z(u), z the quantile function of a standard law.

    Parameters
    ----------
    shift, stretch : array, batch shape
        Differences of the locations and of the scales.
    standard : Distribution
        Of the family, at location 0 and scale 1, in the library and precision of the two laws.
    """

    shift: Array
    stretch: Array
    standard: Distribution


def _plain(p: Any, q: Any) -> tuple[Array, Array]:
    return p.loc - q.loc, p.scale - q.scale


def _scale(p: Any, q: Any) -> tuple[Array, Array]:
    return 0 * p.scale, p.scale - q.scale


def _rate(p: Any, q: Any) -> tuple[Array, Array]:
    # Not 1 / p.rate - 1 / q.rate, each of which would be rounded.
    return 0 * p.rate, (q.rate - p.rate) / p.rate / q.rate


def _ends(p: Any, q: Any) -> tuple[Array, Array]:
    shift = p.low - q.low
    return shift, (p.high - q.high) - shift


def _inverse_rate(p: Any, q: Any) -> tuple[Array, Array]:
    return 0 * p.rate, p.rate - q.rate


# Of each family: shift and stretch, the arguments of the standard law, and the parameters that must be equal.
_Row = tuple[Callable[[Any, Any], tuple[Array, Array]], dict[str, float], tuple[str, ...]]
_FAMILIES: dict[type[Distribution], _Row] = {
    distributions.Normal: (_plain, {"loc": 0.0, "scale": 1.0}, ()),
    distributions.Laplace: (_plain, {"loc": 0.0, "scale": 1.0}, ()),
    distributions.Cauchy: (_plain, {"loc": 0.0, "scale": 1.0}, ()),
    distributions.Gumbel: (_plain, {"loc": 0.0, "scale": 1.0}, ()),
    distributions.StudentT: (_plain, {"loc": 0.0, "scale": 1.0}, ("df",)),
    distributions.Uniform: (_ends, {"low": 0.0, "high": 1.0}, ()),
    distributions.Exponential: (_rate, {"rate": 1.0}, ()),
    distributions.Gamma: (_rate, {"rate": 1.0}, ("concentration",)),
    distributions.InverseGamma: (_inverse_rate, {"rate": 1.0}, ("concentration",)),
    distributions.HalfNormal: (_scale, {"scale": 1.0}, ()),
    distributions.Rayleigh: (_scale, {"scale": 1.0}, ()),
    distributions.Weibull: (_scale, {"scale": 1.0}, ("concentration",)),
    distributions.Pareto: (_scale, {"scale": 1.0}, ("alpha",)),
}


def as_location_scale(p: Distribution, q: Distribution) -> LocationScale | None:
    """The two laws in this form, or None."""
    if type(p) is not type(q) or type(p) not in _FAMILIES:
        return None
    differences, arguments, shapes = _FAMILIES[type(p)]
    for name in shapes:
        if (to_host(getattr(p, name)) != to_host(getattr(q, name))).any():
            return None
    xp, shift, stretch = float_arrays(*differences(p, q), names=("shift", "stretch"))
    one = xp.ones_like(stretch)
    kept = {name: getattr(p, name) for name in shapes}
    return LocationScale(shift, stretch, type(p)(**{name: value * one for name, value in arguments.items()}, **kept))


def second_order_between(p: Distribution, q: Distribution, power: bool) -> Array:
    """W_2 = sqrt((a + b E z)^2 + b^2 Var z), or its square.

    Parameters
    ----------
    p, q : Distribution
    power : bool

    Raises
    ------
    ValueError
        Unless the laws differ in location and scale only.
    """
    pair = as_location_scale(p, q)
    if pair is None:
        kinds = " and ".join(type(law).__name__ for law in (p, q))
        raise ValueError(
            f"the two laws must be of one family and differ in location and scale only, got {kinds}. "
            "Use `wasserstein_between_laws`."
        )
    xp, shift, stretch, mean, variance = float_arrays(
        pair.shift, pair.stretch, pair.standard.mean, pair.standard.variance, names=("a", "b", "mean", "variance")
    )
    # A law without variance is at a finite distance from its translates only.
    finite = xp.isfinite(variance)
    zero = xp.zeros_like(variance)
    centre = shift + stretch * xp.where(finite, mean, zero)
    spread = stretch * xp.sqrt(xp.where(finite, variance, zero))
    infinite = (stretch != 0) & ~finite
    # The larger of the two is taken out, so that squares neither over- nor underflow, and a root of 0 is not derived.
    first, second = xp.abs(centre), xp.abs(spread)
    unit = xp.maximum(first, second)
    equal = unit == 0
    safe = xp.where(equal, xp.ones_like(unit), unit)
    first, second = first / safe, second / safe
    squared = xp.where(equal, xp.ones_like(unit), first * first + second * second)
    value = xp.where(equal, unit, safe * safe * squared if power else safe * xp.sqrt(squared))
    return xp.where(infinite, xp.full_like(value, xp.inf), value)
