"""Segments between laws of the gamma type: of one rate alone, gamma, and Dirichlet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.divergences._excess import excess, stirling_excess
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._segment import Segment
from gamedyn.divergences._terms import relative_entropy_terms

__all__ = ["DirichletSegment", "GammaSegment", "RateSegment", "between_dirichlets", "between_gammas", "between_rates"]


@dataclass(frozen=True, eq=False)
class RateSegment(Segment):
    """A(theta) = -weight log theta from theta = 1 to `ratio`: weight (r - 1 - log r), r the ratio of two points.

    The exponential law, the Weibull law of fixed shape and the Pareto law of fixed scale have weight 1, half-normal
    laws 1/2.
    """

    xp: Any
    ratio: Array
    change: Array  # ratio - 1
    weight: Any = 1.0

    def kl(self, s: Any, e: Any, t: Any) -> Array:
        here, there = (1 - s) + s * self.ratio, (1 - e) + e * self.ratio
        return self.weight * excess(self.xp, there / here, t * self.change / here)

    def inside(self, s: Any) -> Array:
        return (1 - s) + s * self.ratio > 0


def between_rates(rate_p: Array, rate_q: Array, weight: float = 1.0) -> RateSegment:
    """Of two laws with densities proportional to e^(-rate T(x)), T of one gamma law of shape `weight`."""
    xp, a, b = float_arrays(rate_p, rate_q, names=("p", "q"))
    return RateSegment(xp, b / a, (b - a) / a, weight)


@dataclass(frozen=True, eq=False)
class GammaSegment(Segment):
    """A(k, r) = log Gamma(k) - k log r, from r = 1.

    KL from (k, r) to (k', r') is the excess of F(k) = log Gamma(k) - k log k + k, and k' (u - 1 - log u) with u the
    ratio k r' / (k' r) of the means.
    """

    xp: Any
    shapes: tuple[Array, Array]
    ratio: Array
    change: Array  # ratio - 1

    def kl(self, s: Any, e: Any, t: Any) -> Array:
        xp, (k0, k1) = self.xp, self.shapes
        k, other = (1 - s) * k0 + s * k1, (1 - e) * k0 + e * k1
        rate, other_rate = (1 - s) + s * self.ratio, (1 - e) + e * self.ratio
        # k r' - k' r is t (k0 (ratio - 1) - (k1 - k0)) everywhere on the line.
        up, down = t * k0 * self.change / other / rate, t * (k1 - k0) / other / rate
        ratio = k / other * (other_rate / rate)
        # Of laws far apart the difference of two large changes would have fewer digits than the ratio.
        step = xp.where(xp.abs(up) + xp.abs(down) < 0.5, up - down, ratio - 1)
        means = other * excess(xp, ratio, step)
        return stirling_excess(xp, k, other, t * (k1 - k0)) + means

    def inside(self, s: Any) -> Array:
        k0, k1 = self.shapes
        return ((1 - s) * k0 + s * k1 > 0) & ((1 - s) + s * self.ratio > 0)


def between_gammas(shape_p: Array, rate_p: Array, shape_q: Array, rate_q: Array) -> GammaSegment:
    """Of two gamma laws, by shape and rate."""
    names = ("p.concentration", "p.rate", "q.concentration", "q.rate")
    xp, k0, r0, k1, r1 = float_arrays(shape_p, rate_p, shape_q, rate_q, names=names)
    return GammaSegment(xp, (k0, k1), r1 / r0, (r1 - r0) / r0)


@dataclass(frozen=True, eq=False)
class DirichletSegment(Segment):
    """A(a) = sum log Gamma(a_i) - log Gamma(sum a), a along the last axis.

    With F as for the gamma law, KL from a to a' is the sum of the excesses of F at the a_i, less that at the sum, and
    sum a' times KL between the proportions of a' and of a: what is large when a is large does not have to cancel.
    """

    xp: Any
    first: Array
    second: Array

    def kl(self, s: Any, e: Any, t: Any) -> Array:
        xp = self.xp
        s, e, t = (x[..., None] if hasattr(x, "shape") else x for x in (s, e, t))
        step = t * (self.second - self.first)
        a, other = (1 - s) * self.first + s * self.second, (1 - e) * self.first + e * self.second
        total, other_total, total_step = (xp.sum(x, axis=-1, keepdims=True) for x in (a, other, step))
        share, other_share = a / total, other / other_total
        up, down = step / other_total, share * total_step / other_total
        close = xp.abs(up) + xp.abs(down) < 0.5 * share
        difference = xp.where(close, up - down, other_share - share)
        pair = Pair(xp, other_share, share, given_difference=difference)
        proportions = other_total[..., 0] * xp.sum(relative_entropy_terms(pair), axis=-1)
        parts = xp.sum(stirling_excess(xp, a, other, step), axis=-1)
        return parts - stirling_excess(xp, total, other_total, total_step)[..., 0] + proportions

    def inside(self, s: Any) -> Array:
        return self.xp.min((1 - s) * self.first + s * self.second, axis=-1) > 0


def between_dirichlets(p: Array, q: Array) -> DirichletSegment:
    """Of two Dirichlet laws, by their concentrations."""
    xp, a, b = float_arrays(p, q, names=("p.concentration", "q.concentration"))
    return DirichletSegment(xp, *xp.broadcast_arrays(a, b))
