"""Facts about Bernoulli, Categorical and Empirical."""

import math

import numpy
import pytest

from gamedyn.distributions import Bernoulli, Categorical, Empirical


def test_bernoulli_logits_keep_both_tails(library):
    law = Bernoulli(logits=library.asarray([-1000.0, -50.0, 50.0, 1000.0]))
    one, zero = library.host(law.log_prob(library.asarray(1.0))), library.host(law.log_prob(library.asarray(0.0)))
    numpy.testing.assert_allclose(one, [-1000.0, -50.0, -math.exp(-50), 0.0], rtol=1e-15)
    numpy.testing.assert_allclose(zero, one[::-1], rtol=1e-15)
    # p q and the entropy, to relative precision: e^-50 and e^-50 (50 + 1).
    numpy.testing.assert_allclose(library.host(law.variance)[1:3], [math.exp(-50)] * 2, rtol=1e-14)
    numpy.testing.assert_allclose(library.host(law.entropy)[1:3], [51 * math.exp(-50)] * 2, rtol=1e-13)
    assert numpy.all(numpy.isfinite(library.host(law.entropy)))


def test_bernoulli_probs_and_logits_are_one_law(library):
    p = numpy.array([0.0, 1e-300, 0.2, 0.5, 0.9, 1.0])
    law = Bernoulli(probs=library.asarray(p))
    with numpy.errstate(divide="ignore"):
        logits = numpy.log(p) - numpy.log1p(-p)
    numpy.testing.assert_allclose(library.host(law.logits), logits, rtol=1e-14)
    again = Bernoulli(logits=law.logits)
    numpy.testing.assert_allclose(library.host(again.probs), p, rtol=1e-13)
    for x in (0.0, 1.0):
        numpy.testing.assert_allclose(
            library.host(again.log_prob(library.asarray(x))), library.host(law.log_prob(library.asarray(x))), rtol=1e-13
        )
    numpy.testing.assert_allclose(library.host(law.entropy)[[0, 5]], 0.0)


def test_bernoulli_off_its_support():
    law = Bernoulli(probs=0.3)
    numpy.testing.assert_array_equal(law.log_prob([0.5, 2.0, -1.0]), -numpy.inf)
    numpy.testing.assert_allclose(law.cdf([-0.1, 0.0, 0.5, 1.0, 7.0]), [0.0, 0.7, 0.7, 1.0, 1.0])
    numpy.testing.assert_array_equal(law.icdf([0.0, 0.7, 0.7000001, 1.0]), [0.0, 0.0, 1.0, 1.0])


def test_sure_outcomes_are_drawn_always():
    law = Bernoulli(probs=numpy.array([0.0, 1.0], dtype="float32"))
    draws = law.sample(1000, rng=1)
    assert not draws[:, 0].any()
    assert draws[:, 1].all()
    draws = Categorical([0.0, 1.0, 0.0]).sample(1000, rng=1)
    assert numpy.all(draws == 1.0)


@pytest.mark.parametrize("law", [Bernoulli, Categorical])
def test_exactly_one_parameter_is_given(law):
    for arguments in ({}, {"probs": [0.5, 0.5], "logits": [0.0, 0.0]}):
        with pytest.raises(ValueError, match="exactly one of `probs` and `logits` must be given"):
            law(**arguments)


def test_bernoulli_refuses_bad_parameters():
    with pytest.raises(ValueError, match=r"`probs` must lie in \[0, 1\], got .*1.5"):
        Bernoulli(probs=1.5)
    with pytest.raises(ValueError, match=r"`probs` must lie in \[0, 1\]"):
        Bernoulli(probs=[0.5, numpy.nan])
    with pytest.raises(ValueError, match="`logits` must hold numbers, got nan"):
        Bernoulli(logits=numpy.nan)


def test_categorical_from_logits(library):
    logits = numpy.array([1000.0, 0.0, -numpy.inf])
    law = Categorical(logits=library.asarray(logits))
    log_masses = library.host(law.log_prob(library.asarray([0.0, 1.0, 2.0])))
    numpy.testing.assert_allclose(log_masses, [0.0, -1000.0, -numpy.inf])
    assert float(law.entropy) == 0.0
    shifted = Categorical(logits=library.asarray(numpy.array([2.0, 1.0, 0.0]) + 700))
    masses = numpy.exp([2.0, 1.0, 0.0]) / numpy.exp([2.0, 1.0, 0.0]).sum()
    numpy.testing.assert_allclose(library.host(shifted.probs), masses, rtol=1e-13)


