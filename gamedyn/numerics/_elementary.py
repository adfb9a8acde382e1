"""Elementary functions that keep their digits at the edges, on every array library and on complex arguments."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, float_arrays

__all__ = ["log1mexp", "log_sigmoid", "logsumexp", "relative_entropy", "sigmoid", "softplus", "xlogy"]

_LOG_2 = 0.6931471805599453
_SMALLEST_NORMAL = {"float32": 1.1754943508222875e-38, "float64": 2.2250738585072014e-308}


def _is_complex(xp: Any, x: Array) -> bool:
    return bool(xp.isdtype(x.dtype, "complex floating"))


def _log1p(xp: Any, w: Array) -> Array:
    """log(1 + w); for complex w = a + ib through log1p(2a + a^2 + b^2) / 2, since NumPy's rounds 1 + a first."""
    if not _is_complex(xp, w):
        return xp.log1p(w)
    a, b = xp.real(w), xp.imag(w)
    return 0.5 * xp.log1p(a * (2 + a) + b * b) + 1j * xp.atan2(b, 1 + a)


def softplus(x: Array) -> Array:
    """log(1 + e^x), without overflow, and e^x to full relative precision for x -> -inf.

    Parameters
    ----------
    x : array_like, any shape
        Real, or complex (continued analytically; the branch is taken on the real part).

    Returns
    -------
    array, shape of x

    Notes
    -----
    max(x, 0) + log1p(exp(-|x|)); both kinks at 0 cancel, so gradients by an array library's own differentiation are
    right there too.

    Examples
    --------
    >>> round(float(softplus(0.0)), 12)  # log 2
    0.69314718056
    """
    xp, x = float_arrays(x, names=("x",), allow_complex=True)
    if not _is_complex(xp, x):
        return xp.maximum(x, xp.zeros_like(x)) + xp.log1p(xp.exp(-xp.abs(x)))
    positive = xp.real(x) > 0
    return xp.where(positive, x, xp.zeros_like(x)) + _log1p(xp, xp.exp(xp.where(positive, -x, x)))


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x), to full relative precision in both tails.

    Parameters
    ----------
    x : array_like, any shape
        Real or complex.

    Returns
    -------
    array, shape of x

    Examples
    --------
    >>> float(sigmoid(0.0))
    0.5
    """
    xp, x = float_arrays(x, names=("x",), allow_complex=True)
    if not _is_complex(xp, x):
        return xp.exp(xp.minimum(x, xp.zeros_like(x))) / (1 + xp.exp(-xp.abs(x)))
    positive = xp.real(x) > 0
    decay = xp.exp(xp.where(positive, -x, x))
    return xp.where(positive, xp.ones_like(x), decay) / (1 + decay)


def log_sigmoid(x: Array) -> Array:
    """log(1 / (1 + e^-x)) = -softplus(-x): the log of a discriminator's output from its logit.

    Parameters
    ----------
    x : array_like, any shape
        Real or complex.

    Returns
    -------
    array, shape of x

    Examples
    --------
    >>> float(log_sigmoid(-1000.0))
    -1000.0
    """
    _, x = float_arrays(x, names=("x",), allow_complex=True)
    return -softplus(-x)


def log1mexp(x: Array) -> Array:
    """log(1 - e^x) for x <= 0.

    Parameters
    ----------
    x : array_like, any shape
        Real, <= 0; larger x gives nan, and 0 gives -inf.

    Returns
    -------
    array, shape of x

    References
    ----------
    Maechler (2012), Accurately computing log(1 - exp(-|a|)): the switch at log 2.

    Examples
    --------
    >>> round(float(log1mexp(-0.6931471805599453)), 12)  # log(1/2)
    -0.69314718056
    """
    xp, x = float_arrays(x, names=("x",))
    near = x > -_LOG_2
    # Each branch sees only arguments of its own, so that neither value nor gradient of the other leaks in.
    with numpy.errstate(divide="ignore", invalid="ignore"):
        close = xp.log(-xp.expm1(xp.where(near, x, -xp.ones_like(x))))
        far = xp.log1p(-xp.exp(xp.where(near, -xp.ones_like(x), x)))
    return xp.where(near, close, far)


def xlogy(x: Array, y: Array) -> Array:
    """x log y, with 0 log 0 = 0.

    Parameters
    ----------
    x, y : array_like, broadcastable
        Real or complex; y >= 0 where x != 0.

    Returns
    -------
    array, broadcast shape
        nan in an argument stays nan.

    Examples
    --------
    >>> float(xlogy(0.0, 0.0))
    0.0
    """
    xp, x, y = float_arrays(x, y, names=("x", "y"), allow_complex=True)
    empty = (x == 0) & ~xp.isnan(y)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        product = x * xp.log(xp.where(empty, xp.ones_like(y), y))
    return xp.where(empty, xp.zeros_like(product), product)


def relative_entropy(p: Array, q: Array) -> Array:
    """p log(p / q) elementwise: 0 where p = 0 and q >= 0, inf where p > 0 and q = 0.

    Parameters
    ----------
    p, q : array_like, broadcastable
        Real and non-negative; nan stays nan, other negative entries give inf.

    Returns
    -------
    array, broadcast shape

    Notes
    -----
    log1p((p - q) / q) between 1/2 and 2, where p - q is exact; the difference of logs where the ratio over- or
    underflows.

    Examples
    --------
    >>> import numpy
    >>> round(float(numpy.sum(relative_entropy([0.5, 0.5, 0.0], [0.25, 0.75, 0.0]))), 12)  # log(4/3) / 2
    0.143841036226
    """
    xp, p, q = float_arrays(p, q, names=("p", "q"))
    p, q = xp.broadcast_arrays(p, q)
    ordinary = (p > 0) & (q > 0)
    one = xp.ones_like(p)
    a, b = xp.where(ordinary, p, one), xp.where(ordinary, q, one)
    with numpy.errstate(over="ignore", under="ignore"):
        ratio = a / b
    near = (ratio > 0.5) & (ratio < 2)
    smallest = _SMALLEST_NORMAL["float32" if p.dtype == xp.float32 else "float64"]
    extreme = (ratio < smallest) | xp.isinf(ratio)
    close = xp.log1p(xp.where(near, a - b, xp.zeros_like(a)) / b)
    middle = xp.log(xp.where(extreme, one, ratio))
    logarithm = xp.where(near, close, xp.where(extreme, xp.log(a) - xp.log(b), middle))
    zero = xp.zeros_like(p)
    edge = xp.where((p == 0) & (q >= 0), zero, zero + xp.inf)
    edge = xp.where(xp.isnan(p) | xp.isnan(q), zero + xp.nan, edge)
    return xp.where(ordinary, a * logarithm, edge)


def logsumexp(x: Array, axis: int = -1, keepdims: bool = False, weights: Array | None = None) -> Array:
    """log sum_i w_i e^(x_i) along `axis`, without overflow.

    Parameters
    ----------
    x : array_like
        Real or complex; -inf entries add nothing, and a slice of them alone gives -inf.
    axis : int
        Axis to sum over.
    keepdims : bool
        Whether the axis stays, with length 1.
    weights : array_like, optional, broadcastable to x
        w_i >= 0; 1 where not given.

    Returns
    -------
    array, shape of x without `axis`

    Examples
    --------
    >>> float(logsumexp([1000.0, 1000.0], weights=[0.5, 0.5]))
    1000.0
    """
    if weights is None:
        xp, x = float_arrays(x, names=("x",), allow_complex=True)
    else:
        xp, x, weights = float_arrays(x, weights, names=("x", "weights"), allow_complex=True)
    peak = xp.max(xp.real(x) if _is_complex(xp, x) else x, axis=axis, keepdims=True)
    # inf - inf would be nan; +inf must survive, -inf alone gives log 0.
    shift = xp.where(xp.isfinite(peak), peak, xp.zeros_like(peak))
    terms = xp.exp(x - shift)
    with numpy.errstate(divide="ignore"):
        total = xp.log(xp.sum(terms if weights is None else weights * terms, axis=axis, keepdims=True))
    total = total + shift
    return total if keepdims else xp.squeeze(total, axis=axis)
