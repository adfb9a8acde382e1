"""The inverse gamma law on the half-line."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, as_generator, float_arrays, special, to_device, to_host
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._log_terms import log_poisson_term
from gamedyn.distributions._parameters import (
    draw_shape,
    finite_points,
    freeze_parameters,
    hosted,
    place_of,
    quantile_argument,
)
from gamedyn.distributions._quantiles import quantile_points
from gamedyn.numerics import digamma_remainder, stirling_remainder

__all__ = ["InverseGamma"]


@dataclass(frozen=True, eq=False)
class InverseGamma(Distribution):
    """log p(x) = a log rate - (a + 1) log x - rate / x - log Gamma(a) for x > 0, a the concentration.

    The law of 1 / X for X of the law Gamma(concentration, rate).

    Parameters
    ----------
    concentration, rate : array_like, broadcastable
        Shape a > 0, and the rate > 0 of 1 / X, which is a scale in the unit of x. Their broadcast shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If a parameter is not positive and finite.

    Notes
    -----
    The mean is inf for a <= 1, the variance for a <= 2. The density is 0 at 0, and the score is nan below. The
    incomplete gamma function and its inverse are SciPy's, on the host, where the array library has none of its own.

    Examples
    --------
    >>> float(InverseGamma(3.0, 4.0).mean)  # rate / (a - 1)
    2.0
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

    def _aligned(self, x: Array) -> tuple[Any, Array, Array, Array, Array]:
        """The namespace, x, a, rate and rate / x, taken at 1 where there is no density."""
        names = ("x", "concentration", "rate")
        xp, x, a, rate = float_arrays(x, self.concentration, self.rate, names=names)
        x, a, rate = xp.broadcast_arrays(x, a, rate)
        with numpy.errstate(over="ignore"):
            return xp, x, a, rate, rate / xp.where((x > 0) & (x < xp.inf), x, xp.ones_like(x))

    def log_prob(self, x: Array) -> Array:
        xp, x, a, _, inverse = self._aligned(x)
        inside = (x > 0) & (x < xp.inf) & (inverse < xp.inf)
        one = xp.ones_like(x)
        terms = log_poisson_term(a, xp.where(inside, inverse, one), a + 1)
        value = terms + xp.log(a) - xp.log(xp.where(inside, x, one))
        return xp.where(inside, value, xp.where(xp.isnan(x), x, xp.full_like(x, -xp.inf)))

    def score(self, x: Array) -> Array:
        xp, x, a, _, inverse = self._aligned(x)
        with numpy.errstate(divide="ignore", over="ignore"):
            slope = (inverse - (a + 1)) / xp.where(x > 0, x, xp.ones_like(x))
        edge = xp.where(x == 0, xp.full_like(x, xp.inf), xp.full_like(x, xp.nan))
        return xp.where(x > 0, slope, edge)

    def cdf(self, x: Array) -> Array:
        xp, x, a, _, inverse = self._aligned(x)
        value = special(xp).gammaincc(a, inverse)
        return xp.where(x > 0, xp.where(x == xp.inf, xp.ones_like(x), value), xp.where(xp.isnan(x), x, 0 * value))

    def icdf(self, u: Array) -> Array:
        xp, u, a, rate = quantile_argument(self, u, self.concentration, self.rate)
        u, a, rate = xp.broadcast_arrays(u, a, rate)
        functions, half = special(xp), xp.full_like(u, 0.5)
        # 1 - u is exact for u >= 1/2.
        lower, upper = functions.gammainccinv(a, xp.minimum(u, half)), functions.gammaincinv(a, xp.minimum(1 - u, half))
        with numpy.errstate(divide="ignore", over="ignore"):
            return rate / xp.where(u < 0.5, lower, upper)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.rate)
        draws = as_generator(rng).standard_gamma(to_host(self.concentration), draw_shape(n, self.batch_shape))
        with numpy.errstate(divide="ignore", over="ignore"):
            return self.rate / to_device(draws, xp, **place)

    @property
    def mean(self) -> Array:
        xp, _ = place_of(self.rate)
        excess = self.concentration - 1
        finite = excess > 0
        return xp.where(
            finite, self.rate / xp.where(finite, excess, xp.ones_like(excess)), xp.full_like(excess, xp.inf)
        )

    @property
    def variance(self) -> Array:
        xp, _ = place_of(self.rate)
        excess = self.concentration - 2
        finite = excess > 0
        ratio = self.rate / (self.concentration - xp.where(finite, xp.ones_like(excess), -xp.ones_like(excess)))
        value = ratio * ratio / xp.where(finite, excess, xp.ones_like(excess))
        return xp.where(finite, value, xp.full_like(excess, xp.inf))

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.rate)
        a = self.concentration
        # a + log Gamma(a) - (1 + a) digamma(a), the terms of the order a log a taken out.
        main = 0.5 * math.log(2 * math.pi) - 1.5 * xp.log(a) + stirling_remainder(a)
        return main + (a + 1) * digamma_remainder(a) + xp.log(self.rate)

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        functions = special(numpy)
        with numpy.errstate(divide="ignore", over="ignore"):
            points = quantile_points(
                lambda a, rate, u: rate / functions.gammainccinv(a, u),
                lambda a, rate, u: rate / functions.gammaincinv(a, u[-4:]),
                self.concentration,
                self.rate,
            )
        # The upper tail is a power law, which has set in when x is far above the median, near rate / a.
        rates, shapes = hosted(self.rate), hosted(self.concentration)
        tail = (b / a * 4.0**k for a, b in zip(shapes, rates, strict=True) for k in range(9))
        return finite_points((0.0, *points, *tail))
