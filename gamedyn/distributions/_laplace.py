"""The Laplace law on the line."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

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

__all__ = ["Laplace"]

# exp(-z) underflows in double precision at z = 745; the density has a kink at 0.
_STEPS = (-745.0, -200.0, -50.0, -12.0, -3.0, -1.0, 0.0, 1.0, 3.0, 12.0, 50.0, 200.0, 745.0)


@dataclass(frozen=True, eq=False)
class Laplace(Distribution):
    """log p(x) = -|x - loc| / scale - log(2 scale).

    Parameters
    ----------
    loc, scale : array_like, broadcastable
        Median, and mean absolute deviation > 0, in the unit of x. Their broadcast shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If a parameter is not finite, or `scale` is not positive.

    Notes
    -----
    The score at the kink x = loc is 0.

    Examples
    --------
    >>> float(Laplace(0.0, 1.0).cdf(0.0))
    0.5
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
        return -xp.abs(z) - (xp.log(scale) + math.log(2))

    def score(self, x: Array) -> Array:
        xp, z, scale = self._standardized(x)
        return -xp.sign(z) / scale

    def cdf(self, x: Array) -> Array:
        xp, z, _ = self._standardized(x)
        tail = 0.5 * xp.exp(-xp.abs(z))
        return xp.where(z < 0, tail, 1 - tail)

    def icdf(self, u: Array) -> Array:
        xp, u, loc, scale = quantile_argument(self, u, self.loc, self.scale)
        # 1 - u is exact for u >= 1/2.
        tail = log_mass(2 * xp.minimum(u, 1 - u))
        return loc + scale * xp.where(u < 0.5, tail, -tail)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.loc)
        draws = as_generator(rng).laplace(size=draw_shape(n, self.batch_shape))
        return self.loc + self.scale * to_device(draws, xp, **place)

    @property
    def mean(self) -> Array:
        return self.loc

    @property
    def variance(self) -> Array:
        return 2 * self.scale**2

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.scale)
        return xp.log(self.scale) + (1 + math.log(2))

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (-math.inf, math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        return spread_points(self.loc, self.scale, _STEPS)
