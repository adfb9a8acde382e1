"""The law of sequences that counts make: probabilities of what was said and of what comes next, and draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.models._alphabet import Alphabet, Codes
from gamedyn.models._ngram_counts import Counts

__all__ = ["SequenceLaw"]

# Probabilities of that many symbols are made at once.
_BLOCK = 1 << 18


@dataclass(frozen=True, eq=False)
class SequenceLaw:
    """What a fit of `NGram` has made; its parameters may be changed before the next fit.

    Parameters
    ----------
    alphabet : Alphabet
    counts : Counts
    smoothing : str
    k : float
        Added to counts where there is no Kneser-Ney.
    unit : str
    ends : bool
    """

    alphabet: Alphabet
    counts: Counts
    smoothing: str
    k: float
    unit: str
    ends: bool

    def log_predictions(self, X: Any) -> tuple[Codes, numpy.ndarray]:
        """The sequences, and log p of each of their symbols, ends among these.

        Parameters
        ----------
        X : see `NGram.fit`
        """
        codes = self.alphabet.encode(X, self.unit)
        codes = codes.with_ends(self.alphabet.size) if self.ends else codes
        if len(codes.values) == 0:
            raise ValueError("`X` must hold at least one symbol to predict, got none.")
        first = numpy.repeat(numpy.cumsum(codes.lengths) - codes.lengths, codes.lengths)
        position = numpy.arange(len(codes.values)) - first
        p = self._probabilities(self.counts.contexts(codes), codes.values[:, None], position)
        with numpy.errstate(divide="ignore"):
            return codes, numpy.log(p[:, 0])

    def history(self, prefix: Any, n: int) -> numpy.ndarray:
        """The numbers of a prefix, n times, shape (n, its length).

        Parameters
        ----------
        prefix : one sequence, or None
        n : int
        """
        if prefix is None or len(prefix) == 0:
            return numpy.empty((n, 0), dtype=numpy.int64)
        try:
            codes = self.alphabet.encode([prefix], self.unit)
        except (TypeError, ValueError) as error:
            raise type(error)(str(error).replace("`X`", "`prefix`").replace(" of sequence 0", "")) from None
        return numpy.broadcast_to(codes.values, (n, len(codes.values)))

    def following(self, history: numpy.ndarray) -> numpy.ndarray:
        """p(next symbol) after each history, shape (n, symbols).

        Parameters
        ----------
        history : array, shape (n, length)
        """
        symbols = numpy.arange(self.counts.symbols)
        rows = max(1, _BLOCK // len(symbols))
        parts = []
        for start in range(0, max(1, len(history)), rows):
            block = history[start : start + rows]
            after = numpy.broadcast_to(symbols, (len(block), len(symbols)))
            position = numpy.full(len(block), history.shape[1])
            parts.append(self._probabilities(self._contexts_after(block), after, position))
        return numpy.concatenate(parts)

    def draws(
        self, history: numpy.ndarray, max_length: int, temperature: float | None, generator: numpy.random.Generator
    ) -> list[Any]:
        """Sequences that begin with the histories, drawn up to their ends.

        Parameters
        ----------
        history : array, shape (n, length)
        max_length : int
        temperature : float or None
            None takes the likeliest symbols.
        generator : numpy.random.Generator
        """
        finished: list[Any] = [None] * len(history)
        alive = numpy.arange(len(history))
        while len(alive) and history.shape[1] < max_length:
            p = self.following(history)
            drawn = numpy.argmax(p, axis=1) if temperature is None else _draw(p, temperature, generator)
            done = drawn == self.alphabet.size
            for place, row in zip(alive[done], history[done], strict=True):
                finished[place] = self.alphabet.decode(row)
            alive, history = alive[~done], numpy.concatenate([history, drawn[:, None]], axis=1)[~done]
        for place, row in zip(alive, history, strict=True):
            finished[place] = self.alphabet.decode(row)
        return finished

    def _probabilities(
        self, contexts: Iterator[numpy.ndarray], following: numpy.ndarray, position: numpy.ndarray
    ) -> numpy.ndarray:
        if self.smoothing == "kneser-ney":
            return self.counts.kneser_ney(contexts, following)
        # There is one symbol more before a position, the start.
        depth = numpy.minimum(position + 1, len(self.counts.levels) - 1)
        return self.counts.add_k(contexts, following, depth, self.k)

    def _contexts_after(self, history: numpy.ndarray) -> Iterator[numpy.ndarray]:
        n, length = history.shape

        def before(j: int) -> numpy.ndarray:
            return history[:, length - j] if j <= length else numpy.full(n, self.counts.symbols)

        return self.counts.followed(before, n)


def _draw(p: numpy.ndarray, temperature: float, generator: numpy.random.Generator) -> numpy.ndarray:
    """One symbol of each row, of probability proportional to p^(1 / temperature)."""
    # The largest becomes 1, so that no power overflows, and none makes all of them 0.
    sharpened = (p / p.max(axis=1, keepdims=True)) ** (1 / temperature)
    heights = numpy.cumsum(sharpened, axis=1)
    chosen = generator.random(len(p))[:, None] * heights[:, -1:]
    # The first height above the draw: a symbol of probability 0 adds none, and is never chosen.
    return numpy.asarray((heights <= chosen).sum(axis=1))
