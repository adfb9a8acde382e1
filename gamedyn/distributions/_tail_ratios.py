"""Tails in units of their integrand, as continued fractions: the Mills ratio and the scaled exponential integral."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.backend import Array, device_of, special, to_device
from gamedyn.numerics import gauss_legendre

__all__ = ["mills_difference", "mills_ratio", "scaled_exponential_integral"]


def mills_ratio(xp: Any, b: Array) -> Array:
    """R(b) = (1 - Phi(b)) / phi(b) of the standard normal law; for b < -37 it overflows."""
    return _ratio_and_slope(xp, b)[0]


def mills_difference(xp: Any, a: Array, length: Array) -> Array:
    """R(a) - R(a + length) for a > -1, length >= 0; where the length is below 1, by the integral of -R' > 0."""
    short = length < 1
    step = xp.where(short, length, xp.zeros_like(length))
    nodes, weights = (
        to_device(array, xp, dtype=step.dtype, device=device_of(step)) for array in gauss_legendre(8, 0.0, 1.0)
    )
    _, slope = _ratio_and_slope(xp, a[..., None] + step[..., None] * nodes)
    difference = mills_ratio(xp, a) - mills_ratio(xp, a + length)
    return xp.where(short, step * xp.sum(weights * slope, axis=-1), difference)


def _ratio_and_slope(xp: Any, b: Array) -> tuple[Array, Array]:
    """R(b) and -R'(b) = 1 - b R(b).

    R = 1 / (b + 1 / c), -R' = R / c, c = b + 2 / (b + 3 / (b + ...)), of which 32 terms give the last digit at b = 4.
    """
    near, far = xp.minimum(b, xp.full_like(b, 4.0)), xp.maximum(b, xp.full_like(b, 4.0))
    fraction = far
    for k in range(32, 1, -1):
        fraction = far + k / fraction
    ratio = 1 / (far + 1 / fraction)
    direct = math.sqrt(2 * math.pi) * xp.exp(0.5 * near * near) * special(xp).ndtr(-near)
    return xp.where(b < 4, direct, ratio), xp.where(b < 4, 1 - near * direct, ratio / fraction)


def scaled_exponential_integral(xp: Any, y: Array) -> Array:
    """e^y E1(y) = e^y times the integral of e^-t / t from y on, for y > 0.

    -gamma - log y - sum (-y)^k / (k k!) up to y = 2; beyond, 1 / (y + 1 - 1 / (y + 3 - 4 / (y + 5 - ...))).
    """
    near, far = xp.minimum(y, xp.full_like(y, 2.0)), xp.maximum(y, xp.full_like(y, 2.0))
    power, series = xp.ones_like(y), -numpy.euler_gamma - xp.log(near)
    for k in range(1, 30):
        power = power * (-near / k)
        series = series - power / k
    fraction = far + 97
    for k in range(48, 0, -1):
        fraction = far + (2 * k - 1) - k * k / fraction
    return xp.where(y < 2, xp.exp(near) * series, 1 / fraction)
