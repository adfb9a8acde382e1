"""Two lists of masses side by side, with their sum, difference and log-ratio free of cancellation and overflow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gamedyn.backend import Array
from gamedyn.divergences._quiet import exponential

__all__ = ["Pair"]


@dataclass(frozen=True, eq=False)
class Pair:
    """p and q, elementwise; every divergence is a sum of terms in these quantities.

    Given masses, the log-ratio is the log of the ratio. Given logarithms too, they decide which masses are zero, so
    that a mass that underflows is not taken for an empty outcome.

    Parameters
    ----------
    xp : module
        Namespace of the arrays.
    p, q : array
        Masses or densities, finite and non-negative, of any common shape.
    log_p, log_q : array, optional
        Their logarithms, -inf allowed.
    given_difference : array, optional
        p - q where it is known better than by subtraction.
    """

    xp: Any
    p: Array
    q: Array
    log_p: Array | None = None
    log_q: Array | None = None
    given_difference: Array | None = None

    @classmethod
    def of_proportions(cls, xp: Any, p: Array, q: Array, p_sum: Array, q_sum: Array, excess: Array) -> Pair:
        """The pair of p / p_sum and q / q_sum; `excess` is the sum of p - q."""
        # Rounding the quotients first would leave an error of eps in their difference. Where the sums are alike, that
        # of the masses themselves has none: p / a - q / b = [(p - q) - q (a - b) / b] / a.
        excess = excess / q_sum
        alike = xp.abs(excess) < 0.5
        share_p, share_q = p / p_sum, q / q_sum
        close = ((p - q) - xp.where(alike, excess, 0.0) * q) / p_sum
        return cls(xp, share_p, share_q, given_difference=xp.where(alike, close, share_p - share_q))

    @classmethod
    def of_logarithms(cls, xp: Any, log_p: Array, log_q: Array) -> Pair:
        """The pair of exp(log_p) and exp(log_q)."""
        return cls(xp, exponential(xp, log_p), exponential(xp, log_q), log_p, log_q)

    @classmethod
    def of_unnormalized_logarithms(
        cls, xp: Any, log_p: Array, log_q: Array, log_p_sum: Array, log_q_sum: Array
    ) -> Pair:
        """The pair of exp(log_p - log_p_sum) and exp(log_q - log_q_sum)."""
        return cls.of_logarithms(xp, log_p - log_p_sum, log_q - log_q_sum)

    @property
    def swapped(self) -> Pair:
        """The pair (q, p)."""
        difference = None if self.given_difference is None else -self.given_difference
        return Pair(self.xp, self.q, self.p, self.log_q, self.log_p, difference)

    @cached_property
    def p_positive(self) -> Array:
        """Where p > 0."""
        return self.p > 0 if self.log_p is None else self.log_p > -math.inf

    @cached_property
    def q_positive(self) -> Array:
        """Where q > 0."""
        return self.q > 0 if self.log_q is None else self.log_q > -math.inf

    @cached_property
    def total(self) -> Array:
        """p + q."""
        return self.p + self.q

    @cached_property
    def difference(self) -> Array:
        """p - q."""
        if self.given_difference is not None:
            return self.given_difference
        # exp(log_p) - exp(log_q) would cancel where the two are close; tanh(v / 2) = (p - q) / (p + q) does not.
        return self.p - self.q if self.log_p is None else self.total * self.contrast

    @cached_property
    def contrast(self) -> Array:
        """(p - q) / (p + q) = tanh(log_ratio / 2), in [-1, 1]; 0 where both are 0."""
        xp = self.xp
        if self.log_p is None or self.given_difference is not None:
            return self.difference / xp.where(self.total > 0, self.total, 1.0)
        one_sided = xp.where(self.p_positive, 1.0, xp.where(self.q_positive, -1.0, xp.zeros_like(self.p)))
        return xp.where(self.p_positive & self.q_positive, xp.tanh(self.log_ratio / 2), one_sided)

    @cached_property
    def log_ratio(self) -> Array:
        """log(p / q), 0 where either is 0."""
        xp, both = self.xp, self.p_positive & self.q_positive
        if self.log_p is not None:
            return xp.where(both, self.log_p, 0.0) - xp.where(both, self.log_q, 0.0)
        # The smaller over the larger cannot overflow. Where it would underflow, the smaller is scaled up first: the
        # difference of two logarithms would be off by eps |log p|.
        p_smaller = self.p < self.q
        small = xp.where(both, xp.where(p_smaller, self.p, self.q), 1.0)
        large = xp.where(both, xp.where(p_smaller, self.q, self.p), 1.0)
        tiny = float(xp.finfo(small.dtype).smallest_normal)
        faint = small < large * tiny
        size = xp.log(xp.where(faint, xp.where(faint, small, tiny) / tiny, small) / large) + xp.where(
            faint, math.log(tiny), xp.zeros_like(small)
        )
        return xp.where(p_smaller, size, -size)

    @cached_property
    def scaled_difference(self) -> Array:
        """(p - q) / sqrt(q), 0 where q is 0 and inf where it overflows."""
        xp = self.xp
        limit = math.sqrt(float(xp.finfo(self.p.dtype).max))
        if self.log_p is None:
            return self.difference / xp.sqrt(xp.where(self.q_positive, self.q, 1.0))
        both = self.p_positive & self.q_positive
        v, log_q = self.log_ratio, xp.where(self.q_positive, self.log_q, 0.0)
        # sqrt(q) (e^v - 1), with the larger of the two exponentials in front of a bounded factor.
        exponent = xp.where(both & (v > 0), v + log_q / 2, log_q / 2)
        size = xp.where(exponent < math.log(limit), xp.exp(xp.where(exponent < math.log(limit), exponent, 0.0)), limit)
        factor = xp.where(both, -xp.expm1(-xp.abs(v)), 1.0)
        value = xp.where(self.q_positive, xp.where(both & (v > 0), size * factor, -size * factor), 0.0)
        if self.given_difference is None:
            return value
        near = (xp.abs(self.contrast) < 0.5) & (self.q > float(xp.finfo(self.q.dtype).smallest_normal))
        return xp.where(near, self.given_difference / xp.sqrt(xp.where(near, self.q, 1.0)), value)
