"""The critic of a transport problem: a Kantorovich potential extended to all of space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, float_arrays, like

__all__ = ["TransportCritic"]


@dataclass(frozen=True, eq=False)
class TransportCritic:
    """f(x) = min_j (|x - y_j|^p - g_j): for p = 1 a 1-Lipschitz function with E_x f - E_y f = W_1.

    Parameters
    ----------
    points : array, shape (m, d)
        The second sample y.
    potential : array, shape (m,)
        Its dual potential g.
    order : float
        p. Only for p = 1 is f a potential of both samples; else it is the first one's.
    """

    points: Array
    potential: Array
    order: float

    def __call__(self, x: Array) -> Array:
        """f at x (..., d), shape (...)."""
        xp, gaps, lengths = self._gaps(x)
        return xp.min(lengths**self.order - like(self.potential, gaps), axis=-1)

    def gradient(self, x: Array) -> Array:
        """The gradient of f in x, shape of x: for p = 1 of length 1 along transport rays, 0 at the points themselves.

        Where two j attain the minimum f has a kink, and the first one's gradient is given.
        """
        xp, gaps, lengths = self._gaps(x)
        nearest = xp.argmin(lengths**self.order - like(self.potential, gaps), axis=-1)[..., None]
        length = xp.take_along_axis(lengths, nearest, axis=-1)
        gap = xp.concat([xp.take_along_axis(gaps[..., i], nearest, axis=-1) for i in range(gaps.shape[-1])], axis=-1)
        direction = gap / xp.where(length == 0, xp.ones_like(length), length)
        return self.order * length ** (self.order - 1) * direction

    def _gaps(self, x: Array) -> tuple[Any, Array, Array]:
        xp, x = float_arrays(x, names=("x",))
        if x.ndim == 0 or x.shape[-1] != self.points.shape[-1]:
            raise ValueError(f"`x` must have shape (..., {self.points.shape[-1]}), got {tuple(x.shape)}.")
        gaps = x[..., None, :] - like(self.points, x)
        squares = xp.sum(gaps * gaps, axis=-1)
        # A root of 0 has no derivative; its place is taken before the root.
        apart = squares > 0
        lengths = xp.where(apart, xp.sqrt(xp.where(apart, squares, xp.ones_like(squares))), xp.zeros_like(squares))
        return xp, gaps, lengths
