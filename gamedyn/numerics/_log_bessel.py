"""The logarithm of the Bessel function I0: its slope, differences and Bregman gap, without cancellation."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.backend import Array, float_arrays, like, special
from gamedyn.numerics._gaps import expm1_gap, gap_of_ratio
from gamedyn.numerics._log_gamma import divided_gap

__all__ = ["bessel_ratio", "bessel_ratio_complement", "log_i0", "log_i0_bregman", "log_i0_difference"]

# I0(k) is a mean of exp(k cos theta) over the circle. The trapezoidal rule with 120 nodes, folded to 61, leaves
# I_120(k) / I_0(k), below 1e-24 up to k = 120; the expansion in 1/k serves both arguments from 40 on.
_NODES = 120
_CIRCLE_UP_TO = 120.0
_EXPANSION_FROM = 40.0


def _expansion(count: int) -> tuple[float, ...]:
    """l_n with log I0(k) = k - log(2 pi k) / 2 + sum_n l_n / k^n, from I0's own expansion, whose logarithm it is."""
    series = [1.0]
    for n in range(1, count + 1):
        series.append(series[-1] * (2 * n - 1) ** 2 / (8 * n))
    logarithm = [0.0]
    for n in range(1, count + 1):
        inner = sum(j * logarithm[j] * series[n - j] for j in range(1, n))
        logarithm.append(series[n] - inner / n)
    return tuple(logarithm)


_LOG_SERIES = _expansion(18)


