"""The optimal transport map between two Gaussian laws, x -> m_y + T (x - m_x) with T A T = B."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, device_of, float_arrays, off_tape
from gamedyn.transport._gaussian_moments import read_moments, symmetric

__all__ = ["GaussianMap", "gaussian_map", "map_excess"]

_NEWTON_STEPS = 2


@dataclass(frozen=True)
class GaussianMap:
    """x -> target + matrix (x - source), the gradient of a convex quadratic.

    Parameters
    ----------
    matrix : array, shape (..., d, d)
        T, symmetric and positive semi-definite.
    source, target : array, shape (..., d)
        The means.

    Examples
    --------
    >>> import numpy
    >>> double = GaussianMap(2 * numpy.eye(2), numpy.zeros(2), numpy.ones(2))
    >>> double([1.0, 2.0]).tolist()
    [3.0, 5.0]
    """

    matrix: Array
    source: Array
    target: Array

    def __call__(self, x: Array) -> Array:
        """T(x), of the shape of x broadcast with the batch.

        Parameters
        ----------
        x : array_like, shape (..., d)
        """
        names = ("x", "matrix", "source", "target")
        _, x, matrix, source, target = float_arrays(x, self.matrix, self.source, self.target, names=names)
        if x.ndim == 0 or x.shape[-1] != source.shape[-1]:
            raise ValueError(f"`x` must have shape (..., {source.shape[-1]}), got {tuple(x.shape)}.")
        return target + (matrix @ (x - source)[..., None])[..., 0]


def gaussian_map(
    loc_x: Array, covariance_x: Array, loc_y: Array, covariance_y: Array, *, check: bool = True
) -> GaussianMap:
    """T(x) = m_y + A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2 (x - m_x), which takes N(m_x, A) to N(m_y, B) at the cost W_2^2.

    Parameters
    ----------
    loc_x, loc_y : array_like, shape (..., d)
        Means.
    covariance_x, covariance_y : array_like, shape (..., d, d)
        A and B, symmetric and positive semi-definite. Where A is singular, B must have no variance in the directions in
        which A has none; T is the identity in these.
    check : bool
        Whether to look for non-finite, asymmetric or indefinite input, and for a map that misses B; False inside jit
        and vmap.

    Returns
    -------
    GaussianMap
        A callable with the fields `matrix`, `source` and `target`. Constants: no derivatives flow through it.

    Raises
    ------
    ValueError
        For shapes that do not fit, covariances that are not positive semi-definite, and where there is no such map.

    Notes
    -----
    T - I, not T, is found, in the eigenbasis of A, and corrected by Newton steps on (T - I) A + A (T - I) +
    (T - I) A (T - I) = B - A, so that it keeps its digits between nearly equal laws.

    References
    ----------
    Dowson and Landau (1982), The Frechet distance between multivariate normal distributions.
    Bhatia, Jain and Lim (2019), On the Bures-Wasserstein distance between positive definite matrices.

    Examples
    --------
    >>> gaussian_map([0.0], [[1.0]], [3.0], [[25.0]])([1.0]).tolist()  # 3 + 5 * 1
    [8.0]
    """
    xp, given = read_moments(loc_x, covariance_x, loc_y, covariance_y, check)
    loc_x, a, loc_y, b = (off_tape(array) for array in given.values())
    excess = map_excess(xp, a, b)
    matrix = excess + xp.eye(a.shape[-1], dtype=a.dtype, device=device_of(a))
    if check:
        missed = xp.max(xp.abs(matrix @ a @ matrix - b), axis=(-2, -1))
        size = xp.max(xp.abs(b), axis=(-2, -1))
        if bool(xp.any(missed > float(xp.finfo(a.dtype).eps) ** 0.5 * size)):
            raise ValueError(
                "`covariance_x` must have variance in every direction in which `covariance_y` has some: no linear map "
                f"takes one to the other, the best one missing `covariance_y` by {float(xp.max(missed)):g}."
            )
    return GaussianMap(matrix, loc_x, loc_y)


def map_excess(xp: Any, a: Array, b: Array) -> Array:
    """T - I for the symmetric T with T A T = B, 0 in directions without variance in A.

    Parameters
    ----------
    xp : module
    a, b : array, shape (..., d, d)
        Positive semi-definite.

    Returns
    -------
    array, shape (..., d, d)
    """
    a, b = symmetric(xp, a), symmetric(xp, b)
    values, basis = xp.linalg.eigh(a)
    zero, one = xp.zeros_like(values), xp.ones_like(values)
    # Below this an eigenvalue of A is rounding.
    cutoff = a.shape[-1] * float(xp.finfo(a.dtype).eps) * xp.max(values, axis=-1, keepdims=True)
    carrying = values > xp.maximum(cutoff, zero)
    values = xp.where(carrying, values, zero)
    root = xp.sqrt(values)
    inverse = xp.where(carrying, 1 / xp.where(carrying, root, one), zero)

    def between(left: Array, matrix: Array) -> Array:
        return left[..., :, None] * matrix * left[..., None, :]

    transposed = xp.matrix_transpose(basis)
    difference = transposed @ (b - a) @ basis
    # C = A^1/2 B A^1/2 = S^2, and T = A^-1/2 S A^-1/2, in the eigenbasis of A.
    squares, turn = xp.linalg.eigh(symmetric(xp, between(root, transposed @ b @ basis)))
    stretch = xp.sqrt(xp.maximum(squares, xp.zeros_like(squares)))
    back = xp.matrix_transpose(turn)
    identity = xp.eye(a.shape[-1], dtype=a.dtype, device=device_of(a))
    excess = (
        between(inverse, (turn * stretch[..., None, :]) @ back) - identity * xp.astype(carrying, a.dtype)[..., None]
    )
    sums = stretch[..., :, None] + stretch[..., None, :]
    positive = sums > 0
    safe = xp.where(positive, sums, xp.ones_like(sums))
    for _ in range(_NEWTON_STEPS):
        # X A T + T A X = R, with Y = A^1/2 X A^1/2: Y S + S Y = A^1/2 R A^1/2.
        scaled = excess * values[..., None, :]
        rest = difference - scaled - xp.matrix_transpose(scaled) - scaled @ excess
        inner = back @ between(root, rest) @ turn
        inner = turn @ xp.where(positive, inner / safe, xp.zeros_like(inner)) @ back
        excess = excess + symmetric(xp, between(inverse, inner))
    return symmetric(xp, basis @ excess @ transposed)
