"""The largest singular value of a matrix, with its first and second derivative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, float_arrays
from gamedyn.nn._dominant_pair import SMALLEST_SIDE, decomposed_pair, dominant_pair

__all__ = ["SpectralNorm", "spectral_norm"]


@dataclass(frozen=True, eq=False)
class SpectralNorm:
    """sigma(W) = u^T W v with W v = sigma u, W^T u = sigma v, and its derivatives.

    Parameters
    ----------
    weight : array, shape (..., m, n)
        W.
    value : array, shape (...)
        sigma.
    left, right : array, shapes (..., m) and (..., n)
        u and v, of unit length; their common sign is arbitrary.
    gap : array, shape (...)
        1 - sigma_2 / sigma, sigma_2 the second singular value; 0 where the largest one is repeated.
    """

    weight: Array
    value: Array
    left: Array
    right: Array
    gap: Array

    def __str__(self) -> str:
        return f"spectral norm {self.value} of a matrix {tuple(self.weight.shape)}, relative gap {self.gap}"

    @property
    def gradient(self) -> Array:
        """u v^T, (..., m, n); where the largest singular value is repeated, one of many subgradients."""
        return self.left[..., :, None] * self.right[..., None, :]

    def jvp(self, direction: Array) -> Array:
        """u^T W_dot v, (...).

        Parameters
        ----------
        direction : array, shape (..., m, n)
            W_dot; may have extra leading axes.

        Raises
        ------
        ValueError
            Where W_dot is not 0 and the largest singular value is repeated: sigma has a kink there.
        """
        self._check_gap(direction)
        xp = array_namespace(direction)
        return xp.sum(self.gradient * direction, axis=(-2, -1))

    def hessian_product(self, direction: Array) -> Array:
        """The derivative of `gradient` along W_dot, u_dot v^T + u v_dot^T, (..., m, n).

        Parameters
        ----------
        direction : array, shape (..., m, n)
            W_dot; may have extra leading axes.

        Raises
        ------
        ValueError
            Where W_dot is not 0 and the largest singular value is repeated.
        """
        u_dot, v_dot = self._pair_tangent(direction)
        return u_dot[..., :, None] * self.right[..., None, :] + self.left[..., :, None] * v_dot[..., None, :]

    def _pair_tangent(self, direction: Array) -> tuple[Array, Array]:
        """(u_dot, v_dot)."""
        tied = self._check_gap(direction)
        xp = array_namespace(direction)
        dtype = xp.result_type(direction, self.weight)
        matrix, step, u, v = (xp.astype(a, dtype) for a in (self.weight, direction, self.left, self.right))
        scale = self.value[..., None, None]
        if matrix.shape[-2] < matrix.shape[-1]:
            v_dot, u_dot = _tangents(xp.matrix_transpose(matrix) / scale, xp.matrix_transpose(step) / scale, v, u, tied)
        else:
            u_dot, v_dot = _tangents(matrix / scale, step / scale, u, v, tied)
        return u_dot, v_dot

    def _check_gap(self, direction: Array) -> Array:
        """Where the largest singular value is repeated, to rounding; no such matrix may move."""
        xp = array_namespace(direction)
        tied = self.gap <= max(self.weight.shape[-2:]) * xp.finfo(self.gap.dtype).eps
        if bool(xp.any(tied & xp.any(direction != 0, axis=(-2, -1)))):
            raise ValueError(
                "the spectral norm has no derivative where the largest singular value is repeated; only its "
                "subgradient `gradient` exists. Move the matrix a little, for instance by random numbers."
            )
        return tied


def spectral_norm(weight: Array) -> SpectralNorm:
    """The largest singular value of W, with gradient u v^T and products with its Hessian.

    Parameters
    ----------
    weight : array, shape (..., m, n)
        W, real; or complex with an imaginary part so small that its square vanishes: then all results are analytic
        continuations, to first order, for complex steps.

    Returns
    -------
    SpectralNorm

    Raises
    ------
    ValueError
        If W is no matrix, not finite, or zero, where sigma has no derivative.

    Notes
    -----
    By a singular value decomposition, or two eigenvectors of the Gram matrix for single large matrices on NumPy; no
    power iteration that must converge. The Hessian's largest entries grow as one over
    the gap to the second singular value: dv solves ((N^T N - 1) + v v^T) dv = -(1 - v v^T) (D^T u + N^T D v) with
    N = W / sigma and D = dW / sigma, on the smaller side of the matrix.

    Examples
    --------
    >>> import numpy
    >>> norm = spectral_norm(numpy.diag([3.0, 1.0]))
    >>> float(norm.value), norm.gradient.tolist()
    (3.0, [[1.0, 0.0], [0.0, 0.0]])
    >>> float(norm.hessian_product(numpy.array([[0.0, 1.0], [0.0, 0.0]]))[0, 1])  # 3 / (3^2 - 1^2)
    0.375
    """
    xp, weight = float_arrays(weight, names=("weight",), allow_complex=True)
    if weight.ndim < 2:
        raise ValueError(f"`weight` must have shape (..., m, n), got {tuple(weight.shape)}.")
    if 0 in weight.shape[-2:]:
        raise ValueError(f"`weight` must have one row and one column at least, got shape {tuple(weight.shape)}.")
    is_complex = xp.isdtype(weight.dtype, "complex floating")
    real = xp.real(weight) if is_complex else weight
    if not bool(xp.all(xp.isfinite(real))):
        raise ValueError("`weight` must be finite, got inf or nan.")
    single = isinstance(real, numpy.ndarray) and real.ndim == 2 and min(real.shape) >= SMALLEST_SIDE
    value, u, v, gap = dominant_pair(real) if single else decomposed_pair(real)
    if not bool(xp.all(value > 0)):
        raise ValueError("`weight` must not be zero: its spectral norm has no derivative there, and cannot divide it.")
    norm = SpectralNorm(real, value, u, v, gap)
    return _continued(norm, weight) if is_complex else norm


def _continued(norm: SpectralNorm, weight: Array) -> SpectralNorm:
    """Value and vectors carried to first order from the real part of `weight` to all of it."""
    xp = array_namespace(weight)
    step = 1j * xp.astype(xp.imag(weight), weight.dtype)
    u_dot, v_dot = norm._pair_tangent(step)
    return SpectralNorm(weight, norm.value + norm.jvp(step), norm.left + u_dot, norm.right + v_dot, norm.gap)


def _tangents(n: Array, d: Array, u: Array, v: Array, tied: Array) -> tuple[Array, Array]:
    """(u_dot, v_dot) of n v = u, n^T u = v, |v| = 1 along d, for n with no fewer rows than columns."""
    xp: Any = array_namespace(n)
    transposed, column = xp.matrix_transpose(n), v[..., :, None]
    d_v = d @ column
    push = xp.matrix_transpose(d) @ u[..., :, None] + transposed @ d_v
    push = push - xp.sum(column * push, axis=-2, keepdims=True) * column
    identity = xp.eye(n.shape[-1], dtype=n.dtype, device=device_of(n))
    bordered = transposed @ n - identity + column * v[..., None, :]
    # Where singular values are tied nothing moves, and any regular matrix serves.
    v_dot = xp.linalg.solve(xp.where(tied[..., None, None], identity, bordered), -push)
    rate = xp.sum(u[..., :, None] * d_v, axis=-2, keepdims=True)
    u_dot = d_v + n @ v_dot - rate * u[..., :, None]
    return u_dot[..., 0], v_dot[..., 0]
