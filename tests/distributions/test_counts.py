"""Facts about Poisson, Binomial and NegativeBinomial: 50 digits, sure outcomes, huge counts, entropies."""

import math

import mpmath
import numpy
import pytest

from gamedyn.distributions import Binomial, Geometric, NegativeBinomial, Poisson

mpmath.mp.dps = 50


def poisson(k, rate):
    return k * mpmath.log(rate) - rate - mpmath.loggamma(k + 1)


def binomial(k, n, p):
    ways = mpmath.loggamma(n + 1) - mpmath.loggamma(k + 1) - mpmath.loggamma(n - k + 1)
    return ways + k * mpmath.log(p) + (n - k) * mpmath.log1p(-p)


def negative_binomial(k, r, p):
    ways = mpmath.loggamma(k + r) - mpmath.loggamma(r) - mpmath.loggamma(k + 1)
    return ways + k * mpmath.log(p) + r * mpmath.log1p(-p)


# The law, its log mass, (parameters, counts).
FIFTY_DIGITS = {
    "Poisson": (
        Poisson,
        poisson,
        [((1e-300,), [0, 1, 3]), ((4.0,), [0, 1, 7, 8, 9, 200]), ((1e8,), [0, 99990000, 100000000, 100020000, 2e8])],
    ),
    "Binomial": (
        Binomial,
        binomial,
        [
            ((5.0, 1e-20), [0, 1, 5]),
            ((5.0, 0.999999), [0, 4, 5]),
            ((1000.0, 0.3), [0, 1, 299, 300, 340, 999, 1000]),
            ((1e12, 0.25), [1, 249999000000, 250000000000, 250001000000, 1e12 - 1]),
            ((1e15, 1e-15), [0, 1, 2, 30]),
        ],
    ),
    "NegativeBinomial": (
        NegativeBinomial,
        negative_binomial,
        [
            ((1e-8, 0.5), [0, 1, 2, 50]),
            ((2.5, 1 - 1e-9), [0, 1, 1000, 2500000000, 1e11]),
            ((1e10, 0.2), [0, 1, 2.5e9, 2500010000, 1e10]),
        ],
    ),
}


@pytest.mark.parametrize("name", FIFTY_DIGITS)
def test_log_prob_equals_fifty_digits(name, library):
    law, mass, settings = FIFTY_DIGITS[name]
    for parameters, counts in settings:
        result = law(*(library.asarray(p) for p in parameters)).log_prob(library.asarray(counts))
        assert library.owns(result)
        exact = [mpmath.mpf(p) for p in parameters]
        expected = [float(mass(mpmath.mpf(k), *exact)) for k in counts]
        numpy.testing.assert_allclose(library.host(result), expected, rtol=2e-13, err_msg=str(parameters))


def test_logits_keep_rare_events(library):
    law = Binomial(library.asarray(10.0), logits=library.asarray([-800.0, 800.0]))
    zero, all_but_one = library.host(law.log_prob(library.asarray([[1.0], [9.0]]))).T
    assert zero[0] == pytest.approx(math.log(10) - 800, rel=1e-14, abs=0.0)
    assert all_but_one[1] == pytest.approx(math.log(10) - 800, rel=1e-14, abs=0.0)
    law = NegativeBinomial(library.asarray(2.0), logits=library.asarray(700.0))
    assert float(law.mean) == pytest.approx(2 * math.exp(700), rel=1e-12, abs=0.0)
    assert float(law.log_prob(library.asarray(0.0))) == pytest.approx(-1400.0, rel=1e-15, abs=0.0)


