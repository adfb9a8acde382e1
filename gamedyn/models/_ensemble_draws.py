"""Minibatches of many runs of one GAN, each with random numbers of its own: those that it draws alone."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

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

    Notes
    -----
    Rows of data are the numbers of `Generator.integers`, made here from the raw bits of all runs at once: of 32 bits u
    and n rows the row is floor(u n / 2^32), and u is drawn again where u n mod 2^32 < 2^32 mod n.

    References
    ----------
    Lemire (2019), Fast random integer generation in an interval.
    """

    def __init__(self, model: NeuralGAN, batch: Batch, generators: Sequence[numpy.random.Generator]) -> None:
        count, self.size = len(generators), model.batch_size
        members = [_member(batch, k) if batch.real.ndim == 3 else batch for k in range(count)]
        self.draws = [Draws(model, member, None) for member in members]
        self.generators, self.running = list(generators), list(range(count))
        self.data = self.draws[0].data if batch.real.ndim == 3 else None
        self.has_drawn = False
        self.batch, self.seeds = batch, [0] * count
        self.normal = numpy.zeros(batch.latent.shape)
        self.raw = numpy.zeros((count, -(-self.size // 2)), numpy.uint64)
        self.products = numpy.zeros((count, self.size), numpy.uint64)
        # Runs whose generators' bits are not, or no longer, what rows are made of; one row needs none.
        self.is_odd = self.size % 2 == 1 or self.data is None or self.data.shape[0] == 1
        self.apart = {k for k, rng in enumerate(generators) if self.is_odd or not _gives_whole_words(rng)}

    def stop(self, k: int) -> None:
        """Draw no more for a run."""
        self.running.remove(k)

    def state(self, k: int) -> dict[str, Any]:
        """Of the generator's bits, as draws of this run alone leave it."""
        state = dict(self.generators[k].bit_generator.state)
        if self.has_drawn and k not in self.apart:
            # The half of a word that was used last stays written there.
            state["uinteger"] = int(self.raw[k, -1] >> numpy.uint64(32))
        return state

    def draw(self) -> None:
        """As `model.draw` of every run's generator."""
        self.has_drawn = True
        if self.data is None:
            for k in self.running:
                self.draws[k].draw(self.generators[k])
        else:
            self._fill(self.data, self.generators, self.apart, self.raw)

    def redraw(self) -> None:
        """As `redraw` of every game drawn last."""
        if self.data is None:
            for k in self.running:
                self.draws[k].redraw()
        else:
            fresh = {k: numpy.random.default_rng(self.seeds[k]) for k in self.running}
            apart = {k for k, rng in fresh.items() if self.is_odd or not _gives_whole_words(rng)}
            rngs = [fresh.get(k, rng) for k, rng in enumerate(self.generators)]
            self._fill(self.data, rngs, apart, numpy.zeros_like(self.raw))

    def _fill(
        self, data: numpy.ndarray, generators: list[numpy.random.Generator], apart: set[int], raw: numpy.ndarray
    ) -> None:
        """Draw for all, and move all numbers at once."""
        rows, normal, seeds = self._rows(data.shape[0], generators, apart, raw), self.normal, self.seeds
        for k in self.running:
            rng = generators[k]
            rng.standard_normal(out=normal[k])
            seeds[k] = int(rng.integers(2**63)) if k in apart else rng.bit_generator.random_raw() >> 1
        numpy.copyto(self.batch.real, data.take(rows, 0))
        numpy.copyto(self.batch.latent, normal)

    def _rows(
        self, n: int, generators: list[numpy.random.Generator], apart: set[int], raw: numpy.ndarray
    ) -> numpy.ndarray:
        """(K, batch): rows of data."""
        products, words = self.products, raw.shape[1]
        for k in self.running:
            if k not in apart:
                raw[k] = generators[k].bit_generator.random_raw(words)
        numpy.multiply(raw.view(numpy.uint32)[:, : self.size], numpy.uint64(n), products)
        again = 2**32 % n
        rejected = set()
        if again and (low := products.view(numpy.uint32)[:, ::2]).min() < again:
            rejected = {k for k in self.running if k not in apart and low[k].min() < again}
        rows = (products >> numpy.uint64(32)).view(numpy.int64)
        for k in rejected:
            bits: Any = generators[k].bit_generator
            bits.advance(-words)
        # One more draw, and a generator is left with half a word.
        apart |= rejected
        for k in self.running:
            if k in apart:
                rows[k] = generators[k].integers(n, size=self.size)
        return rows


def _member(batch: Batch, k: int) -> Batch:
    """One run's arrays, as views."""
    return Batch(batch.real[k], batch.latent_with_ones[k], None if batch.noise is None else batch.noise[k])


def _gives_whole_words(rng: numpy.random.Generator) -> bool:
    """Whether a generator's next 32 bits are the first half of its next raw word, and rows are made of them."""
    bits = rng.bit_generator
    return type(bits) is numpy.random.PCG64 and not bits.state["has_uint32"] and _makes_rows_of_words()


@cache
def _makes_rows_of_words() -> bool:
    """Whether this NumPy, on this machine, makes integers of raw words as it is done here."""
    if sys.byteorder != "little":
        return False
    rng, bits, n = numpy.random.default_rng(5), numpy.random.PCG64(5), 2**20
    rows = bits.random_raw(8).view(numpy.uint32).astype(numpy.uint64) * numpy.uint64(n) >> numpy.uint64(32)
    return bool((rng.integers(n, size=16) == rows).all()) and int(rng.integers(2**63)) == bits.random_raw() >> 1