def _circle(xp: Any, k: Array) -> tuple[Array, Array, Array]:
    """Weights of exp(-k c) along a last axis, c - m, and the mean m of c = 1 - cos theta under them."""
    angles = numpy.arange(_NODES // 2 + 1) * (2 * math.pi / _NODES)
    fold = numpy.full(angles.shape, 2.0)
    fold[[0, -1]] = 1.0
    heights = like(2 * numpy.sin(0.5 * angles) ** 2, k)
    weights = like(fold, k) * xp.exp(-k[..., None] * heights)
    weights = weights / xp.sum(weights, axis=-1, keepdims=True)
    mean = xp.sum(weights * heights, axis=-1)
    return weights, heights - mean[..., None], mean


def log_i0(k: Array) -> Array:
    """log I0(k) >= 0, the normaliser of the von Mises law up to log 2 pi.

    Parameters
    ----------
    k : array_like, any shape

    Returns
    -------
    array, shape of k

    Notes
    -----
    To full relative accuracy: k^2 / 4 near 0, where the logarithm of a number next to 1 has no digits.

    Examples
    --------
    >>> float(log_i0(0.0))
    0.0
    """
    xp, k = float_arrays(k, names=("k",))
    k = xp.abs(k)
    near = k < 1
    # log1p of sum_(n>0) (k/2)^2n / n!^2.
    square = xp.where(near, 0.25 * k * k, 0 * k)
    total = 0 * k
    for n in range(12, 0, -1):
        total = (1 + total) * square / (n * n)
    return xp.where(near, xp.log1p(total), k + xp.log(special(xp).i0e(k)))


def bessel_ratio(k: Array) -> Array:
    """A(k) = I1(k) / I0(k), the slope of log I0 and the mean resultant length of the von Mises law.

    Parameters
    ----------
    k : array_like, any shape

    Returns
    -------
    array, shape of k

    Examples
    --------
    >>> float(bessel_ratio(2e-9))  # k / 2
    1e-09
    """
    xp, k = float_arrays(k, names=("k",))
    functions = special(xp)
    return functions.i1e(k) / functions.i0e(k)


def bessel_ratio_complement(k: Array) -> Array:
    """1 - I1(k) / I0(k) for k >= 0, the circular variance, to full relative accuracy; 1 / (2 k) for large k.

    Parameters
    ----------
    k : array_like, any shape
        >= 0.

    Returns
    -------
    array, shape of k

    Examples
    --------
    >>> float(bessel_ratio_complement(0.0))
    1.0
    """
    xp, k = float_arrays(k, names=("k",))
    large = k > _EXPANSION_FROM
    _, _, mean = _circle(xp, xp.where(large, 0 * k, k))
    u = 1 / xp.where(large, k, xp.full_like(k, _EXPANSION_FROM))
    _, slope, _ = divided_gap(_LOG_SERIES, u, u)
    return xp.where(large, 0.5 * u + u * u * slope, mean)


def log_i0_difference(k: Array, h: Array) -> Array:
    """log I0(k + h) - log I0(k) for k >= 0 and k + h >= 0, to full relative accuracy.

    Parameters
    ----------
    k : array_like
        >= 0.
    h : array_like, broadcastable
        k + h >= 0; pass the difference of two parameters as such.

    Returns
    -------
    array, broadcast shape

    Notes
    -----
    Two terms of one sign: |h| times the slope at the smaller argument, and the Bregman gap from there.

    Examples
    --------
    >>> float(log_i0_difference(0.0, 0.0))
    0.0
    """
    xp, k, h = float_arrays(k, h, names=("k", "h"))
    size, lower = xp.abs(h), xp.minimum(k, k + h)
    return xp.sign(h) * (size * bessel_ratio(lower) + log_i0_bregman(lower, size))


def log_i0_bregman(k: Array, h: Array) -> Array:
    """log I0(k + h) - log I0(k) - h I1(k) / I0(k) >= 0 for k >= 0 and k + h >= 0, to full relative accuracy.

    The Bregman gap of log I0, of which the divergences of the von Mises family are made.

    Parameters
    ----------
    k : array_like
        >= 0.
    h : array_like, broadcastable
        k + h >= 0; pass the difference of two parameters as such, so that it keeps its digits.

    Returns
    -------
    array, broadcast shape
        nan outside the domain.

    Notes
    -----
    Up to 120: log(1 + E[e^d - 1 - d]) with d = -h (c - E c), c = 1 - cos theta under the von Mises law, by the
    trapezoidal rule. From 40 on: phi(h / k) / 2, phi(t) = t - log(1 + t), and the gap of the expansion in 1/k.
    Arguments on both sides of this are far apart, and nothing cancels.

    Examples
    --------
    >>> round(float(log_i0_bregman(0.0, 1e-6)) * 1e12, 12)  # h^2 / 4
    0.25
    """
    xp, k, h = float_arrays(k, h, names=("k", "h"))
    k, h = xp.broadcast_arrays(k, h)
    end = k + h
    large = (k >= _EXPANSION_FROM) & (end >= _EXPANSION_FROM)
    small = (k <= _CIRCLE_UP_TO) & (end <= _CIRCLE_UP_TO) & ~large
    zero = 0 * k
    weights, offsets, _ = _circle(xp, xp.where(small, k, zero))
    on_circle = xp.log1p(xp.sum(weights * expm1_gap(-xp.where(small, h, zero)[..., None] * offsets), axis=-1))

    # From here on arguments that the expansion does not serve are replaced by harmless ones.
    x, step = xp.where(large, k, zero + _EXPANSION_FROM), xp.where(large, h, zero)
    y = x + step
    u, v = 1 / x, 1 / y
    _, slope, second = divided_gap(_LOG_SERIES, u, v)
    with numpy.errstate(under="ignore"):
        rest = (step * u) * (step * v) * u * (slope + v * second)
        expanded = 0.5 * gap_of_ratio(xp, step, x, y)[0] + rest

    # h (1 - A(k)) + log of the ratio of e^-k I0(k).
    i0e = special(xp).i0e
    far_apart = xp.where(small | large, zero, k)
    between = h * bessel_ratio_complement(far_apart) + xp.log(i0e(xp.where(small | large, zero, end)) / i0e(far_apart))
    value = xp.where(large, expanded, xp.where(small, on_circle, between))
    return xp.where((k >= 0) & (end >= 0), value, xp.full_like(value, xp.nan))
