"""The exponential law on the half-line."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array, as_generator, float_arrays, to_device
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    draw_shape,
    freeze_parameters,
    log_mass,
    place_of,
    quantile_argument,
    spread_points,
)

__all__ = ["Exponential"]

# exp(-z) underflows in double precision at z = 745; the density jumps at 0.
_STEPS = (0.0, 0.25, 1.0, 3.0, 12.0, 50.0, 200.0, 745.0)


@dataclass(frozen=True, eq=False)
class Exponential(Distribution):
    """log p(x) = log rate - rate x for x >= 0.

    Parameters
    ----------
    rate : array_like
        Inverse mean > 0, in the inverse unit of x. Its shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If `rate` is not positive and finite.

    Notes
    -----
    The score is -rate on x >= 0 and nan below, where there is no density.

    Examples
    --------
    >>> float(Exponential(2.0).mean)
    0.5
    """

    rate: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    support = "positive"

    def __post_init__(self) -> None:
        freeze_parameters(self, "rate")
        if self.check:
            check_positive("rate", self.rate)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.rate.shape)

    def log_prob(self, x: Array) -> Array:
        xp, x, rate = float_arrays(x, self.rate, names=("x", "rate"))
        # `x < 0` rather than its complement, so that nan stays nan.
        return xp.where(x < 0, -xp.inf, xp.log(rate) - rate * x)

    def score(self, x: Array) -> Array:
        xp, x, rate = float_arrays(x, self.rate, names=("x", "rate"))
        flat = xp.zeros_like(x + rate)
        return xp.where(x >= 0, flat - rate, flat + xp.nan)

    def cdf(self, x: Array) -> Array:
        xp, x, rate = float_arrays(x, self.rate, names=("x", "rate"))
        return -xp.expm1(-rate * xp.maximum(x, xp.zeros_like(x)))

    def icdf(self, u: Array) -> Array:
        xp, u, rate = quantile_argument(self, u, self.rate)
        # log(1 - u): by log1p near 0; 1 - u is exact from 1/2 on.
        small = xp.log1p(-xp.minimum(u, xp.full_like(u, 0.5)))
        return -xp.where(u < 0.5, small, log_mass(1 - u)) / rate

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.rate)
        draws = as_generator(rng).standard_exponential(draw_shape(n, self.batch_shape))
        return to_device(draws, xp, **place) / self.rate

    @property
    def mean(self) -> Array:
        return 1 / self.rate

    @property
    def variance(self) -> Array:
        return 1 / self.rate**2

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.rate)
        return 1 - xp.log(self.rate)

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        return spread_points(0 * self.rate, 1 / self.rate, _STEPS)
