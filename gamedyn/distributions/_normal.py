"""The normal law on the line."""

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
    freeze_parameters,
    place_of,
    quantile_argument,
    spread_points,
)

__all__ = ["Normal"]

# exp(-z^2 / 2) underflows in double precision at |z| = 38.6.
_STEPS = (-39.0, -16.0, -8.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 39.0)


@dataclass(frozen=True, eq=False)
class Normal(Distribution):
    """N(loc, scale^2): log p(x) = -((x - loc) / scale)^2 / 2 - log scale - log(2 pi) / 2.

    Parameters
    ----------
    loc, scale : array_like, broadcastable
        Mean, and standard deviation > 0, in the unit of x. Their broadcast shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If a parameter is not finite, or `scale` is not positive.

    Examples
    --------
    >>> round(float(Normal(0.0, 1.0).log_prob(0.0)), 12)  # -log(2 pi) / 2
    -0.918938533205
    """

    loc: Array
    scale: Array
    check: bool = field(default=True, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        freeze_parameters(self, "loc", "scale")
        if self.check:
            check_finite("loc", self.loc)
            check_positive("scale", self.scale)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.loc.shape)

    def _standardized(self, x: Array) -> tuple[Any, Array, Array]:
        xp, x, loc, scale = float_arrays(x, self.loc, self.scale, names=("x", "loc", "scale"))
        return xp, (x - loc) / scale, scale

    def log_prob(self, x: Array) -> Array:
        xp, z, scale = self._standardized(x)
        # z^2 overflows only where the density is 0 in every sense.
        with numpy.errstate(over="ignore"):
            return -0.5 * z * z - (xp.log(scale) + 0.5 * math.log(2 * math.pi))

    def score(self, x: Array) -> Array:
        _, z, scale = self._standardized(x)
        return -z / scale

    def cdf(self, x: Array) -> Array:
        xp, z, _ = self._standardized(x)
        return special(xp).ndtr(z)

    def icdf(self, u: Array) -> Array:
        xp, u, loc, scale = quantile_argument(self, u, self.loc, self.scale)
        return loc + scale * special(xp).ndtri(u)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.loc)
        return self.loc + self.scale * host_normal(rng, draw_shape(n, self.batch_shape), xp, **place)

    @property
    def mean(self) -> Array:
        return self.loc

    @property
    def variance(self) -> Array:
        return self.scale**2

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.scale)
        return xp.log(self.scale) + 0.5 * (1 + math.log(2 * math.pi))

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (-math.inf, math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        return spread_points(self.loc, self.scale, _STEPS)
