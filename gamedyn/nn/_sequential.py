"""Layers one after the other, as one layer."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array
from gamedyn.nn._base import Layer, as_layers
from gamedyn.nn._composite import Composite

__all__ = ["Sequential"]


@dataclass(frozen=True)
class Sequential(Composite):
    """y = f_n(... f_2(f_1(x))), with `params` of all layers in one tuple and a tape per layer.

    Parameters
    ----------
    layers : tuple of Layer
        In the order in which x passes them.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.nn import ReLU, Slice
    >>> Sequential((Slice(0, 2), ReLU())).forward((), numpy.array([[-5.0, 3.0, 7.0]]))[0]
    array([[0., 3.]])
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", as_layers("layers", self.layers))

    @property
    def parts(self) -> tuple[Layer, ...]:
        """`layers`."""
        return self.layers

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape that comes out of the last layer."""
        for i, layer in enumerate(self.layers):
            try:
                shape = layer.output_shape(shape)
            except ValueError as error:
                raise ValueError(f"layers do not chain at layer {i}: {error}") from None
        return shape

    def frozen(self, params: tuple[Array, ...], x: Array) -> Sequential:
        """Every layer frozen at what the ones before it make of x; itself where none changes."""
        layers = []
        for layer, block in self._blocks:
            layers.append(layer.frozen(params[block], x))
            x = layer.forward(params[block], x)[0]
        return self if all(map(operator.is_, layers, self.layers)) else Sequential(tuple(layers))

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(y, one tape per layer)."""
        tapes = []
        for layer, block in self._blocks:
            x, tape = layer.forward(params[block], x)
            tapes.append(tape)
        return x, tuple(tapes)

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """The chain rule, from the last layer to the first."""
        params_bar: tuple[Array, ...] = ()
        for (layer, block), layer_tape in zip(reversed(self._blocks), reversed(tape), strict=True):
            y_bar, layer_bar = layer.backward(params[block], layer_tape, y_bar)
            params_bar = layer_bar + params_bar
        return y_bar, params_bar

    def input_bar(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> Array:
        """The chain rule for x alone."""
        for (layer, block), layer_tape in zip(reversed(self._blocks), reversed(tape), strict=True):
            y_bar = layer.input_bar(params[block], layer_tape, y_bar)
        return y_bar

    def params_bar(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, ...]:
        """The chain rule down to the first layer with parameters."""
        params_bar: tuple[Array, ...] = ()
        for (layer, block), layer_tape in zip(reversed(self._blocks), reversed(tape), strict=True):
            if block.start == 0:
                # No parameters lie below, so that nobody asks for the cotangent of what comes in.
                first_bar: tuple[Array, ...] = layer.params_bar(params[block], layer_tape, y_bar)
                return first_bar + params_bar
            y_bar, layer_bar = layer.backward(params[block], layer_tape, y_bar)
            params_bar = layer_bar + params_bar
        return params_bar

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """The chain rule, from the first layer to the last."""
        tapes_dot = []
        for (layer, block), layer_tape in zip(self._blocks, tape, strict=True):
            x_dot, tape_dot = layer.jvp(params[block], layer_tape, x_dot, params_dot[block])
            tapes_dot.append(tape_dot)
        return x_dot, tuple(tapes_dot)

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
        params_bar_dot: tuple[Array, ...] = ()
        blocks = zip(reversed(self._blocks), reversed(tape), reversed(tape_dot), strict=True)
        for (layer, block), layer_tape, layer_dot in blocks:
            x_bar_dot, layer_bar_dot = layer.backward_jvp(
                params[block], layer_tape, layer_dot, y_bar, y_bar_dot, params_dot[block]
            )
            # The layer below needs the cotangent itself, too.
            y_bar, _ = layer.backward(params[block], layer_tape, y_bar)
            y_bar_dot, params_bar_dot = x_bar_dot, layer_bar_dot + params_bar_dot
        return y_bar_dot, params_bar_dot
