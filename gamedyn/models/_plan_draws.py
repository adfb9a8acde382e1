"""Minibatches of a GAN, written into kept arrays: the numbers that its own draws have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.distributions import Distribution
from gamedyn.games import Regularized, WrappedDraws
from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._neural_gan_game import NeuralGANGame
from gamedyn.models._plan_penalty import Penalty, penalty_of

__all__ = ["Batch", "Draws", "opened"]


@dataclass(frozen=True, eq=False)
class Batch:
    """Where a minibatch is written to.

    Parameters
    ----------
    real : array, shape (..., batch, features)
    latent_with_ones : array, shape (..., batch, latent_dim + 1)
        Its last column is left alone.
    noise : array, shape (..., batch, features), or None
        Of the fake samples.
    """

    real: numpy.ndarray
    latent_with_ones: numpy.ndarray
    noise: numpy.ndarray | None

    @property
    def latent(self) -> numpy.ndarray:
        """(..., batch, latent_dim)."""
        return self.latent_with_ones[..., :-1]

    def fill(self, game: NeuralGANGame) -> None:
        """The samples of a frozen game."""
        numpy.copyto(self.real, game.real_samples)
        numpy.copyto(self.latent, game.latent_samples)
        if self.noise is not None and game.fake_noise is not None:
            numpy.copyto(self.noise, game.fake_noise)


def opened(game: Any) -> tuple[NeuralGANGame, Penalty | None] | None:
    """The networks' game in a drawn one, and its penalty; None where a plan does not know it."""
    penalty = None
    if type(game) is Regularized:
        penalty = penalty_of(game)
        if penalty is None:
            return None
        game = game.game
    return (game, penalty) if type(game) is NeuralGANGame else None


class Draws:
    """The draws of a game, one after the other, into a batch; the same random numbers as `game.draw` and `redraw`.

    Parameters
    ----------
    game : NeuralGAN or WrappedDraws of one
    batch : Batch
    penalty : Penalty, optional
        What every draw must have.
    """

    def __init__(self, game: NeuralGAN | WrappedDraws, batch: Batch, penalty: Penalty | None) -> None:
        self.game, self.batch, self.penalty = game, batch, penalty
        self.drawn: Any = None
        self.seed = 0
        data = game.data if isinstance(game, NeuralGAN) else None
        self.data: numpy.ndarray | None = None
        if isinstance(game, NeuralGAN) and not isinstance(data, Distribution) and not game.instance_noise:
            same = type(data) is numpy.ndarray and data.dtype == batch.real.dtype
            self.data = data if same else None
        self.latent, self.normal = batch.latent, numpy.empty(batch.latent.shape)

    def draw(self, rng: numpy.random.Generator) -> None:
        """As game.draw(rng)."""
        if self.data is None:
            self._take(self.game.draw(rng))
            return
        rows = rng.integers(self.data.shape[0], size=self.batch.real.shape[0])
        numpy.copyto(self.batch.real, self.data.take(rows, 0))
        rng.standard_normal(out=self.normal)
        numpy.copyto(self.latent, self.normal)
        self.seed = int(rng.integers(2**63))

    def redraw(self) -> None:
        """As `redraw` of the game drawn last."""
        if self.data is None:
            self._take(self.drawn.redraw())
        else:
            self.draw(numpy.random.default_rng(self.seed))

    def _take(self, drawn: Any) -> None:
        found = opened(drawn)
        if found is None or found[1] != self.penalty:
            had = None if found is None else found[1]
            raise ValueError(
                f"`game` must have the same penalty in every draw, got {had} after {self.penalty}. Play it with "
                "dynamics.simulate."
            )
        self.drawn = drawn
        self.batch.fill(found[0])
