"""Recorded calls, and the arrays that they work on."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy

__all__ = ["Tape", "add_maximum", "add_minimum", "aligned", "zeros"]

Tape = list[tuple[Callable[..., Any], tuple[Any, ...]]]
"""Calls to be repeated, each with its arguments, the last of which is where the result goes."""

# Bytes of a cache line: vectors that cross one are loaded at half the speed.
_LINE = 64
_ZEROS: dict[numpy.dtype[Any], numpy.ndarray] = {}


def aligned(shape: tuple[int, ...], dtype: Any) -> numpy.ndarray:
    """Zeros that start at a cache line.

    Parameters
    ----------
    shape : tuple of int
    dtype : dtype
    """
    size = math.prod(shape) * numpy.dtype(dtype).itemsize
    memory = numpy.zeros(size + _LINE, numpy.uint8)
    start = -memory.ctypes.data % _LINE
    found: numpy.ndarray = memory[start : start + size].view(dtype).reshape(shape)
    return found


def zeros(shape: tuple[int, ...], dtype: Any) -> numpy.ndarray:
    """Read-only zeros, of which all plans share the memory: `maximum` is faster with an array than with a number.

    Parameters
    ----------
    shape : tuple of int
    dtype : dtype
    """
    dtype, size = numpy.dtype(dtype), math.prod(shape)
    if dtype not in _ZEROS or _ZEROS[dtype].size < size:
        _ZEROS[dtype] = aligned((size,), dtype)
        _ZEROS[dtype].flags.writeable = False
    return _ZEROS[dtype][:size].reshape(shape)


def add_maximum(tape: Tape, x: numpy.ndarray, y: numpy.ndarray, out: numpy.ndarray) -> None:
    """out <- max(x, y), where NumPy wants `out` by name."""
    tape.append((partial(numpy.maximum, out=out), (x, y)))


def add_minimum(tape: Tape, x: numpy.ndarray, y: numpy.ndarray, out: numpy.ndarray) -> None:
    """out <- min(x, y), as `add_maximum`."""
    tape.append((partial(numpy.minimum, out=out), (x, y)))
