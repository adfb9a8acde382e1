"""A time as sines and cosines of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_in_interval, check_integer
from gamedyn.backend import Array, array_namespace, like
from gamedyn.nn._base import Layer

__all__ = ["SinusoidalEmbedding"]


@dataclass(frozen=True)
class SinusoidalEmbedding(Layer):
    """y = (sin w_0 t, ..., sin w_(m-1) t, cos w_0 t, ..., cos w_(m-1) t), w_i = base^(-i / m), m = size / 2.

    Of one number t, which need not be whole; differentiable in it. The tape is (y, dy / dt).

    Parameters
    ----------
    size : int
        Number of outputs; even.
    base : float
        Greater than 1; the frequencies go down from 1 towards 1 / base.

    References
    ----------
    Vaswani et al. (2017), Attention is all you need, whose sines and cosines alternate.

    Examples
    --------
    >>> import numpy
    >>> SinusoidalEmbedding(4).forward((), numpy.array([[0.0]]))[0]
    array([[0., 0., 1., 1.]])
    """

    size: int
    base: float = 10000.0

    def __post_init__(self) -> None:
        check_integer("size", self.size, minimum=2)
        if self.size % 2:
            raise ValueError(f"`size` must be even, got {self.size}.")
        check_in_interval("base", self.base, 1.0, float("inf"), closed="neither")

    def _frequencies(self, x: Array) -> Array:
        half = self.size // 2
        return like(self.base ** (-numpy.arange(half) / half), x)

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The last axis, of one entry, becomes `size`."""
        if shape[-1:] != (1,):
            raise ValueError(f"{self!r} takes inputs whose last axis has one entry, got {shape}.")
        return (*shape[:-1], self.size)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(y, (y, y'))."""
        xp, w = array_namespace(x), self._frequencies(x)
        sine, cosine = xp.sin(w * x), xp.cos(w * x)
        y = xp.concat([sine, cosine], axis=-1)
        return y, (y, xp.concat([w * cosine, -w * sine], axis=-1))

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(<y', y_bar>, ())."""
        return _total(tape[1] * y_bar), ()

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(y' t_dot, t_dot)."""
        return tape[1] * x_dot, x_dot

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(<y', y_bar_dot> + <y'', y_bar> t_dot, ()), y'' = -w^2 y."""
        w = self._frequencies(tape[0])
        square = array_namespace(w).concat([w * w, w * w], axis=-1)
        return _total(tape[1] * y_bar_dot) - _total(square * tape[0] * y_bar) * tape_dot, ()


def _total(x: Array) -> Array:
    return array_namespace(x).sum(x, axis=-1, keepdims=True)
