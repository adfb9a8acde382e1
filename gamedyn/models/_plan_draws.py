"""Minibatches of a GAN, written into kept arrays: the numbers that its own draws have."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.distributions import Distribution
from gamedyn.games import Regularized, WrappedDraws
from gamedyn.models._labels import one_hot
from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._neural_gan_game import NeuralGANGame
from gamedyn.models._plan_penalty import Penalty, penalty_of

__all__ = ["Batch", "Draws", "opened"]


@dataclass(frozen=True, eq=False)
class Batch:
    """Where a minibatch is written to.

    Parameters
    ----------
    real : array, shape (..., batch, packing (features + classes))
        What the critic is shown of the real samples.
    latent_with_ones : array, shape (..., batch packing, latent_dim + classes + 1)
        The generator's inputs; its last column is left alone.
    noise : array, shape (..., batch packing, features), or None
        Of the fake samples.
    """

    real: numpy.ndarray
    latent_with_ones: numpy.ndarray
    noise: numpy.ndarray | None

    @property
    def latent(self) -> numpy.ndarray:
        """(..., batch packing, latent_dim + classes)."""
        return self.latent_with_ones[..., :-1]

    def fill(self, game: NeuralGANGame) -> None:
        """The samples of a frozen game."""
        samples, labels, packing = game.real_samples, game.real_labels, game.model.packing
        shown = self.real.reshape(self.real.shape[0], packing, -1)
        numpy.copyto(shown[..., : samples.shape[1]], samples.reshape(-1, packing, samples.shape[1]))
        numpy.copyto(self.latent[:, : game.model.latent_dim], game.latent_samples)
        if labels is not None:
            numpy.copyto(shown[..., samples.shape[1] :], labels.reshape(-1, packing, labels.shape[1]))
            numpy.copyto(self.latent[:, game.model.latent_dim :], labels)
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
        model = _drawn_model(game)
        self.classes = 0 if model is None else model.classes
        self.shown = None if model is None else _shown(model, batch.real.dtype)
        # Where a critic is shown the samples alone.
        self.data = self.shown if model is not None and (model.classes, model.packing) == (0, 1) else None
        split = batch.latent.shape[-1] - self.classes
        self.latent, self.labels = batch.latent[..., :split], batch.latent[..., split:]
        self.normal = numpy.empty(self.latent.shape)

    def draw(self, rng: numpy.random.Generator) -> None:
        """As game.draw(rng)."""
        if self.shown is None:
            self._take(self.game.draw(rng))
            return
        rows = self.shown.take(rng.integers(self.shown.shape[0], size=self.latent.shape[0]), 0)
        numpy.copyto(self.batch.real, rows.reshape(self.batch.real.shape))
        rng.standard_normal(out=self.normal)
        numpy.copyto(self.latent, self.normal)
        if self.classes:
            numpy.copyto(self.labels, rows[:, -self.classes :])
        self.seed = int(rng.integers(2**63))

    def redraw(self) -> None:
        """As `redraw` of the game drawn last."""
        if self.shown is None:
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


def _drawn_model(game: NeuralGAN | WrappedDraws) -> NeuralGAN | None:
    """The model whose draws are all that changes from step to step; None where only the game itself can tell."""
    if not isinstance(game, WrappedDraws):
        return game
    wrap, model = game.wrap, game.game
    # Such a penalty has the same numbers in every draw.
    is_fixed = isinstance(wrap, functools.partial) and wrap.func is Regularized
    return model if is_fixed and isinstance(model, NeuralGAN) else None


def _shown(model: NeuralGAN, dtype: Any) -> numpy.ndarray | None:
    """The data as a critic is shown them, (n, features + classes); None where a draw does more than take rows."""
    data = model.data
    if isinstance(data, Distribution) or model.instance_noise or type(data) is not numpy.ndarray or data.dtype != dtype:
        return None
    if not model.classes:
        return data
    return numpy.concatenate([data, one_hot(model.labels, model.classes, numpy, dtype=dtype)], axis=1)
