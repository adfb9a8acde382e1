"""The inverse Gaussian law: the first passage of a drifting Brownian motion."""

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
from gamedyn.distributions._tail_ratios import mills_difference, mills_ratio, scaled_exponential_integral

__all__ = ["InverseGaussian"]

# In units of a = sqrt(concentration / x) (x / loc - 1): exp(-a^2 / 2) underflows in double precision at |a| = 38.6.
_STEPS = (-39.0, -16.0, -8.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 39.0)


@dataclass(frozen=True, eq=False)
class InverseGaussian(Distribution):
    """p(x) = sqrt(concentration / (2 pi x^3)) exp(-concentration (x - loc)^2 / (2 loc^2 x)), x > 0.

    Parameters
    ----------
    loc, concentration : array_like, broadcastable
        Mean and shape, both > 0, in the unit of x; the variance is loc^3 / concentration. Their broadcast shape is
        batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If a parameter is not positive and finite.

    Notes
    -----
    With a, b = sqrt(concentration / x) (x / loc -+ 1) the cdf is Phi(a) + e^(2 concentration / loc) Phi(-b). Since
    b^2 - a^2 = 4 concentration / loc, that is phi(a) (R(-a) + R(b)) with the Mills ratio R, where nothing overflows;
    1 - cdf is phi(a) (R(a) - R(b)). Quantiles are found by Newton's method on the logarithm of the smaller tail.

    References
    ----------
    Michael, Schucany and Haas (1976), Generating random variates using transformations with multiple roots.

    Examples
    --------
    >>> float(InverseGaussian(2.0, 4.0).variance)  # loc^3 / concentration
    2.0
    """

    loc: Array
    concentration: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    support = "positive"

    def __post_init__(self) -> None:
        freeze_parameters(self, "loc", "concentration")
        if self.check:
            check_positive("loc", self.loc)
            check_positive("concentration", self.concentration)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.loc.shape)

    def _inner(self, x: Array) -> tuple[Any, Array, Array, Array, Array]:
        """(namespace, x, x with loc in place of what is not in (0, inf), loc, concentration)."""
        names = ("x", "loc", "concentration")
        xp, x, loc, shape = float_arrays(x, self.loc, self.concentration, names=names)
        return xp, x, xp.where((x <= 0) | (x == xp.inf), loc, x), loc, shape

    def log_prob(self, x: Array) -> Array:
        xp, x, inner, loc, shape = self._inner(x)
        with numpy.errstate(over="ignore"):
            a = xp.sqrt(shape / inner) * ((inner - loc) / loc)
            value = 0.5 * xp.log(shape) - 1.5 * xp.log(inner) - 0.5 * a * a - 0.5 * math.log(2 * math.pi)
        return xp.where((x <= 0) | (x == xp.inf), -xp.inf, value)

    def score(self, x: Array) -> Array:
        xp, x, inner, loc, shape = self._inner(x)
        with numpy.errstate(over="ignore"):
            pull = 0.5 * (shape / inner) * ((loc - inner) / loc) * (1 + inner / loc)
            value = (pull - 1.5) / inner
            value = xp.where(x == xp.inf, -0.5 * shape / loc / loc, value)
        return xp.where(x < 0, xp.nan, xp.where(x == 0, xp.inf, value))

    def cdf(self, x: Array) -> Array:
        xp, x, inner, loc, shape = self._inner(x)
        with numpy.errstate(over="ignore", under="ignore"):
            root = xp.sqrt(shape / inner)
            a, b = root * ((inner - loc) / loc), root * (inner / loc + 1)
            density = xp.exp(-0.5 * a * a) / math.sqrt(2 * math.pi)
        near, far = mills_ratio(xp, xp.abs(a)), mills_ratio(xp, b)
        value = xp.where(a > 0, 1 - density * (near - far), density * (near + far))
        return xp.where(x <= 0, 0.0, xp.where(x == xp.inf, 1.0, value))

    def icdf(self, u: Array) -> Array:
        xp, u, loc, shape = quantile_argument(self, u, self.loc, self.concentration)
        eps, tiny = float(xp.finfo(u.dtype).eps), float(xp.finfo(u.dtype).smallest_normal)
        level = xp.minimum(xp.maximum(u, xp.full_like(u, tiny)), xp.full_like(u, 1 - eps / 2))
        t = _log_quantile(xp, level, shape / loc)
        with numpy.errstate(over="ignore"):
            value = loc * xp.exp(t)
        return xp.where(u == 0, 0.0, xp.where(u == 1, xp.inf, value))

    def sample(self, n: int, *, rng: Any = None) -> Array:
        """Draw a root of concentration (x - loc)^2 / (loc^2 x) = N^2, N normal; see `Distribution.sample`."""
        xp, place = place_of(self.loc)
        rng, shape = as_generator(rng), draw_shape(n, self.batch_shape)
        half = to_device(0.5 * rng.standard_normal(shape) ** 2, xp, **place) * (self.loc / self.concentration)
        # The smaller root in units of loc, 1 + h - sqrt(h (2 + h)); the other one is its inverse.
        root = 1 / (1 + half + xp.sqrt(half) * xp.sqrt(2 + half))
        smaller = to_device(rng.random(shape), xp, **place) * (1 + root) <= 1
        return self.loc * xp.where(smaller, root, 1 / root)

    @property
    def mean(self) -> Array:
        return self.loc

    @property
    def variance(self) -> Array:
        return self.loc**2 * (self.loc / self.concentration)

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.loc)
        # E log(x / loc) = -e^y E1(y).
        spread = 1.5 * scaled_exponential_integral(xp, 2 * (self.concentration / self.loc))
        return 1.5 * xp.log(self.loc) - 0.5 * xp.log(self.concentration) + 0.5 * (1 + math.log(2 * math.pi)) - spread

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        pairs = zip(hosted(self.loc), hosted(self.concentration), strict=True)
        logs = (
            [math.log(loc) + 2 * math.asinh(0.5 * a / math.sqrt(shape / loc)) for a in _STEPS] for loc, shape in pairs
        )
        return finite_points([0.0, *(x for row in logs for x in geometric_points(row))])


def _log_quantile(xp: Any, u: Array, ratio: Array) -> Array:
    """t = log(x / loc) where the cdf is u, 0 < u < 1; then a, b = 2 sqrt(ratio) (sinh, cosh)(t / 2)."""
    width = 2 * xp.sqrt(ratio) + xp.zeros_like(u)
    left = u < 0.5
    # Phi(a) <= cdf <= 2 Phi(a): a point further out. The density of log X is log-concave, and so are both tails of its
    # law: Newton's iterates on their logarithms approach from there.
    t = 2 * xp.asinh(special(xp).ndtri(xp.where(left, 0.5 * u, u)) / width)
    target = xp.where(left, xp.log(u), log_survival(u))
    # Each step doubles the digits: 8 are enough for every ratio from 1e-30 to 1e30.
    for _ in range(10):
        a, b = width * xp.sinh(0.5 * t), width * xp.cosh(0.5 * t)
        gap = width * xp.exp(-0.5 * t)
        # The tail in units of phi(a). Left of the median, a < 0; right of it, a > -0.68.
        tail = mills_ratio(xp, xp.abs(a)) + mills_ratio(xp, b)
        tail = xp.where(left, tail, mills_difference(xp, xp.where(left, xp.zeros_like(a), a), gap))
        excess = xp.log(tail) - 0.5 * a * a - 0.5 * math.log(2 * math.pi) - target
        # dcdf / dt = phi(a) (1 - a / b) b / 2.
        t = t - xp.where(left, excess, -excess) * tail / (0.5 * gap)
    return t
