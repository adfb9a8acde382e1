"""Convolutions on small images as dense layers with tied weights: their matrices, as calls on kept arrays."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy

from gamedyn.models._plan_buffers import Tape, aligned
from gamedyn.nn import Convolution, TransposedConvolution

__all__ = ["TiedWeights", "is_tied"]

# A matrix may have so many entries, or take at most so many times the products that patches take.
_SMALL_MATRIX = 2**16
_MOST_PRODUCTS = 2.5

_Band = tuple[slice, slice]
"""Inputs and outputs: a block of a matrix, outside of which some of its rows or columns are zero."""


def is_tied(layer: Any, shape: tuple[int, ...]) -> bool:
    """Whether a plan takes the layer on inputs of `shape` as a matrix.

    A matrix needs no patches, which cost as much as the products where images are small, but it multiplies by zeros.
    """
    if type(layer) is not Convolution and type(layer) is not TransposedConvolution:
        return False
    windows = layer.windows(tuple(shape[:-1]))
    entries: int = math.prod(windows.inputs) * windows.positions * layer.inputs * layer.outputs
    bands, _ = _bands(layer, shape)
    products = sum((rows.stop - rows.start) * (columns.stop - columns.start) for rows, columns in bands)
    patches = windows.positions * windows.taps * layer.inputs * layer.outputs
    return entries <= _SMALL_MATRIX or products <= _MOST_PRODUCTS * patches


class TiedWeights:
    """The matrix M (..., inputs, outputs) of a layer that `is_tied`, and its products, without most of the zeros.

    Features are flat. With A the matrix of the convolution C from windows' inputs i to outputs j, A[i, :, j, :] = W[o]
    where i = stride j + dilation o - pad, and zero elsewhere: M = A for C, and M = A^T, stored as A, for its transpose.
    A row of an image meets few others: products are made band by band.

    Parameters
    ----------
    layer : Convolution or TransposedConvolution
    shape : tuple of int
        Of one input, channels last.
    lead : tuple of int
        Of an ensemble: the leading axes of all arrays.
    dtype : dtype
    """

    def __init__(self, layer: Any, shape: tuple[int, ...], lead: tuple[int, ...], dtype: Any) -> None:
        self.layer, self.lead, self.turned = layer, lead, isinstance(layer, TransposedConvolution)
        self.windows = layer.windows(tuple(shape[:-1]))
        self.inputs, self.outputs = math.prod(shape), math.prod(layer.output_shape(shape))
        self.size = sum(map(math.prod, layer.parameter_shapes.values()))
        self.forward_bands, self.backward_bands = _bands(layer, shape)
        size = (self.outputs, self.inputs) if self.turned else (self.inputs, self.outputs)
        stored = [aligned((*lead, *size), dtype) for _ in range(2)]
        self.matrix, self.gradient = (each.mT if self.turned else each for each in stored)
        # b at every position, and its gradient.
        self.biases, self.bias_gradient = (aligned((*lead, 1, self.outputs), dtype) for _ in range(2))

    def push(self, tape: Tape, x: numpy.ndarray, out: numpy.ndarray, *, biased: bool) -> None:
        """out <- x M + b, or without b; x (..., rows, inputs), and whatever columns follow."""
        for rows, columns in self.forward_bands:
            target = out[..., columns]
            if rows.start == rows.stop:
                tape.append((target.fill, (0.0,)))
            else:
                tape.append((numpy.matmul, (x[..., rows], self.matrix[..., rows, columns], target)))
        if biased and self.layer.bias:
            tape.append((numpy.add, (out, self.biases, out)))

    def pull(self, tape: Tape, d: numpy.ndarray, out: numpy.ndarray) -> None:
        """out <- d M^T."""
        for rows, columns in self.backward_bands:
            target = out[..., rows]
            if columns.start == columns.stop:
                tape.append((target.fill, (0.0,)))
            else:
                tape.append((numpy.matmul, (d[..., columns], self.matrix[..., rows, columns].mT, target)))

    def meet(self, tape: Tape, h: numpy.ndarray, d: numpy.ndarray) -> None:
        """The gradient <- x^T d where M may be other than zero, and b's <- c^T d, for h = (x, c)."""
        for rows, columns in self.forward_bands:
            if rows.start < rows.stop:
                target = self.gradient[..., rows, columns]
                tape.append((numpy.matmul, (h[..., rows].mT, d[..., columns], target)))
        if self.layer.bias:
            tape.append((numpy.matmul, (h[..., -1:].mT, d, self.bias_gradient)))

    def expand(self, tape: Tape, theta: numpy.ndarray) -> None:
        """M and b <- those of the parameters theta (..., size)."""
        weight, bias = self._parts(theta)
        across: tuple[Any, ...] = (..., *(None,) * len(self.windows.kernel), slice(None), slice(None))
        for tap, places in self._places(self.matrix):
            tape.append((numpy.copyto, (places, _at(weight, tap)[across])))
        if bias is not None:
            tape.append((numpy.copyto, (self._positions(self.biases), bias[..., None, :])))

    def fold(self, tape: Tape, gradient: numpy.ndarray) -> None:
        """gradient (..., size) <- the sums of the matrix's gradient over the places of each parameter."""
        weight, bias = self._parts(gradient)
        first, n = len(self.lead), len(self.windows.kernel)
        places = dict(self._places(self.gradient))
        for tap in self._taps():
            total = _at(weight, tap)
            if tap in places:
                tape.append((numpy.add.reduce, (places[tap], tuple(range(first, first + n)), None, total)))
            else:
                # It meets nothing but padding.
                tape.append((total.fill, (0.0,)))
        if bias is not None:
            tape.append((numpy.add.reduce, (self._positions(self.bias_gradient), -2, None, bias)))

    def _parts(self, flat: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray | None]:
        """Weight and bias within flat vectors, as views."""
        shapes = self.layer.parameter_shapes
        count = math.prod(shapes["weight"])
        weight = flat[..., :count].reshape(*self.lead, *shapes["weight"])
        return weight, flat[..., count:] if "bias" in shapes else None

    def _taps(self) -> Any:
        return itertools.product(*map(range, self.windows.kernel))

    def _positions(self, row: numpy.ndarray) -> numpy.ndarray:
        """(..., positions, channels) of (..., 1, outputs)."""
        return row.reshape(*self.lead, -1, self.layer.outputs)

    def _places(self, matrix: numpy.ndarray) -> list[tuple[tuple[int, ...], numpy.ndarray]]:
        """For each tap the view (..., *positions, channels, channels) of the places in a matrix that hold it."""
        windows, n = self.windows, len(self.windows.kernel)
        weights = matrix.mT if self.turned else matrix
        channels = (self.layer.outputs, self.layer.inputs) if self.turned else (self.layer.inputs, self.layer.outputs)
        whole = weights.reshape(*self.lead, *windows.inputs, channels[0], *windows.outputs, channels[1])
        before, at = whole.strides[: len(self.lead)], whole.strides[len(self.lead) :]
        found = []
        for tap in self._taps():
            # Input less stride times output, and the outputs for which there is such an input.
            shifts = [d * o - low for d, o, (low, _) in zip(windows.dilation, tap, windows.pads, strict=True)]
            axes = list(zip(shifts, windows.stride, windows.inputs, windows.outputs, strict=True))
            first = [max(0, -(shift // s)) for shift, s, _, _ in axes]
            counts = [
                min(m - 1, (size - 1 - shift) // s) + 1 - j for j, (shift, s, size, m) in zip(first, axes, strict=True)
            ]
            if min(counts) < 1:
                continue
            start = [s * j + shift for j, (shift, s, _, _) in zip(first, axes, strict=True)]
            cut: list[Any] = [..., *(slice(i, None) for i in start), slice(None), *(slice(j, None) for j in first)]
            corner = whole[(*cut, slice(None))]
            strides = [s * at[axis] + at[n + 1 + axis] for axis, s in enumerate(windows.stride)]
            sizes, steps = (*self.lead, *counts, *channels), (*before, *strides, at[n], at[-1])
            view = numpy.lib.stride_tricks.as_strided(corner, sizes, steps)
            found.append((tap, view))
        return found


def _at(weight: numpy.ndarray, tap: tuple[int, ...]) -> numpy.ndarray:
    """The weight (..., channels, channels) of one tap."""
    index: tuple[Any, ...] = (..., *tap, slice(None), slice(None))
    found: numpy.ndarray = weight[index]
    return found


def _bands(layer: Any, shape: tuple[int, ...]) -> tuple[list[_Band], list[_Band]]:
    """Bands of M that share no outputs, for products with M, and such that share no inputs, for those with M^T."""
    windows = layer.windows(tuple(shape[:-1]))
    n, m = windows.inputs[0], windows.outputs[0]
    reads = []
    for j in range(m):
        start = windows.stride[0] * j - windows.pads[0][0]
        inside = [i for i in (start + windows.dilation[0] * o for o in range(windows.kernel[0])) if 0 <= i < n]
        reads.append((inside[0], inside[-1] + 1) if inside else (0, 0))
    readers = [[j for j, (low, high) in enumerate(reads) if low <= i < high] for i in range(n)]
    read_by = [(those[0], those[-1] + 1) if those else (0, 0) for those in readers]
    turned = isinstance(layer, TransposedConvolution)
    before, after = (read_by, reads) if turned else (reads, read_by)
    row, target_row = math.prod(shape) // shape[0], math.prod(layer.output_shape(shape)) // len(before)
    forward = [(_times(source, row), _times(target, target_row)) for target, source in _grouped(before)]
    backward = [(_times(target, row), _times(source, target_row)) for target, source in _grouped(after)]
    return forward, backward


def _grouped(ranges: list[tuple[int, int]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """(places, range) for each row of neighbouring places that have the same range."""
    found: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for place, each in enumerate(ranges):
        if found and found[-1][1] == each:
            found[-1] = (found[-1][0][0], place + 1), each
        else:
            found.append(((place, place + 1), each))
    return found


def _times(places: tuple[int, int], size: int) -> slice:
    return slice(places[0] * size, places[1] * size)