def test_categorical_off_its_support():
    law = Categorical([0.2, 0.3, 0.5])
    numpy.testing.assert_array_equal(law.log_prob([0.5, -1.0, 3.0, numpy.inf]), -numpy.inf)
    numpy.testing.assert_allclose(law.cdf([-0.5, 0.0, 0.5, 1.0, 2.0, 9.0]), [0.0, 0.2, 0.2, 0.5, 1.0, 1.0])


def test_rounded_masses_never_lead_to_an_empty_category():
    # Ten times 0.1 sums to 1 - 1.1e-16: u = 1 must not fall through to the empty eleventh.
    law = Categorical([0.1] * 10 + [0.0])
    assert law.icdf(1.0) == 9.0
    assert law.icdf(1 - 1e-16) == 9.0
    assert Categorical([0.0, 1.0]).icdf(0.0) == 1.0


def test_categorical_keeps_probs_as_given():
    law = Categorical([0.1, 0.2, 0.7])
    numpy.testing.assert_array_equal(law.probs, [0.1, 0.2, 0.7])
    assert law.log_prob(0) == math.log(0.1)


def test_categorical_refuses_what_is_no_pmf():
    with pytest.raises(ValueError, match=r"`probs` must sum to 1 along the last axis, got sums .* off by up to 0.1"):
        Categorical([0.5, 0.6])
    with pytest.raises(ValueError, match=r"`probs` must be non-negative, got a smallest entry of -0.1"):
        Categorical([1.1, -0.1])
    with pytest.raises(ValueError, match="`probs` must be finite"):
        Categorical([numpy.nan, 1.0])
    with pytest.raises(ValueError, match="`probs` must have at least one entry"):
        Categorical(1.0)
    with pytest.raises(ValueError, match="`logits` must be finite or -inf"):
        Categorical(logits=[0.0, numpy.inf])
    with pytest.raises(ValueError, match="`logits` must have a finite entry"):
        Categorical(logits=[-numpy.inf, -numpy.inf])
    with pytest.raises(ValueError, match="`logits` must have an entry"):
        Categorical(logits=0.0)


def test_empirical_merges_ties(library):
    law = Empirical(library.asarray([2.0, 0.0, -0.0, 2.0, 5.0]), library.asarray([0.1, 0.2, 0.3, 0.3, 0.1]))
    numpy.testing.assert_array_equal(library.host(law.support_points()), [0.0, 2.0, 5.0])
    masses = numpy.exp(library.host(law.log_prob(library.asarray([0.0, 2.0, 5.0]))))
    numpy.testing.assert_allclose(masses, [0.5, 0.4, 0.1], rtol=1e-15)
    assert numpy.all(library.host(law.log_prob(library.asarray([1.0, 9.0, -9.0]))) == -numpy.inf)
    # mean 0.8 + 0.5, E X^2 = 1.6 + 2.5
    assert float(law.mean) == pytest.approx(1.3)
    assert float(law.variance) == pytest.approx(4.1 - 1.69)


def test_empirical_in_the_plane(library):
    law = Empirical(library.asarray([[0.0, 1.0], [2.0, 3.0], [-0.0, 1.0]]))
    assert tuple(law.support_points().shape) == (2, 2)
    x = library.asarray([[-0.0, 1.0], [2.0, 1.0], [2.0, 3.0]])
    numpy.testing.assert_allclose(library.host(law.log_prob(x)), numpy.log([2 / 3, 1e-320, 1 / 3]) * [1, math.inf, 1])
    numpy.testing.assert_allclose(library.host(law.mean), [2 / 3, 5 / 3])
    assert law.event_shape == (2,)
    with pytest.raises(ValueError, match=r"`x` must have shape \(..., 2\), got \(3,\)"):
        law.log_prob(library.asarray([0.0, 1.0, 2.0]))


def test_empirical_variance_is_that_of_the_law():
    # Two atoms at distance 2: variance 1, not 2.
    assert float(Empirical([-1.0, 1.0]).variance) == 1.0
    assert float(Empirical([7.0]).entropy) == 0.0


def test_empirical_refuses_bad_samples():
    with pytest.raises(ValueError, match=r"`samples` must have shape \(n,\) or \(n, d\)"):
        Empirical([])
    with pytest.raises(ValueError, match=r"`samples` must have shape"):
        Empirical(3.0)
    with pytest.raises(ValueError, match="`samples` must be finite"):
        Empirical([1.0, numpy.nan])
    with pytest.raises(ValueError, match=r"`weights` must have shape \(2,\), one for each sample, got \(3,\)"):
        Empirical([1.0, 2.0], [0.2, 0.3, 0.5])
    with pytest.raises(ValueError, match="`weights` must sum to 1"):
        Empirical([1.0, 2.0], [0.2, 0.3])