def test_sure_outcomes(library):
    k = library.asarray([0.0, 1.0, 3.0])
    inf = math.inf
    law = Poisson(library.asarray(0.0))
    numpy.testing.assert_array_equal(library.host(law.log_prob(k)), [0, -inf, -inf])
    numpy.testing.assert_array_equal(library.host(law.cdf(k)), 1.0)
    assert float(law.icdf(library.asarray(1.0))) == float(law.icdf(library.asarray(0.3))) == float(law.entropy) == 0.0
    for chance, only in ((0.0, 0), (1.0, 2)):
        law = Binomial(library.asarray(3.0), library.asarray(chance))
        numpy.testing.assert_array_equal(library.host(law.log_prob(k)), numpy.where(numpy.arange(3) == only, 0, -inf))
        numpy.testing.assert_array_equal(library.host(law.cdf(k)), [1 - chance, 1 - chance, 1.0])
        numpy.testing.assert_array_equal(library.host(law.icdf(library.asarray([0.0, 0.4, 1.0]))), 3 * chance)
        assert float(law.entropy) == float(law.variance) == 0.0
        numpy.testing.assert_array_equal(library.host(law.sample(5, rng=0)), 3 * chance)
    law = Binomial(library.asarray(0.0), library.asarray(0.4))
    numpy.testing.assert_array_equal(library.host(law.log_prob(k)), [0, -inf, -inf])
    law = NegativeBinomial(library.asarray(2.0), library.asarray(0.0))
    numpy.testing.assert_array_equal(library.host(law.log_prob(k)), [0, -inf, -inf])
    assert float(law.mean) == float(law.icdf(library.asarray(1.0))) == float(law.entropy) == 0.0


def test_off_the_atoms():
    for law in (Poisson(2.0), Binomial(4, 0.5), NegativeBinomial(1.0, 0.5)):
        numpy.testing.assert_array_equal(law.log_prob([-1.0, 0.5, math.inf, -math.inf]), -math.inf)
        assert law.cdf(-0.5) == 0.0
        assert law.cdf(1.5) == law.cdf(1.0)
        assert math.isnan(law.log_prob(math.nan))
        assert math.isnan(law.cdf(math.nan))
    assert Binomial(4, 0.5).log_prob(5.0) == -math.inf
    assert Binomial(4, 0.5).cdf(4.0) == 1.0


def test_one_failure_is_geometric():
    k = numpy.arange(30.0)
    # Failures before the first success of chance 0.3 are "successes" of chance 0.7 before the first "failure".
    numpy.testing.assert_allclose(NegativeBinomial(1.0, 0.7).log_prob(k), Geometric(0.3).log_prob(k), rtol=1e-14)
    numpy.testing.assert_allclose(NegativeBinomial(1.0, 0.7).cdf(k), Geometric(0.3).cdf(k), rtol=1e-14)
    assert NegativeBinomial(1.0, 0.7).entropy == pytest.approx(float(Geometric(0.3).entropy), rel=1e-13, abs=0.0)


def test_lower_tails_are_relative():
    # P(0) alone is nearly all of P(X <= 1).
    assert Poisson(700.0).cdf(0.0) == pytest.approx(math.exp(-700), rel=1e-12, abs=0.0)
    assert Binomial(50, 0.9).cdf(0.0) == pytest.approx(1e-50, rel=1e-12, abs=0.0)
    assert Binomial(3, 1e-20).cdf(0.0) == 1.0
    assert NegativeBinomial(30.0, 0.9).cdf(0.0) == pytest.approx(1e-30, rel=1e-12, abs=0.0)
    # A chance of failure of e^-50, which 1 - probs rounds to 0.
    assert NegativeBinomial(2.0, logits=50.0).cdf(0.0) == pytest.approx(math.exp(-100), rel=1e-12, abs=0.0)
    assert Binomial(3, logits=50.0).cdf(2.0) == pytest.approx(3 * math.exp(-50), rel=1e-12, abs=0.0)


def entropy(mass, last):
    terms = [mass(mpmath.mpf(k)) for k in range(last)]
    return float(-sum(mpmath.exp(t) * t for t in terms))


