"""Patches and their adjoint on the host, by tables of indices: one gather, and a sum of as many as windows overlap."""

from __future__ import annotations

import itertools
import math
from functools import lru_cache
from typing import Any

import numpy

from gamedyn.nn._windows import Windows

__all__ = ["patches_by_index", "scatter_by_index"]

_Host = numpy.ndarray[Any, Any]

# Bytes of the largest array that a part of the batch may need when patches are added up: it stays in the cache, and the
# memory of one call serves the next.
_LARGEST_PART = 2**17


def patches_by_index(x: _Host, windows: Windows) -> _Host:
    """`patches`: the entries of every window, taken from the padded samples."""
    axes, channels = len(windows.kernel), x.shape[-1]
    *lead, batch = x.shape[: -axes - 1]
    if any(low or high for low, high in windows.pads):
        padded = numpy.zeros((*lead, batch, *windows.padded, channels), x.dtype)
        inside: Any = (..., *_inside(windows), slice(None))
        padded[inside] = x
        x = padded
    samples = x.reshape((math.prod(lead) * batch, math.prod(windows.padded), channels))
    # All indices are right; "clip" spares NumPy a copy that it makes in case they are not.
    rows = samples.take(_sources(windows), axis=1, mode="clip")
    return rows.reshape((*lead, batch * windows.positions, windows.taps * channels))


def scatter_by_index(rows: _Host, windows: Windows) -> _Host:
    """`scatter`: every position takes the first entry that lies on it, then the second, and so on."""
    *lead, height, width = rows.shape
    batch, channels = height // windows.positions, width // windows.taps
    count, entries = math.prod(lead) * batch, windows.positions * windows.taps
    first, *others = _entries(windows)
    rows = rows.reshape((count, entries, channels))
    total = numpy.empty((count, math.prod(windows.inputs), channels), rows.dtype)
    size = max(1, _LARGEST_PART // ((entries + 1) * channels * rows.itemsize))
    # One more entry, zero, for positions that fewer windows reach.
    extended = numpy.empty((min(size, count), entries + 1, channels), rows.dtype)
    extended[:, entries] = 0
    for start in range(0, count, size):
        target = total[start : start + size]
        source = extended[: target.shape[0]]
        source[:, :entries] = rows[start : start + size]
        source.take(first, axis=1, mode="clip", out=target)
        for other in others:
            target += source.take(other, axis=1, mode="clip")
    return total.reshape((*lead, batch, *windows.inputs, channels))


def _inside(windows: Windows) -> list[slice]:
    """Where the inputs lie among the padded positions."""
    return [slice(low, low + n) for n, (low, _) in zip(windows.inputs, windows.pads, strict=True)]


@lru_cache(maxsize=128)
def _sources(windows: Windows) -> _Host:
    """(positions * taps,): for every entry of every window its place among the padded positions."""
    places = numpy.zeros((1,), dtype=numpy.intp)
    strides = [math.prod(windows.padded[axis + 1 :]) for axis in range(len(windows.kernel))]
    # Axis by axis: windows of all axes first, then taps of all axes.
    for axis, sizes in enumerate((windows.outputs, windows.kernel)):
        for k, n in enumerate(sizes):
            step = windows.dilation[k] if axis else windows.stride[k]
            places = (places[:, None] + strides[k] * step * numpy.arange(n)).ravel()
    places.flags.writeable = False
    return places


@lru_cache(maxsize=128)
def _entries(windows: Windows) -> tuple[_Host, ...]:
    """Tables (inputs,): the first entry on every position, the second, ...; positions * taps where there is none."""
    numbers = numpy.full(windows.padded, -1, dtype=numpy.intp)
    numbers[tuple(_inside(windows))] = numpy.arange(math.prod(windows.inputs)).reshape(windows.inputs)
    targets = numbers.ravel()[_sources(windows)]
    order = numpy.argsort(targets, kind="stable")
    order = order[targets[order] >= 0]
    ranks = itertools.chain.from_iterable(range(n) for n in numpy.unique_counts(targets[order]).counts)
    rank = numpy.fromiter(ranks, dtype=numpy.intp, count=order.size)
    tables = numpy.full((max(1, int(rank.max(initial=0)) + 1), math.prod(windows.inputs)), targets.size)
    tables[rank, targets[order]] = order
    tables.flags.writeable = False
    return tuple(tables)
