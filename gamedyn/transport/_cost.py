"""Costs between two supports, stored or made from the points block by block."""

from __future__ import annotations

import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace

__all__ = ["Cost", "MatrixCost", "PointCost"]

_CACHED = 65_536
"""Entries of a block of NumPy's: a few temporaries of 512 kB stay in a processor's cache."""


class Cost(ABC):
    """c_ij for i < n and j < m; `rows` makes some of its rows."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """(n, m)."""

    @abstractmethod
    def rows(self, start: int, stop: int) -> Array:
        """c of rows start to stop, shape (stop - start, m)."""

    @abstractmethod
    def transposed(self) -> Cost:
        """The cost of the way back."""

    @abstractmethod
    def largest(self) -> float:
        """An upper bound of its entries."""

    @abstractmethod
    def rounding(self) -> tuple[float, float]:
        """How far an entry may be off: relatively, and absolutely on top of it."""

    def blocks(self, entries: int = _CACHED) -> Iterator[tuple[slice, Array]]:
        """(rows, c of these rows) of about `entries` numbers at a time."""
        n, m = self.shape
        step = max(1, entries // m)
        for start in range(0, n, step):
            stop = min(start + step, n)
            yield slice(start, stop), self.rows(start, stop)


@dataclass(frozen=True, eq=False)
class MatrixCost(Cost):
    """A stored matrix.

    Parameters
    ----------
    matrix : array, shape (n, m)
    """

    matrix: Array

    @property
    def shape(self) -> tuple[int, int]:
        """(n, m)."""
        return self.matrix.shape[0], self.matrix.shape[1]

    def rows(self, start: int, stop: int) -> Array:
        """A view."""
        return self.matrix[start:stop, :]

    def transposed(self) -> MatrixCost:
        """The cost of the way back."""
        return MatrixCost(array_namespace(self.matrix).matrix_transpose(self.matrix))

    def largest(self) -> float:
        """The largest entry."""
        return float(array_namespace(self.matrix).max(self.matrix))

    def rounding(self) -> tuple[float, float]:
        """(0, 0), since it is what was given."""
        return 0.0, 0.0


@dataclass(frozen=True, eq=False)
class PointCost(Cost):
    """|x_i - y_j|^p with Euclidean distances.

    Parameters
    ----------
    x, y : array, shapes (n, d) and (m, d)
        Best centred: in more than four dimensions squares are expanded, and cancel for points far from the origin.
    order : float
        p.
    """

    x: Array
    y: Array
    order: float

    @property
    def shape(self) -> tuple[int, int]:
        """(n, m)."""
        return self.x.shape[0], self.y.shape[0]

    def rows(self, start: int, stop: int) -> Array:
        """Made afresh."""
        return self._power(self._squares(start, stop))

    def transposed(self) -> PointCost:
        """The cost of the way back."""
        return PointCost(self.y, self.x, self.order)

    def largest(self) -> float:
        """An upper bound: the diagonal of the box around all points, to the power p; inf where its square overflows."""
        xp = array_namespace(self.x)
        upper = xp.maximum(xp.max(self.x, axis=0), xp.max(self.y, axis=0))
        lower = xp.minimum(xp.min(self.x, axis=0), xp.min(self.y, axis=0))
        # hypot, since a square might overflow before the power is known to.
        diagonal = math.hypot(*(float(upper[k] - lower[k]) for k in range(self.x.shape[1])))
        with numpy.errstate(over="ignore"):
            bound = numpy.float64(diagonal) ** max(2.0, self.order)
            return float(diagonal**self.order) if bound <= xp.finfo(self.x.dtype).max else math.inf

    def rounding(self) -> tuple[float, float]:
        """Relative up to four dimensions; above, expanded squares are off by a share of the norms."""
        xp, d = array_namespace(self.x), self.x.shape[1]
        unit = (d + 4) * float(xp.finfo(self.x.dtype).eps)
        if d <= 4:
            return unit * self.order, 0.0
        norms = sum(float(xp.max(xp.sum(points * points, axis=1))) for points in (self.x, self.y))
        half = self.order / 2
        # |s^h - t^h| <= |s - t|^h for h <= 1, else h max(s, t)^(h - 1) |s - t|, with squares up to twice the norms.
        off = (unit * norms) ** half if half <= 1 else half * (2 * norms) ** (half - 1) * unit * norms
        return float(xp.finfo(self.x.dtype).eps) * self.order, off

    def stored(self) -> MatrixCost:
        """The same cost as a matrix."""
        n, m = self.shape
        if array_namespace(self.x) is not numpy:
            return MatrixCost(self.rows(0, n))
        matrix = numpy.empty((n, m), dtype=self.x.dtype)
        step = max(1, _CACHED // m)
        for start in range(0, n, step):
            part = matrix[start : start + step]
            if self.order != 2 or self.x.shape[1] > 4:
                part[...] = self.rows(start, start + len(part))
            else:
                self._squares(start, start + len(part), part)
        return MatrixCost(matrix)

    def gradient(self, rows: slice, block: Array, plan: Array) -> tuple[Array, Array]:
        """sum_j plan_ij dc_ij/dx_i of some rows, and their share of sum_i plan_ij dc_ij/dy_j.

        Parameters
        ----------
        rows : slice
            Which rows.
        block, plan : array, shape (k, m)
            Costs and masses of these rows.

        Notes
        -----
        0 where points coincide: the gradient for p > 1, a subgradient for p = 1.
        """
        xp = array_namespace(plan)
        weight = 2 * plan
        if self.order != 2:
            # p |x - y|^(p - 2), from the cost |x - y|^p.
            apart = block > 0
            power = xp.where(apart, block, xp.ones_like(block)) ** (1 - 2 / self.order)
            weight = xp.where(apart, self.order * power * plan, xp.zeros_like(plan))
        x = self.x[rows, :]
        by_x = x * xp.sum(weight, axis=1)[:, None] - weight @ self.y
        return by_x, self.y * xp.sum(weight, axis=0)[:, None] - xp.matrix_transpose(weight) @ x

    def _power(self, squares: Array) -> Array:
        if self.order == 2:
            return squares
        return array_namespace(squares).sqrt(squares) if self.order == 1 else squares ** (self.order / 2)

    @functools.cached_property
    def _coordinates(self) -> Array:
        """y by coordinates, each in one piece of memory."""
        columns = array_namespace(self.y).matrix_transpose(self.y)
        return numpy.ascontiguousarray(columns) if isinstance(columns, numpy.ndarray) else columns

    def _squares(self, start: int, stop: int, out: Any = None) -> Array:
        """|x_i - y_j|^2: by coordinates in up to four dimensions, else expanded to a matrix product."""
        xp: Any = array_namespace(self.x)
        x, d = self.x[start:stop, :], self.x.shape[1]
        if d > 4:
            lengths = xp.sum(x * x, axis=1)[:, None] + xp.sum(self.y * self.y, axis=1)
            return xp.maximum(lengths - 2 * (x @ self._coordinates), xp.zeros_like(lengths))
        if xp is not numpy:
            gaps = [x[:, k : k + 1] - self._coordinates[k : k + 1, :] for k in range(d)]
            return sum((gap * gap for gap in gaps[1:]), gaps[0] * gaps[0])
        total = numpy.subtract(x[:, :1], self._coordinates[0], out=out)
        numpy.multiply(total, total, out=total)
        gap = numpy.empty_like(total) if d > 1 else total
        for k in range(1, d):
            numpy.subtract(x[:, k : k + 1], self._coordinates[k], out=gap)
            numpy.multiply(gap, gap, out=gap)
            numpy.add(total, gap, out=total)
        return total
