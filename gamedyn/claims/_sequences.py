"""Claims on laws of sequences: what counting attains on its own text, and a product of conditionals that is no law."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.models import NGram

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _text(rng: Generator, symbols: str, length: int) -> str:
    return "".join(rng.choice(list(symbols), length, p=rng.dirichlet(numpy.ones(len(symbols)))))


def _conditional_entropy(texts: list[str], order: int) -> float:
    """H(symbol | the order - 1 before it) of the empirical law, start and end symbols included."""
    grams: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        padded = ["<"] * (order - 1) + [*text, ">"]
        grams.update(tuple(padded[i : i + order]) for i in range(len(padded) - order + 1))
    contexts: Counter[tuple[str, ...]] = Counter()
    for gram, count in grams.items():
        contexts[gram[:-1]] += count
    terms = [count * math.log(count / contexts[gram[:-1]]) for gram, count in grams.items()]
    return -math.fsum(terms) / sum(grams.values())


def _perplexities(rng: Generator, smoothing: str) -> Evidence:
    predicted, measured = [], []
    for order in (1, 2, 3, 5):
        texts = [_text(rng, "abcd", size) for size in (150, 40, 3)]
        predicted.append(math.exp(_conditional_entropy(texts, order)))
        measured.append(NGram(order, smoothing).fit(texts).perplexity(texts))
    return within_rounding(predicted, numpy.array(measured), terms=256, size=predicted)


def _perplexity(rng: Generator) -> Evidence:
    """Random texts, orders 1, 2, 3 and 5, no smoothing. Perplexity of the texts counted = exp(entropy) (equality)."""
    return _perplexities(rng, "none")


def _perplexity_control(rng: Generator) -> Evidence:
    """One added to every count."""
    return _perplexities(rng, "add-k")


def _total(rng: Generator, *, repeated: bool) -> Evidence:
    """The sum over all strings of 4 symbols of the product with p(x_1) twice, or without p(x_2 | x_1)."""
    model = NGram(3, "add-k", ends=False, symbols="abc").fit([_text(rng, "abc", 30)])
    strings = ["".join(string) for string in itertools.product("abc", repeat=4)]
    first = model.log_prob([string[:1] for string in strings])
    changed = first if repeated else first - model.log_prob([string[:2] for string in strings])
    return Evidence(1.0, numpy.exp(model.log_prob(strings) + changed).sum(), 1e-12, "far above rounding")


def _chain(rng: Generator) -> Evidence:
    """As if p(x_1) prod_(i >= 1) p(x_i | x_<i) summed to 1. Refuted: p(x_1) is in it twice, the sum is sum p(x_1)^2."""
    return _total(rng, repeated=True)


def _chain_control(rng: Generator) -> Evidence:
    """As if prod_(i >= 3), so that p(x_2 | x_1) is left out: the sum is the number of symbols."""
    return _total(rng, repeated=False)


CLAIMS = (
    Claim(
        id="ar.ngram-perplexity",
        statement="the perplexity of n-grams on the text they counted is exp(H(x_t | n - 1 symbols before))",
        source="maximum of the likelihood; derived here",
        relation="==",
        check=_perplexity,
        control=_perplexity_control,
    ),
    Claim(
        id="ar.chain-rule-index",
        statement="p(x_1) prod_(i = 1..n) p(x_i | x_1, ..., x_(i - 1)) is a law of x",
        source="a misprint; i begins at 2",
        relation="==",
        expected="refuted",
        check=_chain,
        control=_chain_control,
    ),
)
