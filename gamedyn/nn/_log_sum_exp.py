"""The log of a sum of exponentials: the smooth maximum of the features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer
from gamedyn.numerics import real_part, sigmoid, softplus

__all__ = ["LogSumExp"]


@dataclass(frozen=True)
class LogSumExp(Layer):
    """y = log sum_j e^(x_j) over the last axis, one output; x_bar = s y_bar, and the tape is s_j = dy / dx_j.

    With `extra` there is one more logit, always 0: y = log(1 + sum_j e^(x_j)). Without it, y of the logits of K real
    classes is the logit of "real" against a class "fake" of logit 0, as a semi-supervised GAN wants it.

    Parameters
    ----------
    extra : bool
        Whether the logit 0 takes part.

    References
    ----------
    Salimans et al. (2016), Improved techniques for training GANs.

    Examples
    --------
    >>> import numpy
    >>> y, _ = LogSumExp().forward((), numpy.array([[1000.0, 1000.0]]))
    >>> round(float(y[0, 0]) - 1000, 9)  # log 2
    0.693147181
    """

    extra: bool = False

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The last axis becomes 1."""
        return (*shape[:-1], 1)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(y, s), s the softmax of x, with the logit 0 beside them under `extra`."""
        xp = array_namespace(x)
        peak = xp.max(real_part(x), axis=-1, keepdims=True)
        terms = xp.exp(x - peak)
        total = xp.sum(terms, axis=-1, keepdims=True)
        y, shares = peak + xp.log(total), terms / total
        # softplus, since log(1 + total) would round what very negative logits add.
        return (softplus(y), shares * sigmoid(y)) if self.extra else (y, shares)

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(s y_bar, ())."""
        return tape * y_bar, ()

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(y_dot, s_dot), y_dot = <s, x_dot> and s_dot = s (x_dot - y_dot)."""
        y_dot = array_namespace(tape, x_dot).sum(tape * x_dot, axis=-1, keepdims=True)
        return y_dot, tape * (x_dot - y_dot)

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(s_dot y_bar + s y_bar_dot, ())."""
        return tape_dot * y_bar + tape * y_bar_dot, ()
