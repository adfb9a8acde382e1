"""The maximum over groups of features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, device_of
from gamedyn.nn._base import Layer
from gamedyn.numerics import real_part

__all__ = ["Maxout"]


@dataclass(frozen=True)
class Maxout(Layer):
    """y_j = max of x_(jk), ..., x_(jk + k - 1): k = `pieces` neighbours of the last axis make one output.

    The tape marks the largest piece of each group, the first where several are equal; for complex x the real part
    decides.

    Parameters
    ----------
    pieces : int
        At least 1. A dense layer before it has outputs * pieces outputs.

    References
    ----------
    Goodfellow, Warde-Farley, Mirza, Courville and Bengio (2013), Maxout networks.

    Examples
    --------
    >>> import numpy
    >>> Maxout(2).forward((), numpy.array([[1.0, 5.0, -3.0, -4.0]]))[0]
    array([[ 5., -3.]])
    """

    pieces: int

    def __post_init__(self) -> None:
        check_integer("pieces", self.pieces, minimum=1)

    @property
    def is_smooth(self) -> bool:
        """There is a kink where two pieces are equal."""
        return self.pieces == 1

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """A `pieces`-th of the last axis."""
        if not shape or shape[-1] % self.pieces:
            raise ValueError(f"{self!r} takes inputs whose last axis is a multiple of {self.pieces}, got {shape}.")
        return (*shape[:-1], shape[-1] // self.pieces)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(y, which piece of each group is the largest)."""
        xp, pieces = array_namespace(x), self._grouped(x)
        mask = xp.arange(self.pieces, device=device_of(x)) == xp.argmax(real_part(pieces), axis=-1, keepdims=True)
        return self._chosen(mask, x), mask

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar at the largest piece and 0 at the others, ())."""
        return _spread(tape, y_bar), ()

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(x_dot of the largest pieces, None): the choice does not move."""
        return self._chosen(tape, x_dot), None

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar_dot at the largest piece, ())."""
        return _spread(tape, y_bar_dot), ()

    def _grouped(self, x: Array) -> Array:
        """(..., n pieces) as (..., n, pieces)."""
        return array_namespace(x).reshape(x, (*x.shape[:-1], x.shape[-1] // self.pieces, self.pieces))

    def _chosen(self, mask: Array, x: Array) -> Array:
        xp = array_namespace(x)
        return xp.sum(xp.where(mask, self._grouped(x), 0.0), axis=-1)


def _spread(mask: Array, y_bar: Array) -> Array:
    xp = array_namespace(y_bar)
    bar = xp.where(mask, y_bar[..., None], 0.0)
    return xp.reshape(bar, (*bar.shape[:-2], bar.shape[-2] * bar.shape[-1]))
