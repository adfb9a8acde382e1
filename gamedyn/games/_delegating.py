"""Delegating: a game that hands everything on to the game that it wraps, for wrappers that change little."""

from __future__ import annotations

from abc import abstractmethod

from gamedyn.backend import Array
from gamedyn.games._base import Game

__all__ = ["Delegating"]


class Delegating(Game):
    """The game `game`, asked directly; subclasses override what they change, and say what a fresh sample of them is."""

    game: Game

    def losses(self, z: Array) -> Array:
        """The game's."""
        return self.game.losses(z)

    def loss_gradients(self, z: Array) -> Array:
        """The game's."""
        return self.game.loss_gradients(z)

    def simultaneous_gradient(self, z: Array) -> Array:
        """The game's."""
        return self.game.simultaneous_gradient(z)

    def player_gradient(self, z: Array, player: int) -> Array:
        """The game's."""
        return self.game.player_gradient(z, player)

    def jvp(self, z: Array, v: Array) -> Array:
        """The game's."""
        return self.game.jvp(z, v)

    def vjp(self, z: Array, u: Array) -> Array:
        """The game's."""
        return self.game.vjp(z, u)

    def own_hvp(self, z: Array, v: Array) -> Array:
        """The game's."""
        return self.game.own_hvp(z, v)

    def cross_jvp(self, z: Array, v: Array) -> Array:
        """The game's."""
        return self.game.cross_jvp(z, v)

    def cross_vjp(self, z: Array, u: Array) -> Array:
        """The game's."""
        return self.game.cross_vjp(z, u)

    def jacobian(self, z: Array) -> Array:
        """The game's."""
        return self.game.jacobian(z)

    def own_hessian(self, z: Array, player: int) -> Array:
        """The game's."""
        return self.game.own_hessian(z, player)

    def loss_hessians(self, z: Array) -> Array:
        """The game's."""
        return self.game.loss_hessians(z)

    @abstractmethod
    def redraw(self) -> Game:
        """The wrapper on a fresh sample."""

    @abstractmethod
    def full(self) -> Game:
        """The wrapper, or the game, on all data."""
