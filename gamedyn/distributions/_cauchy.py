"""The Cauchy law on the line."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, as_generator, float_arrays, to_device
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    check_finite,
    draw_shape,
    freeze_parameters,
    place_of,
    quantile_argument,
    spread_points,
)

__all__ = ["Cauchy"]

# From 1024 scales on, the density is a power series in 1 / x.
_AFTER = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0, 1024.0)
_STEPS = (*(-step for step in reversed(_AFTER)), 0.0, *_AFTER)


@dataclass(frozen=True, eq=False)
class Cauchy(Distribution):
    """log p(x) = -log(pi scale) - log(1 + z^2), z = (x - loc) / scale.

    Parameters
    ----------
    loc, scale : array_like, broadcastable
        Median, and half the distance > 0 of the quartiles, in the unit of x. Their broadcast shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If a parameter is not finite, or `scale` is not positive.

    Notes
    -----
    Mean and variance are undefined, nan.

    Examples
    --------
    >>> float(Cauchy(0.0, 1.0).cdf(-1.0))  # a quartile
    0.25
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
        size = xp.abs(z)
        one = xp.ones_like(z)
        # log(1 + z^2) = 2 log|z| + log(1 + 1 / z^2), which does not overflow.
        far = size > 1
        inner = xp.where(far, 1 / xp.where(far, z, one), z)
        excess = xp.log1p(inner * inner) + 2 * xp.log(xp.where(far, size, one))
        return -excess - (xp.log(scale) + math.log(math.pi))

    def score(self, x: Array) -> Array:
        xp, z, scale = self._standardized(x)
        far = xp.abs(z) > 1
        inner = xp.where(far, 1 / xp.where(far, z, xp.ones_like(z)), z)
        return -2 * inner / (1 + inner * inner) / scale

    def cdf(self, x: Array) -> Array:
        xp, z, _ = self._standardized(x)
        # The angle at which (-z, 1) stands: it keeps the digits of the lower tail, 1 / |z|.
        return xp.atan2(xp.ones_like(z), -z) / math.pi

    def icdf(self, u: Array) -> Array:
        xp, u, loc, scale = quantile_argument(self, u, self.loc, self.scale)
        # 1 - u is exact for u >= 1/2, and 1/2 - tail for tail >= 1/4.
        tail = xp.minimum(u, 1 - u)
        central = xp.tan(math.pi * (0.5 - tail))
        with numpy.errstate(divide="ignore", over="ignore"):
            size = xp.where(tail < 0.25, 1 / xp.tan(math.pi * tail), central)
            return loc + scale * xp.where(u < 0.5, -size, size)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.loc)
        draws = as_generator(rng).standard_cauchy(draw_shape(n, self.batch_shape))
        return self.loc + self.scale * to_device(draws, xp, **place)

    @property
    def mean(self) -> Array:
        xp, _ = place_of(self.loc)
        return xp.full_like(self.loc, xp.nan)

    @property
    def variance(self) -> Array:
        return self.mean

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.scale)
        return xp.log(self.scale) + math.log(4 * math.pi)

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (-math.inf, math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        return spread_points(self.loc, self.scale, _STEPS)
