"""Facts about Laplace, Uniform and Exponential."""

import math

import numpy
import pytest

from gamedyn.distributions import Exponential, Laplace, Uniform


def test_laplace_tails(library):
    law = Laplace(library.asarray(0.0), library.asarray(2.0))
    x = library.asarray([-1e3, 1e3, 0.0])
    numpy.testing.assert_allclose(library.host(law.log_prob(x)), -numpy.array([500, 500, 0]) - math.log(4), rtol=1e-15)
    numpy.testing.assert_allclose(library.host(law.cdf(x)), [0.5 * math.exp(-500), 1.0, 0.5], rtol=1e-13)
    numpy.testing.assert_allclose(library.host(law.score(x)), [0.5, -0.5, 0.0])
    u = library.asarray([0.5 * math.exp(-300), 0.75])
    numpy.testing.assert_allclose(library.host(law.icdf(u)), [-600, 2 * math.log(2)], rtol=1e-14)


def test_uniform_at_and_beyond_its_ends(library):
    law = Uniform(library.asarray(-1.0), library.asarray(3.0))
    x = library.asarray([-1.0, 3.0, -1.0000001, 3.0000001, 0.0])
    expected = [-math.log(4), -math.log(4), -math.inf, -math.inf, -math.log(4)]
    numpy.testing.assert_allclose(library.host(law.log_prob(x)), expected)
    numpy.testing.assert_array_equal(numpy.isnan(library.host(law.score(x))), [False, False, True, True, False])
    numpy.testing.assert_allclose(library.host(law.cdf(x)), [0.0, 1.0, 0.0, 1.0, 0.25])


def test_uniform_draws_stay_inside_in_float32():
    # In float32, 1 - 2^-54 rounds to 1 and low + u (high - low) may round beyond high.
    law = Uniform(numpy.array(0.1, dtype="float32"), numpy.array(0.3, dtype="float32"))
    draws = law.sample(200_000, rng=0)
    assert draws.min() >= law.low
    assert draws.max() <= law.high
    assert law.icdf(numpy.array(1.0, dtype="float32")) == law.high


def test_uniform_refuses_bad_ends():
    with pytest.raises(ValueError, match=r"`low` must be below `high`, by a finite distance, got low = .*2"):
        Uniform(2.0, 1.0)
    with pytest.raises(ValueError, match="`low` must be below `high`"):
        Uniform(1.0, 1.0)
    with pytest.raises(ValueError, match="finite distance"):
        Uniform(-1.7e308, 1.7e308)
    with pytest.raises(ValueError, match="`high` must be finite"):
        Uniform(0.0, numpy.inf)


def test_exponential_at_its_end_and_far_out(library):
    law = Exponential(library.asarray(2.0))
    x = library.asarray([0.0, -1e-12, 1e3, 1e-20])
    expected = [math.log(2), -math.inf, math.log(2) - 2e3, math.log(2)]
    numpy.testing.assert_allclose(library.host(law.log_prob(x)), expected, rtol=1e-15)
    numpy.testing.assert_allclose(library.host(law.cdf(x)), [0.0, 0.0, 1.0, 2e-20], rtol=1e-14)
    score = library.host(law.score(x))
    numpy.testing.assert_array_equal(score, [-2.0, numpy.nan, -2.0, -2.0])
    u = library.asarray([1e-20, 1 - 2.0**-40, 0.0, 1.0])
    quantiles = [0.5e-20, 20 * math.log(2), 0.0, math.inf]
    numpy.testing.assert_allclose(library.host(law.icdf(u)), quantiles, rtol=1e-14)


def test_exponential_refuses_bad_rates():
    for rate in (0.0, -1.0, numpy.inf, numpy.nan):
        with pytest.raises(ValueError, match="`rate` must be positive and finite"):
            Exponential(rate)


@pytest.mark.parametrize("law", [Laplace(0.0, 1.0), Uniform(0.0, 1.0), Exponential(1.0)])
def test_score_is_nan_where_there_is_no_density(law):
    lower, _ = law.support_bounds
    if math.isfinite(lower):
        assert math.isnan(float(law.score(lower - 1)))
    assert math.isfinite(float(law.score(0.5)))
