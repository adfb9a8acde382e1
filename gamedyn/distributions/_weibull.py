"""The Weibull law on the half-line."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, as_generator, float_arrays, special, to_device
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    draw_shape,
    finite_points,
    freeze_parameters,
    geometric_points,
    hosted,
    log_survival,
    place_of,
    quantile_argument,
)
from gamedyn.numerics import xlogy

__all__ = ["Weibull"]

# In units of (x / scale)^concentration, an exponential variable: e^-745 underflows; below, a power of x.
_STEPS = (1e-18, 1e-12, 1e-8, 1e-5, 1e-3, 0.02, 0.1, 0.3, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 75.0, 200.0, 745.0)
# zeta(n) (2^n - 2) / n: log Gamma(1 + 2y) - 2 log Gamma(1 + y) = sum over n >= 2 of these times (-y)^n.
_ZETA = (
    1.6449340668482264, 1.2020569031595943, 1.0823232337111382, 1.0369277551433699, 1.0173430619844491,
    1.0083492773819228, 1.0040773561979443, 1.0020083928260822, 1.0009945751278181, 1.0004941886041195,
    1.000246086553308, 1.0001227133475785, 1.0000612481350587, 1.0000305882363070,
)  # fmt: skip
_SERIES = tuple(zeta * (2**n - 2) / n for n, zeta in enumerate(_ZETA, start=2))


@dataclass(frozen=True, eq=False)
class Weibull(Distribution):
    """log p(x) = log(concentration / scale) + (concentration - 1) log z - z^concentration, z = x / scale, x >= 0.

    Parameters
    ----------
    scale, concentration : array_like, broadcastable
        Both > 0; scale in the unit of x, concentration a pure number. Their broadcast shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If a parameter is not positive and finite.

    Notes
    -----
    At x = 0 the density is inf for concentration < 1, 1 / scale for 1, and 0 above; score is its limit from the right.

    Examples
    --------
    >>> float(Weibull(2.0, 0.5).mean)  # scale Gamma(1 + 1/0.5)
    4.0
    """

    scale: Array
    concentration: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    support = "positive"

    def __post_init__(self) -> None:
        freeze_parameters(self, "scale", "concentration")
        if self.check:
            check_positive("scale", self.scale)
            check_positive("concentration", self.concentration)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.scale.shape)

    def _floats(self, x: Array) -> tuple[Any, Array, Array, Array]:
        names = ("x", "scale", "concentration")
        xp, x, scale, power = float_arrays(x, self.scale, self.concentration, names=names)
        return xp, x, scale, power

    def log_prob(self, x: Array) -> Array:
        xp, x, scale, power = self._floats(x)
        outside = (x < 0) | (x == xp.inf)
        inner = xp.where(outside, scale, x)
        with numpy.errstate(over="ignore", under="ignore"):
            z = inner / scale
            # Where z over- or underflows its logarithm does not, nor need its power.
            tiny = float(xp.finfo(z.dtype).smallest_normal)
            extreme = (z == xp.inf) | ((z < tiny) & (inner > 0))
            logs = xp.log(xp.where(extreme, inner, xp.ones_like(z))) - xp.log(xp.where(extreme, scale, xp.ones_like(z)))
            safe = xp.where(extreme, xp.ones_like(z), z)
            exponents = xp.where(extreme, (power - 1) * logs, xlogy(power - 1, safe))
            value = exponents - xp.where(extreme, xp.exp(power * logs), safe**power) + (xp.log(power) - xp.log(scale))
        return xp.where(outside, -xp.inf, value)

    def score(self, x: Array) -> Array:
        xp, x, scale, power = self._floats(x)
        with numpy.errstate(over="ignore", divide="ignore"):
            z = xp.where(x > 0, x, scale) / scale
            inside = ((power - 1) / z - power * z ** (power - 1)) / scale
        at_zero = xp.where(power > 1, xp.inf, xp.where(power < 1, -xp.inf, -1 / scale))
        value = xp.where(x == 0, at_zero, inside)
        return xp.where(x < 0, xp.nan, value) + xp.where(xp.isnan(x), x, xp.zeros_like(x))

    def cdf(self, x: Array) -> Array:
        xp, x, scale, power = self._floats(x)
        with numpy.errstate(over="ignore"):
            return -xp.expm1(-((xp.maximum(x, xp.zeros_like(x)) / scale) ** power))

    def icdf(self, u: Array) -> Array:
        _, u, scale, power = quantile_argument(self, u, self.scale, self.concentration)
        with numpy.errstate(over="ignore"):
            return scale * (-log_survival(u)) ** (1 / power)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.scale)
        draws = as_generator(rng).standard_exponential(draw_shape(n, self.batch_shape))
        return self.scale * to_device(draws, xp, **place) ** (1 / self.concentration)

    @property
    def mean(self) -> Array:
        xp, _ = place_of(self.scale)
        with numpy.errstate(over="ignore"):
            return self.scale * xp.exp(special(xp).gammaln(1 + 1 / self.concentration))

    @property
    def variance(self) -> Array:
        """scale^2 (Gamma(1 + 2y) - Gamma(1 + y)^2), y = 1 / concentration; see `Distribution.variance`."""
        xp, _ = place_of(self.scale)
        y, gammaln = 1 / self.concentration, special(xp).gammaln
        small = y < 0.05
        series = xp.zeros_like(y)
        for coefficient in reversed(_SERIES):
            series = coefficient - xp.where(small, y, xp.zeros_like(y)) * series
        # The logarithm of Gamma(1 + 2y) / Gamma(1 + y)^2, whose two terms cancel as y goes to 0.
        excess = xp.where(small, y * y * series, gammaln(1 + 2 * y) - 2 * gammaln(1 + y))
        with numpy.errstate(over="ignore"):
            return self.mean**2 * xp.expm1(excess)

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.scale)
        y = 1 / self.concentration
        return numpy.euler_gamma * (1 - y) + xp.log(self.scale) + xp.log(y) + 1

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        pairs = list(zip(hosted(self.scale), hosted(self.concentration), strict=True))
        logs = ([math.log(a) + math.log(step) / power for step in _STEPS] for a, power in pairs)
        return finite_points([0.0, *(x for row in logs for x in geometric_points(row))])
