"""The hyperbolic tangent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer

__all__ = ["Tanh"]


@dataclass(frozen=True)
class Tanh(Layer):
    """y = tanh x, x_bar = (1 - y^2) y_bar; the tape is y.

    Examples
    --------
    The slope at 0 is 1:

    >>> import numpy
    >>> y, tape = Tanh().forward((), numpy.zeros((1, 1)))
    >>> float(Tanh().input_bar((), tape, numpy.array([[3.0]]))[0, 0])
    3.0
    """

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(tanh x, tanh x)."""
        y = array_namespace(x).tanh(x)
        return y, y

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """((1 - y^2) y_bar, ())."""
        return (1 - tape * tape) * y_bar, ()

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """y_dot = (1 - y^2) x_dot, twice."""
        y_dot = (1 - tape * tape) * x_dot
        return y_dot, y_dot

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """((1 - y^2) y_bar_dot - 2 y y_dot y_bar, ())."""
        return (1 - tape * tape) * y_bar_dot - 2 * tape * tape_dot * y_bar, ()
