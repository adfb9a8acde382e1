"""Segments between inverse Gaussian laws, and between von Mises laws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.divergences._excess import excess
from gamedyn.divergences._segment import Segment
from gamedyn.numerics import bessel_ratio, log_i0_bregman

__all__ = ["InverseGaussianSegment", "VonMisesSegment", "between_inverse_gaussians", "between_von_mises"]


@dataclass(frozen=True, eq=False)
class InverseGaussianSegment(Segment):
    """A(a, b) = -sqrt(a b) - log(b) / 2 with a = concentration / loc^2 and b = concentration.

    KL from (a, b) to (a', b') is half of r - 1 - log r, r = b' / b, and of the square of
    (a' b - a b') / ((a b)^(1/4) (sqrt(a' b) + sqrt(a b'))). The cross product is that of the ends times the step.
    """

    xp: Any
    first: tuple[Array, Array]
    second: tuple[Array, Array]
    change: Array  # of b
    cross: Array  # a b' - a' b of the ends, negated

    def _at(self, s: Any) -> tuple[Array, Array]:
        (a0, b0), (a1, b1) = self.first, self.second
        return (1 - s) * a0 + s * a1, (1 - s) * b0 + s * b1

    def kl(self, s: Any, e: Any, t: Any) -> Array:
        xp, (a, b), (other_a, other_b) = self.xp, self._at(s), self._at(e)
        sides = xp.sqrt(other_a) * xp.sqrt(b) + xp.sqrt(a) * xp.sqrt(other_b)
        step = t * self.cross / sides / xp.sqrt(xp.sqrt(a * b))
        return (excess(xp, other_b / b, t * self.change / b) + step * step) / 2

    def inside(self, s: Any) -> Array:
        a, b = self._at(s)
        return (a >= 0) & (b > 0)


def between_inverse_gaussians(p: Any, q: Any) -> InverseGaussianSegment:
    """In units of the loc of p, so that a = b there."""
    names = ("p.loc", "p.concentration", "q.loc", "q.concentration")
    xp, m1, c1, m2, c2 = float_arrays(p.loc, p.concentration, q.loc, q.concentration, names=names)
    own, b, ratio = c1 / m1, c2 / m1, m1 / m2
    # a' - b' of q, times the a = b of p
    cross = own * b * ((m1 - m2) / m2) * (ratio + 1)
    return InverseGaussianSegment(xp, (own, own), (b * ratio * ratio, b), (c2 - c1) / m1, cross)


@dataclass(frozen=True, eq=False)
class VonMisesSegment(Segment):
    """A(v) = log I0(|v|), v the vector of length concentration towards loc; that of p lies along the first axis.

    KL from v to w is the excess of log I0 at |w| over its tangent at |v|, and A'(|v|) (|w| - v . w / |v|).
    """

    xp: Any
    length: Array  # of p
    change: tuple[Array, Array]  # of the vector

    def kl(self, s: Any, e: Any, t: Any) -> Array:
        xp, (x, y) = self.xp, self.change
        here = self.length + s * x, s * y
        there = self.length + e * x, e * y
        k, other = (xp.sqrt(a * a + b * b) for a, b in (here, there))
        total = k + other
        step = t * ((here[0] + there[0]) * x + (here[1] + there[1]) * y) / xp.where(total > 0, total, 1.0)
        inner, product = here[0] * there[0] + here[1] * there[1], k * other
        # |v| |w| - v . w from the cross product, unless the two point apart.
        cross = t * self.length * y
        towards = product + inner
        aligned = inner > 0
        away = xp.where(aligned, cross * cross / xp.where(aligned, towards, 1.0), product - inner)
        # Where k is 0, so is |v| |w| - v . w.
        return log_i0_bregman(k, step) + bessel_ratio(k) / xp.where(k > 0, k, 1.0) * away

    def inside(self, s: Any) -> Array:
        return self.length + 0 * s * self.change[0] >= 0


def between_von_mises(p: Any, q: Any) -> VonMisesSegment:
    """Of two von Mises laws, by loc and concentration."""
    names = ("p.loc", "p.concentration", "q.loc", "q.concentration")
    xp, m1, k1, m2, k2 = float_arrays(p.loc, p.concentration, q.loc, q.concentration, names=names)
    half = xp.sin((m2 - m1) / 2)
    return VonMisesSegment(xp, k1, (k2 - k1 - 2 * k2 * half * half, k2 * xp.sin(m2 - m1)))
