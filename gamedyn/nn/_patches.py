"""Patches of a batch under the windows of a kernel, and the adjoint that adds patches up where they lie."""

from __future__ import annotations

import itertools
from typing import Any

from gamedyn.backend import Array, array_namespace, device_of, library_of
from gamedyn.nn._patches_by_index import patches_by_index, scatter_by_index
from gamedyn.nn._windows import Windows

__all__ = ["patches", "reference_patches", "reference_scatter", "scatter"]


def patches(x: Array, windows: Windows) -> Array:
    """Rows (..., batch * positions, taps * channels) of x (..., batch, *inputs, channels), one row for each window.

    On the host, tables of indices do the work; both forms give the same bits.
    """
    return patches_by_index(x, windows) if library_of(x) == "numpy" else reference_patches(x, windows)


def scatter(rows: Array, windows: Windows) -> Array:
    """The adjoint of `patches`: (..., batch, *inputs, channels) from rows (..., batch * positions, taps * channels).

    Chosen by the same rule; the order of additions differs, and so does the last bit.
    """
    return scatter_by_index(rows, windows) if library_of(rows) == "numpy" else reference_scatter(rows, windows)


def reference_patches(x: Array, windows: Windows) -> Array:
    """`patches` by slices of the padded array, one for each tap."""
    xp, n = array_namespace(x), len(windows.kernel)
    for axis, (low, high) in enumerate(windows.pads):
        x = _surrounded(x, axis - n - 1, low, high)
    taps = []
    for offsets in itertools.product(*map(range, windows.kernel)):
        starts = [d * o for d, o in zip(windows.dilation, offsets, strict=True)]
        steps = zip(starts, windows.stride, windows.outputs, strict=True)
        taps.append(x[(..., *(slice(a, a + s * (m - 1) + 1, s) for a, s, m in steps), slice(None))])
    rows = xp.concat(taps, axis=-1)
    *lead, batch = rows.shape[: -n - 1]
    return xp.reshape(rows, (*lead, batch * windows.positions, rows.shape[-1]))


def reference_scatter(rows: Array, windows: Windows) -> Array:
    """`scatter` tap by tap: values moved apart by the stride, set into zeros at the tap, added."""
    xp, n = array_namespace(rows), len(windows.kernel)
    *lead, height, width = rows.shape
    channels = width // windows.taps
    shape = (*lead, height // windows.positions, *windows.outputs, windows.taps, channels)
    rows = xp.reshape(rows, shape)
    total: Any = 0
    for tap, offsets in enumerate(itertools.product(*map(range, windows.kernel))):
        piece = rows[..., tap, :]
        for axis, (offset, size) in enumerate(zip(offsets, windows.padded, strict=True)):
            start = windows.dilation[axis] * offset
            piece = _moved_apart(piece, axis - n - 1, windows.stride[axis])
            piece = _surrounded(piece, axis - n - 1, start, size - start - piece.shape[axis - n - 1])
        total = total + piece if tap else piece
    inside = (slice(low, low + size) for size, (low, _) in zip(windows.inputs, windows.pads, strict=True))
    return total[(..., *inside, slice(None))]


def _surrounded(x: Array, axis: int, low: int, high: int) -> Array:
    """x with zeros before and behind along one axis."""
    if low == 0 and high == 0:
        return x
    xp, shape = array_namespace(x), list(x.shape)

    def zeros(size: int) -> list[Array]:
        shape[axis] = size
        return [xp.zeros(tuple(shape), dtype=x.dtype, device=device_of(x))] if size else []

    return xp.concat([*zeros(low), x, *zeros(high)], axis=axis)


def _moved_apart(x: Array, axis: int, stride: int) -> Array:
    """x with stride - 1 zeros between neighbours along one axis."""
    if stride == 1:
        return x
    xp, size = array_namespace(x), x.shape[axis]
    zeros = xp.zeros_like(x)
    mixed = xp.stack([x] + [zeros] * (stride - 1), axis=axis)
    # A new axis before the last |axis| - 1 ones stands behind that of the values.
    shape = (*x.shape[: x.ndim + axis], size * stride, *x.shape[x.ndim + axis + 1 :])
    cut = (..., slice(0, (size - 1) * stride + 1), *(slice(None),) * (-axis - 1))
    return xp.reshape(mixed, shape)[cut]
