"""The log-normal law: the exponential of a normal variable."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, float_arrays, host_normal, special
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    check_finite,
    draw_shape,
    finite_points,
    freeze_parameters,
    geometric_points,
    hosted,
    log_mass,
    place_of,
    quantile_argument,
)

__all__ = ["LogNormal"]

# In units of (log x - loc) / scale: exp(-z^2 / 2) underflows in double precision at |z| = 38.6.
_AFTER = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 39.0)
_STEPS = (*(-step for step in reversed(_AFTER)), 0.0, *_AFTER)


@dataclass(frozen=True, eq=False)
class LogNormal(Distribution):
    """log X is N(loc, scale^2): log p(x) = -z^2 / 2 - log(x scale sqrt(2 pi)), z = (log x - loc) / scale, x > 0.

    Parameters
    ----------
    loc, scale : array_like, broadcastable
        Mean, and standard deviation > 0, of log X: pure numbers. Their broadcast shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If a parameter is not finite, or `scale` is not positive.

    Examples
    --------
    >>> round(float(LogNormal(0.0, 1.0).mean) ** 2, 12)  # e
    2.718281828459
    """

    loc: Array
    scale: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    support = "positive"

    def __post_init__(self) -> None:
        freeze_parameters(self, "loc", "scale")
        if self.check:
            check_finite("loc", self.loc)
            check_positive("scale", self.scale)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.loc.shape)

    def _standardized(self, x: Array) -> tuple[Any, Array, Array, Array, Array]:
        """(namespace, whether x lies in (0, inf) or is nan, x with 1 elsewhere, (log x - loc) / scale, scale)."""
        xp, x, loc, scale = float_arrays(x, self.loc, self.scale, names=("x", "loc", "scale"))
        outside = (x <= 0) | (x == xp.inf)
        inner = xp.where(outside, xp.ones_like(x), x)
        return xp, outside, inner, (xp.log(inner) - loc) / scale, scale

    def log_prob(self, x: Array) -> Array:
        xp, outside, x, z, scale = self._standardized(x)
        with numpy.errstate(over="ignore"):
            value = -0.5 * z * z - (xp.log(x) + xp.log(scale) + 0.5 * math.log(2 * math.pi))
        return xp.where(outside, -xp.inf, value)

    def score(self, x: Array) -> Array:
        """The gradient of log_prob, inf at 0 and nan below; see `Distribution.score`."""
        xp, outside, inner, z, scale = self._standardized(x)
        x = float_arrays(x, self.loc, names=("x", "loc"))[1]
        ends = xp.where(x == 0, xp.inf, xp.where(x > 0, xp.zeros_like(inner), xp.nan))
        return xp.where(outside, ends, -(1 + z / scale) / inner)

    def cdf(self, x: Array) -> Array:
        xp, x, loc, scale = float_arrays(x, self.loc, self.scale, names=("x", "loc", "scale"))
        return special(xp).ndtr((log_mass(xp.maximum(x, xp.zeros_like(x))) - loc) / scale)

    def icdf(self, u: Array) -> Array:
        xp, u, loc, scale = quantile_argument(self, u, self.loc, self.scale)
        with numpy.errstate(over="ignore"):
            return xp.exp(loc + scale * special(xp).ndtri(u))

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.loc)
        with numpy.errstate(over="ignore"):
            return xp.exp(self.loc + self.scale * host_normal(rng, draw_shape(n, self.batch_shape), xp, **place))

    @property
    def mean(self) -> Array:
        xp, _ = place_of(self.loc)
        with numpy.errstate(over="ignore"):
            return xp.exp(self.loc + 0.5 * self.scale**2)

    @property
    def variance(self) -> Array:
        xp, _ = place_of(self.loc)
        with numpy.errstate(over="ignore"):
            return xp.expm1(self.scale**2) * xp.exp(2 * self.loc + self.scale**2)

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.loc)
        return self.loc + xp.log(self.scale) + 0.5 * (1 + math.log(2 * math.pi))

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        pairs = zip(hosted(self.loc), hosted(self.scale), strict=True)
        logs = ([a + step * b for step in _STEPS] for a, b in pairs)
        return finite_points([0.0, *(x for row in logs for x in geometric_points(row))])
