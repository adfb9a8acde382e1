"""The Gumbel law on the line: the largest of many."""

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
    log_mass,
    place_of,
    quantile_argument,
    spread_points,
)

__all__ = ["Gumbel"]

# exp(-z - e^-z) underflows in double precision at z = -6.62 and at z = 745.
_STEPS = (-6.75, -4.0, -2.5, -1.5, -0.75, 0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 50.0, 200.0, 745.0)


@dataclass(frozen=True, eq=False)
class Gumbel(Distribution):
    """log p(x) = -z - e^-z - log scale, z = (x - loc) / scale; its cdf is exp(-e^-z).

    Parameters
    ----------
    loc, scale : array_like, broadcastable
        Mode, and scale > 0, in the unit of x. Their broadcast shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If a parameter is not finite, or `scale` is not positive.

    Examples
    --------
    >>> round(float(Gumbel(0.0, 1.0).mean), 12)  # Euler's constant
    0.577215664902
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
        # Where e^-z overflows, so does the log density.
        beyond = z < -math.log(float(xp.finfo(z.dtype).max))
        inside = xp.where(beyond, xp.zeros_like(z), z)
        return xp.where(beyond, -xp.inf, -inside - xp.exp(-inside) - xp.log(scale))

    def score(self, x: Array) -> Array:
        xp, z, scale = self._standardized(x)
        with numpy.errstate(over="ignore"):
            return xp.expm1(-z) / scale

    def cdf(self, x: Array) -> Array:
        xp, z, _ = self._standardized(x)
        with numpy.errstate(over="ignore"):
            return xp.exp(-xp.exp(-z))

    def icdf(self, u: Array) -> Array:
        _, u, loc, scale = quantile_argument(self, u, self.loc, self.scale)
        return loc - scale * log_mass(-log_mass(u))

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.loc)
        draws = as_generator(rng).gumbel(size=draw_shape(n, self.batch_shape))
        return self.loc + self.scale * to_device(draws, xp, **place)

    @property
    def mean(self) -> Array:
        return self.loc + numpy.euler_gamma * self.scale

    @property
    def variance(self) -> Array:
        return math.pi**2 / 6 * self.scale**2

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.scale)
        return xp.log(self.scale) + (1 + numpy.euler_gamma)

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (-math.inf, math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        return spread_points(self.loc, self.scale, _STEPS)
