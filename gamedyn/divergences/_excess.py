"""Convex functions minus their tangents, non-negative and without cancellation: of -log x, e^x and log Gamma."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, device_of, to_device
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._terms import relative_entropy_terms

__all__ = ["entropic_excess", "excess", "exponential_excess", "log_gamma_excess", "log_ratio", "stirling_excess"]

_SHIFTS = 10
# B_2m / (2m (2m - 1)): log Gamma(k) = (k - 1/2) log k - k + log(2 pi) / 2 + sum c_m k^(1 - 2m). From k = 10 on, the
# tangent's excess of the first term left out, 0.18 k^-17, is below 1e-15 of the whole.
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400)


def excess(xp: Any, ratio: Array, difference: Array) -> Array:
    """r - 1 - log r >= 0 from r and r - 1, to full relative precision next to r = 1."""
    # Far from 1 a difference that was found on another way may have fewer digits than r.
    difference = xp.where(xp.abs(1 - ratio) < 0.25, -difference, 1 - ratio)
    return relative_entropy_terms(Pair(xp, xp.ones_like(ratio), ratio, given_difference=difference))


def exponential_excess(xp: Any, t: Array) -> Array:
    """e^t - 1 - t >= 0."""
    return relative_entropy_terms(Pair.of_logarithms(xp, xp.zeros_like(t), t))


def entropic_excess(xp: Any, k: Array, other: Array, difference: Array) -> Array:
    """k' log(k' / k) - k' + k >= 0 from k, k' and k' - k: x log x - x at k' minus its tangent at k."""
    return relative_entropy_terms(Pair(xp, other, k, given_difference=difference))


def log_ratio(xp: Any, a: Array, b: Array) -> Array:
    """log(a / b) of positive a and b, to full relative precision where they are close."""
    near = xp.abs(a - b) < 0.5 * b
    return xp.where(near, xp.log1p(xp.where(near, (a - b) / b, 0.0)), xp.log(xp.where(near, 1.0, a / b)))


def stirling_excess(xp: Any, k: Array, other: Array, difference: Array) -> Array:
    """F(k') - F(k) - (k' - k) F'(k) >= 0 with F(k) = log Gamma(k) - k log k + k, from k, k' > 0 and k' - k.

    F = F(. + 1) + (k + 1) log(1 + 1 / k) - 1 raises both to 10 and more by convex parts; there F is -log(k) / 2 and
    Stirling's series, whose excess is a polynomial in k / k' without a negative coefficient, term by term.
    """
    k, other, difference = (x[..., None] for x in xp.broadcast_arrays(k, other, difference))
    steps = to_device(numpy.arange(float(_SHIFTS)), xp, dtype=k.dtype, device=device_of(k))
    a, b = k + steps, other + steps
    # z = (a + 1) b / (a (b + 1)): (b + 1) (z - 1 - log z) is the excess of (k + 1) log(1 + 1 / k).
    step = difference / a / (b + 1)
    value = xp.sum((b + 1) * excess(xp, (a + 1) / a * (b / (b + 1)), step), axis=-1)
    a, b, difference = k[..., 0] + _SHIFTS, other[..., 0] + _SHIFTS, difference[..., 0]
    value = value + excess(xp, b / a, difference / a) / 2
    return value + _series_excess(a, b, difference)


def _series_excess(a: Array, b: Array, difference: Array) -> Array:
    """The excess of Stirling's series g(1 / k), at b from a.

    With u = 1 / a, v = 1 / b and h = b - a it is (h u)^2 v (g'(u) + v g[u, u, v]); synthetic division gives both.
    """
    u, v = 1 / a, 1 / b
    value = slope = second = 0 * u
    for coefficient in reversed(_STIRLING):
        # Two powers of u for each coefficient, of which the even one is 0.
        for c in (coefficient, 0.0):
            second, slope, value = slope + v * second, value + u * slope, c + u * value
    return (difference * u) * (difference * v) * u * (slope + v * second)


def log_gamma_excess(xp: Any, k: Array, other: Array, difference: Array) -> Array:
    """log Gamma(k') - log Gamma(k) - (k' - k) psi(k) >= 0 from k, k' > 0 and k' - k."""
    return stirling_excess(xp, k, other, difference) + entropic_excess(xp, k, other, difference)
