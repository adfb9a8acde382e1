"""The largest singular value and its vectors: by a full decomposition, and on the host for less."""

from __future__ import annotations

import numpy

from gamedyn.backend import Array, array_namespace

__all__ = ["SMALLEST_SIDE", "decomposed_pair", "dominant_pair"]

# From here on two eigenvectors of the Gram matrix cost less than all singular vectors.
SMALLEST_SIDE = 16


def decomposed_pair(matrix: Array) -> tuple[Array, Array, Array, Array]:
    """(sigma, u, v, gap) of matrices (..., m, n) in any library, by a singular value decomposition.

    gap = 1 - sigma_2 / sigma, and 1 where there is no second singular value; of no meaning for a zero matrix.
    """
    xp = array_namespace(matrix)
    left, values, right = xp.linalg.svd(matrix, full_matrices=False)
    value = values[..., 0]
    safe = xp.where(value > 0, value, xp.ones_like(value))
    gap = 1 - values[..., 1] / safe if values.shape[-1] > 1 else xp.ones_like(value)
    return value, left[..., :, 0], right[..., 0, :], gap


def dominant_pair(matrix: Array) -> tuple[Array, Array, Array, Array]:
    """The same of one NumPy matrix (m, n), for less.

    From the two last eigenvectors of the Gram matrix of the smaller side. Squares halve the digits of small singular
    values, but not of the largest one, whose vectors lose 1 / gap either way.
    """
    from scipy.linalg import eigh

    scale = numpy.max(numpy.abs(matrix))
    if not scale > 0:
        return decomposed_pair(matrix)
    # Squares of entries of order 1 neither overflow nor vanish.
    scaled = matrix / scale
    wide = matrix.shape[0] < matrix.shape[1]
    tall = scaled.T if wide else scaled
    last = tall.shape[1] - 1
    squares, vectors = eigh(tall.T @ tall, subset_by_index=[last - 1, last])
    if vectors.shape[1] < 2:
        # LAPACK finds none of the asked for where all singular values are equal to rounding.
        return decomposed_pair(matrix)
    right = vectors[:, 1]
    left = tall @ right
    value = numpy.linalg.norm(left)
    left = left / value
    gap = 1 - numpy.sqrt(max(squares[0], squares.dtype.type(0)) / squares[1])
    u, v = (right, left) if wide else (left, right)
    return scale * value, u, v, gap
