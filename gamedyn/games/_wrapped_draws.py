"""WrappedDraws: a stochastic game whose every draw goes through a wrapper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn._checks import describe
from gamedyn.games._base import Game, StochasticGame

__all__ = ["WrappedDraws"]


class WrappedDraws(StochasticGame):
    """draw(rng) = wrap(game.draw(rng)): Regularized, TimescaleSeparated and their like for games on minibatches.

    Parameters
    ----------
    game : StochasticGame
    wrap : callable
        wrap(game) -> game with the same players; `redraw` of what it returns must wrap again, as the wrappers of this
        package do.

    Raises
    ------
    TypeError
        If the game is not a StochasticGame, as a deterministic one is wrapped directly; or `wrap` cannot be called.

    Examples
    --------
    A penalty on every minibatch of a GAN of two networks:

    >>> from gamedyn.games import Regularized
    >>> from gamedyn.models import NeuralGAN
    >>> from gamedyn.nn import mlp
    >>> from gamedyn.objectives import Minimax
    >>> model = NeuralGAN(mlp((1, 1)), mlp((1, 1)), Minimax(), [[0.0], [1.0]], latent_dim=1, batch_size=2)
    >>> penalised = WrappedDraws(model, lambda game: Regularized(game, r1=0.1))
    >>> penalised.draw(rng=0).r1
    0.1
    """

    def __init__(self, game: StochasticGame, wrap: Callable[[Any], Game]) -> None:
        if not isinstance(game, StochasticGame):
            raise TypeError(f"`game` must be a StochasticGame, got {type(game).__name__}. Wrap it directly.")
        if not callable(wrap):
            raise TypeError(f"`wrap` must be a function of a game, got {describe(wrap)}.")
        self.game = game
        self.wrap = wrap
        self.dims = game.dims

    def __repr__(self) -> str:
        return f"WrappedDraws({self.game!r}, {self.wrap!r})"

    def draw(self, rng: Any) -> Game:
        """A wrapped minibatch."""
        return self.wrap(self.game.draw(rng))

    def full(self) -> Game:
        """The wrapped game on all data."""
        return self.wrap(self.game.full())
