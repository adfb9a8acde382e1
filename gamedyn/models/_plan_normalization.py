"""Batch normalisation as calls of ufuncs on kept buffers."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.models._plan_buffers import Tape, aligned
from gamedyn.nn import BatchNormalization

__all__ = ["PlannedNormalization"]

# Of values seen as (..., groups, samples, positions, channels): what statistics are taken over.
_AXES = (-3, -2)


class PlannedNormalization:
    """y = (scale r) (x - m) + shift, with r = (v + eps)^(-1/2) and the statistics of each group of rows.

    Samples of a group see each other, as those of one batch do; a buffer holds several batches, one after the other.
    With q = sum n d and s = sum d over a group's N values, n = r (x - m), the cotangent of x is
    (scale r) (d - s / N - n q / N), and those of scale and shift are q and s, summed over all groups.

    Parameters
    ----------
    layer : BatchNormalization
    parameters : array, shape (..., 2 channels) or (..., 0)
        Scale and shift, read whenever the calls are made.
    rows : int
        A multiple of `group`.
    group : int

    Attributes
    ----------
    x : array, shape (..., rows, features)
        Where the inputs go; `forward` leaves x - m.
    """

    def __init__(self, layer: BatchNormalization, parameters: numpy.ndarray, rows: int, group: int) -> None:
        self.layer, self.group, self.lead, self.dtype = layer, group, parameters.shape[:-1], parameters.dtype
        shape: Any = layer.shape
        self.channels, self.positions = shape[-1], math.prod(shape[:-1])
        self.size = 2 * self.channels if layer.affine else 0
        self.x = aligned((*self.lead, rows, self.channels * self.positions), self.dtype)
        self.r = aligned((*self.lead, rows // group, 1, 1, self.channels), self.dtype)
        parts = parameters.reshape(*self.lead, -1, 1, 1, 1, self.channels)
        self.scale, self.shift = [parts[..., k, :, :, :, :] if layer.affine else None for k in (0, 1)]
        self.gradient = aligned((*self.lead, self.size), self.dtype)

    def forward(self, tape: Tape, rows: slice, out: numpy.ndarray) -> None:
        """`out` (..., rows, features) <- y."""
        x, y, r = self._seen(self.x[..., rows, :]), self._seen(out), self._rates(rows)
        m, square = numpy.empty_like(r), aligned(x.shape, self.dtype)
        count = self._number(self.group * self.positions)
        self._add_sum(tape, x, m)
        tape.append((numpy.divide, (m, count, m)))
        tape.append((numpy.subtract, (x, m, x)))
        tape.append((numpy.multiply, (x, x, square)))
        self._add_sum(tape, square, r)
        tape.append((numpy.divide, (r, count, r)))
        tape.append((numpy.add, (r, self._number(self.layer.eps), r)))
        tape.append((numpy.sqrt, (r, r)))
        tape.append((numpy.divide, (self._number(1), r, r)))
        tape.append((numpy.multiply, (x, self._factor(tape, r, m), y)))
        if self.shift is not None:
            tape.append((numpy.add, (y, self.shift, y)))

    def backward(self, tape: Tape, rows: slice, d: numpy.ndarray, *, learns: bool) -> None:
        """The cotangent d (..., rows, features) of y <- that of x; the gradients, too, where it `learns`."""
        x, d, r = self._seen(self.x[..., rows, :]), self._seen(d), self._rates(rows)
        product, count = aligned(x.shape, self.dtype), self._number(self.group * self.positions)
        s, q, factor = (numpy.empty_like(r) for _ in range(3))
        self._add_sum(tape, d, s)
        tape.append((numpy.multiply, (x, d, product)))
        self._add_sum(tape, product, q)
        tape.append((numpy.multiply, (q, r, q)))
        if learns and self.layer.affine:
            for total, part in ((q, slice(0, self.channels)), (s, slice(self.channels, None))):
                tape.append((numpy.add.reduce, (total, (-4, -3, -2), None, self.gradient[..., part])))
        tape.append((numpy.divide, (s, count, s)))
        tape.append((numpy.subtract, (d, s, d)))
        tape.append((numpy.multiply, (q, r, q)))
        tape.append((numpy.divide, (q, count, q)))
        tape.append((numpy.multiply, (x, q, product)))
        tape.append((numpy.subtract, (d, product, d)))
        tape.append((numpy.multiply, (d, self._factor(tape, r, factor), d)))

    def fold(self, tape: Tape, flat: numpy.ndarray) -> None:
        """Flat (..., size) <- the gradients of scale and shift."""
        if self.layer.affine:
            tape.append((numpy.copyto, (flat, self.gradient)))

    def _factor(self, tape: Tape, r: numpy.ndarray, out: numpy.ndarray) -> numpy.ndarray:
        """Scale r, in `out` where there is a scale."""
        if self.scale is None:
            return r
        tape.append((numpy.multiply, (r, self.scale, out)))
        return out

    def _add_sum(self, tape: Tape, values: numpy.ndarray, out: numpy.ndarray) -> None:
        tape.append((numpy.add.reduce, (values, _AXES, None, out, True)))

    def _seen(self, values: numpy.ndarray) -> numpy.ndarray:
        """(..., rows, features) as (..., groups, samples, positions, channels), a view."""
        return values.reshape(*self.lead, -1, self.group, self.positions, self.channels)

    def _rates(self, rows: slice) -> numpy.ndarray:
        return self.r[..., rows.start // self.group : rows.stop // self.group, :, :, :]

    def _number(self, value: float) -> numpy.ndarray:
        return numpy.asarray(value, self.dtype)