def test_entropies_equal_fifty_digits():
    cases = [
        (Poisson(1e-40), lambda k: poisson(k, mpmath.mpf(1e-40)), 4),
        (Poisson(3.0), lambda k: poisson(k, mpmath.mpf(3)), 80),
        (Binomial(9, 0.2), lambda k: binomial(k, 9, mpmath.mpf(0.2)), 10),
        (NegativeBinomial(0.5, 0.6), lambda k: negative_binomial(k, mpmath.mpf(0.5), mpmath.mpf(0.6)), 240),
    ]
    for law, mass, last in cases:
        assert float(law.entropy) == pytest.approx(entropy(mass, last), rel=1e-13, abs=0.0)
    # log(2 pi e rate) / 2 - 1 / (12 rate) - 1 / (24 rate^2) - ...
    for rate in (1e4, 1e12):
        expected = 0.5 * math.log(2 * math.pi * math.e * rate) - 1 / (12 * rate) - 1 / (24 * rate**2)
        assert Poisson(rate).entropy == pytest.approx(expected, rel=1e-12, abs=0.0)
    # A wide bell, every few terms, against all of them.
    law = Binomial(4_000_000, 0.3)
    terms = law.log_prob(numpy.arange(1_150_000.0, 1_250_000.0))
    assert law.entropy == pytest.approx(-math.fsum(numpy.exp(terms) * terms), rel=1e-12, abs=0.0)


def test_quantiles_of_huge_counts():
    # The median of a Poisson law is between rate - log 2 and rate + 1/3 (Choi, 1994).
    assert Poisson(1e10).icdf(0.5) == 1e10
    assert abs(Binomial(1e12, 0.25).icdf(0.5) - 2.5e11) <= 1
    law = NegativeBinomial(3.0, 1 - 1e-6)
    x = law.icdf(numpy.array([1e-9, 0.3, 1 - 1e-9]))
    assert numpy.all(law.cdf(x) >= [1e-9, 0.3, 1 - 1e-9])
    assert numpy.all(law.cdf(x - 1) < [1e-9, 0.3, 1 - 1e-9])


def test_bad_parameters_are_named():
    with pytest.raises(ValueError, match="`rate` must be non-negative and finite"):
        Poisson(-1.0)
    with pytest.raises(ValueError, match="`rate` must leave at most 10000000 atoms"):
        Poisson(1e9).support_points()
    with pytest.raises(ValueError, match=r"`total_count` must be a whole number, got .*2.5"):
        Binomial(2.5, 0.5)
    with pytest.raises(ValueError, match="`total_count` must be non-negative and finite"):
        Binomial(-1, 0.5)
    with pytest.raises(ValueError, match=r"`probs` must lie in \[0, 1\]"):
        Binomial(2, 1.5)
    with pytest.raises(ValueError, match="exactly one of `probs` and `logits`"):
        Binomial(2)
    with pytest.raises(ValueError, match="`total_count` must be positive and finite"):
        NegativeBinomial(0.0, 0.5)
    with pytest.raises(ValueError, match=r"`probs` must leave a chance of failure above 0, got .*1\."):
        NegativeBinomial(1.0, 1.0)
    with pytest.raises(ValueError, match="`probs` must leave at most 20000000 atoms for the entropy"):
        NegativeBinomial(1.0, 1 - 1e-9).entropy  # noqa: B018


@pytest.mark.parametrize(
    ("law", "name"),
    [(Poisson([1.0, 1e19]), "rate"), (NegativeBinomial(1e19, 0.5), "probs"), (Binomial(1e19, 0.5), "total_count")],
)
def test_counts_beyond_integers_are_not_drawn(law, name):
    with pytest.raises(ValueError, match=f"`{name}` must leave counts below 2\\^62 for draws, got .* leaves .*e\\+19"):
        law.sample(2, rng=0)


def test_entropy_of_a_rate_that_steps_cannot_tell_apart():
    with pytest.raises(ValueError, match="`rate` must leave counts below 2\\^62 for the entropy"):
        _ = Poisson(1e60).entropy
    # log(2 pi e rate) / 2 - 1 / (12 rate)
    assert float(Poisson(1e16).entropy) == pytest.approx(math.log(2 * math.pi * math.e * 1e16) / 2, rel=1e-13)
