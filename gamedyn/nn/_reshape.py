"""The same numbers of one sample in another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer

__all__ = ["Reshape"]


@dataclass(frozen=True)
class Reshape(Layer):
    """Each input of shape `inputs` becomes one of `shape`, in row-major order.

    Images are (height, width, channels). A layer is not told where a batch's axes end, so both shapes are given; a
    network's flat features are the rule, and need not be.

    Parameters
    ----------
    shape : int or tuple of int
        Of one output; an integer stands for one axis.
    inputs : int or tuple of int, optional
        Of one input; one axis of features where None.

    Raises
    ------
    ValueError
        If the two shapes hold different numbers of entries.

    Examples
    --------
    >>> Reshape((8, 8, 1)).output_shape((64,))
    (8, 8, 1)
    >>> Reshape((64,), inputs=(4, 4, 4)).output_shape((4, 4, 4))
    (64,)
    """

    shape: Any
    inputs: Any = None

    def __post_init__(self) -> None:
        for name in ("shape", "inputs"):
            value = getattr(self, name)
            if value is not None:
                value = tuple(value) if isinstance(value, Sequence) else (value,)
                for size in value:
                    check_integer(name, size, minimum=1)
                object.__setattr__(self, name, value)
        if math.prod(self._inputs) != math.prod(self.shape):
            raise ValueError(
                f"`inputs` must hold as many entries as `shape`, got {self._inputs} with {math.prod(self._inputs)} and "
                f"{self.shape} with {math.prod(self.shape)}."
            )

    @property
    def _inputs(self) -> tuple[int, ...]:
        return (math.prod(self.shape),) if self.inputs is None else tuple(self.inputs)

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """`shape`."""
        if shape != self._inputs:
            raise ValueError(f"{self!r} takes inputs of shape {self._inputs}, got {shape}.")
        return tuple(self.shape)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(y, None)."""
        return _reshaped(x, self._inputs, self.shape), None

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar in the shape of x, ())."""
        return _reshaped(y_bar, self.shape, self._inputs), ()

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(x_dot in the shape of y, None)."""
        return _reshaped(x_dot, self._inputs, self.shape), None

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar_dot in the shape of x, ())."""
        return _reshaped(y_bar_dot, self.shape, self._inputs), ()


def _reshaped(x: Array, before: tuple[int, ...], after: tuple[int, ...]) -> Array:
    lead = x.shape[: x.ndim - len(before)]
    return array_namespace(x).reshape(x, (*lead, *after))
