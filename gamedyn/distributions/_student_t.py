"""Student's t law on the line."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, as_generator, float_arrays, special, to_device, to_host
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    check_finite,
    draw_shape,
    freeze_parameters,
    place_of,
    quantile_argument,
    spread_points,
)
from gamedyn.numerics import betaln, digamma_difference, gammaln_difference

__all__ = ["StudentT"]

# From 1024 scales on, the density of few degrees of freedom is a power series in 1 / x; that of many has underflowed.
_UPPER = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0, 1024.0)
_STEPS = (*(-step for step in reversed(_UPPER)), 0.0, *_UPPER)


@dataclass(frozen=True, eq=False)
class StudentT(Distribution):
    """p(x) = (1 + z^2 / df)^(-(df + 1) / 2) / (scale sqrt(df) B(df / 2, 1 / 2)), z = (x - loc) / scale.

    Parameters
    ----------
    df, loc, scale : array_like, broadcastable
        Degrees of freedom > 0; median, and scale > 0, in the unit of x. Their broadcast shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If a parameter is not finite, or `df` or `scale` is not positive.

    Notes
    -----
    The mean is nan (undefined) for df <= 1; the variance is nan for df <= 1 and inf for 1 < df <= 2. The incomplete
    beta function and its inverse are SciPy's, on the host, where the array library has none of its own; both tails of
    the quantile, and the lower tail of the cdf, keep their relative precision.

    Examples
    --------
    >>> float(StudentT(1.0, 0.0, 1.0).cdf(0.0))
    0.5
    """

    df: Array
    loc: Array = 0.0
    scale: Array = 1.0
    check: bool = field(default=True, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        freeze_parameters(self, "df", "loc", "scale")
        if self.check:
            check_positive("df", self.df)
            check_finite("loc", self.loc)
            check_positive("scale", self.scale)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.df.shape)

    def _standardized(self, x: Array) -> tuple[Any, Array, Array, Array]:
        """The namespace, q = z / sqrt(df), df and scale."""
        names = ("x", "df", "loc", "scale")
        xp, x, df, loc, scale = float_arrays(x, self.df, self.loc, self.scale, names=names)
        return (xp, *xp.broadcast_arrays((x - loc) / scale / xp.sqrt(df), df, scale))

    def log_prob(self, x: Array) -> Array:
        xp, q, df, scale = self._standardized(x)
        size, one = xp.abs(q), xp.ones_like(q)
        # log(1 + q^2) = 2 log|q| + log(1 + 1 / q^2), which does not overflow.
        far = size > 1
        inner = xp.where(far, 1 / xp.where(far, q, one), q)
        excess = xp.log1p(inner * inner) + 2 * xp.log(xp.where(far, size, one))
        constant = gammaln_difference(0.5 * df, 0.5) - 0.5 * xp.log(math.pi * df)
        return constant - xp.log(scale) - 0.5 * (df + 1) * excess

    def score(self, x: Array) -> Array:
        xp, q, df, scale = self._standardized(x)
        far = xp.abs(q) > 1
        inner = xp.where(far, 1 / xp.where(far, q, xp.ones_like(q)), q)
        return -(df + 1) / xp.sqrt(df) * inner / (1 + inner * inner) / scale

    def cdf(self, x: Array) -> Array:
        xp, q, df, _ = self._standardized(x)
        far, one = xp.abs(q) > 1, xp.ones_like(q)
        inner = xp.where(far, 1 / xp.where(far, q, one), q)
        # The smaller of q^2 / (1 + q^2) and 1 / (1 + q^2): its complement would lose digits.
        share, half = inner * inner / (1 + inner * inner), 0.5 * one
        functions = special(xp)
        outer = functions.betainc(0.5 * df, half, xp.where(far, share, half))
        tail = 0.5 * xp.where(far, outer, functions.betaincc(half, 0.5 * df, xp.where(far, half, share)))
        return xp.where(q < 0, tail, 1 - tail)

    def icdf(self, u: Array) -> Array:
        xp, u, df, loc, scale = quantile_argument(self, u, self.df, self.loc, self.scale)
        u, df, loc, scale = xp.broadcast_arrays(u, df, loc, scale)
        functions, half = special(xp), xp.full_like(u, 0.5)
        # 1 - u is exact for u >= 1/2, and 1 - tail for tail >= 1/2; share = z^2 / (df + z^2).
        tail = 2 * xp.minimum(u, 1 - u)
        central = functions.betaincinv(half, 0.5 * df, xp.minimum(1 - tail, half))
        share = xp.where(tail > 0.5, central, functions.betainccinv(half, 0.5 * df, xp.minimum(tail, half)))
        rest = xp.where(share < 0.5, 1 - share, functions.betaincinv(0.5 * df, half, tail))
        with numpy.errstate(divide="ignore", over="ignore"):
            size = xp.sqrt(df) * xp.sqrt(share) / xp.sqrt(rest)
        return loc + scale * xp.where(u < 0.5, -size, size)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.loc)
        draws = as_generator(rng).standard_t(to_host(self.df), draw_shape(n, self.batch_shape))
        return self.loc + self.scale * to_device(draws, xp, **place)

    @property
    def mean(self) -> Array:
        xp, _ = place_of(self.loc)
        return xp.where(self.df > 1, self.loc, xp.full_like(self.loc, xp.nan))

    @property
    def variance(self) -> Array:
        xp, _ = place_of(self.loc)
        finite = self.df > 2
        ratio = self.df / xp.where(finite, self.df - 2, xp.ones_like(self.df))
        edge = xp.where(self.df > 1, xp.full_like(self.df, xp.inf), xp.full_like(self.df, xp.nan))
        return xp.where(finite, self.scale * self.scale * ratio, edge)

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.loc)
        half = 0.5 * self.df
        normaliser = 0.5 * xp.log(self.df) + betaln(half, xp.full_like(half, 0.5)) + xp.log(self.scale)
        return (half + 0.5) * digamma_difference(half, 0.5) + normaliser

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (-math.inf, math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        return spread_points(self.loc, self.scale, _STEPS)
