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
_MOST_PRODUCTS = 2


def is_tied(layer: Any, shape: tuple[int, ...]) -> bool:
    """Whether a plan takes the layer on inputs of `shape` as one matrix.

    A matrix needs no patches, which cost as much as the products where images are small, but it multiplies by the
    zeros outside of the windows.
    """
    if type(layer) is not Convolution and type(layer) is not TransposedConvolution:
        return False
    windows = layer.windows(tuple(shape[:-1]))
    entries: int = math.prod(windows.inputs) * windows.positions * layer.inputs * layer.outputs
    return entries <= _SMALL_MATRIX or math.prod(windows.inputs) <= _MOST_PRODUCTS * windows.taps


class TiedWeights:
    """The matrix [M; b] (..., inputs + 1, outputs) of a layer that `is_tied`, and room for its gradient.

    Features are flat. With A the matrix of the convolution C from windows' inputs i to outputs j, A[i, :, j, :] = W[o]
    where i = stride j + dilation o - pad, and zero elsewhere: M = A for C, and M = A^T, stored as A, for its transpose.

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
        size = (self.outputs, self.inputs + 1) if self.turned else (self.inputs + 1, self.outputs)
        stored = [aligned((*lead, *size), dtype) for _ in range(2)]
        self.matrix, self.gradient = (each.mT if self.turned else each for each in stored)

    def expand(self, tape: Tape, theta: numpy.ndarray) -> None:
        """matrix <- [M; b] of the parameters theta (..., size)."""
        weight, bias = self._parts(theta)
        across: tuple[Any, ...] = (..., *(None,) * len(self.windows.kernel), slice(None), slice(None))
        for tap, places in self._places(self.matrix):
            tape.append((numpy.copyto, (places, _at(weight, tap)[across])))
        if bias is not None:
            tape.append((numpy.copyto, (self._biases(self.matrix), bias[..., None, :])))

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
            tape.append((numpy.add.reduce, (self._biases(self.gradient), -2, None, bias)))

    def _parts(self, flat: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray | None]:
        """Weight and bias within flat vectors, as views."""
        shapes = self.layer.parameter_shapes
        count = math.prod(shapes["weight"])
        weight = flat[..., :count].reshape(*self.lead, *shapes["weight"])
        return weight, flat[..., count:] if "bias" in shapes else None

    def _taps(self) -> Any:
        return itertools.product(*map(range, self.windows.kernel))

    def _biases(self, matrix: numpy.ndarray) -> numpy.ndarray:
        """The last row as (..., positions, channels)."""
        found: numpy.ndarray = matrix[..., -1, :].reshape(*self.lead, -1, self.layer.outputs)
        return found

    def _places(self, matrix: numpy.ndarray) -> list[tuple[tuple[int, ...], numpy.ndarray]]:
        """For each tap the view (..., *positions, channels, channels) of the places in a matrix that hold it."""
        windows, n = self.windows, len(self.windows.kernel)
        weights = matrix[..., :-1, :].mT if self.turned else matrix[..., :-1, :]
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
