"""The smooth rectifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array
from gamedyn.nn._base import Layer
from gamedyn.numerics import sigmoid, softplus

__all__ = ["Softplus"]


@dataclass(frozen=True)
class Softplus(Layer):
    """y = log(1 + e^x), x_bar = sigmoid(x) y_bar; the tape is x.

    Examples
    --------
    >>> import numpy
    >>> y, _ = Softplus().forward((), numpy.array([[0.0, 1000.0]]))
    >>> y.round(6).tolist()  # log 2, and x itself
    [[0.693147, 1000.0]]
    """

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(log(1 + e^x), x)."""
        return softplus(x), x

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(sigmoid(x) y_bar, ())."""
        return sigmoid(tape) * y_bar, ()

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(sigmoid(x) x_dot, x_dot)."""
        return sigmoid(tape) * x_dot, x_dot

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(sigmoid(x) (y_bar_dot + sigmoid(-x) x_dot y_bar), ())."""
        # sigmoid(-x), not 1 - sigmoid(x), which has lost its digits for large x.
        return sigmoid(tape) * (y_bar_dot + sigmoid(-tape) * tape_dot * y_bar), ()
