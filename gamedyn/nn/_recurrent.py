"""A cell run along a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, array_namespace, device_of
from gamedyn.nn._base import Layer
from gamedyn.nn._cell import Cell, joined

__all__ = ["Recurrent"]


@dataclass(frozen=True)
class Recurrent(Layer):
    """s[t] = cell([x[t], s[t - 1]]) from s = 0, y[t] the first `hidden` features of s[t]; one set of parameters.

    Inputs have shape (steps, inputs), outputs (steps, hidden). Cotangents run back through all steps.

    Parameters
    ----------
    cell : Cell
        `ElmanCell`, `GRUCell`, `LSTMCell`, or one of your own.

    Raises
    ------
    TypeError
        If `cell` is none.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.nn import LSTMCell
    >>> Recurrent(LSTMCell(2, 3)).output_shape((7, 2))
    (7, 3)
    """

    cell: Cell

    def __post_init__(self) -> None:
        if not isinstance(self.cell, Cell):
            raise TypeError(f"`cell` must be a Cell, got {self.cell!r} of type {type(self.cell).__name__}.")

    @property
    def per_sample(self) -> bool:
        """Whether the cell is."""
        return self.cell.per_sample

    @property
    def is_smooth(self) -> bool:
        """Whether the cell is."""
        return self.cell.is_smooth

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Those of the cell."""
        return self.cell.parameter_shapes

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """Those of the cell."""
        return self.cell.init(rng, xp, dtype, device)

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """(steps, hidden) for (steps, inputs)."""
        if len(shape) != 2 or shape[0] < 1 or shape[1] != self.cell.inputs:
            raise ValueError(f"{self!r} takes inputs of shape (steps, {self.cell.inputs}), got {tuple(shape)}.")
        return (shape[0], self.cell.hidden)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(y, one tape for each step)."""
        state, outputs, tapes = self._zeros(x, self.cell.state), [], []
        for t in range(x.shape[-2]):
            state, tape = self.cell.forward(params, joined(x[..., t, :], state))
            outputs.append(state[..., : self.cell.hidden])
            tapes.append(tape)
        return array_namespace(x).stack(outputs, axis=-2), tuple(tapes)

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """The chain rule, from the last step to the first; cotangents of parameters add up."""
        state_bar: Any = 0
        x_bars, totals = [], None
        for t in reversed(range(len(tape))):
            bar, params_bar = self.cell.backward(params, tape[t], self._extended(y_bar, t) + state_bar)
            x_bars.append(bar[..., : self.cell.inputs])
            state_bar = bar[..., self.cell.inputs :]
            totals = _sum(totals, params_bar)
        return array_namespace(y_bar).stack(x_bars[::-1], axis=-2), totals or ()

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """The chain rule, from the first step to the last."""
        state_dot, outputs, tapes_dot = self._zeros(x_dot, self.cell.state), [], []
        for t in range(x_dot.shape[-2]):
            state_dot, tape_dot = self.cell.jvp(params, tape[t], joined(x_dot[..., t, :], state_dot), params_dot)
            outputs.append(state_dot[..., : self.cell.hidden])
            tapes_dot.append(tape_dot)
        return array_namespace(x_dot).stack(outputs, axis=-2), tuple(tapes_dot)

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """The tangent of every step of backward, in its order."""
        state_bar: Any = 0
        state_bar_dot: Any = 0
        x_bars_dot, totals = [], None
        for t in reversed(range(len(tape))):
            bar = self._extended(y_bar, t) + state_bar
            bar_dot = self._extended(y_bar_dot, t) + state_bar_dot
            moved, params_bar_dot = self.cell.backward_jvp(params, tape[t], tape_dot[t], bar, bar_dot, params_dot)
            # The step before needs the cotangent itself, too.
            state_bar = self.cell.backward(params, tape[t], bar)[0][..., self.cell.inputs :]
            x_bars_dot.append(moved[..., : self.cell.inputs])
            state_bar_dot = moved[..., self.cell.inputs :]
            totals = _sum(totals, params_bar_dot)
        return array_namespace(y_bar_dot).stack(x_bars_dot[::-1], axis=-2), totals or ()

    def _extended(self, y_bar: Array, t: int) -> Array:
        """The cotangent that s[t] has from y[t]."""
        rest, own = self.cell.state - self.cell.hidden, y_bar[..., t, :]
        return joined(own, self._zeros(y_bar, rest)) if rest else own

    def _zeros(self, like: Array, size: int) -> Array:
        shape = (*like.shape[:-2], size)
        return array_namespace(like).zeros(shape, dtype=like.dtype, device=device_of(like))


def _sum(totals: tuple[Array, ...] | None, parts: tuple[Array, ...]) -> tuple[Array, ...]:
    return parts if totals is None else tuple(a + b for a, b in zip(totals, parts, strict=True))
