"""The uniform law on an interval."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gamedyn._checks import describe
from gamedyn.backend import Array, float_arrays, host_uniform
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    check_finite,
    draw_shape,
    freeze_parameters,
    hosted,
    place_of,
    quantile_argument,
)

__all__ = ["Uniform"]


@dataclass(frozen=True, eq=False)
class Uniform(Distribution):
    """p(x) = 1 / (high - low) on the closed interval [low, high].

    Parameters
    ----------
    low, high : array_like, broadcastable
        Ends, low < high, in the unit of x. Their broadcast shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If an end is not finite, low >= high, or high - low overflows.

    Notes
    -----
    The score is 0 inside and nan outside, where there is no density.

    Examples
    --------
    >>> float(Uniform(1.0, 5.0).variance)  # 4^2 / 12
    1.3333333333333333
    """

    low: Array
    high: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    support = "interval"

    def __post_init__(self) -> None:
        xp = freeze_parameters(self, "low", "high")
        if self.check:
            check_finite("low", self.low)
            check_finite("high", self.high)
            # Halved, so that the comparison itself cannot overflow.
            half = 0.5 * self.high - 0.5 * self.low
            if not bool(xp.all((self.high > self.low) & (half <= 0.5 * float(xp.finfo(half.dtype).max)))):
                raise ValueError(
                    "`low` must be below `high`, by a finite distance, "
                    f"got low = {describe(self.low)} and high = {describe(self.high)}."
                )

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.low.shape)

    def _with_ends(self, x: Array) -> tuple[Any, Array, Array, Array]:
        xp, x, low, high = float_arrays(x, self.low, self.high, names=("x", "low", "high"))
        return xp, x, low, high

    def log_prob(self, x: Array) -> Array:
        xp, x, low, high = self._with_ends(x)
        inside = (x >= low) & (x <= high)
        return xp.where(inside, -xp.log(high - low), -xp.inf) + xp.where(xp.isnan(x), x, xp.zeros_like(x))

    def score(self, x: Array) -> Array:
        xp, x, low, high = self._with_ends(x)
        flat = xp.zeros_like(x + low)
        return xp.where((x >= low) & (x <= high), flat, flat + xp.nan)

    def cdf(self, x: Array) -> Array:
        xp, x, low, high = self._with_ends(x)
        return (xp.minimum(xp.maximum(x, low), high) - low) / (high - low)

    def icdf(self, u: Array) -> Array:
        xp, u, low, high = quantile_argument(self, u, self.low, self.high)
        # Rounding may pass the end by an ulp.
        return xp.minimum(low + u * (high - low), high)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.low)
        u = host_uniform(rng, draw_shape(n, self.batch_shape), xp, **place)
        return xp.minimum(self.low + u * (self.high - self.low), self.high)

    @property
    def mean(self) -> Array:
        return 0.5 * self.low + 0.5 * self.high

    @property
    def variance(self) -> Array:
        return (self.high - self.low) ** 2 / 12

    @property
    def entropy(self) -> Array:
        xp, _ = place_of(self.low)
        return xp.log(self.high - self.low)

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (min(hosted(self.low)), max(hosted(self.high)))

    def quadrature_points(self) -> tuple[float, ...]:
        return tuple(sorted({*hosted(self.low), *hosted(self.high)}))
