"""The gamma law on the half-line."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, as_generator, float_arrays, special, to_device, to_host
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._log_terms import log_poisson_term
from gamedyn.distributions._parameters import draw_shape, finite_points, freeze_parameters, place_of, quantile_argument
from gamedyn.distributions._quantiles import quantile_points
from gamedyn.numerics import digamma_remainder, stirling_remainder

__all__ = ["Gamma"]


@dataclass(frozen=True, eq=False)
class Gamma(Distribution):
    """log p(x) = a log rate + (a - 1) log x - rate x - log Gamma(a) for x >= 0, a the concentration.

    Parameters
    ----------
    concentration, rate : array_like, broadcastable
        Shape a > 0, and inverse scale > 0 in the inverse unit of x. Their broadcast shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If a parameter is not positive and finite.

    Notes
    -----
    At 0 the density is inf for a < 1, rate for a = 1, and 0 for a > 1. The score is nan below 0. The incomplete gamma
    function and its inverse are SciPy's, on the host, where the array library has no accurate one of its own. Draws of
    a tiny concentration may underflow to 0.

    Examples
    --------
    >>> round(float(Gamma(1.0, 2.0).log_prob(3.0)), 12)  # exponential: log 2 - 6
    -5.30685281944
    """

    concentration: Array
    rate: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    support = "positive"

    def __post_init__(self) -> None:
        freeze_parameters(self, "concentration", "rate")
        if self.check:
            check_positive("concentration", self.concentration)
            check_positive("rate", self.rate)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.rate.shape)

    def _aligned(self, x: Array) -> tuple[Any, Array, Array, Array]:
        names = ("x", "concentration", "rate")
        xp, x, a, rate = float_arrays(x, self.concentration, self.rate, names=names)
        return (xp, *xp.broadcast_arrays(x, a, rate))

    def log_prob(self, x: Array) -> Array:
        xp, x, a, rate = self._aligned(x)
        inside = (x >= 0) & (x < xp.inf)
        value = log_poisson_term(a - 1, rate * xp.where(inside, x, xp.ones_like(x)), a) + xp.log(rate)
        return xp.where(inside, value, xp.where(xp.isnan(x), x, xp.full_like(x, -xp.inf)))

    def score(self, x: Array) -> Array:
        xp, x, a, rate = self._aligned(x)
        with numpy.errstate(divide="ignore"):
            slope = xp.where(a == 1, xp.zeros_like(x), (a - 1) / xp.where((a == 1) | (x < 0), xp.ones_like(x), x))
        return xp.where(x >= 0, slope - rate, xp.full_like(x, xp.nan))

    def cdf(self, x: Array) -> Array:
        xp, x, a, rate = self._aligned(x)
        return special(xp).gammainc(a, rate * xp.maximum(x, xp.zeros_like(x)))

    def icdf(self, u: Array) -> Array:
        xp, u, a, rate = quantile_argument(self, u, self.concentration, self.rate)
        u, a, rate = xp.broadcast_arrays(u, a, rate)
        functions, half = special(xp), xp.full_like(u, 0.5)
        # 1 - u is exact for u >= 1/2.
        lower, upper = functions.gammaincinv(a, xp.minimum(u, half)), functions.gammainccinv(a, xp.minimum(1 - u, half))
        return xp.where(u < 0.5, lower, upper) / rate

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.rate)
        draws = as_generator(rng).standard_gamma(to_host(self.concentration), draw_shape(n, self.batch_shape))
        return to_device(draws, xp, **place) / self.rate

    @property
    def mean(self) -> Array:
        return self.concentration / self.rate

    @property
    def variance(self) -> Array:
        return self.concentration / self.rate / self.rate

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.rate)
        a = self.concentration
        # a + log Gamma(a) + (1 - a) digamma(a), the terms of the order a log a taken out.
        return (
            0.5 * xp.log(2 * math.pi * a) + stirling_remainder(a) + (a - 1) * digamma_remainder(a) - xp.log(self.rate)
        )

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        functions = special(numpy)
        return finite_points(
            (
                0.0,
                *quantile_points(
                    lambda a, rate, u: functions.gammaincinv(a, u) / rate,
                    lambda a, rate, u: functions.gammainccinv(a, u) / rate,
                    self.concentration,
                    self.rate,
                ),
            )
        )
