"""The squared Bures distance tr(A + B - 2 (A^1/2 B A^1/2)^1/2) of two covariance matrices, without cancellation."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace

__all__ = ["squared_bures_distance", "squared_bures_of_factors"]

_EPS = 2.0**-52

_FAR = 64
"""The trace formula, the fastest, loses up to this factor of precision before it gives way."""

_LARGE = 32
"""From this dimension on, eigenvalues are so much faster than singular values that they are tried first."""

_ITERATIONS = 40


def squared_bures_distance(a: Array, b: Array) -> Array:
    """tr(A + B - 2 (A^1/2 B A^1/2)^1/2), the squared W_2 between centred Gaussian laws of covariances A and B.

    Parameters
    ----------
    a, b : array, shape (..., d, d)
        Symmetric and positive semi-definite, perhaps singular; not checked. Eigenvalues that rounding made negative
        count as 0.

    Returns
    -------
    array, batch shape
        Never negative, complex or nan.

    Notes
    -----
    In other libraries than NumPy, `squared_bures_of_factors` of the symmetric square roots. NumPy takes, for each pair,
    the first of three forms that keeps the digits, in float64:

    - far apart: the trace formula, with A = L L^T and B = M M^T by Cholesky and the singular values of M^T L;
    - close together, in every direction of A: with B = T A T, T = I + E, the solution of E A + A E + E A E = B - A
      in the eigenbasis of A, which starts from B - A and so never cancels; the distance is tr(E A E), of squares;
    - else, near-singular or singular: the factors. Their error is about 1e-16 of the root of tr A, absolutely, in the
      distance.

    References
    ----------
    Bhatia, Jain and Lim (2019), On the Bures-Wasserstein distance between positive definite matrices.

    Examples
    --------
    >>> import numpy
    >>> float(squared_bures_distance(numpy.diag([1.0, 4.0]), numpy.diag([9.0, 4.0])))  # (1 - 3)^2
    4.0
    """
    xp = array_namespace(a, b)
    if xp is not numpy:
        return squared_bures_of_factors(_root(xp, a), _root(xp, b))
    shape = numpy.broadcast_shapes(a.shape, b.shape)
    pairs = (numpy.broadcast_to(m, shape).reshape(-1, *shape[-2:]).astype(numpy.float64) for m in (a, b))
    values = numpy.array([_of_pair(p, q) for p, q in zip(*pairs, strict=True)])
    return values.reshape(shape[:-2]).astype(numpy.result_type(a, b))[()]


def squared_bures_of_factors(left: Array, right: Array) -> Array:
    """The squared Bures distance of L L^T and M M^T: the least |L - M Q|_F^2 over orthogonal Q, a Procrustes problem.

    With M^T L = U S V^T it is attained at Q = U V^T: a sum of squares, never negative, complex or nan, and exact to
    rounding for factors of any rank.

    Parameters
    ----------
    left, right : array, shape (..., d, k) and (..., d, l)
        Factors, such as centred data over the root of n - 1, a triangle of its QR decomposition, or a Cholesky factor.

    Returns
    -------
    array, batch shape

    Examples
    --------
    >>> import numpy
    >>> float(squared_bures_of_factors(numpy.array([[1.0], [0.0]]), numpy.array([[0.0], [1.0]])))  # 1 + 1
    2.0
    """
    xp = array_namespace(left, right)
    left, right = _same_width(xp, left, right)
    product = xp.matrix_transpose(right) @ left
    if xp is numpy and left.ndim == right.ndim == 2:
        value = _by_trace(*(z.astype(numpy.float64, copy=False) for z in (left, right, product)))
        if value is not None:
            return left.dtype.type(value)
    u, _, vh = xp.linalg.svd(product, full_matrices=False)
    turned = right @ (u @ vh)
    # Every orthogonal matrix gives an upper bound; the identity is exact for equal factors, where the rotation found is
    # arbitrary in directions without variance.
    return xp.minimum(_square(xp, left - turned), _square(xp, left - right))


def _same_width(xp: Any, left: Array, right: Array) -> tuple[Array, Array]:
    """Both factors with as many columns, by columns of zeros."""
    columns = left.shape[-1] - right.shape[-1]
    if columns == 0:
        return left, right
    narrow = right if columns > 0 else left
    zeros = xp.zeros((*narrow.shape[:-1], abs(columns)), dtype=narrow.dtype, device=narrow.device)
    narrow = xp.concat([narrow, zeros], axis=-1)
    return (left, narrow) if columns > 0 else (narrow, right)


def _of_pair(a: numpy.ndarray, b: numpy.ndarray) -> float:
    far = _far(a, b)
    if far is not None:
        return far
    a, b = (a + a.T) / 2, (b + b.T) / 2
    values, vectors = numpy.linalg.eigh(a)
    near = _near(values, vectors.T @ (b - a) @ vectors) if values[0] > 0 else None
    if near is not None:
        return near
    root = (vectors * numpy.sqrt(numpy.maximum(values, 0.0))) @ vectors.T
    return float(squared_bures_of_factors(root, _root(numpy, b)))


def _far(a: numpy.ndarray, b: numpy.ndarray) -> float | None:
    try:
        left, right = numpy.linalg.cholesky(a), numpy.linalg.cholesky(b)
    except numpy.linalg.LinAlgError:
        return None
    return _by_trace(left, right, right.T @ left)


def _by_trace(left: numpy.ndarray, right: numpy.ndarray, product: numpy.ndarray) -> float | None:
    """|L|_F^2 + |M|_F^2 - 2 (sum of the singular values of M^T L), or None where that cancels too many digits."""
    total = float(numpy.sum(left * left) + numpy.sum(right * right))
    value = total - 2 * _sum_of_singular_values(product)
    return value if value * _FAR >= total else None


def _sum_of_singular_values(matrix: numpy.ndarray) -> float:
    if matrix.shape[0] == matrix.shape[1] >= _LARGE:
        # By eigenvalues of the Gram matrix in half the time, where none is so small that its root would lose digits.
        values = numpy.linalg.eigvalsh(matrix.T @ matrix)
        if values[0] > 0:
            roots = numpy.sqrt(values)
            total = float(numpy.sum(roots))
            # An error of eps times the largest value in each, carried through the roots.
            if float(numpy.sum(values[-1] / roots)) <= _FAR * total:
                return total
    return float(numpy.sum(numpy.linalg.svd(matrix, compute_uv=False)))


def _near(values: numpy.ndarray, difference: numpy.ndarray) -> float | None:
    """tr(E A E) for E A + A E + E A E = D in the eigenbasis of A, by iteration; None where it does not settle."""
    sums = values[:, None] + values[None, :]
    e = first = difference / sums
    if not numpy.linalg.norm(first) < 0.5:
        return None
    for _ in range(_ITERATIONS):
        following = first - (e * values) @ e / sums
        change, e = numpy.max(numpy.abs(following - e)), following
        if not numpy.isfinite(change):
            return None
        if change <= 4 * _EPS * numpy.max(numpy.abs(e)):
            # The map T = I + E is then the positive definite one.
            return float(numpy.sum(values * (e * e))) if numpy.linalg.norm(e) < 1 else None
    return None


def _root(xp: Any, matrix: Array) -> Array:
    """The symmetric square root, by eigenvalues, so that singular matrices have one too."""
    values, vectors = xp.linalg.eigh((matrix + xp.matrix_transpose(matrix)) / 2)
    roots = xp.sqrt(xp.maximum(values, xp.zeros_like(values)))
    return (vectors * roots[..., None, :]) @ xp.matrix_transpose(vectors)


def _square(xp: Any, matrix: Array) -> Array:
    return xp.sum(matrix * matrix, axis=(-2, -1))
