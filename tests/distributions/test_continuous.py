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


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_uniform_never_rounds_beyond_its_end(dtype):
    # low + (high - low) exceeds high by an ulp for these ends; and in float32, u = 1 - 2^-54 rounds to 1.
    ends = {"float64": (-1 / 7, 0.4), "float32": (-1 / 7, 0.1)}[dtype]
    low, high = (numpy.array(end, dtype=dtype) for end in ends)
    assert low + (high - low) > high
    law = Uniform(low, high)
    assert law.icdf(numpy.array(1.0, dtype=dtype)) == high
    draws = law.sample(200_000, rng=0)
    assert draws.min() >= low
    assert draws.max() <= high


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
