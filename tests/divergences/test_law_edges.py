"""Edges at which other libraries give nan, -inf or a wrong number: laws of constants, equal supports, huge shapes."""

import math

import mpmath
import numpy
import pytest
import scipy.stats

from gamedyn import distributions as laws
from gamedyn.divergences import (
    bhattacharyya_distance,
    chernoff_information,
    jensen_shannon_divergence,
    kl_divergence,
    neyman_divergence,
    pearson_divergence,
    renyi_divergence,
    squared_hellinger_distance,
    total_variation_distance,
)
from tests.divergences.oracles import relative_error
from tests.divergences.pairs import FAMILIES


def test_poisson_law_of_the_constant_0():
    none, some = laws.Poisson(0.0), laws.Poisson(2.0)
    assert float(kl_divergence(none, some)) == 2.0
    assert float(kl_divergence(some, none)) == math.inf
    assert float(kl_divergence(none, none)) == 0.0
    # integral p^a q^(1 - a) = e^(-(1 - a) 2), and e^(-2 a) the other way round.
    assert float(renyi_divergence(none, some, 0.25)) == pytest.approx(2.0, rel=1e-15)
    assert float(renyi_divergence(none, some, 3.0)) == pytest.approx(2.0, rel=1e-15)
    assert float(renyi_divergence(some, none, 0.25)) == pytest.approx(2.0 / 3, rel=1e-15)
    assert float(renyi_divergence(some, none, 2.0)) == math.inf
    assert float(renyi_divergence(none, none, 2.0)) == 0.0
    assert float(bhattacharyya_distance(none, some)) == pytest.approx(1.0, rel=1e-15)
    batch = kl_divergence(laws.Poisson([[0.0], [1.0]]), laws.Poisson([0.0, 1.0]))
    assert batch.tolist() == [[0.0, 1.0], [math.inf, 0.0]]


def test_binomial_laws_of_constants():
    sure, even = laws.Binomial(3.0, 1.0), laws.Binomial(3.0, 0.5)
    assert float(kl_divergence(sure, even)) == pytest.approx(3 * math.log(2), rel=1e-15)
    assert float(kl_divergence(even, sure)) == math.inf
    assert float(kl_divergence(sure, sure)) == 0.0
    assert float(kl_divergence(laws.Binomial(3.0, 0.0), sure)) == math.inf
    assert float(kl_divergence(laws.Binomial(0.0, 0.5), laws.Binomial(0.0, 1.0))) == 0.0
    assert float(renyi_divergence(sure, even, 2.0)) == pytest.approx(3 * math.log(2), rel=1e-15)


def test_binomial_laws_of_different_numbers_of_trials():
    few, many = laws.Binomial(3.0, 0.5), laws.Binomial(5.0, 0.25)
    k = numpy.arange(4)
    p, q = scipy.stats.binom(3, 0.5).pmf(k), scipy.stats.binom(5, 0.25).pmf(k)
    assert float(kl_divergence(few, many)) == pytest.approx(float((p * numpy.log(p / q)).sum()), rel=1e-13)
    assert float(kl_divergence(many, few)) == math.inf
    # A constant 0 fits into any number of trials.
    assert float(kl_divergence(laws.Binomial(5.0, 0.0), few)) == pytest.approx(3 * math.log(2), rel=1e-13)


def test_counts_of_which_one_ends():
    for q in (laws.Binomial(4.0, 0.5), laws.Bernoulli(probs=0.5)):
        assert float(kl_divergence(laws.Poisson(1.0), q)) == math.inf
        assert float(kl_divergence(laws.Geometric(0.5), q)) == math.inf
    value = kl_divergence(laws.Bernoulli(probs=[0.25, 0.0, 1.0]), laws.Poisson([[0.5], [2.0]]), method="closed")
    expected = [[0.25 * math.log(0.25 / r) + 0.75 * math.log(0.75) + r, r, r - math.log(r)] for r in (0.5, 2.0)]
    numpy.testing.assert_allclose(value, expected, rtol=1e-13)


def test_geometric_and_negative_binomial_laws_of_the_constant_0():
    sure, some = laws.Geometric(1.0), laws.Geometric(0.25)
    assert float(kl_divergence(sure, some)) == pytest.approx(2 * math.log(2), rel=1e-15)
    assert float(kl_divergence(some, sure)) == math.inf
    assert float(kl_divergence(sure, sure)) == 0.0
    # integral p^a q^(1 - a) = (1/4)^(1 - a)
    assert float(renyi_divergence(sure, some, 0.5)) == pytest.approx(2 * math.log(2), rel=1e-15)
    none, several = laws.NegativeBinomial(2.0, 0.0), laws.NegativeBinomial(2.0, 0.75)
    assert float(kl_divergence(none, several)) == pytest.approx(4 * math.log(2), rel=1e-15)
    assert float(kl_divergence(several, none)) == math.inf
    assert float(renyi_divergence(none, several, 3.0)) == pytest.approx(4 * math.log(2), rel=1e-15)


