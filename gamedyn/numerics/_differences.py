"""Derivatives without a formula: complex step to rounding error, central differences where only real values exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn.backend import Array, device_of, float_arrays

__all__ = [
    "complex_step_gradient",
    "complex_step_jacobian",
    "complex_step_jvp",
    "difference_gradient",
    "difference_hvp",
    "difference_jacobian",
    "difference_jvp",
]

_Function = Callable[[Array], Array]

# A power of two, so that dividing by it is exact; its square is below the rounding of 1 by far, in both precisions.
_COMPLEX_STEP = 2.0**-80


def complex_step_jvp(f: _Function, x: Array, v: Array) -> Array:
    """D f(x) v = Im f(x + i h v) / h + O(h^2), without cancellation: h = 2^-80.

    Parameters
    ----------
    f : callable
        Maps arrays (..., d) to arrays (...) or (..., m), for any leading axes; analytic, and written so that it accepts
        complex arrays (no abs, no conjugate; branches on the real part).
    x : array_like, shape (..., d)
        Real.
    v : array_like, broadcastable with x
        Direction, real.

    Returns
    -------
    array, shape of f(x)

    Notes
    -----
    Needs complex functions that keep a tiny imaginary part to relative precision, as NumPy's do. PyTorch's complex
    power of a base with negative real part does not: write products there, or use its own differentiation.

    References
    ----------
    Squire and Trapp (1998), Using complex variables to estimate derivatives of real functions, SIAM Review 40.

    Examples
    --------
    >>> float(complex_step_jvp(lambda x: x[..., 0] ** 3, [2.0], [1.0]))  # 3 x^2
    12.0
    """
    xp, x, v = float_arrays(x, v, names=("x", "v"))
    return _imaginary_part(xp, f(_complexify(xp, x, v)))


def complex_step_gradient(f: _Function, x: Array) -> Array:
    """The gradient of a scalar function, d f / d x_j = Im f(x + i h e_j) / h; see `complex_step_jvp`.

    Parameters
    ----------
    f : callable
        Maps arrays (..., d) to arrays (...).
    x : array_like, shape (..., d)
        Real.

    Returns
    -------
    array, shape of x

    Notes
    -----
    One call of f, on an array (..., d, d).

    Examples
    --------
    >>> complex_step_gradient(lambda x: x[..., 0] * x[..., 1], [2.0, 3.0])
    array([3., 2.])
    """
    xp, x = float_arrays(x, names=("x",))
    return _imaginary_part(xp, f(_complexify(xp, x[..., None, :], _basis(xp, x))))


def complex_step_jacobian(f: _Function, x: Array) -> Array:
    """The Jacobian matrix d f_i / d x_j by complex step; see `complex_step_jvp`.

    Parameters
    ----------
    f : callable
        Maps arrays (..., d) to arrays (..., m).
    x : array_like, shape (..., d)
        Real.

    Returns
    -------
    array, shape (..., m, d)

    Examples
    --------
    >>> complex_step_jacobian(lambda x: x**2, [1.0, 2.0])
    array([[2., 0.],
           [0., 4.]])
    """
    xp, x = float_arrays(x, names=("x",))
    columns = _imaginary_part(xp, f(_complexify(xp, x[..., None, :], _basis(xp, x))))  # (..., d, m)
    return xp.matrix_transpose(columns)


def difference_jvp(f: _Function, x: Array, v: Array, *, step: float | None = None) -> Array:
    """D f(x) v = (f(x + h v) - f(x - h v)) / (2 h) + O(h^2).

    Parameters
    ----------
    f : callable
        Maps arrays (..., d) to arrays (...) or (..., m).
    x : array_like, shape (..., d)
        Real.
    v : array_like, broadcastable with x
        Direction.
    step : float, optional
        h in units of the scale of x, max(1, |x|_inf) / |v|_inf for each leading index; the cube root of the precision
        by default, which leaves an error of about its square: 4e-11 in float64.

    Returns
    -------
    array, shape of f(x)

    Examples
    --------
    >>> round(float(difference_jvp(lambda x: x[..., 0] ** 3, [2.0], [1.0])), 6)  # 3 x^2
    12.0
    """
    xp, x, v = float_arrays(x, v, names=("x", "v"))
    x, v = xp.broadcast_arrays(x, v)
    size = xp.max(xp.abs(v), axis=-1, keepdims=True)
    h = _step(xp, x, step, 1 / 3) / xp.where(size > 0, size, xp.ones_like(size))
    change = f(x + h * v) - f(x - h * v)
    return change / (2 * (h if change.ndim == x.ndim else h[..., 0]))


def difference_gradient(f: _Function, x: Array, *, step: float | None = None) -> Array:
    """The gradient of a scalar function by central differences; see `difference_jvp`.

    Parameters
    ----------
    f : callable
        Maps arrays (..., d) to arrays (...).
    x : array_like, shape (..., d)
        Real.
    step : float, optional
        As in `difference_jvp`.

    Returns
    -------
    array, shape of x

    Examples
    --------
    >>> [round(float(g), 6) for g in difference_gradient(lambda x: x[..., 0] * x[..., 1], [2.0, 3.0])]
    [3.0, 2.0]
    """
    xp, x = float_arrays(x, names=("x",))
    return difference_jvp(f, x[..., None, :], _basis(xp, x), step=step)


def difference_jacobian(f: _Function, x: Array, *, step: float | None = None) -> Array:
    """The Jacobian matrix d f_i / d x_j by central differences; see `difference_jvp`.

    Parameters
    ----------
    f : callable
        Maps arrays (..., d) to arrays (..., m).
    x : array_like, shape (..., d)
        Real.
    step : float, optional
        As in `difference_jvp`.

    Returns
    -------
    array, shape (..., m, d)

    Examples
    --------
    >>> import numpy
    >>> numpy.round(difference_jacobian(lambda x: x**2, [1.0, 2.0]), 6)
    array([[2., 0.],
           [0., 4.]])
    """
    xp, x = float_arrays(x, names=("x",))
    return xp.matrix_transpose(difference_jvp(f, x[..., None, :], _basis(xp, x), step=step))


def difference_hvp(f: _Function, x: Array, v: Array, *, step: float | None = None) -> Array:
    """The Hessian of a scalar function times v, from values of f alone.

    (H v)_j = (f(+, +) - f(+, -) - f(-, +) + f(-, -)) / (4 h k) at x +- h e_j +- k v, with errors O(h^2 + k^2). With a
    gradient at hand, `difference_jvp(gradient, x, v)` or `complex_step_jvp(gradient, x, v)` keep more digits.

    Parameters
    ----------
    f : callable
        Maps arrays (..., d) to arrays (...).
    x : array_like, shape (..., d)
        Real.
    v : array_like, broadcastable with x
        Direction.
    step : float, optional
        h and k in units of the scale of x; the fourth root of the precision by default, which leaves an error of about
        its square: 1e-8 in float64.

    Returns
    -------
    array, shape of x

    Examples
    --------
    >>> [round(float(g), 5) for g in difference_hvp(lambda x: x[..., 0] * x[..., 1], [2.0, 3.0], [1.0, 0.0])]
    [0.0, 1.0]
    """
    xp, x, v = float_arrays(x, v, names=("x", "v"))
    x, v = xp.broadcast_arrays(x, v)
    x, v, basis = x[..., None, :], v[..., None, :], _basis(xp, x)
    h = _step(xp, x, step, 1 / 4)
    size = xp.max(xp.abs(v), axis=-1, keepdims=True)
    k = h / xp.where(size > 0, size, xp.ones_like(size))
    a, b = h * basis, k * v
    mixed = (f(x + a + b) - f(x + a - b)) - (f(x - a + b) - f(x - a - b))
    return mixed / (4 * h * k)[..., 0]


def _basis(xp: Any, x: Array) -> Array:
    return xp.eye(x.shape[-1], dtype=x.dtype, device=device_of(x))


def _complexify(xp: Any, x: Array, v: Array) -> Array:
    kind = xp.complex64 if x.dtype == xp.float32 else xp.complex128
    return xp.astype(x, kind) + xp.astype(v, kind) * (1j * _COMPLEX_STEP)


def _imaginary_part(xp: Any, value: Array) -> Array:
    if not xp.isdtype(value.dtype, "complex floating"):
        raise TypeError(
            f"`f` must keep complex input complex, got values of {value.dtype}. Use the difference_* functions instead."
        )
    return xp.imag(value) / _COMPLEX_STEP


def _step(xp: Any, x: Array, step: float | None, root: float) -> Array:
    """h = step max(1, |x|_inf), of shape (..., 1)."""
    relative = float(xp.finfo(x.dtype).eps) ** root if step is None else step
    size = xp.max(xp.abs(x), axis=-1, keepdims=True)
    return relative * xp.maximum(size, xp.ones_like(size))
