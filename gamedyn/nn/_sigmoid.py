"""The logistic sigmoid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer
from gamedyn.numerics import sigmoid

__all__ = ["Sigmoid"]


@dataclass(frozen=True)
class Sigmoid(Layer):
    """y = sigmoid(x) = 1 / (1 + e^-x), x_bar = sigmoid(x) sigmoid(-x) y_bar; the tape is x.

    For probabilities alone: a discriminator gives the logit x, and losses on it are exact where y rounds to 1.

    Examples
    --------
    >>> import numpy
    >>> Sigmoid().forward((), numpy.array([[0.0, -1.0986122886681098]]))[0].round(12).tolist()  # odds 1 and 1 : 3
    [[0.5, 0.25]]
    """

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(sigmoid(x), x)."""
        return sigmoid(x), x

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(sigmoid(x) sigmoid(-x) y_bar, ())."""
        # sigmoid(-x), not 1 - sigmoid(x), which has lost its digits for large x.
        return sigmoid(tape) * sigmoid(-tape) * y_bar, ()

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(sigmoid(x) sigmoid(-x) x_dot, x_dot)."""
        return sigmoid(tape) * sigmoid(-tape) * x_dot, x_dot

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(sigmoid(x) sigmoid(-x) (y_bar_dot - tanh(x / 2) x_dot y_bar), ())."""
        # sigmoid(-x) - sigmoid(x) = -tanh(x / 2), which keeps its digits at 0.
        bend = array_namespace(tape).tanh(tape / 2) * tape_dot
        return sigmoid(tape) * sigmoid(-tape) * (y_bar_dot - bend * y_bar), ()
