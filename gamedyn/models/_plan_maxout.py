"""A dense layer under maxout as calls on kept buffers: every piece is a matrix of its own."""

from __future__ import annotations

import numpy

from gamedyn.models._plan_buffers import Tape, add_maximum, aligned
from gamedyn.nn import Dense

__all__ = ["PlannedMaxout"]

# Units and inputs of pieces whose transposes are kept: BLAS turns them slowly, by 15 % to 40 % of such a product.
_TURNED = range(8, 65)


class PlannedMaxout:
    """h = max over k of h_before W_k, with the pieces a_k = h_before W_k (..., k, rows, units) one after the other.

    The parameters have the pieces of a unit side by side, so that `expand` copies them apart, and `fold` copies the
    gradient back. Then all but the products goes over long rows of numbers.

    Parameters
    ----------
    layer : Dense
    pieces : int
        k.
    lead : tuple of int
        Of an ensemble: the leading axes of all arrays.
    rows : int
    keeps : bool
        Whether cotangents have a place of their own, not that of a.
    dtype : dtype

    Attributes
    ----------
    matrix, gradient : array, shape (..., k, inputs + 1, units)
        W_k, with its bias as the last row where there is one.
    a, delta : array, shape (..., k, rows, units)
        The pieces, and their cotangents.
    top : array, shape (..., rows, units)
        The largest pieces; later, their cotangents.
    mask : array of bool, shape (..., k, rows, units)
        Which piece is the largest, the first of several.
    """

    def __init__(
        self, layer: Dense, pieces: int, lead: tuple[int, ...], rows: int, keeps: bool, dtype: numpy.dtype
    ) -> None:
        self.layer, self.pieces, self.lead, units = layer, pieces, lead, layer.outputs // pieces
        self.matrix, self.gradient = (
            aligned((*lead, pieces, layer.inputs + layer.bias, units), dtype) for _ in range(2)
        )
        self.turned: numpy.ndarray | None = None
        if units in _TURNED and layer.inputs in _TURNED:
            self.turned = aligned((*lead, pieces, units, layer.inputs), dtype)
        self.a = aligned((*lead, pieces, rows, units), dtype)
        self.delta = aligned(self.a.shape, dtype) if keeps else self.a
        self.top, self.mask = aligned((*lead, rows, units), dtype), aligned(self.a.shape, bool)

    def expand(self, tape: Tape, block: numpy.ndarray) -> None:
        """W_k <- those of the parameters (..., inputs + 1, outputs)."""
        tape.append((numpy.copyto, (self.matrix, self._apart(block))))
        if self.turned is not None:
            tape.append((numpy.copyto, (self.turned, self.matrix[..., : self.layer.inputs, :].mT)))

    def fold(self, tape: Tape, block: numpy.ndarray) -> None:
        """The parameters' gradient <- those of W_k."""
        tape.append((numpy.copyto, (self._apart(block), self.gradient)))

    def push(self, tape: Tape, x: numpy.ndarray, rows: slice) -> None:
        """A <- x W, for x (..., rows, inputs), or with one column more where biases count."""
        matrix = self.matrix[..., : x.shape[-1], :]
        tape.append((numpy.matmul, (x[..., None, :, :], matrix, self.a[..., rows, :])))

    def forward(self, tape: Tape, rows: slice, out: numpy.ndarray) -> None:
        """`out` (..., rows, units) <- the largest pieces."""
        a, top = self.a[..., rows, :], self.top[..., rows, :]
        tape.append((numpy.copyto, (top, a[..., 0, :, :])))
        for k in range(1, self.pieces):
            add_maximum(tape, top, a[..., k, :, :], top)
        tape.append((numpy.copyto, (out, top)))

    def mark(self, tape: Tape, rows: slice) -> None:
        """The mask of these rows, before `top` and a are written to again."""
        mask, top = self.mask[..., rows, :], self.top[..., rows, :]
        tape.append((numpy.equal, (self.a[..., rows, :], top[..., None, :, :], mask)))
        free = numpy.empty(top.shape, bool)
        tape.append((numpy.logical_not, (mask[..., 0, :, :], free)))
        for k in range(1, self.pieces):
            piece = mask[..., k, :, :]
            tape.append((numpy.logical_and, (piece, free, piece)))
            tape.append((numpy.logical_xor, (piece, free, free)))

    def spread(self, tape: Tape, bar: numpy.ndarray, rows: slice, at: slice) -> None:
        """Delta in `rows` <- the cotangent (..., rows, units) of h, at the pieces that are the largest in `at`."""
        delta = self.delta[..., rows, :]
        tape.append((numpy.copyto, (delta, self.mask[..., at, :])))
        tape.append((numpy.multiply, (delta, bar[..., None, :, :], delta)))

    def choose(self, tape: Tape, rows: slice, at: slice, out: numpy.ndarray) -> None:
        """`out` (..., rows, units) <- those of a in `rows` that are the largest pieces in `at`."""
        a = self.a[..., rows, :]
        tape.append((numpy.multiply, (a, self.mask[..., at, :], a)))
        tape.append((numpy.add.reduce, (a, -3, None, out)))

    def pull(self, tape: Tape, d: numpy.ndarray, out: numpy.ndarray) -> None:
        """`out` (..., rows, inputs) <- d W^T."""
        turned = self.matrix[..., : self.layer.inputs, :].mT if self.turned is None else self.turned
        parts = aligned((*d.shape[:-1], self.layer.inputs), d.dtype)
        tape.append((numpy.matmul, (d, turned, parts)))
        tape.append((numpy.add.reduce, (parts, -3, None, out)))

    def meet(self, tape: Tape, h: numpy.ndarray, d: numpy.ndarray) -> None:
        """The gradient <- h^T d, for h (..., rows, inputs + 1)."""
        tape.append((numpy.matmul, (h[..., None, :, : self.matrix.shape[-2]].mT, d, self.gradient)))

    def _apart(self, block: numpy.ndarray) -> numpy.ndarray:
        """A view with the pieces before the inputs."""
        return numpy.moveaxis(block.reshape(*block.shape[:-1], -1, self.pieces), -1, -3)
