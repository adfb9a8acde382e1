"""Total variation between two normal laws, from the points where their densities cross."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.backend import Array, float_arrays, special
from gamedyn.distributions import LogNormal, Normal
from gamedyn.divergences._excess import log_ratio
from gamedyn.numerics import gauss_legendre

__all__ = ["total_variation_between_normals"]

# Beyond this many deviations no mass is left.
_FAR = 60.0


def total_variation_between_normals(p: Normal | LogNormal, q: Normal | LogNormal) -> Array:
    """The mass of the narrower law less that of the wider one between z- and z+, where their densities agree.

    In units of the narrower law, with d the distance of the means, r >= 1 the ratio of the scales and L = log r, the
    crossings solve z^2 - (z - d)^2 / r^2 = 2 L. With w = (z - d) / r, |w| < |z| at both, so that the value is the
    normal mass of (w+, z+) and of (z-, w-): two non-negative parts, whose lengths are known without cancellation.
    """
    xp, m1, s1, m2, s2 = float_arrays(p.loc, p.scale, q.loc, q.scale, names=("p.loc", "p.scale", "q.loc", "q.scale"))
    m1, s1, m2, s2 = xp.broadcast_arrays(m1, s1, m2, s2)
    small, large = xp.where(s1 < s2, s1, s2), xp.where(s1 < s2, s2, s1)
    # From some ratio, and some distance, on nothing is shared to rounding, and squares must not overflow.
    most = float(xp.finfo(s1.dtype).eps) ** -2
    with numpy.errstate(over="ignore"):
        widened = _at_most(xp, (large - small) / small, most)
        ratio = 1 + widened
        distance = _at_most(xp, xp.abs(m1 - m2) / small, 100 * ratio)
    logs = log_ratio(xp, ratio, xp.ones_like(ratio))
    logs = xp.where(widened < 0.5, xp.log1p(xp.where(widened < 0.5, widened, 0.0)), logs)
    square = widened * (ratio + 1)  # r^2 - 1
    same = (widened == 0) & (distance == 0)
    distance = xp.where(same, 1.0, distance)
    root = xp.sqrt(distance * distance + 2 * square * logs)
    upper = (distance * distance + 2 * ratio * ratio * logs) / (ratio * root + distance)
    upper_gap = (upper * widened + distance) / ratio
    unequal = square > 0
    lower = xp.where(unequal, (ratio * root + distance) / xp.where(unequal, square, 1.0), math.inf)
    lower_gap = 2 * widened * logs / (root + distance)
    return xp.where(same, 0.0, _normal_mass(xp, upper, upper_gap) + _normal_mass(xp, lower, lower_gap))


def _at_most(xp: Any, x: Array, bound: Any) -> Array:
    return xp.where(x < bound, x, bound)


def _normal_mass(xp: Any, end: Array, length: Array) -> Array:
    """The standard normal mass of (end - length, end), to full relative accuracy where it counts; end > 0."""
    start = _at_most(xp, end - length, _FAR)
    end = _at_most(xp, end, _FAR)
    ndtr = special(xp).ndtr
    # Far from each other they are both large only where the other part is much more.
    apart = ndtr(end) - ndtr(start)
    near = length < 1
    short = xp.where(near, length, 0.0)
    total = 0.0 * short
    for node, weight in zip(*(array.tolist() for array in gauss_legendre(12, 0.0, 1.0)), strict=True):
        z = end - node * short
        total = total + weight * xp.exp(-z * z / 2)
    return xp.where(near, short * total / math.sqrt(2 * math.pi), apart)
