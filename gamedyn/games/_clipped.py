"""Clipped: weight clipping, a game whose discriminator lives in a box."""

from __future__ import annotations

import math

from gamedyn._checks import check_integer, check_positive
from gamedyn.games._base import Game, check_game
from gamedyn.games._box import Box
from gamedyn.games._delegating import Delegating
from gamedyn.games._domain import Reals

__all__ = ["Clipped"]


class Clipped(Delegating):
    """The same game with |z_i| <= bound for every parameter of one player, by default the discriminator.

    Losses and derivatives are the game's: clipping is a domain. Rules that project keep to it, others do not see it;
    `domain.project` after each of their steps is weight clipping as it is done in practice.

    Parameters
    ----------
    game : Game
        Without a domain of its own.
    bound : float
        Positive.
    player : int
        Whose parameters are clipped.

    Raises
    ------
    TypeError
        If the game is none.
    ValueError
        If the bound is not positive, there is no such player, or the game has a domain, which would be lost.

    References
    ----------
    Arjovsky, Chintala and Bottou (2017), Wasserstein GAN.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import DiracGAN
    >>> Clipped(DiracGAN(), 0.5).domain.project(numpy.array([3.0, 3.0])).tolist()
    [3.0, 0.5]
    """

    def __init__(self, game: Game, bound: float, player: int = 1) -> None:
        check_game(game)
        if not isinstance(game.domain, Reals):
            raise ValueError(f"`game` must have no domain of its own, which clipping replaces, got {game.domain!r}.")
        check_positive("bound", bound)
        check_integer("player", player, minimum=0)
        if player >= len(game.dims):
            raise ValueError(f"`player` must be one of the {len(game.dims)} players from 0, got {player}.")
        self.game, self.bound, self.player = game, bound, player
        self.dims = game.dims
        bounds = [bound if i == player else math.inf for i, size in enumerate(game.dims) for _ in range(size)]
        self.domain = Box([-each for each in bounds], bounds)

    def __repr__(self) -> str:
        return f"Clipped({self.game!r}, bound={self.bound!r}, player={self.player})"

    def redraw(self) -> Game:
        """On a fresh sample of the game."""
        return self._around(self.game.redraw())

    def full(self) -> Game:
        """On all data of the game."""
        return self._around(self.game.full())

    def _around(self, game: Game) -> Game:
        return self if game is self.game else Clipped(game, self.bound, self.player)
