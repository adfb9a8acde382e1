"""The rectified linear unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer
from gamedyn.nn._keep_bits import has_bits, keep_bits
from gamedyn.numerics import real_part

__all__ = ["ReLU"]


@dataclass(frozen=True)
class ReLU(Layer):
    """y = max(x, 0), x_bar = y_bar where x > 0 and 0 elsewhere; the tape is that mask.

    The derivative at the kink is 0; for complex x the real part decides.

    Examples
    --------
    >>> import numpy
    >>> ReLU().forward((), numpy.array([[-5.0, 3.0]]))[0]
    array([[0., 3.]])
    """

    @property
    def is_smooth(self) -> bool:
        """There is a kink at 0."""
        return False

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(max(x, 0), x > 0)."""
        mask = real_part(x) > 0
        return _keep(mask, x), mask

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar where x > 0, ())."""
        return _keep(tape, y_bar), ()

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(x_dot where x > 0, None): the mask does not move."""
        return _keep(tape, x_dot), None

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar_dot where x > 0, ())."""
        return _keep(tape, y_bar_dot), ()


def _keep(mask: Array, values: Array) -> Array:
    """`values` under the mask; a product would turn an infinite value beside it into nan."""
    if has_bits(values):
        return keep_bits(mask, values)
    return array_namespace(values).where(mask, values, 0.0)
