"""Sums over all pairs of rows, block by block: squared distances, and products with a matrix that is never whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy

from gamedyn.backend import Array, require
from gamedyn.divergences._samples import check_spread

__all__ = [
    "SquaredDistances",
    "Tile",
    "block_columns",
    "direct_squared_distances",
    "line_energy",
    "line_forms",
    "line_products",
    "matrix_forms",
    "matrix_products",
]

Tile: TypeAlias = Callable[[slice, slice], numpy.ndarray]
"""The entries of a symmetric matrix in some rows and columns; valid until the next call."""

_ROWS, _COLUMNS = 64, 4096
"""Of one block, 2 MB: wide, since the product that makes it has few terms, and small enough for the cache."""

_DIRECT_COLUMNS = 4
"""Up to this dimension differences cost no more than a matrix product, and keep all digits."""

_DIRECT_ENTRIES = 2**23
"""Differences held at a time, 64 MB, in libraries whose loops are slow."""

_CLOSE = 2.0**-10
"""Squared distances below this share of the squared radius lose three digits in a matrix product."""


def direct_squared_distances(xp: Any, x: Array, y: Array) -> Array:
    """|x_i - y_j|^2 from differences, (n, m): nothing cancels, and the derivative at coincident points is 0."""
    if xp is numpy:
        from scipy.spatial.distance import cdist

        return cdist(x, y, "sqeuclidean").astype(x.dtype)
    step = max(1, _DIRECT_ENTRIES // max(1, y.shape[0] * x.shape[1]))
    parts = []
    for start in range(0, x.shape[0], step):
        between = x[start : min(start + step, x.shape[0]), None, :] - y[None, :, :]
        parts.append(xp.sum(between * between, axis=-1))
    return parts[0] if len(parts) == 1 else xp.concat(parts)


class SquaredDistances:
    """Blocks of `scale` |z_i - z_j|^2 between the rows of one array.

    From differences in up to four dimensions. Above, by one product of [-2 z, |z|^2, 1] with [z, 1, |z|^2] after the
    mean is taken off; where that would lose digits, from differences again.

    Parameters
    ----------
    rows : array, shape (n, d)
        float64 on the host, of moderate size.
    scale : float
        A factor, applied within the product for free.
    steepness : float, optional
        The largest slope in |z_i - z_j|^2 of the smooth function, of size 1, that the distances are for. It needs
        absolute precision only, and the product serves wherever that is at hand. Where it is None, as for roots, close
        pairs are found and their distances repaired.
    max_bytes : int
        Of one block, roughly.
    """

    def __init__(
        self, rows: numpy.ndarray, scale: float = 1.0, *, steepness: float | None = None, max_bytes: int
    ) -> None:
        # Differences are taken of the rows as given: off their mean, they have been rounded.
        self._rows, centred = rows, _centred(rows)
        self._scale, self._exact = scale, steepness is None
        self._norms = numpy.einsum("ij,ij->i", centred, centred)
        # The absolute error of the function is then below about 256 eps.
        safe = steepness is None or steepness * float(self._norms.max(initial=0.0)) <= 64
        self._by_product = rows.shape[1] > _DIRECT_COLUMNS and safe
        if self._by_product:
            ones, norms = numpy.ones((len(rows), 1)), scale * self._norms[:, None]
            self._left = numpy.hstack([-2 * scale * centred, norms, ones])
            self._right = numpy.hstack([centred, ones, norms])
        self._buffer = numpy.empty(min(_ROWS, len(rows)) * min(block_columns(max_bytes), len(rows)))

    def __call__(self, rows: slice, columns: slice) -> numpy.ndarray:
        """The block, in memory that the next call overwrites."""
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        if shape[0] * shape[1] > self._buffer.size:
            self._buffer = numpy.empty(shape[0] * shape[1])
        block = self._buffer[: shape[0] * shape[1]].reshape(shape)
        # On the diagonal every row meets itself.
        if not self._by_product or rows == columns:
            return self._direct(rows, columns, block)
        numpy.matmul(self._left[rows], self._right[columns].T, out=block)
        return self._repaired(rows, columns, block) if self._exact else block

    def _direct(self, rows: slice, columns: slice, block: numpy.ndarray) -> numpy.ndarray:
        from scipy.spatial.distance import cdist

        cdist(self._rows[rows], self._rows[columns], "sqeuclidean", out=block)
        if self._scale != 1:
            block *= self._scale
        return block

    def _repaired(self, rows: slice, columns: slice, block: numpy.ndarray) -> numpy.ndarray:
        radius = float(self._norms[rows].max() + self._norms[columns].max())
        limit = self._scale * _CLOSE * radius
        if float(block.min()) >= limit:
            return block
        first, second = numpy.nonzero(block < limit)
        if len(first) > block.size // 32:
            return self._direct(rows, columns, block)
        between = self._rows[rows][first] - self._rows[columns][second]
        block[first, second] = self._scale * numpy.einsum("ij,ij->i", between, between)
        return block


def _centred(rows: numpy.ndarray) -> numpy.ndarray:
    """Rows about one of them, then about their mean: the first makes the second exact far from the origin."""
    check_spread(rows)
    rows = rows - rows[:1]
    centred: numpy.ndarray = rows - rows.mean(axis=0)
    return centred


def block_columns(max_bytes: int) -> int:
    """The width of a block: what the cache holds, or less where memory is bounded to less."""
    return max(_ROWS, min(_COLUMNS, max_bytes // (8 * _ROWS)))


def matrix_forms(tile: Tile, signs: numpy.ndarray, *, max_bytes: int, progress: bool = False) -> numpy.ndarray:
    """s^T A s for every column s of `signs`, A the symmetric matrix of the tiles."""
    total = numpy.zeros(signs.shape[1])
    for rows, columns in _upper(len(signs), max_bytes, progress):
        part = numpy.einsum("ij,ij->j", signs[rows], tile(rows, columns) @ signs[columns])
        total += part if rows == columns else 2 * part
    return total


def matrix_products(
    tile: Tile, signs: numpy.ndarray, *, max_bytes: int, progress: bool = False
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """A s for every column s of `signs`, (n, k), and the diagonal of A, (n,), A the symmetric matrix of the tiles."""
    total, diagonal = numpy.zeros(signs.shape), numpy.empty(len(signs))
    for rows, columns in _upper(len(signs), max_bytes, progress):
        block = tile(rows, columns)
        total[rows] += block @ signs[columns]
        if rows == columns:
            diagonal[rows] = numpy.diagonal(block)
        else:
            total[columns] += block.T @ signs[rows]
    return total, diagonal


def _upper(n: int, max_bytes: int, progress: bool) -> Iterator[tuple[slice, slice]]:
    """(rows, columns) of blocks that cover the upper triangle: squares on the diagonal, and what is right of them."""
    width = block_columns(max_bytes)
    starts: Any = range(0, n, _ROWS)
    if progress:
        starts = require("tqdm").tqdm(starts, desc="pairs of rows", unit="block")
    for start in starts:
        rows = slice(start, min(start + _ROWS, n))
        yield rows, rows
        for column in range(rows.stop, n, width):
            yield rows, slice(column, min(column + width, n))


def line_forms(values: numpy.ndarray, signs: numpy.ndarray) -> numpy.ndarray:
    """-s^T D s for every column s of sum 0, D the distances |z_i - z_j| on the line: twice the integral of F^2."""
    order = numpy.argsort(values, kind="stable")
    gaps = numpy.diff(values[order])
    differences = numpy.cumsum(signs[order], axis=0)[:-1]
    on_line: numpy.ndarray = 2 * gaps @ numpy.square(differences, out=differences)
    return on_line


def line_energy(x: numpy.ndarray, y: numpy.ndarray) -> float:
    """Twice the integral of (F - G)^2 between the distribution functions of two samples on the line.

    Faster than `line_forms` of their signs: two sorts of values alone, and a merge, which a stable sort of two sorted
    runs is. The distribution functions are integers over n m, and exact.
    """
    n, m = len(x), len(y)
    pooled = numpy.concatenate([numpy.sort(x), numpy.sort(y)])
    order = numpy.argsort(pooled, kind="stable")
    steps = numpy.cumsum(numpy.where(order < n, m, -n))[:-1] / (float(n) * m)
    return float(2 * numpy.sum(numpy.diff(pooled[order]) * numpy.square(steps, out=steps)))


def line_products(values: numpy.ndarray, signs: numpy.ndarray) -> numpy.ndarray:
    """D s for every column s, D the distances |z_i - z_j| on the line, by one sort.

    sum_j s_j |z_i - z_j| = z_i (2 W_i - W) - (2 M_i - M), with W_i and M_i the sums of s and of s z up to z_i.
    """
    values = values - values.mean()
    order = numpy.argsort(values, kind="stable")
    z, s = values[order, None], signs[order]
    weight, moment = numpy.cumsum(s, axis=0), numpy.cumsum(s * z, axis=0)
    total = numpy.empty(signs.shape)
    total[order] = z * (2 * weight - weight[-1]) - (2 * moment - moment[-1])
    return total
