"""The sigmoid-weighted linear unit, or swish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer
from gamedyn.numerics import sigmoid

__all__ = ["SiLU"]


@dataclass(frozen=True)
class SiLU(Layer):
    """y = x sigmoid(x), x_bar = sigmoid(x) (1 + x sigmoid(-x)) y_bar; the tape is x.

    References
    ----------
    Elfwing, Uchibe and Doya (2018), Sigmoid-weighted linear units for neural network function approximation in
    reinforcement learning.

    Examples
    --------
    The slope at 0 is 1/2:

    >>> import numpy
    >>> y, tape = SiLU().forward((), numpy.zeros((1, 1)))
    >>> float(SiLU().input_bar((), tape, numpy.array([[3.0]]))[0, 0])
    1.5
    """

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(x sigmoid(x), x)."""
        return x * sigmoid(x), x

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(y' y_bar, ())."""
        return _slope(tape) * y_bar, ()

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(y' x_dot, x_dot)."""
        return _slope(tape) * x_dot, x_dot

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(y' y_bar_dot + y'' x_dot y_bar, ()), y'' = sigmoid(x) sigmoid(-x) (2 - x tanh(x / 2))."""
        bend = sigmoid(tape) * sigmoid(-tape) * (2 - tape * array_namespace(tape).tanh(tape / 2))
        return _slope(tape) * y_bar_dot + bend * tape_dot * y_bar, ()


def _slope(x: Array) -> Array:
    """y' = sigmoid(x) (1 + x sigmoid(-x))."""
    return sigmoid(x) * (1 + x * sigmoid(-x))
