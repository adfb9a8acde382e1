"""A part of the features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, device_of
from gamedyn.nn._base import Layer

__all__ = ["Slice"]


@dataclass(frozen=True)
class Slice(Layer):
    """y = x[..., start:stop]: labels beside an image, or one of several groups of logits.

    Parameters
    ----------
    start, stop : int
        First entry of the last axis, and the first that is left out again: 0 <= start < stop.

    Examples
    --------
    >>> import numpy
    >>> Slice(1, 3).forward((), numpy.array([[7.0, 8.0, 9.0, 10.0]]))[0]
    array([[8., 9.]])
    """

    start: int
    stop: int

    def __post_init__(self) -> None:
        check_integer("start", self.start, minimum=0)
        check_integer("stop", self.stop)
        if self.stop <= self.start:
            raise ValueError(f"`stop` must be greater than `start`, got start={self.start} and stop={self.stop}.")

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The last axis becomes stop - start."""
        if not shape or shape[-1] < self.stop:
            raise ValueError(f"{self!r} takes inputs whose last axis has {self.stop} entries or more, got {shape}.")
        return (*shape[:-1], self.stop - self.start)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(the part, how many features x has)."""
        return x[..., self.start : self.stop], x.shape[-1]

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar between zeros, ())."""
        return self._padded(y_bar, tape), ()

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(the part of x_dot, None)."""
        return x_dot[..., self.start : self.stop], None

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar_dot between zeros, ())."""
        return self._padded(y_bar_dot, tape), ()

    def _padded(self, y_bar: Array, size: int) -> Array:
        xp, lead = array_namespace(y_bar), y_bar.shape[:-1]
        before, after = (
            xp.zeros((*lead, width), dtype=y_bar.dtype, device=device_of(y_bar))
            for width in (self.start, size - self.stop)
        )
        return xp.concat([before, y_bar, after], axis=-1)
