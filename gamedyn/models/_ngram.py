"""NGram: the law of sequences whose next symbol depends on the last order - 1, by counting."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_in_interval, check_integer, check_positive
from gamedyn.backend import as_generator
from gamedyn.models._alphabet import UNITS, Alphabet, Codes
from gamedyn.models._estimator import Estimator
from gamedyn.models._ngram_counts import Counts

__all__ = ["NGram"]

_SMOOTHINGS = ("none", "add-k", "kneser-ney")
# Probabilities of that many symbols are made at once.
_BLOCK = 1 << 18


class NGram(Estimator):
    """p(x) = prod_t p(x_t | x_(t-n+1), ..., x_(t-1)) by counting n-grams of n = order symbols.

    A sequence begins after a start symbol, which is never predicted, and, where `ends`, is followed by an end symbol,
    which is: the probabilities of all sequences of whatever length then sum to 1, else those of every one length do.
    Sequences may be shorter than the order: near the start the context is as long as there are symbols.

    Parameters
    ----------
    order : int
        n >= 1; a symbol and the n - 1 before it.
    smoothing : {"none", "add-k", "kneser-ney"}
        "none" is the maximum of the likelihood, c(context, symbol) / c(context); "add-k" is
        (c + k) / (c(context) + k V) for V symbols; "kneser-ney" is interpolated Kneser-Ney,
        p_k = (max(c - D, 0) + D N) / c(context) with N = (different followers of the context) p_(k-1), whose counts
        below the highest order are those of the different symbols before a gram, and whose p_0 is uniform.
    k : float
        Of "add-k", > 0.
    discount : float, optional
        D of "kneser-ney", in (0, 1]; None is n_1 / (n_1 + 2 n_2) at every length, n_j the number of grams counted j
        times, and 1/2 where there are none counted once, or none twice.
    unit : {"character", "word"}
        What a text is a sequence of; words are what blanks separate. Lists of words and arrays of integers are taken
        as they are.
    symbols : text or sequence of symbols, optional
        Symbols that there are beside those in the data.
    unknown : bool
        Whether one more symbol stands for all others; else these are an error.
    ends : bool
        Whether the end of a sequence is predicted.

    Attributes
    ----------
    symbols_ : tuple
        Sorted, without start, end and unknown.
    discounts_ : tuple of float
        D after contexts of 0, 1, ..., order - 1 symbols.
    n_predictions_ : int
        Symbols of the training, ends among them.

    Notes
    -----
    After a context without counts, "none" is uniform, as is the limit of "add-k" for k -> 0; in this way every context
    has a law that sums to 1. Grams that begin with the start keep their counts under Kneser-Ney, since nothing stands
    before it. Counting sorts n integers once for every length, in the memory of the host.

    References
    ----------
    Chen and Goodman (1999), An empirical study of smoothing techniques for language modeling, on Kneser-Ney smoothing.

    Examples
    --------
    After a, b comes in two of three cases:

    >>> model = NGram(2, "none").fit(["ab", "ab", "a"])
    >>> model.probabilities("a")
    {'a': 0.0, 'b': 0.6666666666666666, None: 0.3333333333333333}
    >>> round(float(numpy.exp(model.log_prob(["ab"]))[0]), 12)
    0.666666666667
    """

    density = "exact"

    def __init__(
        self,
        order: int = 3,
        smoothing: str = "kneser-ney",
        *,
        k: float = 1.0,
        discount: float | None = None,
        unit: str = "character",
        symbols: Any = None,
        unknown: bool = False,
        ends: bool = True,
    ) -> None:
        self.order = order
        self.smoothing = smoothing
        self.k = k
        self.discount = discount
        self.unit = unit
        self.symbols = symbols
        self.unknown = unknown
        self.ends = ends

    def fit(self, X: Any, y: Any = None) -> NGram:
        """Count.

        Parameters
        ----------
        X : text, or sequence of texts, of lists of words, or of arrays of integers
            A text alone is one sequence.
        y : None
            Not used.

        Raises
        ------
        TypeError, ValueError
            If a parameter is out of its range, sequences are of different kinds, or there is nothing to predict.
        """
        check_integer("order", self.order, minimum=1)
        check_choice("smoothing", self.smoothing, _SMOOTHINGS)
        check_choice("unit", self.unit, UNITS)
        check_positive("k", self.k)
        if self.discount is not None:
            check_in_interval("discount", self.discount, 0, 1, closed="right")
        alphabet = Alphabet.of(X, self.unit, self.symbols, self.unknown)
        codes = self._coded(alphabet, X)
        if len(codes.values) == 0:
            raise ValueError("`X` must hold at least one symbol to predict, got none.")
        kneser_ney = self.smoothing == "kneser-ney"
        self._counts = Counts.of(codes, self.order, alphabet.size + self.ends, kneser_ney, self.discount)
        # What the counts were made with: parameters may be changed before the next fit.
        self._made = (self.smoothing, 0.0 if self.smoothing == "none" else float(self.k), self.unit, bool(self.ends))
        self._alphabet = alphabet
        self.symbols_ = alphabet.symbols
        self.discounts_ = tuple(level.discount for level in self._counts.levels) if kneser_ney else ()
        self.n_predictions_ = len(codes.values)
        return self

    def log_prob(self, X: Any, y: Any = None) -> numpy.ndarray:
        """log p of every sequence, in nats; -inf for what cannot be under "none".

        Parameters
        ----------
        X : see `fit`
        y : None
            Not used.

        Returns
        -------
        array, shape (sequences,)

        Raises
        ------
        ValueError
            Naming the first unknown symbol and its place.
        """
        codes, logs = self._log_predictions(X)
        row = numpy.repeat(numpy.arange(len(codes.lengths)), codes.lengths)
        return numpy.bincount(row, weights=logs, minlength=len(codes.lengths))

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of `log_prob`, in nats per sequence.

        Parameters
        ----------
        X : see `fit`
        y : None
            Not used.
        """
        return float(self.log_prob(X).mean())

    def perplexity(self, X: Any) -> float:
        """exp(-(sum of log p) / predictions), the end symbols among the predictions where there are.

        Parameters
        ----------
        X : see `fit`
        """
        _, logs = self._log_predictions(X)
        return math.exp(-float(logs.mean()))

    def bits_per_dim(self, X: Any, y: Any = None) -> float:
        """Bits per prediction, the binary logarithm of the perplexity.

        Parameters
        ----------
        X : see `fit`
        y : None
            Not used.
        """
        _, logs = self._log_predictions(X)
        return -float(logs.mean()) / math.log(2)

    def probabilities(self, prefix: Any = None) -> dict[Any, float]:
        """p(next symbol | prefix) by symbol; None is the end, and under `unknown` Ellipsis all other symbols.

        Parameters
        ----------
        prefix : one sequence, see `fit`, optional
            None is the start of a sequence.
        """
        history = self._history(prefix, 1)
        p = self._next(history)[0].tolist()
        alphabet = self._alphabet
        names = [*alphabet.symbols, *([...] if alphabet.unknown else []), *([None] if self._made[3] else [])]
        return dict(zip(names, p, strict=True))

    def sample(
        self,
        n: int = 1,
        y: Any = None,
        *,
        prefix: Any = None,
        temperature: float = 1.0,
        greedy: bool = False,
        max_length: int = 100,
        rng: Any = None,
    ) -> list[Any]:
        """Draw sequences, symbol by symbol, up to their end or to `max_length`.

        Parameters
        ----------
        n : int
        y : None
            Not used.
        prefix : one sequence, see `fit`, optional
            What they all begin with.
        temperature : float
            T > 0: every symbol is drawn from p^(1 / T), normalised.
        greedy : bool
            Take the likeliest symbol instead, the first one of equals.
        max_length : int
            Symbols of a sequence, its prefix among them, after which it is cut.
        rng : None, int or numpy.random.Generator

        Returns
        -------
        list
            Of texts, lists of words or arrays of integers, as in the fit; words of texts with a blank between.

        Raises
        ------
        ValueError
            If the temperature is not positive, or a symbol of the prefix is unknown.
        """
        check_integer("n", n, minimum=0)
        check_integer("max_length", max_length, minimum=0)
        if not greedy and temperature == 0:
            raise ValueError("`temperature` must be positive, got 0. Pass `greedy=True` for the likeliest symbols.")
        check_positive("temperature", temperature)
        history = self._history(prefix, n)
        generator = as_generator(rng)
        end = self._alphabet.size
        finished: list[Any] = [None] * n
        alive = numpy.arange(n)
        while len(alive) and history.shape[1] < max_length:
            p = self._next(history)
            drawn = numpy.argmax(p, axis=1) if greedy else _draw(p, temperature, generator)
            done = drawn == end
            for place, row in zip(alive[done], history[done], strict=True):
                finished[place] = self._alphabet.decode(row)
            alive, history = alive[~done], numpy.concatenate([history, drawn[:, None]], axis=1)[~done]
        for place, row in zip(alive, history, strict=True):
            finished[place] = self._alphabet.decode(row)
        return finished

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_counts")

    def _check_fitted(self) -> None:
        if not hasattr(self, "_counts"):
            raise ValueError(f"this {type(self).__name__} is not fitted yet. Call `fit` first.")

    def _coded(self, alphabet: Alphabet, X: Any) -> Codes:
        codes = alphabet.encode(X, self.unit)
        return codes.with_ends(alphabet.size) if self.ends else codes

    def _log_predictions(self, X: Any) -> tuple[Codes, numpy.ndarray]:
        """The sequences, and log p of each of their symbols."""
        self._check_fitted()
        smoothing, k, unit, ends = self._made
        codes = self._alphabet.encode(X, unit)
        codes = codes.with_ends(self._alphabet.size) if ends else codes
        if len(codes.values) == 0:
            raise ValueError("`X` must hold at least one symbol to predict, got none.")
        following = codes.values[:, None]
        contexts = self._counts.contexts(codes)
        if smoothing == "kneser-ney":
            p = self._counts.kneser_ney(contexts, following)
        else:
            first = numpy.repeat(numpy.cumsum(codes.lengths) - codes.lengths, codes.lengths)
            position = numpy.arange(len(codes.values)) - first
            p = self._counts.add_k(contexts, following, self._depth(position), k)
        with numpy.errstate(divide="ignore"):
            return codes, numpy.log(p[:, 0])

    def _depth(self, position: numpy.ndarray) -> numpy.ndarray:
        """The length of the context before the symbol at a position: there is one symbol more, the start."""
        return numpy.asarray(numpy.minimum(position + 1, len(self._counts.levels) - 1))

    def _history(self, prefix: Any, n: int) -> numpy.ndarray:
        """The numbers of a prefix, n times, shape (n, its length)."""
        self._check_fitted()
        if prefix is None or len(prefix) == 0:
            return numpy.empty((n, 0), dtype=numpy.int64)
        try:
            codes = self._alphabet.encode([prefix], self._made[2])
        except (TypeError, ValueError) as error:
            raise type(error)(str(error).replace("`X`", "`prefix`").replace(" of sequence 0", "")) from None
        return numpy.broadcast_to(codes.values, (n, len(codes.values)))

    def _next(self, history: numpy.ndarray) -> numpy.ndarray:
        """p(next symbol) after each history, shape (n, symbols); histories have shape (n, length)."""
        smoothing, k, _, _ = self._made
        following = numpy.arange(self._counts.symbols)
        rows = max(1, _BLOCK // len(following))
        parts = []
        for start in range(0, max(1, len(history)), rows):
            block = history[start : start + rows]
            after = numpy.broadcast_to(following, (len(block), len(following)))
            contexts = self._contexts_after(block)
            if smoothing == "kneser-ney":
                parts.append(self._counts.kneser_ney(contexts, after))
            else:
                depth = self._depth(numpy.full(len(block), history.shape[1]))
                parts.append(self._counts.add_k(contexts, after, depth, k))
        return numpy.concatenate(parts)

    def _contexts_after(self, history: numpy.ndarray) -> Iterator[numpy.ndarray]:
        n, length = history.shape

        def before(j: int) -> numpy.ndarray:
            return history[:, length - j] if j <= length else numpy.full(n, self._counts.symbols)

        return self._counts.followed(before, n)


def _draw(p: numpy.ndarray, temperature: float, generator: numpy.random.Generator) -> numpy.ndarray:
    """One symbol of each row, of probability proportional to p^(1 / temperature)."""
    # The largest becomes 1, so that no power overflows, and none makes all of them 0.
    sharpened = (p / p.max(axis=1, keepdims=True)) ** (1 / temperature)
    heights = numpy.cumsum(sharpened, axis=1)
    chosen = generator.random(len(p))[:, None] * heights[:, -1:]
    # The first height above the draw: a symbol of probability 0 adds none, and is never chosen.
    return numpy.asarray((heights <= chosen).sum(axis=1))
