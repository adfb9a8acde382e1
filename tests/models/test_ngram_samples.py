"""N-grams as samplers, and what they say about what they cannot use."""

import numpy
import pytest

from gamedyn.models import NGram
from gamedyn.models._sequence_law import _draw

TEXTS = ["abab", "ba", "aabcab", "b"]
FITTED = NGram(2).fit(TEXTS)


@pytest.mark.parametrize("temperature", [1.0, 0.5, 3.0])
def test_symbols_are_drawn_from_powers_of_their_probabilities(temperature):
    n = 4000
    p = numpy.array(list(FITTED.probabilities("ca").values())) ** (1 / temperature)
    p /= p.sum()
    drawn = FITTED.sample(n, prefix="ca", temperature=temperature, max_length=3, rng=5)
    counts = numpy.array([sum(text == "ca" + last for text in drawn) for last in ("a", "b", "c", "")])
    assert counts.sum() == n
    # 4.9 standard errors: a level of 1e-6.
    assert (abs(counts / n - p) < 4.9 * numpy.sqrt(p * (1 - p) / n)).all()


def test_sequences_are_drawn_from_their_law():
    n = 4000
    drawn = FITTED.sample(n, rng=6)
    for text in ("b", "ba", "ab", "abab"):
        p = float(numpy.exp(FITTED.log_prob([text]))[0])
        assert abs(drawn.count(text) / n - p) < 4.9 * (p * (1 - p) / n) ** 0.5


def test_greedy_takes_the_likeliest():
    text = FITTED.sample(2, greedy=True, prefix="c", max_length=6)
    assert text[0] == text[1]
    for i in range(1, len(text[0])):
        p = FITTED.probabilities(text[0][:i])
        assert p[text[0][i]] == max(p.values())
    # As does a temperature near zero, without overflow.
    assert FITTED.sample(2, temperature=1e-300, prefix="c", max_length=6, rng=0) == text


def test_what_is_impossible_is_never_drawn():
    model = NGram(2, "none", ends=False).fit(["abababab"])
    assert model.sample(3, max_length=7, rng=0) == ["abababa"] * 3
    assert model.sample(1, prefix="b", max_length=4, rng=0, temperature=50.0) == ["baba"]


def test_a_draw_of_zero_is_no_impossible_symbol():
    class Zero:
        def random(self, n):
            return numpy.zeros(n)

    assert _draw(numpy.array([[0.0, 0.0, 0.25, 0.75]]), 1.0, Zero()) == [2]


def test_lengths_prefixes_and_seeds():
    assert FITTED.sample(0, rng=0) == []
    assert FITTED.sample(2, max_length=0) == ["", ""]
    assert FITTED.sample(1, prefix="abc", max_length=3) == ["abc"]
    assert all(text.startswith("ab") and len(text) <= 8 for text in FITTED.sample(30, prefix="ab", max_length=8, rng=1))
    assert FITTED.sample(5, rng=3) == FITTED.sample(5, rng=3) != FITTED.sample(5, rng=4)


def test_many_histories_are_drawn_in_blocks(monkeypatch):
    whole = FITTED.sample(50, rng=2)
    monkeypatch.setattr("gamedyn.models._sequence_law._BLOCK", 12)
    assert FITTED.sample(50, rng=2) == whole


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: FITTED.sample(1, temperature=0), "`temperature` must be positive, got 0. Pass `greedy=True`"),
        (lambda: FITTED.sample(1, temperature=-1.0), "`temperature` must be positive and finite, got -1"),
        (lambda: FITTED.sample(-1), "`n` must be at least 0, got -1"),
        (lambda: FITTED.sample(1, max_length=-1), "`max_length` must be at least 0"),
        (lambda: FITTED.sample(1, prefix="az"), "`prefix` must hold symbols .* got 'z' at position 1. Add it"),
        (
            lambda: FITTED.log_prob(["ab", "bax"]),
            "`X` must hold symbols .* got 'x' at position 2 of sequence 1",
        ),
        (lambda: NGram(unit="word").fit(["a b"]).log_prob(["", "b c"]), "got 'c' at position 1 of sequence 1"),
        (lambda: NGram().fit([[1, 2]]).log_prob([[2, 2], [3]]), "got 3 at position 0 of sequence 1"),
        (lambda: NGram(0).fit(TEXTS), "`order` must be at least 1, got 0"),
        (lambda: NGram(2, "kneser").fit(TEXTS), "`smoothing` must be one of .* Did you mean 'kneser-ney'"),
        (lambda: NGram(2, "add-k", k=0).fit(TEXTS), "`k` must be positive"),
        (lambda: NGram(2, discount=0.0).fit(TEXTS), r"`discount` must lie in \(0, 1\], got 0"),
        (lambda: NGram(2, unit="words").fit(TEXTS), "`unit` must be one of 'character', 'word'"),
        (lambda: NGram(2, ends=False).fit([""]), "`X` must hold at least one symbol to predict"),
        (lambda: NGram(2).fit([]), "`X` must hold at least one symbol to predict"),
        (lambda: NGram(2, ends=False).fit(["a"]).perplexity([""]), "`X` must hold at least one symbol"),
        (lambda: NGram().log_prob(TEXTS), "this NGram is not fitted yet"),
        (lambda: NGram().sample(1), "this NGram is not fitted yet"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: NGram().fit([1, 2, 3]), "`X` must be .* got a int in place 0. Put a single sequence"),
        (lambda: NGram().fit(3), "`X` must be a text or a sequence of texts, .* got a int"),
        (lambda: NGram().fit(["ab", [1, 2]]), "`X` must hold sequences of one kind, got character and integer"),
        (lambda: NGram().fit([[0.5, 1.0]]), "`X` must hold texts, words or integers, got .* float64 in place 0"),
        (lambda: FITTED.log_prob([[1, 2]]), "`X` must hold character sequences as in the fit, got integer"),
        (lambda: FITTED.sample(1, prefix=[1]), "`prefix` must hold character sequences"),
        (lambda: NGram(2.0).fit(TEXTS), "`order` must be an integer"),
    ],
)
def test_messages_about_kinds(call, message):
    with pytest.raises(TypeError, match=message):
        call()
