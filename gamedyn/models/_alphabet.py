"""The symbols of sequences: characters, words or integers as numbers 0, 1, ..., and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy

__all__ = ["UNITS", "Alphabet", "Codes"]

UNITS = ("character", "word")
"""What a text can be a sequence of."""

_UNKNOWN = {"character": "\ufffd", "word": "<unknown>", "integer": -1}


@dataclass(frozen=True)
class Codes:
    """Sequences of numbers, one after the other.

    Parameters
    ----------
    values : array, shape (sum of lengths,)
    lengths : array, shape (sequences,)
    """

    values: numpy.ndarray
    lengths: numpy.ndarray

    def with_ends(self, end: int) -> Codes:
        """The same sequences with the symbol `end` behind each."""
        behind = numpy.cumsum(self.lengths)
        return Codes(numpy.insert(self.values, behind, end), self.lengths + 1)


def _split(sequence: Any, unit: str, where: str) -> tuple[str, Any]:
    """(kind, symbols) of one sequence: the code points of a text, a list of words, or an array of integers."""
    if isinstance(sequence, str):
        if unit == "word":
            return "word", sequence.split()
        return "character", numpy.frombuffer(sequence.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    if not hasattr(sequence, "__len__") or isinstance(sequence, (bytes, dict)):
        raise TypeError(
            f"`X` must be a text or a sequence of texts, of lists of words or of arrays of integers, got a "
            f"{type(sequence).__name__} {where}. Put a single sequence of symbols into a list."
        )
    if len(sequence) == 0:
        return "empty", []
    if all(isinstance(symbol, str) for symbol in sequence):
        return "words", list(sequence)
    values = numpy.asarray(sequence)
    if values.ndim != 1 or values.dtype.kind not in "iub":
        raise TypeError(
            f"`X` must hold texts, words or integers, got the shape {values.shape} and dtype {values.dtype} {where}."
        )
    return "integer", values.astype(numpy.int64)


def _kind_of(kinds: set[str], unit: str) -> str:
    kinds = kinds - {"empty"}
    if len(kinds) > 1:
        raise TypeError(f"`X` must hold sequences of one kind, got {' and '.join(sorted(kinds))} sequences.")
    return kinds.pop() if kinds else unit


def _sequences(X: Any, unit: str) -> tuple[str, list[Any]]:
    """The kind of the sequences, and their symbols."""
    if isinstance(X, str):
        X = [X]
    if not hasattr(X, "__len__"):
        raise TypeError(
            f"`X` must be a text or a sequence of texts, of lists of words or of arrays of integers, got a "
            f"{type(X).__name__}."
        )
    parts = [_split(sequence, unit, f"in place {i}") for i, sequence in enumerate(X)]
    return _kind_of({kind for kind, _ in parts}, unit), [symbols for _, symbols in parts]


def _joined(parts: list[Any]) -> numpy.ndarray:
    return numpy.concatenate([numpy.asarray(part, dtype=numpy.int64) for part in [(), *parts]])


@dataclass(frozen=True)
class Alphabet:
    """The different symbols of a training, sorted; what a symbol's number is, is its place among them.

    Parameters
    ----------
    kind : str
        "character" (of texts), "word" (of texts), "words" (of lists) or "integer".
    symbols : tuple
        Characters, words or integers.
    unknown : bool
        Whether there is one more number, len(symbols), for all other symbols.
    """

    kind: str
    symbols: tuple[Any, ...]
    unknown: bool

    @classmethod
    def of(cls, X: Any, unit: str, extra: Any, unknown: bool) -> Alphabet:
        """The alphabet of sequences and of `extra` symbols.

        Parameters
        ----------
        X : see `NGram.fit`
        unit : str
        extra : text or sequence of symbols, optional
        unknown : bool
        """
        kind, parts = _sequences(X, unit)
        if extra is not None and not isinstance(extra, str):
            extra = list(extra)
            if kind == "character":
                extra = "".join(extra)
        if extra is not None:
            _, more = _split(extra, unit, "in `symbols`")
            parts = [*parts, more]
        if kind in ("character", "integer"):
            found = numpy.unique(_joined(parts))
            symbols: Sequence[Any] = found.tolist()
        else:
            symbols = sorted({word for part in parts for word in part})
        return cls(kind, tuple(map(chr, symbols)) if kind == "character" else tuple(symbols), unknown)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return len(self.symbols) + self.unknown

    def encode(self, X: Any, unit: str) -> Codes:
        """The numbers of sequences.

        Parameters
        ----------
        X : see `NGram.fit`
        unit : str

        Raises
        ------
        ValueError
            Naming the first unknown symbol, its sequence and its place there.
        """
        kind, parts = _sequences(X, unit)
        if kind != self.kind and any(len(part) for part in parts):
            raise TypeError(f"`X` must hold {self.kind} sequences as in the fit, got {kind} sequences.")
        lengths = numpy.array([len(part) for part in parts], dtype=numpy.int64)
        if self.kind in ("character", "integer"):
            values = self._numbers(_joined(parts))
        else:
            place = {word: i for i, word in enumerate(self.symbols)}
            found = [place.get(word, -1) for part in parts for word in part]
            values = numpy.array(found, dtype=numpy.int64)
        if (values < 0).any():
            if not self.unknown:
                self._refuse(parts, lengths, int(numpy.argmax(values < 0)))
            values[values < 0] = len(self.symbols)
        return Codes(values, lengths)

    def _numbers(self, values: numpy.ndarray) -> numpy.ndarray:
        known = self.symbols if self.kind == "integer" else [ord(symbol) for symbol in self.symbols]
        if not known:
            return numpy.full(len(values), -1)
        table = numpy.array(known, dtype=numpy.int64)
        place = numpy.minimum(numpy.searchsorted(table, values), len(table) - 1)
        return numpy.where(table[place] == values, place, -1)

    def _refuse(self, parts: list[Any], lengths: numpy.ndarray, at: int) -> None:
        ends = numpy.cumsum(lengths)
        row = int(numpy.searchsorted(ends, at, side="right"))
        column = at - int(ends[row] - lengths[row])
        symbol = parts[row][column]
        shown = chr(symbol) if self.kind == "character" else symbol if self.kind != "integer" else int(symbol)
        raise ValueError(
            f"`X` must hold symbols that the model was fitted with, got {shown!r} at position {column} of sequence "
            f"{row}. Add it to `symbols`, or fit with `unknown=True`."
        )

    def decode(self, codes: numpy.ndarray) -> Any:
        """A sequence of numbers as what the model was fitted on: a text, a list of words or an array of integers."""
        stand_in: Any = _UNKNOWN["word" if self.kind == "words" else self.kind]
        symbols = [self.symbols[code] if code < len(self.symbols) else stand_in for code in codes.tolist()]
        if self.kind == "integer":
            return numpy.array(symbols, dtype=numpy.int64)
        return symbols if self.kind == "words" else ("" if self.kind == "character" else " ").join(symbols)
