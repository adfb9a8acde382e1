"""Counted: a game that counts what is asked of it."""

from __future__ import annotations

import math

from gamedyn.backend import Array
from gamedyn.games._base import Game, check_game

__all__ = ["Counted"]


class _Counts:
    """Work done so far; one object is shared by a counted game and its redraws."""

    def __init__(self) -> None:
        self.players = 0  # single players' gradients; one xi is n of them
        self.losses = 0
        self.jvps = 0
        self.vjps = 0
        self.jacobians = 0


class Counted(Game):
    """The same game, counting evaluations; one call on a batch of points is one evaluation.

    Counters are the one thing in this package that changes: make a new `Counted` for a new count.

    Parameters
    ----------
    game : Game
        Asked directly, so that its own internal calls are not counted.

    Attributes
    ----------
    gradients : float
        Evaluations of xi; one player's own gradient is 1/n, and `loss_gradients`, n gradients of all of z, is n.
    jvps, vjps : int
        Products with J, H_d or H_o, one for every extra leading index of v.
    jacobians : int
        Whole Jacobians, own Hessians and sets of loss Hessians.
    loss_calls : int
        Evaluations of the losses.

    Raises
    ------
    TypeError
        If the game is none.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> game = Counted(Bilinear([[1.0]]))
    >>> _ = game.simultaneous_gradient(numpy.ones(2)), game.player_gradient(numpy.ones(2), 0)
    >>> game.gradients
    1.5
    """

    def __init__(self, game: Game) -> None:
        check_game(game)
        self.game = game
        self.dims = game.dims
        self.domain = game.domain
        self._counts = _Counts()

    def __repr__(self) -> str:
        return f"Counted({self.game!r})"

    @property
    def gradients(self) -> float:
        """Evaluations of xi, in n-ths."""
        return self._counts.players / len(self.dims)

    @property
    def jvps(self) -> int:
        """Products with J, H_d or H_o."""
        return self._counts.jvps

    @property
    def vjps(self) -> int:
        """Products with the transposes of J or H_o."""
        return self._counts.vjps

    @property
    def jacobians(self) -> int:
        """Whole Jacobians or Hessians."""
        return self._counts.jacobians

    @property
    def loss_calls(self) -> int:
        """Evaluations of the losses."""
        return self._counts.losses

    def losses(self, z: Array) -> Array:
        """The game's."""
        self._counts.losses += 1
        return self.game.losses(z)

    def loss_gradients(self, z: Array) -> Array:
        """The game's."""
        self._counts.players += len(self.dims) ** 2
        return self.game.loss_gradients(z)

    def simultaneous_gradient(self, z: Array) -> Array:
        """The game's."""
        self._counts.players += len(self.dims)
        return self.game.simultaneous_gradient(z)

    def player_gradient(self, z: Array, player: int) -> Array:
        """The game's."""
        self._counts.players += 1
        return self.game.player_gradient(z, player)

    def jvp(self, z: Array, v: Array) -> Array:
        """The game's."""
        self._counts.jvps += _directions(z, v)
        return self.game.jvp(z, v)

    def vjp(self, z: Array, u: Array) -> Array:
        """The game's."""
        self._counts.vjps += _directions(z, u)
        return self.game.vjp(z, u)

    def own_hvp(self, z: Array, v: Array) -> Array:
        """The game's."""
        self._counts.jvps += _directions(z, v)
        return self.game.own_hvp(z, v)

    def cross_jvp(self, z: Array, v: Array) -> Array:
        """The game's."""
        self._counts.jvps += _directions(z, v)
        return self.game.cross_jvp(z, v)

    def cross_vjp(self, z: Array, u: Array) -> Array:
        """The game's."""
        self._counts.vjps += _directions(z, u)
        return self.game.cross_vjp(z, u)

    def jacobian(self, z: Array) -> Array:
        """The game's."""
        self._counts.jacobians += 1
        return self.game.jacobian(z)

    def own_hessian(self, z: Array, player: int) -> Array:
        """The game's."""
        self._counts.jacobians += 1
        return self.game.own_hessian(z, player)

    def loss_hessians(self, z: Array) -> Array:
        """The game's."""
        self._counts.jacobians += 1
        return self.game.loss_hessians(z)

    def redraw(self) -> Game:
        """The game on a fresh sample, counted on."""
        return self._sharing(self.game.redraw())

    def full(self) -> Game:
        """The game on all data, counted on."""
        return self._sharing(self.game.full())

    def _sharing(self, game: Game) -> Counted:
        if game is self.game:
            return self
        counted = Counted(game)
        counted._counts = self._counts
        return counted


def _directions(z: Array, v: Array) -> int:
    return math.prod(v.shape[: max(v.ndim - z.ndim, 0)])
