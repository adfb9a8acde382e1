"""Exponential, logarithm, powers and polynomials without warnings, with gradients that stay finite at the edges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gamedyn.backend import Array, float_arrays

__all__ = ["exponential", "logarithm", "polynomial", "safe_root", "safe_square", "stable_expm1"]


def polynomial(z: Array, coefficients: Sequence[float]) -> Array:
    """The sum of coefficients[k] z^k, by Horner's rule."""
    value = z * coefficients[-1] + coefficients[-2]
    for coefficient in reversed(coefficients[:-2]):
        value = value * z + coefficient
    return value


def exponential(xp: Any, x: Array) -> Array:
    """e^x, inf where it overflows, without a warning and with gradient 0 there."""
    limit = math.log(float(xp.finfo(x.dtype).max))
    fits = x < limit
    return xp.where(fits, xp.exp(xp.where(fits, x, 0.0)), math.inf)


def logarithm(xp: Any, x: Array) -> Array:
    """log x for x >= 0, -inf at 0, without a warning and with gradient 0 there."""
    positive = x > 0
    return xp.where(positive, xp.log(xp.where(positive, x, 1.0)), -math.inf)


def safe_root(xp: Any, x: Array) -> Array:
    """The square root of x for x >= 0, 0 for what rounding made negative, with gradient 0 at 0."""
    positive = x > 0
    return xp.where(positive, xp.sqrt(xp.where(positive, x, xp.ones_like(x))), xp.zeros_like(x))


def safe_square(xp: Any, x: Array) -> Array:
    """x^2, inf where it overflows, without a warning and with gradient 0 there."""
    fits = xp.abs(x) < math.sqrt(float(xp.finfo(x.dtype).max))
    x = xp.where(fits, x, 0.0)
    return xp.where(fits, x * x, math.inf)


def stable_expm1(v: Array) -> Array:
    """e^v - 1 to full relative precision at 0, inf where it overflows, without a warning."""
    xp, v = float_arrays(v, names=("v",))
    small = v < 1
    return xp.where(small, xp.expm1(xp.where(small, v, 0.0)), exponential(xp, v) - 1)
