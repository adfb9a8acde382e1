"""Batched dense solves in which one singular matrix spoils its own entry only."""

from __future__ import annotations

from gamedyn.backend import Array, array_namespace

__all__ = ["solve_or_nan"]


def solve_or_nan(matrix: Array, right: Array) -> Array:
    """matrix^{-1} right, batched; nan where a matrix is exactly singular, for one must not stop the whole batch.

    Parameters
    ----------
    matrix : array, shape (..., d, d)
    right : array, shape (..., d, k)

    Returns
    -------
    array, shape (..., d, k)

    Examples
    --------
    >>> import numpy
    >>> solve_or_nan(numpy.array([[[2.0]], [[0.0]]]), numpy.ones((2, 1, 1)))[:, 0, 0].tolist()
    [0.5, nan]
    """
    xp = array_namespace(matrix)
    sign, _ = xp.linalg.slogdet(matrix)
    singular = (sign == 0)[..., None, None]
    return xp.linalg.solve(xp.where(singular, xp.nan, matrix), right)
