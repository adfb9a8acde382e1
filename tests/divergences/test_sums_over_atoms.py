"""Divergences of laws of counts without end: sums, what they leave out, and sums that diverge."""

import math

import mpmath
import numpy
import pytest
import scipy.stats

from gamedyn import distributions as laws
from gamedyn.divergences import (
    jensen_shannon_divergence,
    kl_divergence,
    pearson_divergence,
    renyi_divergence,
    squared_hellinger_distance,
    total_variation_distance,
)

POISSON = scipy.stats.poisson(3)
PAIRS = {
    "Poisson-Geometric": (laws.Poisson(3.0), laws.Geometric(0.25), POISSON, scipy.stats.geom(0.25, loc=-1)),
    "Geometric-Poisson": (laws.Geometric(0.5), laws.Poisson(3.0), scipy.stats.geom(0.5, loc=-1), POISSON),
    "two shapes": (
        laws.NegativeBinomial(2.5, 0.5),
        laws.NegativeBinomial(4.0, 0.375),
        scipy.stats.nbinom(2.5, 0.5),
        scipy.stats.nbinom(4, 0.625),
    ),
    "Binomial-Poisson": (laws.Binomial(6.0, 0.5), laws.Poisson(3.0), scipy.stats.binom(6, 0.5), POISSON),
}
every_pair = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
K = numpy.arange(400)


def _sum(function, pair):
    """By SciPy's masses, from the textbook's terms."""
    log_p, log_q = pair[2].logpmf(K), pair[3].logpmf(K)
    p, q = numpy.exp(log_p), numpy.exp(log_q)
    middle = numpy.logaddexp(log_p, log_q) - math.log(2)

    def entropic(a, log_a, log_b):
        return numpy.where(a > 0, a * (numpy.where(a > 0, log_a, 0.0) - log_b), 0.0)

    with numpy.errstate(all="ignore"):
        terms = {
            kl_divergence: entropic(p, log_p, log_q),
            jensen_shannon_divergence: (entropic(p, log_p, middle) + entropic(q, log_q, middle)) / 2,
            total_variation_distance: abs(p - q) / 2,
            squared_hellinger_distance: (p + q) / 2 - numpy.sqrt(p * q),
        }
    return math.fsum(terms[function])


@every_pair
@pytest.mark.parametrize(
    "function",
    [kl_divergence, jensen_shannon_divergence, total_variation_distance, squared_hellinger_distance],
    ids=lambda f: f.__name__,
)
def test_against_sums(function, pair):
    truth = _sum(function, pair)
    estimate = function(pair[0], pair[1], return_estimate=True)
    assert estimate.method == "sum over atoms"
    assert float(estimate.value) == pytest.approx(truth, rel=1e-12, abs=0.0)
    assert 0 < float(estimate.standard_error) < 1e-12
    assert float(estimate.lower) < float(estimate.value) < float(estimate.upper)


def test_closed_forms_against_sums():
    for p, q in (
        (laws.Poisson(2.0), laws.Poisson(3.5)),
        (laws.Geometric(0.25), laws.Geometric(0.5)),
        (laws.NegativeBinomial(2.5, 0.5), laws.NegativeBinomial(2.5, 0.25)),
        (laws.Binomial(6.0, 0.25), laws.Binomial(6.0, 0.5)),
    ):
        for function in (kl_divergence, squared_hellinger_distance, pearson_divergence):
            closed = float(function(p, q, method="closed"))
            estimate = function(p, q, method="quadrature", return_estimate=True)
            if closed == math.inf:
                assert float(estimate.value) == math.inf
                continue
            assert abs(float(estimate.value) - closed) <= float(estimate.standard_error) + 1e-14 * closed


def test_the_error_covers_the_truth_next_to_the_diagonal():
    # The truth at 60 digits; the log masses that the terms are made of carry roundings.
    p, q = laws.NegativeBinomial(2.5, 0.5), laws.NegativeBinomial(2.5 + 2.0**-20, 0.5)
    with mpmath.workdps(60):
        half, r, s = mpmath.mpf(1) / 2, mpmath.mpf(2.5), mpmath.mpf(2.5) + mpmath.mpf(2) ** -20

        def log_mass(k, r):
            return mpmath.loggamma(k + r) - mpmath.loggamma(r) - mpmath.loggamma(k + 1) + (k + r) * mpmath.log(half)

        truth = mpmath.fsum(mpmath.exp(log_mass(k, r)) * (log_mass(k, r) - log_mass(k, s)) for k in range(200))
    estimate = kl_divergence(p, q, return_estimate=True)
    assert abs(float(estimate.value) - float(truth)) <= float(estimate.standard_error)
    assert float(estimate.standard_error) < 1e-3 * float(truth)


def test_sums_that_diverge():
    # p^2 / q grows by the factor (3/4)^2 / (1/2) = 9/8 for each count.
    for method in ("auto", "quadrature"):
        slow, fast = laws.Geometric(0.25), laws.Geometric(0.5)
        assert float(pearson_divergence(slow, fast, method=method)) == math.inf
        assert math.isfinite(float(pearson_divergence(fast, slow, method=method)))
    assert float(pearson_divergence(laws.Geometric(0.25), laws.Poisson(2.0))) == math.inf
    assert float(renyi_divergence(laws.Geometric(0.25), laws.Geometric(0.5), 3.0)) == math.inf


def test_sums_whose_terms_grow_far_beyond_the_masses():
    # p^2 / q is largest near 4.5^2 / 0.0625 = 324 counts, where p and q have long underflowed.
    p, q = laws.Poisson(4.5), laws.Poisson(0.0625)
    closed = float(pearson_divergence(p, q, method="closed"))
    assert 1e100 < closed < math.inf
    assert float(pearson_divergence(p, q, method="quadrature")) == pytest.approx(closed, rel=1e-10, abs=0.0)


def test_batches():
    p, q = laws.Poisson(numpy.array([[1.0], [2.0], [0.0]])), laws.Geometric(numpy.array([0.5, 0.25]))
    value = kl_divergence(p, q)
    assert value.shape == (3, 2)
    assert float(value[1, 1]) == pytest.approx(float(kl_divergence(laws.Poisson(2.0), laws.Geometric(0.25))), rel=1e-13)
    # The constant 0 against the mass of q there.
    numpy.testing.assert_allclose(value[2], [math.log(2), math.log(4)], rtol=1e-13)


def test_every_library(library):
    p, q = laws.Poisson(library.asarray(2.0)), laws.Geometric(library.asarray([0.5, 0.25]))
    estimate = jensen_shannon_divergence(p, q, return_estimate=True)
    assert library.owns(estimate.value)
    assert library.owns(estimate.standard_error)
    expected = jensen_shannon_divergence(laws.Poisson(2.0), laws.Geometric([0.5, 0.25]))
    numpy.testing.assert_allclose(library.host(estimate.value), expected, rtol=1e-12)
