"""Minibatches of many runs of one GAN, each with random numbers of its own: those that it draws alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._plan_draws import Batch, Draws

__all__ = ["EnsembleDraws"]


class EnsembleDraws:
    """The draws of K runs of a game, step by step, into arrays with a leading axis.

    Parameters
    ----------
    model : NeuralGAN
    batch : Batch
        With arrays (K, batch, ...), or without the leading axis where K = 1.
    generators : sequence of numpy.random.Generator
        One per run; `stop` leaves one alone from then on.
    """

    def __init__(self, model: NeuralGAN, batch: Batch, generators: Sequence[numpy.random.Generator]) -> None:
        self.model = model
        members = [_member(batch, k) if batch.real.ndim == 3 else batch for k in range(len(generators))]
        self.draws = [Draws(model, member, None) for member in members]
        self.generators = list(generators)
        self.running = list(range(len(generators)))
        data = self.draws[0].data
        self.data = data if batch.real.ndim == 3 else None
        self.batch, self.seeds = batch, [0] * len(generators)
        self.normal = numpy.zeros(batch.latent.shape)
        self.rows = numpy.zeros(batch.real.shape[:-1], numpy.intp)

    def stop(self, k: int) -> None:
        """Draw no more for a run."""
        self.running.remove(k)

    def draw(self) -> None:
        """As `model.draw` of every run's generator."""
        if self.data is None:
            for k in self.running:
                self.draws[k].draw(self.generators[k])
        else:
            self._fill([self.generators[k] for k in self.running])

    def redraw(self) -> None:
        """As `redraw` of every game drawn last."""
        if self.data is None:
            for k in self.running:
                self.draws[k].redraw()
        else:
            self._fill([numpy.random.default_rng(self.seeds[k]) for k in self.running])

    def _fill(self, generators: list[numpy.random.Generator]) -> None:
        """Draw for all, and then move all numbers at once."""
        data, size = self.data, self.model.batch_size
        if data is None:
            return
        count = data.shape[0]
        for k, rng in zip(self.running, generators, strict=True):
            self.rows[k] = rng.integers(count, size=size)
            rng.standard_normal(out=self.normal[k])
            self.seeds[k] = int(rng.integers(2**63))
        numpy.copyto(self.batch.real, data.take(self.rows, 0))
        numpy.copyto(self.batch.latent, self.normal)


def _member(batch: Batch, k: int) -> Batch:
    """One run's arrays, as views."""
    return Batch(batch.real[k], batch.latent_with_ones[k], None if batch.noise is None else batch.noise[k])
