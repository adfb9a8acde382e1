"""The best way to move one sample on a circle to another: monotone, with a cut found by bisection over integers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy

from gamedyn.transport._on_line_numpy import UNIT, integer_shares

__all__ = ["best_coupling"]


def best_coupling(
    x: numpy.ndarray,
    y: numpy.ndarray,
    v: numpy.ndarray | None,
    w: numpy.ndarray | None,
    *,
    order: float,
    period: float,
) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """(i, j, turns, mass): mass moves from x_i to y_j + period turns, in n + m pieces of which some may be empty.

    Parameters
    ----------
    x, y : array, shapes (n,) and (m,)
    v, w : array, shapes (n,) and (m,), optional
        Weights.
    order : float
        p >= 1, or inf.
    period : float
        Length of the circle.
    """
    x_turn, y_turn = numpy.floor(x / period), numpy.floor(y / period)
    x, y = x / period - x_turn, y / period - y_turn
    x_order, y_order = numpy.argsort(x), numpy.argsort(y)
    weighted = v is not None or w is not None
    # Equal weights are exact as multiples of 1 / (n m).
    unit = UNIT if weighted else len(x) * len(y)
    x_levels = numpy.cumsum(integer_shares(v, len(x), unit)[x_order])
    y_levels = numpy.cumsum(integer_shares(w, len(y), unit)[y_order])
    # Weighted levels that differ by rounding count as one for p > 1: a root would blow their difference up.
    sliver = int(4 * math.sqrt(len(x) + len(y)) * 2.0**-52 * unit) if weighted and order > 1 else 0
    samples = _Samples(x[x_order], y[y_order], x_levels, y_levels, unit, sliver)
    i, j, turns, mass = samples.pieces(samples.best_cut(order))
    i, j = x_order[i], y_order[j]
    return i, j, turns + x_turn[i] - y_turn[j], mass / unit


@dataclass(frozen=True, eq=False)
class _Samples:
    """Sorted positions in [0, 1], and the masses up to each of them as integers that end at `unit`."""

    x: numpy.ndarray
    y: numpy.ndarray
    x_levels: numpy.ndarray
    y_levels: numpy.ndarray
    unit: int
    sliver: int

    def best_cut(self, order: float) -> int:
        """The a that minimises the norm of F^-1(u) - G^-1(u + a)."""
        if order == 1:
            return self._median()
        if order < math.inf:
            return self._first(lambda cut: self._rises(cut, order))
        # The largest step forward grows with a, the largest one back falls.
        crossing = self._first(lambda cut: self._steps(cut)[0] >= self._steps(cut)[1])
        return min(crossing, crossing - 1, key=lambda cut: max(self._steps(cut)))

    def pieces(self, cut: int) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray, numpy.ndarray]:
        """(i, j, turns, mass) of the pieces on which F^-1(u) = x_i and G^-1(u + cut) = y_j + turns."""
        _, shifted = numpy.divmod(self.y_levels - cut - 1, self.unit)
        levels = numpy.sort(numpy.concatenate([self.x_levels, shifted + 1]))
        turns, there = numpy.divmod(levels + cut - 1, self.unit)
        mass = numpy.diff(levels, prepend=0)
        i = numpy.searchsorted(self.x_levels, levels)
        j = numpy.searchsorted(self.y_levels, there + 1)
        return i, j, turns, numpy.where(mass > self.sliver, mass, 0)

    def _median(self) -> int:
        """The median of G - F, weighted by length: the best a for p = 1, where the cost is integral |F - G + a|."""
        positions = numpy.concatenate([self.x, self.y])
        order = numpy.argsort(positions, kind="stable")
        shares = numpy.concatenate([-numpy.diff(self.x_levels, prepend=0), numpy.diff(self.y_levels, prepend=0)])
        difference = numpy.cumsum(shares[order])
        positions = positions[order]
        lengths = numpy.diff(positions, append=positions[0] + 1)
        order = numpy.argsort(difference, kind="stable")
        total = numpy.cumsum(lengths[order])
        return int(difference[order[numpy.searchsorted(total, total[-1] / 2)]])

    def _rises(self, cut: int, order: float) -> bool:
        """Whether the cost does not fall as `cut` grows: then each y_j hands mass of one x on to y_{j+1}."""
        turns, there = numpy.divmod(self.y_levels - cut - 1, self.unit)
        x = self.x[numpy.searchsorted(self.x_levels, there + 1)] + turns
        gained = numpy.abs(x - numpy.append(self.y[1:], self.y[0] + 1))
        lost = numpy.abs(x - self.y)
        # In units of the largest distance, so that one term at least does not underflow.
        largest = max(float(numpy.max(gained)), float(numpy.max(lost))) or 1.0
        return bool(numpy.sum((gained / largest) ** order) >= numpy.sum((lost / largest) ** order))

    def _steps(self, cut: int) -> tuple[float, float]:
        """The largest steps of a piece forward and back."""
        i, j, turns, mass = self.pieces(cut)
        step = (self.y[j] + turns - self.x[i])[mass > 0]
        return float(numpy.max(step)), float(-numpy.min(step))

    def _first(self, holds: Callable[[int], bool]) -> int:
        """The smallest cut within a turn for which a monotone statement holds."""
        low, high = -self.unit, self.unit
        while low < high:
            middle = (low + high) // 2
            if holds(middle):
                high = middle
            else:
                low = middle + 1
        return low
