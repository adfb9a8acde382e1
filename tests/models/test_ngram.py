"""N-grams: exact probabilities, sums over all strings, perplexity, words and integers."""

import itertools
import math

import numpy
import pytest

from gamedyn.models import NGram
from tests.models import ngram_oracle

TEXTS = ["abab", "ba", "", "aabcab", "b"]


def strings(alphabet, length):
    return ["".join(each) for each in itertools.product(alphabet, repeat=length)]


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("order", [1, 2, 3, 4, 9])
@pytest.mark.parametrize(("smoothing", "extra"), [("none", {}), ("add-k", {"k": 0.5}), ("kneser-ney", {})])
def test_probabilities_are_those_of_the_definition(smoothing, extra, order, ends):
    alphabet = "abcd"
    model = NGram(order, smoothing, symbols="d", ends=ends, **extra).fit(TEXTS)
    if smoothing == "kneser-ney":
        p = ngram_oracle.kneser_ney(TEXTS, order, alphabet, ends)
    else:
        p = ngram_oracle.add_k(TEXTS, order, alphabet, ends, extra.get("k", 0))
    probes = [*strings(alphabet, 2), "abab", "aabcab", "cabd", "ddab"]
    expected = [float(ngram_oracle.probability(p, text, order, ends)) for text in probes]
    numpy.testing.assert_allclose(numpy.exp(model.log_prob(probes)), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("discount", [0.25, 1.0])
def test_a_given_discount_is_taken_at_all_lengths(discount):
    model = NGram(3, discount=discount).fit(TEXTS)
    p = ngram_oracle.kneser_ney(TEXTS, 3, "abc", True, discount)
    expected = [float(ngram_oracle.probability(p, text, 3, True)) for text in strings("abc", 3)]
    numpy.testing.assert_allclose(numpy.exp(model.log_prob(strings("abc", 3))), expected, rtol=1e-12)
    assert model.discounts_ == (discount,) * 3


def test_discounts_are_estimated_from_grams_counted_once_and_twice():
    # Pairs: (start, a) and (a, b) twice, (b, end), (b, c) and (c, end) once. Each symbol follows one other, the end 2.
    model = NGram(2).fit(["ab", "abc"])
    assert model.discounts_ == (3 / 5, 3 / 7)
    # Nothing occurs twice, or once: a half.
    assert NGram(1).fit(["ab"]).discounts_ == (0.5,)
    assert NGram(1).fit(["aaa", "aaa"]).discounts_ == (0.5,)


@pytest.mark.parametrize("smoothing", ["none", "add-k", "kneser-ney"])
def test_long_alphabets_are_sorted_and_counted_alike(smoothing):
    # Keys of 3,000^2 are too many for a table.
    rng = numpy.random.default_rng(1)
    rows = rng.choice([3, 70, 1500, 2999], (6, 7))
    model = NGram(3, smoothing, symbols=range(3000)).fit(rows)
    lists = [row.tolist() for row in rows]
    if smoothing == "kneser-ney":
        p = ngram_oracle.kneser_ney(lists, 3, range(3000), True)
    else:
        p = ngram_oracle.add_k(lists, 3, range(3000), True, int(smoothing == "add-k"))
    probes = [*lists[:2], [3, 70, 3], [5, 5, 5]]
    expected = [float(ngram_oracle.probability(p, each, 3, True)) for each in probes]
    numpy.testing.assert_allclose(numpy.exp(model.log_prob(probes)), expected, rtol=1e-11)


@pytest.mark.parametrize("smoothing", ["none", "add-k", "kneser-ney"])
@pytest.mark.parametrize("order", [1, 2, 4])
def test_all_strings_of_a_length_sum_to_one(smoothing, order):
    model = NGram(order, smoothing, symbols="d", ends=False).fit(TEXTS)
    for length in (1, 3, 5):
        assert numpy.exp(model.log_prob(strings("abcd", length))).sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("smoothing", ["none", "add-k", "kneser-ney"])
def test_all_strings_sum_to_one_with_the_chance_to_go_on(smoothing):
    model = NGram(3, smoothing, symbols="d").fit(TEXTS)
    ended = sum(numpy.exp(model.log_prob(strings("abcd", length))).sum() for length in range(4))
    going_on = 0.0
    for prefix in strings("abcd", 4):
        going_on += math.prod(model.probabilities(prefix[:i])[prefix[i]] for i in range(4))
    assert ended + going_on == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("smoothing", ["none", "add-k", "kneser-ney"])
def test_every_context_has_a_law(smoothing):
    # Contexts that were never seen among them, where NLTK has divided by zero (nltk#2332).
    model = NGram(4, smoothing, symbols="d", unknown=True).fit(TEXTS)
    for length in range(5):
        for prefix in strings("abcd", length):
            assert sum(model.probabilities(prefix).values()) == pytest.approx(1, abs=1e-12)


def test_grams_longer_than_every_sequence_are_the_sequences():
    model = NGram(50, "none").fit(["ab", "ab", "b", ""])
    numpy.testing.assert_allclose(numpy.exp(model.log_prob(["ab", "b", "", "a"])), [0.5, 0.25, 0.25, 0], atol=1e-15)
    assert model.log_prob(["a"])[0] == -math.inf


def test_a_word_of_one_context_is_unlikely_elsewhere():
    # "francisco" is as frequent as "glasses", and follows one word only: the point of Kneser and Ney.
    text = ["san francisco"] * 4 + ["my glasses", "old glasses", "new glasses", "his glasses", "i read", "we read"]
    p = NGram(2, unit="word").fit(text).probabilities("read")
    assert p["glasses"] > 2 * p["francisco"]


def test_perplexity_is_that_of_uniform_choices():
    # Four symbols after which any of four comes, and an end after a fixed number: exp of the mean of log 4.
    rows = numpy.array(list(itertools.product(range(4), repeat=3)))
    model = NGram(2, "none", ends=False).fit(rows)
    assert model.perplexity(rows) == pytest.approx(4, rel=1e-14)
    assert model.bits_per_dim(rows) == pytest.approx(2, rel=1e-14)
    assert model.score(rows) == pytest.approx(-3 * math.log(4), rel=1e-14)
    assert model.n_predictions_ == 192


def test_ends_are_predictions():
    model = NGram(1, "none").fit(["a", "a"])
    assert model.perplexity(["a"]) == pytest.approx(2, rel=1e-14)
    assert model.log_prob(["a", "", "aa"]) == pytest.approx(-math.log(2) * numpy.array([2, 1, 3]))


def test_counting_has_the_largest_likelihood():
    rng = numpy.random.default_rng(3)
    text = "".join(rng.choice(list("abc"), 60))
    best = NGram(2, "none").fit(text).score(text)
    for k in (1e-3, 0.1, 1.0):
        assert NGram(2, "add-k", k=k).fit(text).score(text) < best
    assert NGram(2).fit(text).score(text) < best


def test_words_lists_and_integers_are_the_same_sequences():
    texts = ["to be or not to be", "not to be"]
    words = [text.split() for text in texts]
    place = {word: i for i, word in enumerate(sorted({word for line in words for word in line}))}
    numbers = [numpy.array([place[word] for word in line]) for line in words]
    for array in numbers:
        array.flags.writeable = False
    models = [NGram(2, unit="word").fit(texts), NGram(2).fit(words), NGram(2).fit(numbers)]
    scores = [model.log_prob(data) for model, data in zip(models, (texts, words, numbers), strict=True)]
    numpy.testing.assert_array_equal(scores[0], scores[1])
    numpy.testing.assert_array_equal(scores[0], scores[2])
    assert models[0].symbols_ == models[1].symbols_ == ("be", "not", "or", "to")
    drawn = [model.sample(3, rng=0) for model in models]
    assert drawn[0] == [" ".join(line) for line in drawn[1]]
    assert [[models[0].symbols_[i] for i in row] for row in drawn[2]] == drawn[1]


def test_a_text_is_one_sequence():
    assert NGram(2).fit("abcab").log_prob("abc") == NGram(2).fit(["abcab"]).log_prob(["abc"])


def test_unknown_symbols_share_one_probability():
    model = NGram(2, "add-k", unknown=True).fit(["ab", "ba"])
    assert model.log_prob(["axb"]) == model.log_prob(["a\U0001f600b"])
    assert model.probabilities("x") == pytest.approx(dict.fromkeys(["a", "b", ..., None], 0.25))
    assert NGram(1, unknown=True).fit(["ab"]).sample(40, rng=0, prefix="x")[0].startswith("\ufffd")


def test_what_was_fitted_stays_until_the_next_fit():
    model = NGram(2, "add-k").fit(["ab"])
    before = model.log_prob(["ba"])
    model.set_params(k=3.0, smoothing="none", ends=False, unit="word")
    numpy.testing.assert_array_equal(model.log_prob(["ba"]), before)
