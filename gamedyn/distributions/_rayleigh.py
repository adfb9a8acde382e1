"""The Rayleigh law: the length of a normal vector in the plane."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, as_generator, float_arrays, to_device
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    draw_shape,
    freeze_parameters,
    log_mass,
    log_survival,
    place_of,
    quantile_argument,
    spread_points,
)

__all__ = ["Rayleigh"]

# exp(-z^2 / 2) underflows in double precision at z = 38.6.
_STEPS = (0.0, 0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 39.0)


@dataclass(frozen=True, eq=False)
class Rayleigh(Distribution):
    """p(x) = x exp(-(x / scale)^2 / 2) / scale^2 for x >= 0.

    Parameters
    ----------
    scale : array_like
        Mode > 0, in the unit of x. Its shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If `scale` is not positive and finite.

    Examples
    --------
    >>> round(float(Rayleigh(2.0).mean) ** 2, 12)  # scale^2 pi / 2
    6.28318530718
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

    def _standardized(self, x: Array) -> tuple[Any, Array, Array, Array]:
        """(namespace, x / scale with 1 outside [0, inf) and where it overflows, whether that is so, the scale)."""
        xp, x, scale = float_arrays(x, self.scale, names=("x", "scale"))
        outside = (x < 0) | (x == xp.inf)
        with numpy.errstate(over="ignore"):
            z = xp.where(outside, scale, x) / scale
        # There the density is 0 in every sense.
        outside = outside | (z == xp.inf)
        return xp, xp.where(outside, xp.ones_like(z), z), outside, scale

    def log_prob(self, x: Array) -> Array:
        xp, z, outside, scale = self._standardized(x)
        with numpy.errstate(over="ignore"):
            value = log_mass(z) - 0.5 * z * z - xp.log(scale)
        return xp.where(outside, -xp.inf, value)

    def score(self, x: Array) -> Array:
        xp, x, scale = float_arrays(x, self.scale, names=("x", "scale"))
        with numpy.errstate(divide="ignore", over="ignore"):
            z = x / scale
            return xp.where(x < 0, xp.nan, (1 / xp.abs(z) - z) / scale)

    def cdf(self, x: Array) -> Array:
        xp, x, scale = float_arrays(x, self.scale, names=("x", "scale"))
        with numpy.errstate(over="ignore"):
            z = xp.maximum(x, xp.zeros_like(x)) / scale
            return -xp.expm1(-0.5 * z * z)

    def icdf(self, u: Array) -> Array:
        xp, u, scale = quantile_argument(self, u, self.scale)
        return scale * xp.sqrt(-2 * log_survival(u))

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.scale)
        draws = as_generator(rng).standard_exponential(draw_shape(n, self.batch_shape))
        return self.scale * xp.sqrt(2 * to_device(draws, xp, **place))

    @property
    def mean(self) -> Array:
        return math.sqrt(math.pi / 2) * self.scale

    @property
    def variance(self) -> Array:
        return (2 - math.pi / 2) * self.scale**2

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.scale)
        return xp.log(self.scale) + (1 + 0.5 * numpy.euler_gamma - 0.5 * math.log(2))

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        return spread_points(0 * self.scale, self.scale, _STEPS)
