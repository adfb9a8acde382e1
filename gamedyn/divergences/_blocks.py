"""Sums over outcomes block by block: the same numbers, with temporaries that stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import Array

__all__ = ["summed"]

_ENTRIES = 32768
"""Entries of one block: a handful of temporaries of 256 kB fits the caches of current processors."""


def summed(xp: Any, terms: Callable[..., Array], arrays: tuple[Array, ...]) -> Array:
    """The sum of terms(*arrays) over the last axis.

    Parameters
    ----------
    xp : module
        Namespace of the arrays.
    terms : callable
        Of arrays (..., n) or (..., 1), outcome by outcome; returns an array (..., n).
    arrays : tuple of array
        Of one batch shape. NumPy arrays of more than a block are cut along their first axis, and rows longer than a
        block along their last, so that temporaries of the whole input, which cost more than the arithmetic, are not
        made. Other libraries have kernels, tapes or tracers that a Python loop would break.

    Returns
    -------
    array, shape (...)
    """
    first = arrays[0]
    size = first.shape[-1] if first.ndim else 1
    if xp is not numpy or first.size <= _ENTRIES:
        return xp.sum(terms(*arrays), axis=-1)
    if first.ndim == 1:
        cuts = [slice(start, start + _ENTRIES) for start in range(0, size, _ENTRIES)]
        pieces = [tuple(array[cut] if len(array) == size else array for array in arrays) for cut in cuts]
        return numpy.sum(numpy.array([numpy.sum(terms(*piece)) for piece in pieces]))
    total = numpy.empty(first.shape[:-1], dtype=first.dtype)
    rows = max(1, _ENTRIES * first.shape[0] // first.size)
    for start in range(0, first.shape[0], rows):
        block = tuple(array[start : start + rows] for array in arrays)
        if rows == 1:
            total[start] = summed(xp, terms, tuple(array[0] for array in block))
        else:
            total[start : start + rows] = numpy.sum(terms(*block), axis=-1)
    return total
