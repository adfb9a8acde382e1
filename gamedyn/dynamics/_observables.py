"""Observables that simulate evaluates on many records at once."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, like
from gamedyn.games import Game

__all__ = ["DistanceTo"]


class DistanceTo:
    """The Euclidean distance to a point, for `observe=`: one number per trajectory and record.

    Parameters
    ----------
    point : array_like, shape (d,) or (..., d)
        Zero by default: then it is the norm of z.
    squared : bool
        Whether to take the square of it, which may overflow.

    Attributes
    ----------
    stacks : bool
        True: it may be given many records at once, along a new first axis. An observable of your own that takes points
        with any leading axes may say so, too.

    Examples
    --------
    >>> DistanceTo([1.0, 1.0])(None, numpy.array([[4.0, 5.0], [1.0, 1.0]])).tolist()
    [5.0, 0.0]
    """

    stacks = True

    def __init__(self, point: Any = 0.0, *, squared: bool = False) -> None:
        self.point, self.squared = point, squared
        self._is_origin = type(point) is float and point == 0.0

    def __repr__(self) -> str:
        return f"DistanceTo({self.point!r}, squared={self.squared})"

    def __call__(self, game: Game | None, z: Array) -> Array:
        """|z - point| (...), or its square."""
        xp = array_namespace(z)
        difference = z if self._is_origin else z - like(self.point, z)
        if xp is not numpy:
            return xp.sum(difference * difference, axis=-1) if self.squared else _scaled(xp, difference)
        with numpy.errstate(over="ignore", under="ignore"):
            # einsum follows the memory's order, and needs no array of squares.
            squares = numpy.einsum("...d,...d->...", difference, difference)
        if self.squared:
            return squares
        # Squares that overflow or lose digits are found by their extremes.
        tiny, huge = numpy.finfo(z.dtype).tiny / numpy.finfo(z.dtype).eps, numpy.finfo(z.dtype).max
        if squares.size and not (squares.min() >= tiny and squares.max() <= huge):
            return _scaled(numpy, difference)
        return numpy.sqrt(squares)


def _scaled(xp: Any, difference: Array) -> Array:
    scale = xp.max(xp.abs(difference), axis=-1)
    safe = xp.where(scale > 0, scale, xp.ones_like(scale))
    return scale * xp.sqrt(xp.sum((difference / safe[..., None]) ** 2, axis=-1))
