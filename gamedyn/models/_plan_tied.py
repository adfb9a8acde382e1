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
    """The matrix [M; b] (inputs + 1, outputs) of a layer that `is_tied`, on flat features, and room for its gradient.

    With A the matrix of the convolution C from windows' inputs i to outputs j, A[i, :, j, :] = W[o] where
    i = stride j + dilation o - pad, and zero elsewhere: M = A for C, and M = A^T, stored as A, for its transpose.

    Parameters
    ----------
    layer : Convolution or TransposedConvolution
    shape : tuple of int
        Of one input, channels last.
    dtype : dtype
    """

    def __init__(self, layer: Any, shape: tuple[int, ...], dtype: Any) -> None:
        self.layer, self.turned = layer, isinstance(layer, TransposedConvolution)
        self.windows = layer.windows(tuple(shape[:-1]))
        self.inputs, self.outputs = math.prod(shape), math.prod(layer.output_shape(shape))
        self.size = sum(map(math.prod, layer.parameter_shapes.values()))
        size = self.inputs + 1, self.outputs
        self.matrix, self.gradient = (
            aligned(size[::-1], dtype).T if self.turned else aligned(size, dtype) for _ in range(2)
        )

    def expand(self, tape: Tape, theta: numpy.ndarray) -> None:
        """matrix <- [M; b] of the parameters theta (size,)."""
        weight, bias = self._parts(theta)
        for tap, places in self._places(self.matrix):
            tape.append((numpy.copyto, (places, weight[tap])))
        if bias is not None:
            tape.append((numpy.copyto, (self._biases(self.matrix), bias)))

    def fold(self, tape: Tape, gradient: numpy.ndarray) -> None:
        """gradient (size,) <- the sums of the matrix's gradient over the places of each parameter."""
        weight, bias = self._parts(gradient)
        seen, axes = set(), tuple(range(len(self.windows.kernel)))
        for tap, places in self._places(self.gradient):
            seen.add(tap)
            tape.append((numpy.add.reduce, (places, axes, None, weight[tap])))
        # Taps that meet nothing but padding.
        tape.extend((weight[tap].fill, (0.0,)) for tap in self._taps() if tap not in seen)
        if bias is not None:
            tape.append((numpy.add.reduce, (self._biases(self.gradient), 0, None, bias)))

    def _parts(self, flat: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray | None]:
        """Weight and bias within a flat vector, as views."""
        shapes = self.layer.parameter_shapes
        count = math.prod(shapes["weight"])
        return flat[:count].reshape(shapes["weight"]), flat[count:] if "bias" in shapes else None

    def _taps(self) -> Any:
        return itertools.product(*map(range, self.windows.kernel))

    def _biases(self, matrix: numpy.ndarray) -> numpy.ndarray:
        """The last row as (positions, channels)."""
        found: numpy.ndarray = matrix[-1].reshape(-1, self.layer.outputs)
        return found

    def _places(self, matrix: numpy.ndarray) -> list[tuple[tuple[int, ...], numpy.ndarray]]:
        """For each tap the view (*positions, channels, channels) of all places in a matrix that hold its weight."""
        windows, n = self.windows, len(self.windows.kernel)
        weights = matrix[:-1].T if self.turned else matrix[:-1]
        channels = (self.layer.outputs, self.layer.inputs) if self.turned else (self.layer.inputs, self.layer.outputs)
        whole = weights.reshape(*windows.inputs, channels[0], *windows.outputs, channels[1])
        at = whole.strides
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
            corner = whole[(*(slice(i, None) for i in start), slice(None), *(slice(j, None) for j in first))]
            strides = [s * at[axis] + at[n + 1 + axis] for axis, s in enumerate(windows.stride)]
            view = numpy.lib.stride_tricks.as_strided(corner, (*counts, *channels), (*strides, at[n], at[-1]))
            found.append((tap, view))
        return found
