"""Affine maps of columns, and their powers by squaring, with a bound on how much they let a point grow."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy

from gamedyn.backend import Array, array_namespace, device_of

__all__ = ["AffineMap", "Powers"]

_MOST_KEPT = 4


class AffineMap(NamedTuple):
    """w <- matrix w + offset on columns w (G, D, n): one matrix for n columns, G of them."""

    matrix: Array
    offset: Array | None

    def apply(self, w: Array) -> Array:
        """The columns after the map."""
        moved = array_namespace(w).matmul(self.matrix, w)
        return moved if self.offset is None else moved + self.offset

    def after(self, first: AffineMap) -> AffineMap:
        """This map after another."""
        matrix = array_namespace(self.matrix).matmul(self.matrix, first.matrix)
        return AffineMap(matrix, None if first.offset is None else self.apply(first.offset))


class Powers:
    """A map repeated 1, 2, 4, ... times, each found when first needed and kept.

    Parameters
    ----------
    one : AffineMap
    """

    def __init__(self, one: AffineMap) -> None:
        self._squares: tuple[tuple[AffineMap, float], ...] = ((one, _size(one.matrix)),)
        self._multiples: dict[tuple[int, int], AffineMap] = {}

    def square(self, k: int) -> AffineMap:
        """The map 2^k times."""
        return self._up_to(k)[k][0]

    def growth(self, times: int) -> float:
        """A bound on the growth of any point by the linear part, repeated any number of times up to `times`."""
        k = max(times, 1).bit_length() - 1
        return self._up_to(k)[k][1]

    def repeated(self, times: int) -> AffineMap:
        """The map `times` times, at least once."""
        found = None
        for k in _bits(times):
            found = self.square(k) if found is None else self.square(k).after(found)
        return found  # type: ignore[return-value]

    def advanced(self, w: Array, times: int) -> Array:
        """Columns (G, D, n) after `times` times: by products with columns where these are few."""
        if w.shape[-1] > w.shape[-2]:
            return self.repeated(times).apply(w)
        for k in _bits(times):
            w = self.square(k).apply(w)
        return w

    def multiples(self, k: int, count: int) -> AffineMap:
        """The map 0, 2^k, 2 2^k, ... times, `count` of them: matrices (G, count, D, D) and offsets (G, count, D, 1)."""
        found = self._multiples.get((k, count))
        if found is not None:
            return found
        one = self.square(0)
        xp, known = array_namespace(one.matrix), 1
        identity = xp.eye(one.matrix.shape[-1], dtype=one.matrix.dtype, device=device_of(one.matrix))
        matrix = xp.zeros_like(one.matrix[:, None, ...]) + identity
        offset = None if one.offset is None else xp.zeros_like(one.offset[:, None, ...])
        at = k
        while known < count:
            square = self.square(at)
            matrix = xp.concat([matrix, xp.matmul(square.matrix[:, None, ...], matrix)], axis=1)
            if offset is not None and square.offset is not None:
                moved = xp.matmul(square.matrix[:, None, ...], offset) + square.offset[:, None, ...]
                offset = xp.concat([offset, moved], axis=1)
            at, known = at + 1, 2 * known
        found = AffineMap(matrix[:, :count, ...], None if offset is None else offset[:, :count, ...])
        if len(self._multiples) >= _MOST_KEPT:
            self._multiples.clear()
        self._multiples[k, count] = found
        return found

    def _up_to(self, k: int) -> tuple[tuple[AffineMap, float], ...]:
        found = self._squares
        if k >= len(found):
            extended = list(found)
            while k >= len(extended):
                last, growth = extended[-1]
                square = last.after(last)
                extended.append((square, growth * _size(square.matrix)))
            # Replaced as a whole: threads may share these.
            self._squares = found = tuple(extended)
        return found


def _bits(times: int) -> list[int]:
    """The exponents of the powers of two that add up to `times`, the smallest first."""
    return [k for k in range(times.bit_length()) if times >> k & 1]


def _size(matrix: Array) -> float:
    """The Frobenius norm of all matrices together, a bound on the growth of any point; at least 1."""
    if type(matrix) is numpy.ndarray:
        flat = matrix.ravel()
        square = float(numpy.dot(flat, flat))
    else:
        xp = array_namespace(matrix)
        square = float(xp.sum(matrix * matrix))
    return max(1.0, math.sqrt(square)) if square >= 0 else math.inf
