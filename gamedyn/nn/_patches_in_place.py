"""Patches and their adjoint on the host: strided views, one copy, and additions of whole blocks."""

from __future__ import annotations

import itertools
from typing import Any

import numpy
from numpy.lib.stride_tricks import as_strided

from gamedyn.nn._windows import Windows

__all__ = ["patches_in_place", "scatter_in_place"]

_Host = numpy.ndarray[Any, Any]


def patches_in_place(x: _Host, windows: Windows) -> _Host:
    """`patches`, as one copy of a view that repeats the overlapping entries."""
    n = len(windows.kernel)
    *lead, batch = x.shape[: -n - 1]
    if any(low or high for low, high in windows.pads):
        padded = numpy.zeros((*lead, batch, *windows.padded, x.shape[-1]), x.dtype)
        padded[_inside(windows)] = x
        x = padded
    steps = x.strides[-n - 1 : -1]
    strides = (
        *x.strides[: -n - 1],
        *(step * s for step, s in zip(steps, windows.stride, strict=True)),
        *(step * d for step, d in zip(steps, windows.dilation, strict=True)),
        x.strides[-1],
    )
    shape = (*lead, batch, *windows.outputs, *windows.kernel, x.shape[-1])
    view = as_strided(x, shape, strides, writeable=False)
    return view.reshape((*lead, batch * windows.positions, windows.taps * x.shape[-1]))


def scatter_in_place(rows: _Host, windows: Windows) -> _Host:
    """`scatter`, adding blocks of stride taps at once where the stride divides the kernel, and single taps elsewhere.

    With kernel q s, tap q' s + r of window j lies at position s (j + q') + r: for each q' all r < s are one block.
    """
    *lead, height, width = rows.shape
    batch, channels = height // windows.positions, width // windows.taps
    # A block is (count, size): count windows along an axis share it, size taps lie in it.
    sizes = [
        s if d == 1 and k % s == 0 else 1
        for k, s, d in zip(windows.kernel, windows.stride, windows.dilation, strict=True)
    ]
    counts = [k // size for k, size in zip(windows.kernel, sizes, strict=True)]
    axes = list(zip(counts, sizes, strict=True))
    # Whole strides, so that positions split into (stride, within it).
    whole = [-(-p // s) for p, s in zip(windows.padded, windows.stride, strict=True)]
    total = numpy.zeros((*lead, batch, *_paired(whole, windows.stride), channels), rows.dtype)
    rows = rows.reshape((*lead, batch, *windows.outputs, *itertools.chain(*axes), channels))
    rows = _interleaved(rows, len(lead) + 1, len(axes))
    for block in itertools.product(*map(range, counts)):
        target: list[slice] = []
        source: list[Any] = []
        for axis, (index, size) in enumerate(zip(block, sizes, strict=True)):
            start = windows.dilation[axis] * index * size
            first, within = divmod(start, windows.stride[axis])
            target += [slice(first, first + windows.outputs[axis]), slice(within, within + size)]
            source += [slice(None), index, slice(None)]
        into: Any = (..., *target, slice(None))
        total[into] += rows[(..., *source, slice(None))]
    flat = total.reshape((*lead, batch, *(a * s for a, s in zip(whole, windows.stride, strict=True)), channels))
    inside: _Host = flat[_inside(windows)]
    return inside


def _paired(first: Any, second: Any) -> tuple[int, ...]:
    return tuple(itertools.chain(*zip(first, second, strict=True)))


def _interleaved(rows: _Host, before: int, n: int) -> _Host:
    """(..., *outputs, count, size, count, size, ..., channels) -> (..., output, count, size, output, ..., channels)."""
    order = list(range(before))
    for axis in range(n):
        order += [before + axis, before + n + 2 * axis, before + n + 2 * axis + 1]
    return rows.transpose((*order, rows.ndim - 1))


def _inside(windows: Windows) -> tuple[Any, ...]:
    return (
        ...,
        *(slice(low, low + size) for size, (low, _) in zip(windows.inputs, windows.pads, strict=True)),
        slice(None),
    )
