"""Gaps between the logarithm or the exponential and their tangents: non-negative, to full relative accuracy."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, float_arrays

__all__ = ["expm1_gap", "gap_of_ratio", "log1p_gap", "relative_entropy_gap"]

# log(1 + t) = 2 atanh(r) with r = t / (2 + t); |r| <= 1/7 where the series serves, so that nine terms are exact.
_NEAR = 0.25
_ATANH = tuple(1 / (2 * j + 3) for j in range(9))


def _series(t: Array) -> Array:
    """t - log(1 + t) for |t| <= 1/4: t r - 2 r^3 (1/3 + r^2/5 + ...)."""
    r = t / (2 + t)
    square = r * r
    total = square * 0
    for coefficient in reversed(_ATANH):
        total = coefficient + square * total
    return t * r - 2 * r * square * total


def gap_of_ratio(xp: Any, h: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """(t - log(1 + t), log(1 + t)) for t = h / x, where y = x + h is known to full relative accuracy.

    For arrays of one library that broadcast, x > 0 and y >= 0; 1 + t would lose the digits of a y much below x.
    """
    with numpy.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        t, one = h / x, xp.ones_like(h / x)
        low = t < -0.5
        # Each branch sees only arguments of its own, so that no gradient of another leaks in.
        below = xp.log(xp.where(low, y / x, one))
        logarithm = xp.where(low, below, xp.log1p(xp.where(low, 0 * one, t)))
        near = xp.abs(t) < _NEAR
        return xp.where(near, _series(xp.where(near, t, 0 * one)), t - logarithm), logarithm


def log1p_gap(t: Array) -> Array:
    """t - log(1 + t) >= 0 for t >= -1, without cancellation near 0.

    Parameters
    ----------
    t : array_like, any shape
        >= -1, where the gap is inf.

    Returns
    -------
    array, shape of t

    Notes
    -----
    With r = t / (2 + t) the logarithm is 2 atanh(r), and the gap t r - 2 (r^3/3 + r^5/5 + ...) for |t| < 1/4.

    Examples
    --------
    >>> float(log1p_gap(1e-12)) * 2e24  # t^2 / 2 (1 - 2 t / 3)
    0.9999999999993333
    """
    xp, t = float_arrays(t, names=("t",))
    return gap_of_ratio(xp, t, xp.ones_like(t), 1 + t)[0]


def expm1_gap(x: Array) -> Array:
    """e^x - 1 - x >= 0, without cancellation near 0.

    Parameters
    ----------
    x : array_like, any shape
        Real or complex.

    Returns
    -------
    array, shape of x

    Examples
    --------
    >>> float(expm1_gap(0.0))
    0.0
    """
    xp, x = float_arrays(x, names=("x",), allow_complex=True)
    with numpy.errstate(over="ignore"):
        t = xp.expm1(x)
    near = xp.abs(t) < _NEAR
    # With t = e^x - 1 it is t - log(1 + t).
    return xp.where(near, _series(xp.where(near, t, xp.zeros_like(t))), t - x)


def relative_entropy_gap(p: Array, q: Array) -> Array:
    """p log(p / q) - p + q >= 0 elementwise, without cancellation near p = q; q where p = 0, inf where p > 0 = q.

    Parameters
    ----------
    p, q : array_like, broadcastable
        Non-negative.

    Returns
    -------
    array, broadcast shape

    Notes
    -----
    p times the gap of the logarithm at (q - p) / p: the deviance of a count p of mean q.

    Examples
    --------
    >>> float(relative_entropy_gap(0.0, 3.0))
    3.0
    """
    xp, p, q = float_arrays(p, q, names=("p", "q"))
    p, q = xp.broadcast_arrays(p, q)
    empty = p == 0
    x = xp.where(empty, xp.ones_like(p), p)
    y = xp.where(empty, xp.ones_like(q), q)
    gap, logarithm = gap_of_ratio(xp, y - x, x, y)
    with numpy.errstate(divide="ignore", over="ignore", invalid="ignore", under="ignore"):
        # Where q / p over- or underflows, so would the gap.
        ratio, smallest = y / x, float(xp.finfo(y.dtype).smallest_normal)
        extreme = xp.isinf(ratio) | (ratio < smallest)
        logs = xp.log(xp.where(extreme, y, xp.ones_like(y))) - xp.log(xp.where(extreme, x, xp.ones_like(x)))
        value = xp.where(extreme | (ratio > 2), (y - x) - x * xp.where(extreme, logs, logarithm), x * gap)
    return xp.where(empty, q, value)
