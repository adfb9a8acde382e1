"""The Pareto law: a power of x from a threshold on."""

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
    finite_points,
    freeze_parameters,
    geometric_points,
    hosted,
    log_survival,
    place_of,
    quantile_argument,
)

__all__ = ["Pareto"]

# alpha log(x / scale) is an exponential variable, whose e^-745 underflows.
_STEPS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 75.0, 200.0, 745.0)


@dataclass(frozen=True, eq=False)
class Pareto(Distribution):
    """p(x) = alpha scale^alpha / x^(alpha + 1) for x >= scale.

    Parameters
    ----------
    scale, alpha : array_like, broadcastable
        Both > 0: threshold, in the unit of x, and exponent. Their broadcast shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If a parameter is not positive and finite.

    Notes
    -----
    The mean is inf for alpha <= 1, the variance for alpha <= 2.

    Examples
    --------
    >>> float(Pareto(2.0, 3.0).mean)  # alpha scale / (alpha - 1)
    3.0
    """

    scale: Array
    alpha: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    support = "interval"

    def __post_init__(self) -> None:
        freeze_parameters(self, "scale", "alpha")
        if self.check:
            check_positive("scale", self.scale)
            check_positive("alpha", self.alpha)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.scale.shape)

    def _log_ratio(self, x: Array) -> tuple[Any, Array, Array, Array, Array]:
        """(namespace, x, log(x / scale) with 0 below the threshold, scale, alpha)."""
        xp, x, scale, alpha = float_arrays(x, self.scale, self.alpha, names=("x", "scale", "alpha"))
        bounded = xp.where(x < scale, scale, x)
        with numpy.errstate(over="ignore"):
            excess = (bounded - scale) / scale
        over = excess == xp.inf
        # x - scale is exact up to twice the threshold.
        ratio = xp.log1p(xp.where(over, xp.zeros_like(excess), excess))
        return xp, x, xp.where(over, xp.log(bounded) - xp.log(scale), ratio), scale, alpha

    def log_prob(self, x: Array) -> Array:
        xp, x, ratio, scale, alpha = self._log_ratio(x)
        return xp.where(x < scale, -xp.inf, xp.log(alpha) - xp.log(scale) - (alpha + 1) * ratio)

    def score(self, x: Array) -> Array:
        xp, x, scale, alpha = float_arrays(x, self.scale, self.alpha, names=("x", "scale", "alpha"))
        below = x < scale
        return xp.where(below, xp.nan, -(alpha + 1) / xp.where(below, scale, x))

    def cdf(self, x: Array) -> Array:
        xp, _, ratio, _, alpha = self._log_ratio(x)
        return -xp.expm1(-alpha * ratio)

    def icdf(self, u: Array) -> Array:
        xp, u, scale, alpha = quantile_argument(self, u, self.scale, self.alpha)
        with numpy.errstate(over="ignore"):
            return scale * xp.exp(-log_survival(u) / alpha)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.scale)
        draws = as_generator(rng).standard_exponential(draw_shape(n, self.batch_shape))
        with numpy.errstate(over="ignore"):
            return self.scale * xp.exp(to_device(draws, xp, **place) / self.alpha)

    @property
    def mean(self) -> Array:
        xp, _ = place_of(self.scale)
        exists = self.alpha > 1
        gap = xp.where(exists, self.alpha - 1, xp.ones_like(self.alpha))
        return xp.where(exists, self.scale * (self.alpha / gap), xp.inf)

    @property
    def variance(self) -> Array:
        xp, _ = place_of(self.scale)
        exists = self.alpha > 2
        alpha = xp.where(exists, self.alpha, 3 * xp.ones_like(self.alpha))
        return xp.where(exists, (self.scale / (alpha - 1)) ** 2 * (alpha / (alpha - 2)), xp.inf)

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.scale)
        return xp.log(self.scale) - xp.log(self.alpha) + (1 + 1 / self.alpha)

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (min(hosted(self.scale)), math.inf)

    def quadrature_points(self) -> tuple[float, ...]:
        scales = hosted(self.scale)
        pairs = zip(scales, hosted(self.alpha), strict=True)
        logs = ([math.log(a) + step / alpha for step in _STEPS] for a, alpha in pairs)
        return finite_points([*scales, *(x for row in logs for x in geometric_points(row[1:]))])
