"""Counts of n-grams as a tree of contexts in sorted integer keys, and the conditional probabilities made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.models._alphabet import Codes

__all__ = ["Counts", "level_of"]

# A table over all possible keys is faster than sorting while it is not much longer than the data.
_TABLE = 8


def _distinct(keys: numpy.ndarray, beyond: int) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """(sorted distinct keys, place of every key among them, how often each occurs), of keys in 0..beyond - 1."""
    if beyond <= _TABLE * len(keys) + 1024:
        table = numpy.bincount(keys, minlength=beyond)
        found = numpy.flatnonzero(table)
        places = numpy.cumsum(table > 0) - 1
        return found, places[keys], table[found]
    found, inverse, counts = numpy.unique(keys, return_inverse=True, return_counts=True)
    return found, inverse.ravel(), counts


def _places(keys: numpy.ndarray, table: numpy.ndarray) -> numpy.ndarray:
    """Where the keys stand in a sorted table; -1 for what is not in it."""
    if len(table) == 0:
        return numpy.full(keys.shape, -1)
    place = numpy.minimum(numpy.searchsorted(table, keys), len(table) - 1)
    return numpy.where(table[place] == keys, place, -1)


@dataclass(frozen=True)
class _Level:
    """What follows the contexts of one length.

    Parameters
    ----------
    contexts : array, shape (c,)
        Sorted keys: the number of the context without its first symbol, times the base, plus that symbol.
    grams : array, shape (g,)
        Sorted keys: the number of the context, times the base, plus the symbol that follows.
    counts : array, shape (g,)
        How often the gram occurs.
    weights : array, shape (g,)
        What Kneser-Ney counts instead.
    discount : float
        What it subtracts from each.
    totals, kinds : array, shape (c,)
        Sum and number of the `weights` (`counts`, without Kneser-Ney) of a context.
    """

    contexts: numpy.ndarray
    grams: numpy.ndarray
    counts: numpy.ndarray
    weights: numpy.ndarray
    discount: float
    totals: numpy.ndarray
    kinds: numpy.ndarray


def level_of(fields: dict[str, Any]) -> _Level:
    """A level of what `vars` of one has, whose discount may be an array of one number.

    Parameters
    ----------
    fields : dict
    """
    return _Level(**{**fields, "discount": float(fields["discount"])})


def _estimated_discount(weights: numpy.ndarray) -> float:
    """n_1 / (n_1 + 2 n_2), n_j the number of grams of weight j; 1/2 where there are none of the one or the other."""
    once, twice = int((weights == 1).sum()), int((weights == 2).sum())
    return once / (once + 2 * twice) if once and twice else 0.5


@dataclass(frozen=True)
class Counts:
    """The counts of all lengths up to the order.

    Parameters
    ----------
    levels : tuple of _Level
        Of contexts of 0, 1, ..., order - 1 symbols, a start symbol before the sequence among these.
    symbols : int
        How many there are that can follow, the end among them.

    Notes
    -----
    A context is known by a number at each length, found by following its symbols backwards from the last one. So keys
    stay below the number of contexts times that of symbols, whatever the order.
    """

    levels: tuple[_Level, ...]
    symbols: int

    @classmethod
    def of(cls, codes: Codes, order: int, symbols: int, kneser_ney: bool, discount: float | None) -> Counts:
        """Count.

        Parameters
        ----------
        codes : Codes
            With ends, where these are predicted.
        order : int
        symbols : int
        kneser_ney : bool
            Whether to take counts of continuations below the highest order.
        discount : float, optional
            Of every level; estimated where None.
        """
        base = symbols + 1
        raw = list(_counted(codes, order, base))
        levels: list[_Level] = []
        above: tuple[numpy.ndarray, numpy.ndarray] | None = None
        for contexts, grams, counts in reversed(raw):
            weights = counts
            if kneser_ney and above is not None:
                longer, their_contexts = above
                shortened = (their_contexts[longer // base] // base) * base + longer % base
                continued = numpy.bincount(numpy.searchsorted(grams, shortened), minlength=len(grams))
                # Nothing stands before the start of a sequence: these grams keep their counts.
                weights = numpy.where(continued == 0, counts, continued)
            owner = grams // base
            totals = numpy.bincount(owner, weights=weights, minlength=len(contexts))
            kinds = numpy.bincount(owner, minlength=len(contexts)).astype(numpy.float64)
            taken = _estimated_discount(weights) if discount is None else discount
            levels.insert(0, _Level(contexts, grams, counts, weights, taken, totals, kinds))
            above = grams, contexts
        return cls(tuple(levels), symbols)

    def contexts(self, codes: Codes) -> Iterator[numpy.ndarray]:
        """The numbers of the contexts of 0, 1, ..., order - 1 symbols at every place; -1 where there is no such one.

        Parameters
        ----------
        codes : Codes
        """
        before, _ = _looking_back(codes, self.symbols)
        yield from self.followed(before, len(codes.values))

    def followed(self, before: Callable[[int], numpy.ndarray], places: int) -> Iterator[numpy.ndarray]:
        """The numbers of contexts, from the symbols before places.

        Before the start symbol come more of them here, which no context holds.

        Parameters
        ----------
        before : callable
            before(j), the j-th symbol before each place, j = 1, 2, ...; the start symbol is `symbols`.
        places : int
        """
        numbers = numpy.zeros(places, dtype=numpy.int64)
        yield numbers
        for depth, level in enumerate(self.levels[1:], start=1):
            # Keys of unknown shorter contexts are negative, and not in the table.
            numbers = _places(numbers * (self.symbols + 1) + before(depth), level.contexts)
            yield numbers

    def kneser_ney(self, contexts: Iterator[numpy.ndarray], following: numpy.ndarray) -> numpy.ndarray:
        """p_k = (max(c - D, 0) + D N p_(k-1)) / sum c over the lengths k of a context, from the uniform law on.

        c is the weight of the gram, N the number of different symbols that follow the context.

        Parameters
        ----------
        contexts : iterator of array, shape (n,)
        following : array, shape (n, m)
            Symbols.
        """
        p = numpy.full(following.shape, 1 / self.symbols)
        for level, numbers in zip(self.levels, contexts, strict=True):
            weight, total, kinds = self._found(level, numbers, following, level.weights)
            seen = total > 0
            share = numpy.maximum(weight - level.discount, 0.0) + level.discount * kinds * p
            p = numpy.where(seen, share / numpy.where(seen, total, 1.0), p)
        return p

    def add_k(
        self, contexts: Iterator[numpy.ndarray], following: numpy.ndarray, depth: numpy.ndarray, k: float
    ) -> numpy.ndarray:
        """(c + k) / (sum c + k symbols) of the context of the given length; uniform after a context without counts.

        Parameters
        ----------
        contexts : iterator of array, shape (n,)
        following : array, shape (n, m)
        depth : array, shape (n,)
            Length of the context that decides.
        k : float
            0 is the maximum of the likelihood.
        """
        p = numpy.full(following.shape, 1 / self.symbols)
        for length, (level, numbers) in enumerate(zip(self.levels, contexts, strict=True)):
            count, total, _ = self._found(level, numbers, following, level.counts)
            total = total + k * self.symbols
            decides = (depth == length)[:, None] & (total > 0)
            p = numpy.where(decides, (count + k) / numpy.where(total > 0, total, 1.0), p)
        return p

    def _found(
        self, level: _Level, numbers: numpy.ndarray, following: numpy.ndarray, weights: numpy.ndarray
    ) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
        """(weight of the grams, total of the contexts, kinds of followers); 0 for what was not seen."""
        known = numbers >= 0
        place = _places(numbers[:, None] * (self.symbols + 1) + following, level.grams)
        there = (place >= 0) & known[:, None]
        weight = numpy.where(there, numpy.append(weights, 0)[place], 0).astype(numpy.float64)
        total = numpy.where(known, numpy.append(level.totals, 0.0)[numbers], 0.0)
        kinds = numpy.where(known, numpy.append(level.kinds, 0.0)[numbers], 0.0)
        return weight, total[:, None], kinds[:, None]


def _looking_back(codes: Codes, start: int) -> tuple[Callable[[int], numpy.ndarray], Callable[[int], numpy.ndarray]]:
    """The j-th symbol before every place of the sequences, and whether there is one."""
    first = numpy.repeat(numpy.cumsum(codes.lengths) - codes.lengths, codes.lengths)
    position = numpy.arange(len(codes.values)) - first

    def before(j: int) -> numpy.ndarray:
        return numpy.where(position >= j, numpy.roll(codes.values, j), start)

    def present(j: int) -> numpy.ndarray:
        return numpy.asarray(position >= j - 1)

    return before, present


def _counted(codes: Codes, order: int, base: int) -> Iterator[tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]]:
    """(contexts, grams, counts) of contexts of 0, 1, ..., order - 1 symbols."""
    before, present = _looking_back(codes, base - 1)
    numbers, following = numpy.zeros(len(codes.values), dtype=numpy.int64), codes.values
    contexts, where = numpy.zeros(1, dtype=numpy.int64), numpy.arange(len(codes.values))
    for depth in range(order):
        if depth:
            there = present(depth)[where]
            where, numbers = where[there], numbers[there]
            contexts, numbers, _ = _distinct(numbers * base + before(depth)[where], len(contexts) * base)
        grams, _, counts = _distinct(numbers * base + following[where], len(contexts) * base)
        yield contexts, grams, counts
