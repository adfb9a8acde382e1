"""NGram: the law of sequences whose next symbol depends on the last order - 1, by counting."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_in_interval, check_integer, check_positive
from gamedyn.backend import as_generator
from gamedyn.models._alphabet import UNITS, Alphabet
from gamedyn.models._estimator import Estimator
from gamedyn.models._ngram_counts import Counts
from gamedyn.models._sequence_file import read_law, write_law
from gamedyn.models._sequence_law import SequenceLaw

__all__ = ["NGram"]

_SMOOTHINGS = ("none", "add-k", "kneser-ney")


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
        codes = alphabet.encode(X, self.unit)
        codes = codes.with_ends(alphabet.size) if self.ends else codes
        if len(codes.values) == 0:
            raise ValueError("`X` must hold at least one symbol to predict, got none.")
        kneser_ney = self.smoothing == "kneser-ney"
        counts = Counts.of(codes, self.order, alphabet.size + self.ends, kneser_ney, self.discount)
        k = 0.0 if self.smoothing == "none" else float(self.k)
        return self._keep(SequenceLaw(alphabet, counts, self.smoothing, k, self.unit, bool(self.ends)))

    def _keep(self, law: SequenceLaw) -> NGram:
        self._law, self.symbols_ = law, law.alphabet.symbols
        levels = law.counts.levels
        self.discounts_ = tuple(level.discount for level in levels) if law.smoothing == "kneser-ney" else ()
        self.n_predictions_ = int(levels[0].counts.sum())
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
        self._check_fitted()
        codes, logs = self._law.log_predictions(X)
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
        self._check_fitted()
        _, logs = self._law.log_predictions(X)
        return math.exp(-float(logs.mean()))

    def bits_per_dim(self, X: Any, y: Any = None) -> float:
        """Bits per prediction, the binary logarithm of the perplexity.

        Parameters
        ----------
        X : see `fit`
        y : None
            Not used.
        """
        self._check_fitted()
        _, logs = self._law.log_predictions(X)
        return -float(logs.mean()) / math.log(2)

    def probabilities(self, prefix: Any = None) -> dict[Any, float]:
        """p(next symbol | prefix) by symbol; None is the end, and under `unknown` Ellipsis all other symbols.

        Parameters
        ----------
        prefix : one sequence, see `fit`, optional
            None is the start of a sequence.
        """
        self._check_fitted()
        law = self._law
        p = law.following(law.history(prefix, 1))[0].tolist()
        names = [*law.alphabet.symbols, *([...] if law.alphabet.unknown else []), *([None] if law.ends else [])]
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
        self._check_fitted()
        check_integer("n", n, minimum=0)
        check_integer("max_length", max_length, minimum=0)
        if not greedy and temperature == 0:
            raise ValueError("`temperature` must be positive, got 0. Pass `greedy=True` for the likeliest symbols.")
        check_positive("temperature", temperature)
        history = self._law.history(prefix, n)
        return self._law.draws(history, max_length, None if greedy else temperature, as_generator(rng))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model: a sealed .npz without pickles, over an older one.

        Parameters
        ----------
        path : path
            A file ending in .npz, or a folder for checkpoint.npz.
        """
        self._check_fitted()
        given = self.symbols
        symbols = given if given is None or isinstance(given, str) else tuple(given)
        write_law(path, {**self.get_params(), "symbols": symbols}, self._law)

    @classmethod
    def load(cls, path: str | os.PathLike[str], **params: Any) -> NGram:
        """The fitted model of a file.

        Parameters
        ----------
        path : path
        **params
            Parameters to change, for the next fit.

        Raises
        ------
        ValueError
            If the file is of another model, was cut or changed.
        FileNotFoundError
            If there is no such file.
        """
        parameters, law = read_law(path)
        return cls(**parameters).set_params(**params)._keep(law)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_law")

    def _check_fitted(self) -> None:
        if not hasattr(self, "_law"):
            raise ValueError(f"this {type(self).__name__} is not fitted yet. Call `fit` first.")
