"""ConsensusRegularized: all players also pay for the size of the joint gradient."""

from __future__ import annotations

from typing import Any

from gamedyn._checks import check_nonnegative
from gamedyn.backend import Array, array_namespace
from gamedyn.games._base import Game, _complex_step, check_game, player_slices

__all__ = ["ConsensusRegularized"]


class ConsensusRegularized(Game):
    """L_i + (gamma / 2) |xi|^2 for every player i, so that the field is xi + gamma J^T xi.

    Simultaneous descent on it is the rule `Consensus` on the game; here any other rule can play it, in turn too.

    Parameters
    ----------
    game : Game
        With a vjp that is exact at complex points (all games of this package, where they have closed forms): second
        derivatives are complex steps of it.
    gamma : float
        At least 0.

    Raises
    ------
    TypeError
        If the game is none.
    ValueError
        If gamma is negative.

    References
    ----------
    Mescheder, Nowozin, Geiger (2017), The numerics of GANs.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> ConsensusRegularized(Bilinear([[2.0]]), gamma=0.5).jacobian(numpy.zeros(2)).tolist()
    [[2.0, 2.0], [-2.0, 2.0]]
    """

    def __init__(self, game: Game, gamma: float) -> None:
        check_game(game)
        check_nonnegative("gamma", gamma)
        self.game, self.gamma = game, gamma
        self.dims, self.domain = game.dims, game.domain

    def __repr__(self) -> str:
        return f"ConsensusRegularized({self.game!r}, gamma={self.gamma!r})"

    def losses(self, z: Array) -> Array:
        """L_i + (gamma / 2) |xi|^2."""
        xp = array_namespace(z)
        size = xp.sum(self.game.simultaneous_gradient(z) ** 2, axis=-1)
        return self.game.losses(z) + 0.5 * self.gamma * size[..., None]

    def loss_gradients(self, z: Array) -> Array:
        """Every row plus gamma J^T xi."""
        return self.game.loss_gradients(z) + self._pull(z)[..., None, :]

    def simultaneous_gradient(self, z: Array) -> Array:
        """xi + gamma J^T xi."""
        return self.game.simultaneous_gradient(z) + self._pull(z)

    def player_gradient(self, z: Array, player: int) -> Array:
        """The player's block of xi + gamma J^T xi."""
        return self.game.player_gradient(z, player) + self._pull(z)[..., player_slices(self.dims)[player]]

    def jvp(self, z: Array, v: Array) -> Array:
        """J v plus gamma times the Hessian of |xi|^2 / 2 times v."""
        return self.game.jvp(z, v) + _complex_step(self._pull, z, v)

    def vjp(self, z: Array, u: Array) -> Array:
        """J^T u plus the same symmetric Hessian times u."""
        return self.game.vjp(z, u) + _complex_step(self._pull, z, u)

    def redraw(self) -> Game:
        """On a fresh sample of the game."""
        return self._around(self.game.redraw())

    def full(self) -> Game:
        """On all data of the game."""
        return self._around(self.game.full())

    def _around(self, game: Any) -> Game:
        return self if game is self.game else ConsensusRegularized(game, self.gamma)

    def _pull(self, z: Array) -> Array:
        """Gamma J^T xi."""
        return self.gamma * self.game.vjp(z, self.game.simultaneous_gradient(z))
