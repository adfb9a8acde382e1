"""The half-normal law: the absolute value of a centred normal variable."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, float_arrays, host_normal, special
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    draw_shape,
    freeze_parameters,
    place_of,
    quantile_argument,
    spread_points,
)

__all__ = ["HalfNormal"]

# exp(-z^2 / 2) underflows in double precision at z = 38.6.
_STEPS = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 39.0)


@dataclass(frozen=True, eq=False)
class HalfNormal(Distribution):
    """log p(x) = log(2 / pi) / 2 - log scale - (x / scale)^2 / 2 for x >= 0.

    Parameters
    ----------
    scale : array_like
        Standard deviation > 0 of the normal variable, in the unit of x. Its shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If `scale` is not positive and finite.

    Examples
    --------
    >>> round(float(HalfNormal(1.0).mean) ** 2, 12)  # 2 / pi
    0.636619772368
    """

    scale: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    support = "positive"

    def __post_init__(self) -> None:
        freeze_parameters(self, "scale")
        if self.check:
            check_positive("scale", self.scale)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.scale.shape)

    def log_prob(self, x: Array) -> Array:
        xp, x, scale = float_arrays(x, self.scale, names=("x", "scale"))
        z = x / scale
        with numpy.errstate(over="ignore"):
            value = -0.5 * z * z - (xp.log(scale) + 0.5 * math.log(math.pi / 2))
        return xp.where(x < 0, -xp.inf, value)

    def score(self, x: Array) -> Array:
        xp, x, scale = float_arrays(x, self.scale, names=("x", "scale"))
        return xp.where(x < 0, xp.nan, -x / scale / scale)

    def cdf(self, x: Array) -> Array:
        xp, x, scale = float_arrays(x, self.scale, names=("x", "scale"))
        return special(xp).erf(0.5**0.5 * (xp.maximum(x, xp.zeros_like(x)) / scale))

    def icdf(self, u: Array) -> Array:
        xp, u, scale = quantile_argument(self, u, self.scale)
        # 1 - u is exact from 1/2 on, and each function keeps its digits at its own end.
        half = xp.full_like(u, 0.5)
        near = 2**0.5 * special(xp).erfinv(xp.minimum(u, half))
        far = -special(xp).ndtri(0.5 * (1 - xp.maximum(u, half)))
        return scale * xp.where(u < 0.5, near, far)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.scale)
        return self.scale * xp.abs(host_normal(rng, draw_shape(n, self.batch_shape), xp, **place))

    @property
    def mean(self) -> Array:
        return math.sqrt(2 / math.pi) * self.scale

    @property
    def variance(self) -> Array:
        return (1 - 2 / math.pi) * self.scale**2

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.scale)
        return xp.log(self.scale) + 0.5 * (1 + math.log(math.pi / 2))

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        return spread_points(0 * self.scale, self.scale, _STEPS)
