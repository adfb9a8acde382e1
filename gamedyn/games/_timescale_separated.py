"""TimescaleSeparated: the same game with each player's loss rescaled, so that players move at different speeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array, like
from gamedyn.games._base import Game

__all__ = ["TimescaleSeparated"]


class TimescaleSeparated(Game):
    """xi_tau = (xi_0, tau xi_1): player 1 moves tau times as fast; J_tau has player 1's rows multiplied by tau.

    Each loss is multiplied by its player's factor, so that this is a game in its own right with the same equilibria.

    Parameters
    ----------
    game : Game
    tau : float, or sequence of n floats
        Positive. One number is the factor of player 1 in a game of two; a sequence has one factor per player.

    Raises
    ------
    ValueError
        If tau is not positive, or the number of factors does not fit the players.

    References
    ----------
    Heusel et al. (2017), GANs trained by a two time-scale update rule converge to a local Nash equilibrium.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> TimescaleSeparated(Bilinear([[1.0]]), tau=4.0).jacobian(numpy.zeros(2)).tolist()
    [[0.0, 1.0], [-4.0, 0.0]]
    """

    def __init__(self, game: Game, tau: float | Sequence[float]) -> None:
        self.game = game
        self.dims = game.dims
        self.domain = game.domain
        self.tau = tau
        factors = tuple(tau) if isinstance(tau, Sequence) else (1.0, tau)
        for factor in factors:
            check_positive("tau", factor)
        if len(factors) != len(self.dims):
            raise ValueError(
                f"`tau` must have one factor for each of the {len(self.dims)} players, got {len(factors)}."
                if isinstance(tau, Sequence)
                else f"`tau` must have one factor per player, got one number for {len(self.dims)} players."
            )
        self._factors = tuple(float(factor) for factor in factors)
        # One factor per coordinate of z.
        self._rows = [factor for factor, size in zip(self._factors, self.dims, strict=True) for _ in range(size)]

    def __repr__(self) -> str:
        return f"TimescaleSeparated({self.game!r}, tau={self.tau!r})"

    def _scaled(self, values: Array, factors: Any) -> Array:
        return like(factors, values) * values

    def losses(self, z: Array) -> Array:
        """tau_i L_i."""
        return self._scaled(self.game.losses(z), self._factors)

    def loss_gradients(self, z: Array) -> Array:
        """Rows multiplied by tau_i."""
        gradients = self.game.loss_gradients(z)
        return like(self._factors, gradients)[:, None] * gradients

    def simultaneous_gradient(self, z: Array) -> Array:
        """Blocks multiplied by tau_i."""
        return self._scaled(self.game.simultaneous_gradient(z), self._rows)

    def player_gradient(self, z: Array, player: int) -> Array:
        """The player's block multiplied by its factor."""
        return self._factors[player] * self.game.player_gradient(z, player)

    def jvp(self, z: Array, v: Array) -> Array:
        """T J v, T the diagonal of factors."""
        return self._scaled(self.game.jvp(z, v), self._rows)

    def vjp(self, z: Array, u: Array) -> Array:
        """J^T T u."""
        return self.game.vjp(z, self._scaled(u, self._rows))

    def own_hvp(self, z: Array, v: Array) -> Array:
        """T H_d v."""
        return self._scaled(self.game.own_hvp(z, v), self._rows)

    def jacobian(self, z: Array) -> Array:
        """T J."""
        jacobian = self.game.jacobian(z)
        return like(self._rows, jacobian)[:, None] * jacobian

    def own_hessian(self, z: Array, player: int) -> Array:
        """The player's Hessian multiplied by its factor."""
        return self._factors[player] * self.game.own_hessian(z, player)

    def loss_hessians(self, z: Array) -> Array:
        """Hessians multiplied by tau_i."""
        hessians = self.game.loss_hessians(z)
        return like(self._factors, hessians)[:, None, None] * hessians

    def redraw(self) -> Game:
        """On a fresh sample of the game."""
        return TimescaleSeparated(self.game.redraw(), self.tau)

    def full(self) -> Game:
        """On all data of the game."""
        return TimescaleSeparated(self.game.full(), self.tau)
