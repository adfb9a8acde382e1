"""Differences of log Gamma and digamma, and the Bregman gap of log Gamma, without cancellation."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.backend import Array, float_arrays, like, special
from gamedyn.numerics._gaps import gap_of_ratio

__all__ = [
    "betaln",
    "digamma_difference",
    "digamma_remainder",
    "divided_gap",
    "gammaln_bregman",
    "gammaln_difference",
    "stirling_remainder",
]

# Arguments are raised by ten, from where eight terms of Stirling's series are exact to double precision:
# log Gamma(z) = (z - 1/2) log z - z + log(2 pi) / 2 + sum_k B_2k / (2k (2k - 1) z^(2k - 1)).
_SHIFT = 10
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400)
_IN_POWERS = tuple(c for pair in zip((0.0,) * len(_STIRLING), _STIRLING, strict=True) for c in pair)


def divided_gap(coefficients: tuple[float, ...], u: Array, v: Array) -> tuple[Array, Array, Array]:
    """(g(u), g'(u), g[u, u, v]) of a polynomial by synthetic division, lowest coefficient first.

    With u = 1/x, v = 1/y and h = y - x, the function r(z) = g(1/z) has
    r(y) - r(x) - h r'(x) = (h u)^2 v (g'(u) + v g[u, u, v]).
    """
    value = slope = second = 0 * u
    for coefficient in reversed(coefficients):
        second = slope + v * second
        slope = value + u * slope
        value = coefficient + u * value
    return value, slope, second


def _shifted(a: Array, h: Array) -> tuple[Any, Array, Array, Array, Array, Array, Array]:
    """The namespace; a + k, h, a + k + h for k < 10 along a last axis; a + 10, h, a + 10 + h."""
    xp, a, h = float_arrays(a, h, names=("a", "h"))
    a, h = xp.broadcast_arrays(a, h)
    steps, y = like(numpy.arange(float(_SHIFT)), a), a + h
    return xp, a[..., None] + steps, h[..., None] + 0 * steps, y[..., None] + steps, a + _SHIFT, h, y + _SHIFT


def gammaln_bregman(a: Array, h: Array) -> Array:
    """log Gamma(a + h) - log Gamma(a) - h digamma(a) >= 0, to full relative accuracy.

    The Bregman gap of log Gamma, of which the divergences within the gamma, beta, Dirichlet and negative binomial
    families are made.

    Parameters
    ----------
    a : array_like
        > 0.
    h : array_like, broadcastable
        a + h > 0; pass the difference of two parameters as such, so that it keeps its digits.

    Returns
    -------
    array, broadcast shape
        nan outside the domain.

    Notes
    -----
    A sum of non-negative terms: with phi(t) = t - log(1 + t), x = a + 10 and y = x + h it is
    sum_(k<10) phi(h / (a + k)) + y phi(-h / y) + phi(h / x) / 2, and the gap of the rest of Stirling's series, which
    is below two thousandths of these.

    Examples
    --------
    >>> round(float(gammaln_bregman(1.0, 1.0)), 12)  # Euler's constant: Gamma(1) = Gamma(2), digamma(1) = -gamma
    0.577215664902
    """
    xp, low, steps, high, x, h, y = _shifted(a, h)
    with numpy.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        u, v = 1 / x, 1 / y
        _, slope, second = divided_gap(_IN_POWERS, u, v)
        rest = (h * u) * (h * v) * u * (slope + v * second)
        main = y * gap_of_ratio(xp, -h, y, x)[0] + 0.5 * gap_of_ratio(xp, h, x, y)[0]
        total = xp.sum(gap_of_ratio(xp, steps, low, high)[0], axis=-1) + (main + rest)
        return xp.where((low[..., 0] > 0) & (high[..., 0] > 0), total, xp.full_like(total, xp.nan))


def gammaln_difference(a: Array, h: Array) -> Array:
    """log Gamma(a + h) - log Gamma(a), to a few roundings of h, however large a is.

    Parameters
    ----------
    a : array_like
        > 0.
    h : array_like, broadcastable
        a + h > 0.

    Returns
    -------
    array, broadcast shape
        nan outside the domain.

    Notes
    -----
    Relative accuracy except where Gamma(a + h) and Gamma(a) nearly agree for an h that is not small: on both sides of
    the minimum of Gamma at 1.4616.

    Examples
    --------
    >>> round(float(gammaln_difference(1e8, 1.0)), 12)  # log(1e8)
    18.420680743952
    """
    xp, low, steps, high, x, h, y = _shifted(a, h)
    with numpy.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        u, v = 1 / x, 1 / y
        difference = 0 * u
        value = 0 * u
        for coefficient in reversed(_IN_POWERS):
            difference = value + v * difference  # the divided difference g[u, v]
            value = coefficient + u * value
        logarithms = xp.sum(gap_of_ratio(xp, steps, low, high)[1], axis=-1)
        main = h * xp.log(x) + y * gap_of_ratio(xp, -h, y, x)[0] - 0.5 * gap_of_ratio(xp, h, x, y)[1]
        total = (main - logarithms) - (h * u) * v * difference
        return xp.where((low[..., 0] > 0) & (high[..., 0] > 0), total, xp.full_like(total, xp.nan))


def digamma_difference(a: Array, h: Array) -> Array:
    """digamma(a + h) - digamma(a), to full relative accuracy.

    Parameters
    ----------
    a : array_like
        > 0.
    h : array_like, broadcastable
        a + h > 0.

    Returns
    -------
    array, broadcast shape
        nan outside the domain.

    Notes
    -----
    Every term has the sign of h: sum_(k<10) h / ((a + k) (a + k + h)), log(1 + h / (a + 10)), and the differences of
    Stirling's series.

    Examples
    --------
    >>> round(float(digamma_difference(4.0, 1.0)), 12)  # 1/4
    0.25
    """
    xp, low, steps, high, x, h, y = _shifted(a, h)
    with numpy.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        u, v = 1 / x, 1 / y
        # digamma(z) = log z - 1/(2z) - sum_k B_2k / (2k z^2k), in powers of w = 1/z^2.
        w, other = u * u, v * v
        difference = value = 0 * u
        for k in reversed(range(len(_STIRLING))):
            difference = value + other * difference
            value = (2 * k + 1) * _STIRLING[k] + w * value
        # The polynomial is w times that; its divided difference is value(w) + w_y value[w, w_y].
        slope = value + other * difference
        tail = gap_of_ratio(xp, h, x, y)[1] + (h * u) * v * (0.5 + (u + v) * slope)
        total = xp.sum(steps / low / high, axis=-1) + tail
        return xp.where((low[..., 0] > 0) & (high[..., 0] > 0), total, xp.full_like(total, xp.nan))


def stirling_remainder(x: Array) -> Array:
    """log Gamma(x) - (x - 1/2) log x + x - log(2 pi) / 2 > 0 for x > 0.

    What is left of log Gamma when its large terms have been cancelled by hand; 1 / (12 x) for large x.

    Parameters
    ----------
    x : array_like, any shape
        > 0.

    Returns
    -------
    array, shape of x

    Examples
    --------
    >>> round(float(stirling_remainder(1.0)), 12)  # 1 - log(2 pi) / 2
    0.081061466795
    """
    xp, x = float_arrays(x, names=("x",))
    large = x >= _SHIFT
    ten = xp.full_like(x, float(_SHIFT))
    with numpy.errstate(divide="ignore", under="ignore"):
        u = 1 / xp.where(large, x, ten)
        value = 0 * u
        for coefficient in reversed(_STIRLING):
            value = coefficient + u * u * value
        z = xp.where(large, ten, x)
        small = special(xp).gammaln(z) - ((z - 0.5) * xp.log(z) - z + 0.5 * math.log(2 * math.pi))
    return xp.where(large, u * value, small)


def digamma_remainder(x: Array) -> Array:
    """log x - digamma(x) > 0 for x > 0; 1 / (2 x) for large x.

    Parameters
    ----------
    x : array_like, any shape
        > 0.

    Returns
    -------
    array, shape of x

    Examples
    --------
    >>> round(float(digamma_remainder(1.0)), 12)  # Euler's constant
    0.577215664902
    """
    xp, x = float_arrays(x, names=("x",))
    large = x >= _SHIFT
    ten = xp.full_like(x, float(_SHIFT))
    with numpy.errstate(divide="ignore", under="ignore"):
        u = 1 / xp.where(large, x, ten)
        value = 0 * u
        for k in reversed(range(len(_STIRLING))):
            value = (2 * k + 1) * _STIRLING[k] + u * u * value
        z = xp.where(large, ten, x)
        small = xp.log(z) - special(xp).digamma(z)
    return xp.where(large, 0.5 * u + u * u * value, small)


def betaln(a: Array, b: Array) -> Array:
    """log B(a, b) = log Gamma(a) + log Gamma(b) - log Gamma(a + b), also where one argument is much larger.

    Parameters
    ----------
    a, b : array_like, broadcastable
        > 0.

    Returns
    -------
    array, broadcast shape

    Examples
    --------
    >>> round(float(betaln(1.0, 1e8)), 12)  # -log(1e8)
    -18.420680743952
    """
    xp, a, b = float_arrays(a, b, names=("a", "b"))
    a, b = xp.broadcast_arrays(a, b)
    small, large = xp.minimum(a, b), xp.maximum(a, b)
    return special(xp).gammaln(small) - gammaln_difference(large, small)
