"""KL, Renyi and total variation between two Laplace laws."""

from __future__ import annotations

import math
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.distributions import Laplace
from gamedyn.divergences._excess import excess, exponential_excess
from gamedyn.divergences._segment import renyi, renyi_of_small_order
from gamedyn.divergences._segments_gamma import RateSegment
from gamedyn.numerics import gauss_legendre

__all__ = ["kl_between_laplaces", "renyi_between_laplaces", "total_variation_between_laplaces"]


def _parameters(p: Laplace, q: Laplace) -> tuple[Any, ...]:
    """The namespace, both scales, and the distance of the medians."""
    xp, m1, b1, m2, b2 = float_arrays(p.loc, p.scale, q.loc, q.scale, names=("p.loc", "p.scale", "q.loc", "q.scale"))
    return xp, *xp.broadcast_arrays(b1, b2, xp.abs(m1 - m2))


def kl_between_laplaces(p: Laplace, q: Laplace) -> Array:
    """(r - 1 - log r) + r (t + e^-t - 1) with r = b1 / b2 and t = |m1 - m2| / b1."""
    xp, b1, b2, distance = _parameters(p, q)
    ratio = b1 / b2
    return excess(xp, ratio, (b1 - b2) / b2) + ratio * exponential_excess(xp, -distance / b1)


def renyi_between_laplaces(p: Laplace, q: Laplace, alpha: float) -> Array:
    """log(integral p^alpha q^(1 - alpha)) / (alpha - 1), alpha > 0 and not 1; inf where the integral diverges.

    With the rates u = alpha / b1 and v = (1 - alpha) / b2, and t the distance of the medians, the integral is that for
    t = 0 times R = (u e^(-v t) - v e^(-u t)) / (u - v).
    """
    xp, b1, b2, distance = _parameters(p, q)
    u, v = alpha / b1, (1 - alpha) / b2
    finite = u + v > 0
    v = xp.where(finite, v, u)
    if alpha > 0.5:
        centred = renyi(RateSegment(xp, b1 / b2, (b1 - b2) / b2), alpha)
    else:
        centred = renyi_of_small_order(RateSegment(xp, b2 / b1, (b2 - b1) / b1), alpha)
    larger, smaller = xp.where(u < v, v, u), xp.where(u < v, u, v)
    value = centred + _log_spread(xp, larger * distance, smaller * distance) / (alpha - 1)
    return xp.where(finite, value, math.inf)


def _log_spread(xp: Any, x: Array, y: Array) -> Array:
    """log R for x = u t >= |y|, y = v t: of the sign of -y, and without cancellation where it is small."""
    gap = x - y
    positive = xp.where(gap > 0, gap, 1.0)
    mean_decay = xp.where(gap > 0, -xp.expm1(-positive) / positive, 1.0)  # (1 - e^-z) / z
    far = xp.abs(y) >= 1
    y_near, x_near = xp.where(far, 0.5, y), xp.where(far, 1.0, x)
    # R = e^-y (1 + y (1 - e^-z) / z)
    direct = -y + xp.log1p(xp.where(far, y, 0.0) * mean_decay)
    # 1 - R = x y h[x, y] with h(y) = 1 - (1 - e^-y) / y, of which the divided difference is an integral.
    apart = x_near - y_near >= 1
    spread = xp.where(apart, x_near - y_near, 1.0)
    divided = (_shortfall(xp, x_near) - _shortfall(xp, y_near)) / spread
    together = _shortfall_slope(xp, xp.where(apart, 1.0, x_near), xp.where(apart, 1.0, y_near))
    near = xp.log1p(-x_near * y_near * xp.where(apart, divided, together))
    return xp.where(far, direct, near)


def _shortfall(xp: Any, y: Array) -> Array:
    """1 - (1 - e^-y) / y, which is (e^-y - 1 + y) / y."""
    nonzero = y != 0
    return xp.where(nonzero, exponential_excess(xp, -y) / xp.where(nonzero, y, 1.0), 0.0)


def _shortfall_slope(xp: Any, x: Array, y: Array) -> Array:
    """The divided difference of `_shortfall`, the integral of e^(-y s) (1 - e^(-(x - y) s)) / (x - y) over [0, 1].

    For |y| < 1 and 0 <= x - y < 1 the ten nodes are exact to rounding.
    """
    total = 0.0 * x
    for node, weight in zip(*(array.tolist() for array in gauss_legendre(10, 0.0, 1.0)), strict=True):
        z = (x - y) * node
        positive = z > 0
        safe = xp.where(positive, z, 1.0)
        total = total + weight * node * xp.exp(-y * node) * xp.where(positive, -xp.expm1(-safe) / safe, 1.0)
    return total


def total_variation_between_laplaces(p: Laplace, q: Laplace) -> Array | None:
    """1 - e^(-|m1 - m2| / (2 b)) for equal scales, else None."""
    xp, b1, b2, distance = _parameters(p, q)
    if not bool(xp.all(b1 == b2)):
        return None
    return -xp.expm1(-distance / (2 * b1))
