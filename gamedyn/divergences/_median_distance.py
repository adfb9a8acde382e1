"""The median distance between points: the bandwidth of a kernel that was given none."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.backend import Array, device_of, to_device
from gamedyn.divergences._pairwise import direct_squared_distances

__all__ = ["median_distance"]

_ROWS = 500


def median_distance(xp: Any, x: Array, y: Array | None = None) -> Any:
    """The median of the positive distances between two of the pooled rows; 1 where all rows are equal.

    Of 500 rows evenly spaced in the pooled samples where there are more. The positive distances alone, so that
    duplicates do not make a bandwidth of 0.
    """
    rows = x if y is None else xp.concat([x, y])
    n = rows.shape[0]
    if n > _ROWS:
        chosen = to_device(numpy.arange(_ROWS) * n // _ROWS, xp, device=device_of(rows))
        rows = xp.take(rows, chosen, axis=0)
    # Every pair stands twice in the matrix, beside the zeros of the diagonal.
    r2 = xp.reshape(direct_squared_distances(xp, rows, rows), (-1,))
    positive = r2 > 0
    r2 = xp.sort(xp.where(positive, r2, xp.full_like(r2, math.inf)))
    count = xp.astype(xp.sum(xp.where(positive, xp.ones_like(r2), xp.zeros_like(r2))), xp.int32)
    some = count > 0
    middle = [xp.take(r2, xp.reshape(index, (1,)))[0] for index in (xp.where(some, count - 1, 0) // 2, count // 2)]
    # The roots of ones where there is no distance, so that no gradient is nan.
    lower, upper = (xp.sqrt(xp.where(some, value, xp.ones_like(value))) for value in middle)
    return (lower + upper) / 2
