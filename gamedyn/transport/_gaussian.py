"""The 2-Wasserstein distance between Gaussian laws, by a Procrustes problem."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.transport._weights import check_finite

__all__ = ["gaussian_wasserstein"]


def gaussian_wasserstein(
    loc_x: Array, covariance_x: Array, loc_y: Array, covariance_y: Array, *, power: bool = False, check: bool = True
) -> Array:
    """W_2 = sqrt(|m_x - m_y|^2 + tr(A + B - 2 (A^1/2 B A^1/2)^1/2)) between N(m_x, A) and N(m_y, B).

    Also the distance between two members of any elliptical family with these means and covariances.

    Parameters
    ----------
    loc_x, loc_y : array_like, shape (..., d)
        Means.
    covariance_x, covariance_y : array_like, shape (..., d, d)
        Symmetric and positive semi-definite; may be singular.
    power : bool
        Whether to return W_2^2.
    check : bool
        Whether to look for non-finite, asymmetric or indefinite input; False inside jit and vmap.

    Returns
    -------
    array, batch shape
        In the unit of x; real, never negative or nan, and zero to rounding for equal laws.

    Raises
    ------
    ValueError
        For shapes that do not fit, and for covariances that are not positive semi-definite.

    Notes
    -----
    With the roots L = A^1/2 and M = B^1/2 and the singular value decomposition M L = U S V^T, the squared distance is
    |m_x - m_y|^2 + |L - M U V^T|_F^2: a sum of squares, where the trace formula cancels and a matrix square root may
    turn complex. Costs two eigen-decompositions and one singular value decomposition, O(d^3).

    References
    ----------
    Dowson and Landau (1982), The Frechet distance between multivariate normal distributions.
    Bhatia, Jain and Lim (2019), On the Bures-Wasserstein distance between positive definite matrices.

    Examples
    --------
    >>> float(gaussian_wasserstein([0.0], [[1.0]], [3.0], [[25.0]]))  # sqrt(3^2 + (1 - 5)^2)
    5.0
    """
    names = ("loc_x", "covariance_x", "loc_y", "covariance_y")
    xp, *arrays = float_arrays(loc_x, covariance_x, loc_y, covariance_y, names=names)
    _check_shapes(dict(zip(names, arrays, strict=True)))
    if check:
        for name, array in zip(names, arrays, strict=True):
            check_finite(xp, array, name)
    loc_x, covariance_x, loc_y, covariance_y = arrays
    left = _root(xp, covariance_x, "covariance_x", check)
    right = _root(xp, covariance_y, "covariance_y", check)
    u, _, vh = xp.linalg.svd(right @ left, full_matrices=False)
    between = loc_x - loc_y
    # Every orthogonal matrix gives an upper bound; the identity is exact for equal laws, where the rotation found is
    # arbitrary in directions without variance.
    residual = xp.minimum(_square(xp, left - right @ (u @ vh)), _square(xp, left - right))
    squared = xp.sum(between * between, axis=-1) + residual
    return squared if power else xp.sqrt(squared)


def _root(xp: Any, covariance: Array, name: str, check: bool) -> Array:
    """The symmetric square root, by eigenvalues, so that singular matrices have one too."""
    values, vectors = xp.linalg.eigh((covariance + xp.matrix_transpose(covariance)) / 2)
    if check:
        d = covariance.shape[-1]
        largest = xp.max(xp.abs(covariance), axis=(-2, -1))
        # Rounding of a covariance computed from data, not of one given exactly, sets the slack.
        slack = 100 * d * float(xp.finfo(covariance.dtype).eps) * largest
        skew = xp.max(xp.abs(covariance - xp.matrix_transpose(covariance)), axis=(-2, -1))
        if bool(xp.any(skew > slack)):
            raise ValueError(f"`{name}` must be symmetric, got entries that differ by {float(xp.max(skew)):g}.")
        if bool(xp.any(values[..., 0] < -slack)):
            smallest = float(xp.min(values))
            raise ValueError(f"`{name}` must be positive semi-definite, got a smallest eigenvalue of {smallest:g}.")
    roots = xp.sqrt(xp.maximum(values, xp.zeros_like(values)))
    return (vectors * roots[..., None, :]) @ xp.matrix_transpose(vectors)


def _square(xp: Any, matrix: Array) -> Array:
    return xp.sum(matrix * matrix, axis=(-2, -1))


def _check_shapes(arrays: dict[str, Array]) -> None:
    d = arrays["loc_x"].shape[-1] if arrays["loc_x"].ndim else None
    for name, array in arrays.items():
        tail = (d,) if name.startswith("loc") else (d, d)
        if d is None or d == 0 or tuple(array.shape[-len(tail) :]) != tail:
            raise ValueError(
                f"means must have shape (..., d) and covariances (..., d, d) with one d >= 1, got `{name}` of shape "
                f"{tuple(array.shape)}" + (f" for d = {d}." if d else ".")
            )
