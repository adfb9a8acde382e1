"""The segment between two laws of one exponential family, and what its KL gives: Renyi, Bhattacharyya, Chernoff."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

from gamedyn.backend import Array

__all__ = ["Segment", "chernoff", "renyi", "renyi_of_small_order"]


class Segment(ABC):
    """The laws with natural parameters (1 - s) theta_p + s theta_q: p^(1 - s) q^s, normalised.

    For 0 < a < 1, with m the law at s = 1 - a,
    -log integral p^a q^(1 - a) = a A(theta_p) + (1 - a) A(theta_q) - A(theta_m) = a KL(m, p) + (1 - a) KL(m, q).
    For a > 1, p lies between m and q, and log integral p^a q^(1 - a) = KL(p, m) + (a - 1) KL(p, q). Neither cancels if
    KL does not; so the family gives KL between two points of the line, from their distance along it.
    """

    xp: Any

    @abstractmethod
    def kl(self, s: Any, e: Any, t: Any) -> Array:
        """KL of the law at s and the law at e = s + t, both in the domain; numbers, or of the batch shape.

        All three are given, since the ends 0 and 1 must not be off by a rounding, nor a small step.
        """

    @abstractmethod
    def inside(self, s: Any) -> Array:
        """Whether theta at s, outside of [0, 1] too, belongs to the family; of the batch shape."""


def renyi(segment: Segment, alpha: float) -> Array:
    """log(integral p^alpha q^(1 - alpha)) / (alpha - 1) for alpha > 0, KL at 1; inf where the integral diverges."""
    xp = segment.xp
    if alpha < 1:
        # The law in the middle lies at 1 - alpha, which is exact from 1/2 on.
        return segment.kl(1 - alpha, 1.0, alpha) + alpha / (1 - alpha) * segment.kl(1 - alpha, 0.0, alpha - 1)
    divergence = segment.kl(0.0, 1.0, 1.0)
    if alpha == 1:
        return divergence
    inside = segment.inside(1 - alpha)
    end = xp.where(inside, 1 - alpha, xp.zeros_like(divergence))
    beyond = segment.kl(0.0, end, end)
    return xp.where(inside, divergence + beyond / (alpha - 1), math.inf)


def renyi_of_small_order(reverse: Segment, alpha: float) -> Array:
    """`renyi` for 0 < alpha <= 1/2, from the segment from q to p, where the law in the middle lies at alpha itself."""
    return reverse.kl(alpha, 0.0, -alpha) + alpha / (1 - alpha) * reverse.kl(alpha, 1.0, 1 - alpha)


def chernoff(segment: Segment) -> Array:
    """max over 0 < a < 1 of -log integral p^a q^(1 - a), where KL(m, p) = KL(m, q)."""
    xp = segment.xp
    lower = xp.zeros_like(segment.kl(0.0, 1.0, 1.0))
    upper = lower + 1.0
    # The maximum is flat: 40 halvings leave an error of its second order.
    for _ in range(40 if lower.dtype == xp.float64 else 24):
        s = (lower + upper) / 2
        nearer_to_p = segment.kl(s, 0.0, -s) < segment.kl(s, 1.0, 1 - s)
        lower, upper = xp.where(nearer_to_p, s, lower), xp.where(nearer_to_p, upper, s)
    s = (lower + upper) / 2
    return (1 - s) * segment.kl(s, 0.0, -s) + s * segment.kl(s, 1.0, 1 - s)