def test_equal_supports():
    unit = laws.Uniform(0.0, 1.0)
    assert float(kl_divergence(unit, unit)) == 0.0
    assert float(kl_divergence(unit, laws.Beta(1.0, 1.0))) == 0.0
    assert float(kl_divergence(laws.Beta(1.0, 1.0), unit)) == pytest.approx(0.0, abs=1e-15)
    # -E log(6 x (1 - x)) = 2 - log 6, E log of 6 x (1 - x) under itself = log 6 - 5/3.
    assert float(kl_divergence(unit, laws.Beta(2.0, 2.0))) == pytest.approx(2 - math.log(6), rel=1e-13)
    assert float(kl_divergence(laws.Beta(2.0, 2.0), unit)) == pytest.approx(math.log(6) - 5 / 3, rel=1e-13)
    assert float(kl_divergence(laws.Uniform(0.0, 1.5), laws.Beta(2.0, 2.0))) == math.inf
    assert float(kl_divergence(laws.Pareto(1.0, 2.0), laws.Pareto(1.0, 2.0))) == 0.0
    assert float(kl_divergence(laws.Pareto(1.0, 2.0), laws.Pareto(2.0, 2.0))) == math.inf


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_shapes_do_not_cancel(dtype):
    # 5e-6, -0.0129 elsewhere in single precision; and Beta(1e4, 1e4) against (1e4, 1e4 + 1).
    def law(name, *parameters):
        return FAMILIES[name].law([numpy.asarray(x, dtype=dtype) for x in parameters])

    cases = [
        ("Gamma", (1e5, 1.0), (1e5 + 1, 1.0)),
        ("Gamma", (1e6, 2.0), (1e6 + 3, 2.5)),
        ("InverseGamma", (1e5, 1.0), (1e5 + 1, 1.0)),
        ("Beta", (1e4, 1e4), (1e4, 1e4 + 1)),
        ("Beta", (1e5, 1e5), (1e5 + 1, 1e5 + 1)),
        ("Beta", (1e6, 1.0), (1e6, 2.0)),
        ("Dirichlet of 4", (1e5,) * 4, (1e5 + 1,) * 4),
        # Far apart too, where the step between the means is a difference of huge ones.
        ("Gamma", (2.0**30, 1.0), (5.0, 2.0**-25)),
        ("Dirichlet of 4", (16.0, 1.0, 2.0**19, 460.0), (0.9375, 0.1875, 0.001953125, 0.00390625)),
        ("Poisson", (1e7,), (1e7 + 1,)),
        ("VonMises", (0.5, 1e5), (0.5, 1e5 + 16)),
    ]
    bound = 1e-5 if dtype == "float32" else 1e-13
    for name, p, q in cases:
        value = kl_divergence(law(name, *p), law(name, *q))
        assert value.dtype == dtype
        with mpmath.workdps(60):
            assert relative_error(value, FAMILIES[name].kl(p, q)) < bound


def test_far_apart_without_overflow():
    # Bhattacharyya 1e4^2 / 8 and Renyi a 1e4^2 / 2, whose exponentials no float holds.
    p, q = laws.Normal(0.0, 1.0), laws.Normal(1e4, 1.0)
    assert float(bhattacharyya_distance(p, q)) == pytest.approx(1e8 / 8, rel=1e-14)
    assert float(renyi_divergence(p, q, 3.0)) == pytest.approx(3e8 / 2, rel=1e-14)
    assert float(chernoff_information(p, q)) == pytest.approx(1e8 / 8, rel=1e-14)
    assert float(pearson_divergence(p, q)) == math.inf
    assert float(squared_hellinger_distance(p, q)) == 1.0
    d = 400
    gaussians = [laws.MultivariateNormal(numpy.full(d, m), numpy.eye(d)) for m in (0.0, 10.0)]
    assert float(renyi_divergence(*gaussians, 0.5)) == pytest.approx(0.5 * d * 100 / 2, rel=1e-12)


def test_uniform_law_on_the_circle():
    # log I0(k), whatever the location; and the other way round k A(k) - log I0(k).
    flat, peaked = laws.VonMises(0.5, 0.0), laws.VonMises(2.0, 3.0)
    with mpmath.workdps(30):
        log_i0 = mpmath.log(mpmath.besseli(0, 3))
        slope = mpmath.besseli(1, 3) / mpmath.besseli(0, 3)
    assert float(kl_divergence(flat, peaked)) == pytest.approx(float(log_i0), rel=1e-14)
    assert float(kl_divergence(peaked, flat)) == pytest.approx(float(3 * slope - log_i0), rel=1e-14)
    assert float(kl_divergence(flat, laws.VonMises(1.0, 0.0))) == 0.0


@pytest.mark.parametrize("function", [jensen_shannon_divergence, total_variation_distance, pearson_divergence])
def test_cauchy_laws_against_quadrature(function):
    for p, q in (((0.0, 1.0), (2.5, 0.75)), ((1.0, 2.0), (1.0, 0.25)), ((0.0, 1.0), (1e-3, 1.001))):
        closed = function(laws.Cauchy(*p), laws.Cauchy(*q), method="closed")
        found = function(laws.Cauchy(*p), laws.Cauchy(*q), method="quadrature")
        assert float(closed) == pytest.approx(float(found), rel=1e-10, abs=0.0)


def test_a_small_divergence_across_families():
    # A gamma law of many degrees is nearly normal.
    p, q = laws.Gamma(400.0, 1.0), laws.Normal(400.0, 20.0)
    closed = float(kl_divergence(p, q, method="closed"))
    assert 1e-5 < closed < 1e-3
    assert closed == pytest.approx(float(kl_divergence(p, q, method="quadrature")), rel=1e-8, abs=0.0)


def test_neyman_is_pearson_backwards():
    p, q = laws.Gamma(2.0, 1.0), laws.Gamma(2.5, 1.5)
    assert float(neyman_divergence(p, q, method="closed")) == float(pearson_divergence(q, p, method="closed"))
