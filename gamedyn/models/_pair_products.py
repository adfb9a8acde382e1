"""The two matrix products that make a block of second derivatives, and its place in a large matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, to_device

__all__ = ["PairProducts", "Placed", "assembled"]

# Entries that are put into place at a time: 0.5 MB in float64, which the cache holds while they are read twice.
_LARGEST_PIECE = 2**16


@dataclass(frozen=True, eq=False)
class PairProducts:
    """The block of the weights (j, i) of one layer with the weights (q, p) of another, as `LayerChain` finds it.

    Parameters
    ----------
    sizes, other_sizes : pair of int
        (k, n): the inputs with the one, and the units, of either layer.
    product : array, shape (..., k other_k, n other_n)
        Over (j, q) and (i, p); for a layer with itself over j <= q only, (..., k (k + 1) / 2, n n).
    moved : array, shape (..., n moving, k other_n), or None
        What is added, over (i, q) and (j, p), for the q of inputs that move: the first ones, without the bias at least.
    is_diagonal : bool
        Whether the other layer is the next one: all of `moved` with i != q vanishes, and it has shape
        (..., n, k other_n), over i and (j, p).
    """

    sizes: tuple[int, int]
    other_sizes: tuple[int, int]
    product: Array
    moved: Array | None
    is_diagonal: bool

    def block(self) -> Array:
        """(..., k n, other_k other_n)."""
        xp, lead = array_namespace(self.product), tuple(self.product.shape[:-2])
        (k, n), (other_k, other_n) = self.sizes, self.other_sizes
        block = xp.reshape(_turned(self._apart(slice(None)), (0, 2, 1, 3)), (*lead, k * n, other_k * other_n))
        if self.moved is None:
            return block
        moved = self._moved_apart()
        if self.is_diagonal:
            identity = xp.eye(n, dtype=moved.dtype, device=device_of(moved))
            moved = moved * xp.reshape(identity, (n, n, 1, 1))
        width = moved.shape[-3] * other_n
        moved = xp.reshape(_turned(moved, (2, 0, 1, 3)), (*lead, k * n, width))
        return xp.concat([block[..., :width] + moved, block[..., width:]], axis=-1)

    def write(self, matrix: numpy.ndarray, row: int, column: int, factors: tuple[int, int]) -> None:
        """Put the block into a NumPy matrix (..., d, d) from (row, column) on, and its transpose, as `assembled`."""
        (k, n), (other_k, other_n) = self.sizes, self.other_sizes
        rows, columns = slice(row, row + k * n), slice(column, column + other_k * other_n)
        lead = matrix.shape[:-2]
        # Axes are split only, so that these are views.
        place = matrix[..., rows, columns].reshape((*lead, k, n, other_k, other_n))
        mirrored = matrix[..., columns, rows].reshape((*lead, other_k, other_n, k, n))
        step = max(1, _LARGEST_PIECE // (k * n * other_n))
        for start in range(0, other_k, step):
            part = slice(start, start + step)
            piece = numpy.swapaxes(self._apart(part), -3, -2)
            if self.moved is not None:
                piece = piece.copy()
                self._add_moved(piece, part)
            if factors[0]:
                numpy.multiply(piece, factors[0], out=place[..., part, :])
            if factors[1]:
                numpy.multiply(_turned(piece, (2, 3, 0, 1)), factors[1], out=mirrored[..., part, :, :, :])

    def _add_moved(self, piece: numpy.ndarray, part: slice) -> None:
        """Add to (..., k, n, q, other_n)."""
        moved = self._moved_apart()
        if not self.is_diagonal:
            some = _turned(moved[..., part, :, :], (2, 0, 1, 3))
            piece[..., : some.shape[-2], :] += some
            return
        for q in range(min(piece.shape[-2], moved.shape[-4] - part.start)):
            piece[..., :, part.start + q, q, :] += moved[..., part.start + q, 0, :, :]

    def _apart(self, part: slice) -> Any:
        """(..., k, q, n, other_n) for a part of the q."""
        xp, (k, n), (other_k, other_n) = array_namespace(self.product), self.sizes, self.other_sizes
        lead = tuple(self.product.shape[:-2])
        if self.moved is not None:
            return xp.reshape(self.product, (*lead, k, other_k, n, other_n))[..., part, :, :]
        places = numpy.zeros((k, k), dtype=int)
        first, second = numpy.triu_indices(k)
        places[first, second] = places[second, first] = numpy.arange(len(first))
        index = to_device(places[:, part].reshape(-1), xp, device=device_of(self.product))
        rows = xp.take(self.product, index, axis=-2)
        return xp.reshape(rows, (*lead, k, rows.shape[-2] // k, n, other_n))

    def _moved_apart(self) -> Any:
        """(..., n, moving or 1, k, other_n)."""
        (k, n), (_, other_n) = self.sizes, self.other_sizes
        moved: Any = self.moved
        lead = tuple(moved.shape[:-2])
        return array_namespace(moved).reshape(moved, (*lead, n, moved.shape[-2] // n, k, other_n))


Placed = tuple[int, int, PairProducts, tuple[int, int]]
"""Block row, block column, and the factors of the block and of its transpose in the mirrored place; 0 for neither."""


def assembled(blocks: list[Placed], sizes: list[int], out: numpy.ndarray | None = None) -> Array:
    """The matrix (..., d, d) of the blocks.

    Parameters
    ----------
    blocks : list of Placed
    sizes : list of int
        Of the rows and columns of the blocks.
    out : numpy.ndarray, shape (..., d, d), optional
        Where blocks of NumPy go.
    """
    first = blocks[0][2].product
    if isinstance(first, numpy.ndarray):
        # One array that is written into: joined parts would pass through memory several times.
        starts = [sum(sizes[:index]) for index in range(len(sizes) + 1)]
        shape = *first.shape[:-2], starts[-1], starts[-1]
        matrix = numpy.empty(shape, dtype=first.dtype) if out is None else out
        for row, column, pair, factors in blocks:
            pair.write(matrix, starts[row], starts[column], factors)
        return matrix
    xp, whole = array_namespace(first), {}
    for row, column, pair, factors in blocks:
        block = pair.block()
        if factors[1]:
            whole[column, row] = factors[1] * xp.matrix_transpose(block)
        if factors[0]:
            whole[row, column] = factors[0] * block
    joined = [xp.concat([whole[row, column] for column in range(len(sizes))], axis=-1) for row in range(len(sizes))]
    return xp.concat(joined, axis=-2)


def _turned(x: Any, order: tuple[int, ...]) -> Any:
    """The last four axes in this order."""
    lead = x.ndim - 4
    return array_namespace(x).permute_dims(x, (*range(lead), *(lead + axis for axis in order)))
