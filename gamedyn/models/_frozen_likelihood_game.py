"""A criterion on frozen rows and noise, as a deterministic game of one player with exact derivatives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gamedyn.backend import Array, array_namespace, like
from gamedyn.games import Game

if TYPE_CHECKING:
    from gamedyn.models._likelihood_game import LikelihoodGame

__all__ = ["FrozenLikelihoodGame"]


@dataclass(frozen=True, eq=False, repr=False)
class FrozenLikelihoodGame(Game):
    """L(z) = mean over i of l(z; x_i, e_i) at fixed rows x_i and noise e_i; `LikelihoodGame` makes these.

    Parameters
    ----------
    source : LikelihoodGame
    rows : array, shape (n, columns)
    noise : array, shape (n, k), or None
    seed : int or None
        Of `redraw`: the successor is always the same, so that a game is a value. None for the game on all rows, which
        returns itself.
    """

    source: LikelihoodGame
    rows: Array
    noise: Array | None
    seed: int | None
    dims: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dims", self.source.dims)

    def __repr__(self) -> str:
        return f"<FrozenLikelihoodGame of {self.source.criterion!r}, dims={self.dims}, on {self.rows.shape[0]} rows>"

    def losses(self, z: Array) -> Array:
        """(..., 1): the mean loss, in nats per row."""
        self._check(z)
        # Array libraries need not know the mean of complex numbers.
        total = array_namespace(z).sum(self.source.criterion.losses(z, *self._given(z)), axis=-1)
        return total[..., None] / self.rows.shape[0]

    def simultaneous_gradient(self, z: Array) -> Array:
        """(..., P): the criterion's."""
        self._check(z)
        return self.source.criterion.gradient(z, *self._given(z))

    def loss_gradients(self, z: Array) -> Array:
        """(..., 1, P)."""
        return self.simultaneous_gradient(z)[..., None, :]

    def jvp(self, z: Array, v: Array) -> Array:
        """H v, by the criterion's `hvp`."""
        self._check(z)
        return self.source.criterion.hvp(z, *self._given(z), v)

    def vjp(self, z: Array, u: Array) -> Array:
        """H u: a Hessian is symmetric."""
        return self.jvp(z, u)

    def own_hvp(self, z: Array, v: Array) -> Array:
        """H v: there is no other player."""
        return self.jvp(z, v)

    def cross_jvp(self, z: Array, v: Array) -> Array:
        """0, of the shape of `jvp`."""
        xp = array_namespace(z)
        return xp.zeros_like(xp.broadcast_arrays(z, v)[0])

    def cross_vjp(self, z: Array, u: Array) -> Array:
        """0, of the shape of `vjp`."""
        return self.cross_jvp(z, u)

    def redraw(self) -> FrozenLikelihoodGame:
        """A fresh minibatch; the game on all rows is no sample, and stays."""
        return self if self.seed is None else self.source.draw(self.seed)

    def full(self) -> FrozenLikelihoodGame:
        """The game on all rows."""
        return self if self.seed is None else self.source.full()

    def _check(self, z: Array) -> None:
        if z.shape[-1] != self.dims[0]:
            raise ValueError(f"Points of {self!r} must be arrays of shape (..., {self.dims[0]}), got {tuple(z.shape)}.")

    def _given(self, z: Array) -> tuple[Array, Array | None]:
        return like(self.rows, z), None if self.noise is None else like(self.noise, z)
