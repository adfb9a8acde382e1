"""The beta law on [0, 1]."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, as_generator, float_arrays, special, to_device, to_host
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._log_terms import log_binomial_term
from gamedyn.distributions._parameters import draw_shape, finite_points, freeze_parameters, place_of, quantile_argument
from gamedyn.distributions._quantiles import quantile_points
from gamedyn.numerics import betaln, digamma_remainder, stirling_remainder, xlogy

__all__ = ["Beta"]

# From here on, in both parameters, the normaliser and the powers cancel to a deviance.
_LARGE = 10.0


@dataclass(frozen=True, eq=False)
class Beta(Distribution):
    """log p(x) = (a - 1) log x + (b - 1) log(1 - x) - log B(a, b) on [0, 1].

    Parameters
    ----------
    concentration1, concentration0 : array_like, broadcastable
        The shapes a > 0, at the end 1, and b > 0, at the end 0: the mean is a / (a + b). Their broadcast shape is
        batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If a parameter is not positive and finite.

    Notes
    -----
    The density at an end is inf where its parameter is below 1. The score is nan outside [0, 1]. The incomplete beta
    function and its inverse are SciPy's, on the host, where the array library has none of its own.

    Examples
    --------
    >>> float(Beta(3.0, 1.0).cdf(0.5))  # x^3
    0.125
    """

    concentration1: Array
    concentration0: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    support = "interval"

    def __post_init__(self) -> None:
        freeze_parameters(self, "concentration1", "concentration0")
        if self.check:
            check_positive("concentration1", self.concentration1)
            check_positive("concentration0", self.concentration0)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.concentration1.shape)

    def _aligned(self, x: Array) -> tuple[Any, Array, Array, Array]:
        names = ("x", "concentration1", "concentration0")
        xp, x, a, b = float_arrays(x, self.concentration1, self.concentration0, names=names)
        return (xp, *xp.broadcast_arrays(x, a, b))

    def log_prob(self, x: Array) -> Array:
        xp, x, a, b = self._aligned(x)
        inside, half = (x >= 0) & (x <= 1), xp.full_like(x, 0.5)
        y = xp.where(inside, x, half)
        # log(1 - x): 1 - x is exact from 1/2 on.
        above = xlogy(b - 1, xp.where(y < 0.5, half, 1 - y))
        direct = xlogy(a - 1, y) + xp.where(y < 0.5, (b - 1) * xp.log1p(-xp.minimum(y, half)), above) - betaln(a, b)
        large = (a >= _LARGE) & (b >= _LARGE) & (y > 0) & (y < 1)
        ten, z = xp.full_like(x, _LARGE), xp.where(large, y, half)
        a, b = xp.where(large, a, ten), xp.where(large, b, ten)
        log_z, log_rest = xp.log(z), xp.log1p(-z)
        # f(x) x (1 - x) = a b / (a + b) times a binomial term of real counts.
        term = log_binomial_term(a, b, z, 1 - z, log_z, log_rest)
        value = xp.where(large, term + xp.log(a) + xp.log(b / (a + b)) - log_z - log_rest, direct)
        return xp.where(inside, value, xp.where(xp.isnan(x), x, xp.full_like(x, -xp.inf)))

    def score(self, x: Array) -> Array:
        xp, x, a, b = self._aligned(x)
        inside = (x >= 0) & (x <= 1)
        slope = _over(xp, a - 1, xp.where(inside, x, 0.5 * a)) - _over(xp, b - 1, xp.where(inside, 1 - x, 0.5 * b))
        return xp.where(inside, slope, xp.full_like(x, xp.nan))

    def cdf(self, x: Array) -> Array:
        xp, x, a, b = self._aligned(x)
        return special(xp).betainc(a, b, xp.minimum(xp.maximum(x, xp.zeros_like(x)), xp.ones_like(x)))

    def icdf(self, u: Array) -> Array:
        xp, u, a, b = quantile_argument(self, u, self.concentration1, self.concentration0)
        u, a, b = xp.broadcast_arrays(u, a, b)
        functions, half = special(xp), xp.full_like(u, 0.5)
        # 1 - u is exact for u >= 1/2.
        lower, upper = (
            functions.betaincinv(a, b, xp.minimum(u, half)),
            functions.betainccinv(a, b, xp.minimum(1 - u, half)),
        )
        return xp.where(u < 0.5, lower, upper)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.concentration1)
        shapes = to_host(self.concentration1), to_host(self.concentration0)
        return to_device(as_generator(rng).beta(*shapes, draw_shape(n, self.batch_shape)), xp, **place)

    @property
    def mean(self) -> Array:
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def variance(self) -> Array:
        total = self.concentration1 + self.concentration0
        return self.concentration1 / total * (self.concentration0 / total) / (total + 1)

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.concentration1)
        a, b = self.concentration1, self.concentration0
        n = a + b
        # log B(a, b) - (a - 1) digamma(a) - (b - 1) digamma(b) + (n - 2) digamma(n), its large terms taken out.
        main = 0.5 * (math.log(2 * math.pi) + xp.log(a / n) + xp.log(b / n) - xp.log(n))
        remainders = stirling_remainder(a) + stirling_remainder(b) - stirling_remainder(n)
        slopes = (a - 1) * digamma_remainder(a) + (b - 1) * digamma_remainder(b) - (n - 2) * digamma_remainder(n)
        return main + remainders + slopes

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, 1.0)

    def quadrature_points(self) -> tuple[float, ...]:
        functions = special(numpy)
        points = quantile_points(functions.betaincinv, functions.betainccinv, self.concentration1, self.concentration0)
        return finite_points((0.0, 1.0, *points))


def _over(xp: Any, numerator: Array, x: Array) -> Array:
    """numerator / x, with 0 / 0 = 0."""
    flat = numerator == 0
    with numpy.errstate(divide="ignore"):
        return xp.where(flat, xp.zeros_like(x), numerator / xp.where(flat, xp.ones_like(x), x))
