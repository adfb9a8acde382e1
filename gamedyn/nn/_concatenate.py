"""Several layers on one input, side by side."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer, as_layers
from gamedyn.nn._composite import Composite

__all__ = ["Concatenate"]


@dataclass(frozen=True)
class Concatenate(Composite):
    """y = (f_1(x), ..., f_n(x)), joined along the last axis; x_bar is the sum of the branches' cotangents.

    Parameters
    ----------
    branches : tuple of Layer
        Each takes x; `Sequential(())` hands it on as it is.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.nn import Slice, Tanh
    >>> Concatenate((Slice(1, 2), Tanh())).forward((), numpy.array([[0.0, 5.0]]))[0].round(4)
    array([[5.    , 0.    , 0.9999]])
    """

    branches: tuple[Layer, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "branches", as_layers("branches", self.branches))
        if not self.branches:
            raise ValueError("`branches` must hold one layer or more, got none.")

    @property
    def parts(self) -> tuple[Layer, ...]:
        """`branches`."""
        return self.branches

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The branches' shapes, whose last axes add up; the other axes must be equal."""
        shapes = []
        for i, branch in enumerate(self.branches):
            try:
                shapes.append(branch.output_shape(shape))
            except ValueError as error:
                raise ValueError(f"branch {i} does not fit: {error}") from None
        if any(not s or s[:-1] != shapes[0][:-1] for s in shapes):
            raise ValueError(f"branches must agree in all axes but the last, got shapes {shapes}.")
        return (*shapes[0][:-1], sum(s[-1] for s in shapes))

    def frozen(self, params: tuple[Array, ...], x: Array) -> Concatenate:
        """Every branch frozen at x; itself where none changes."""
        branches = tuple(branch.frozen(params[block], x) for branch, block in self._blocks)
        return self if all(map(operator.is_, branches, self.branches)) else Concatenate(branches)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(all outputs, (a tape for each branch, where its outputs end))."""
        passes = [branch.forward(params[block], x) for branch, block in self._blocks]
        ends = [0]
        for y, _ in passes:
            ends.append(ends[-1] + y.shape[-1])
        return _joined([y for y, _ in passes]), (tuple(tape for _, tape in passes), tuple(ends))

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(the sum of the x_bar of all branches, all params_bar)."""
        tapes, ends = tape
        passes = [
            branch.backward(params[block], branch_tape, bar)
            for (branch, block), branch_tape, bar in zip(self._blocks, tapes, _parts(y_bar, ends), strict=True)
        ]
        return _summed(passes)

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(all y_dot, a tape_dot for each branch)."""
        passes = [
            branch.jvp(params[block], branch_tape, x_dot, params_dot[block])
            for (branch, block), branch_tape in zip(self._blocks, tape[0], strict=True)
        ]
        return _joined([y_dot for y_dot, _ in passes]), tuple(tape_dot for _, tape_dot in passes)

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(the sum of the x_bar_dot of all branches, all params_bar_dot)."""
        tapes, ends = tape
        bars = zip(_parts(y_bar, ends), _parts(y_bar_dot, ends), strict=True)
        passes = [
            branch.backward_jvp(params[block], branch_tape, branch_dot, bar, bar_dot, params_dot[block])
            for (branch, block), branch_tape, branch_dot, (bar, bar_dot) in zip(
                self._blocks, tapes, tape_dot, bars, strict=True
            )
        ]
        return _summed(passes)


def _joined(outputs: list[Array]) -> Array:
    """Along the last axis; a branch without parameters has no ensemble of its own, so leading axes are made equal."""
    xp = array_namespace(*outputs)
    if any(y.shape[:-1] != outputs[0].shape[:-1] for y in outputs):
        lead = xp.broadcast_arrays(*(y[..., 0] for y in outputs))[0].shape
        outputs = [xp.broadcast_to(y, (*lead, y.shape[-1])) for y in outputs]
    return xp.concat(outputs, axis=-1)


def _parts(y: Array, ends: tuple[int, ...]) -> list[Array]:
    return [y[..., start:stop] for start, stop in pairwise(ends)]


def _summed(passes: list[tuple[Array, tuple[Array, ...]]]) -> tuple[Array, tuple[Array, ...]]:
    x_bar = passes[0][0]
    for other, _ in passes[1:]:
        x_bar = x_bar + other
    return x_bar, tuple(array for _, bars in passes for array in bars)
