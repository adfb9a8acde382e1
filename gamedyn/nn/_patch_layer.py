"""PatchLayer: layers that are a dense layer on the patches of their input."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer
from gamedyn.nn._dense import Dense
from gamedyn.nn._initializers import Initializer, as_initializer
from gamedyn.nn._patches import patches, scatter
from gamedyn.nn._windows import Windows

__all__ = ["PatchLayer", "as_positions", "as_rows", "check_event", "flat_kernel"]


class PatchLayer(Layer):
    """y = (W o mask) . P x + b at every position, P x the patches: forward and backward are those of Dense around P.

    With rows R = P x: y = R W + b, R_bar = y_bar W^T, W_bar = R^T y_bar, x_bar = P^T R_bar. P is linear and has no
    parameters, so tangents pass through it as values do. Members say which windows they have and how W is masked.
    """

    inputs: int
    outputs: int
    kernel: tuple[int, ...]
    bias: bool
    initializer: str | Initializer

    @abstractmethod
    def windows(self, spatial: tuple[int, ...]) -> Windows:
        """The windows over `spatial` positions; a ValueError where the kernel is too large for them."""

    def masked(self, weight: Array) -> Array:
        """The weight (..., taps * inputs, outputs) as it is used; linear, and its own adjoint."""
        return weight

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """weight (*kernel, inputs, outputs), and bias (outputs,) where there is one."""
        weight: dict[str, tuple[int, ...]] = {"weight": (*self.kernel, self.inputs, self.outputs)}
        return weight | ({"bias": (self.outputs,)} if self.bias else {})

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """The weight by the initialiser, b = 0."""
        shape = self.parameter_shapes["weight"]
        weight = as_initializer(self.initializer).draw(rng, shape, xp, dtype, device)
        return (weight, xp.zeros(self.outputs, dtype=dtype, device=device)) if self.bias else (weight,)

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """(*outputs, channels) for (*spatial, channels)."""
        check_event(self, shape, len(self.kernel), self.inputs)
        return (*self.windows(tuple(shape[:-1])).outputs, self.outputs)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(y, (windows, P x)): what backward needs are the rows."""
        windows = self.windows(tuple(x.shape[-len(self.kernel) - 1 : -1]))
        y, rows = self._dense.forward(self._flat(params), patches(x, windows))
        return self._placed(y, windows), (windows, rows)

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(P^T y_bar W^T, (R^T y_bar, sum y_bar))."""
        return self.input_bar(params, tape, y_bar), self.params_bar(params, tape, y_bar)

    def input_bar(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> Array:
        """P^T y_bar W^T."""
        windows, rows = tape
        return scatter(self._dense.input_bar(self._flat(params), rows, self._rows(y_bar)), windows)

    def params_bar(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, ...]:
        """(R^T y_bar, sum y_bar)."""
        return self._shaped(self._dense.params_bar(self._flat(params), tape[1], self._rows(y_bar)))

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(R_dot W + R W_dot + b_dot, R_dot) with R_dot = P x_dot."""
        windows, rows = tape
        rows_dot = patches(x_dot, windows)
        y_dot, _ = self._dense.jvp(self._flat(params), rows, rows_dot, self._flat(params_dot))
        return self._placed(y_dot, windows), rows_dot

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(P^T (y_bar_dot W^T + y_bar W_dot^T), (R_dot^T y_bar + R^T y_bar_dot, sum y_bar_dot))."""
        windows, rows = tape
        bars = self._rows(y_bar), self._rows(y_bar_dot)
        rows_bar_dot, params_bar_dot = self._dense.backward_jvp(
            self._flat(params), rows, tape_dot, *bars, self._flat(params_dot)
        )
        return scatter(rows_bar_dot, windows), self._shaped(params_bar_dot)

    @property
    def _dense(self) -> Dense:
        """The layer that every row of patches meets."""
        return Dense(math.prod(self.kernel) * self.inputs, self.outputs, self.bias)

    def _flat(self, params: tuple[Array, ...]) -> tuple[Array, ...]:
        return (self.masked(flat_kernel(params[0], len(self.kernel))), *params[1:])

    def _shaped(self, params_bar: tuple[Array, ...]) -> tuple[Array, ...]:
        weight = self.masked(params_bar[0])
        shape = (*weight.shape[:-2], *self.parameter_shapes["weight"])
        return (array_namespace(weight).reshape(weight, shape), *params_bar[1:])

    def _rows(self, y: Array) -> Array:
        return as_rows(y, len(self.kernel))

    def _placed(self, rows: Array, windows: Windows) -> Array:
        return as_positions(rows, windows.outputs)


def flat_kernel(weight: Array, axes: int) -> Array:
    """(..., *kernel, n, m) as the matrix (..., taps * n, m)."""
    lead = weight.shape[: weight.ndim - axes - 2]
    rows = math.prod(weight.shape[weight.ndim - axes - 2 : -1])
    return array_namespace(weight).reshape(weight, (*lead, rows, weight.shape[-1]))


def as_rows(y: Array, axes: int) -> Array:
    """(..., batch, *positions, channels) as rows (..., batch * positions, channels)."""
    rows = math.prod(y.shape[y.ndim - axes - 2 : -1])
    return array_namespace(y).reshape(y, (*y.shape[: y.ndim - axes - 2], rows, y.shape[-1]))


def as_positions(rows: Array, positions: tuple[int, ...]) -> Array:
    """The inverse of `as_rows`."""
    batch = rows.shape[-2] // math.prod(positions)
    return array_namespace(rows).reshape(rows, (*rows.shape[:-2], batch, *positions, rows.shape[-1]))


def check_event(layer: Layer, shape: tuple[int, ...], axes: int, channels: int) -> None:
    """A ValueError unless `shape` has as many spatial axes and channels as the layer takes."""
    if len(shape) != axes + 1 or shape[-1] != channels:
        expected = f"({', '.join([*(f'n{i}' for i in range(axes)), str(channels)])})"
        raise ValueError(f"{layer!r} takes inputs of shape {expected}, channels last, got {tuple(shape)}.")
