"""Facts about the value function, and bulk checks of V(D*) = -log 4 + 2 JS."""

import math

import mpmath
import numpy
import pytest

from gamedyn import distributions, objectives

LONG = numpy.longdouble
needs_long_double = pytest.mark.skipif(numpy.finfo(LONG).eps > 1e-18, reason="long double has no more digits here")


def random_pmfs(rng, cases, atoms):
    """Pairs of pmfs whose entries span many orders of magnitude, with exact zeros and near-equal pairs among them."""
    p = 10.0 ** rng.uniform(-30, 0, (cases, atoms))
    q = 10.0 ** rng.uniform(-30, 0, (cases, atoms))
    p *= rng.random((cases, atoms)) > 0.1
    q *= rng.random((cases, atoms)) > 0.1
    near = rng.random(cases) < 0.25
    q[near] = p[near] * (1 + 1e-6 * rng.standard_normal((int(near.sum()), atoms)))
    p[:, 0] += 1e-3
    q[:, 0] += 1e-3
    return p / p.sum(-1, keepdims=True), q / q.sum(-1, keepdims=True)


def value_in_long_double(p, q):
    """sum p log(p / (p + q)) + q log(q / (p + q)) with 64 bits of mantissa."""
    p, q = p.astype(LONG), q.astype(LONG)

    def half(a, b):
        safe = numpy.where(a > 0, a, 1)
        return -a * numpy.log1p(numpy.where(a > 0, b, 0) / safe)

    return (half(p, q) + half(q, p)).sum(-1)


def value_in_mpmath(p, q):
    """-log 4 + 2 JS with 50 digits, for laws that do not sum exactly to 1: the log 4 is log 2 (sum p + sum q)."""
    with mpmath.workdps(50):
        total = mpmath.mpf(0)
        for a, b in zip(p, q, strict=True):
            a, b = mpmath.mpf(a), mpmath.mpf(b)
            middle = (a + b) / 2
            total += (a * mpmath.log(a / middle) if a else 0) + (b * mpmath.log(b / middle) if b else 0)
            total -= mpmath.log(2) * (a + b)
        return float(total)


def test_equal_laws_are_worth_minus_log_4():
    p = [0.1, 0.2, 0.3, 0.4]
    assert float(objectives.value_at_optimum(p, p)) == pytest.approx(-math.log(4.0), rel=1e-15)


def test_disjoint_laws_are_worth_0_and_shared_empty_atoms_nothing():
    value = objectives.value_at_optimum([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    assert float(value) == 0.0
    assert not numpy.signbit(value)


@needs_long_double
def test_value_identity_on_a_million_pairs(rng):
    # Terms of one sign: the relative error is that of a term, plus half an ulp for each addition.
    p, q = random_pmfs(rng, 1_000_000, 2)
    exact = value_in_long_double(p, q)
    error = numpy.abs(objectives.value_at_optimum(p, q) - exact) / numpy.abs(exact)
    assert float(error.max()) < 6 * numpy.finfo(float).eps


def test_value_identity_against_mpmath(rng):
    p, q = random_pmfs(rng, 1000, 3)
    exact = [value_in_mpmath(a, b) for a, b in zip(p, q, strict=True)]
    numpy.testing.assert_allclose(objectives.value_at_optimum(p, q), exact, rtol=6 * numpy.finfo(float).eps)


@pytest.mark.full
def test_value_identity_against_mpmath_on_many_pairs(rng):
    p, q = random_pmfs(rng, 120_000, 2)
    exact = [value_in_mpmath(a, b) for a, b in zip(p, q, strict=True)]
    numpy.testing.assert_allclose(objectives.value_at_optimum(p, q), exact, rtol=6 * numpy.finfo(float).eps)


def test_masses_whose_ratio_overflows():
    # 0.5 log1p(tiny / 0.5) + tiny log1p(0.5 / tiny), dominated by the second, and 1e-310 + ... loses no digits to inf.
    p, q = numpy.array([1.0, 1e-310]), numpy.array([1e-310, 1.0])
    value = float(objectives.value_at_optimum(p, q))
    assert value == pytest.approx(value_in_mpmath(p, q), rel=1e-10)


def test_no_discriminator_beats_the_optimal_one(rng):
    p, q = random_pmfs(rng, 2000, 4)
    best = objectives.value_at_optimum(p, q)
    logit = objectives.optimal_discriminator(p, q)
    numpy.testing.assert_allclose(objectives.value_function(logit, p, q), best, rtol=1e-12)
    for scale in (1e-3, 0.1, 3.0):
        moved = objectives.value_function(logit + scale * rng.standard_normal(logit.shape), p, q)
        assert (moved <= best + 1e-15).all()


def test_certainty_of_the_wrong_answer_costs_everything():
    assert float(objectives.value_function([math.inf, -math.inf], [0.5, 0.5], [1.0, 0.0])) == -math.inf


def test_certainty_of_the_right_answer_costs_nothing():
    assert float(objectives.value_function([math.inf, -math.inf], [1.0, 0.0], [0.0, 1.0])) == 0.0


def test_an_ignorant_discriminator_pays_log_4_along_any_axis():
    p = numpy.array([[0.2, 0.9], [0.5, 0.1], [0.3, 0.0]])
    for value in (
        objectives.value_function(numpy.zeros((3, 2)), p, p[::-1], axis=0),
        objectives.value_at_optimum(p, p, axis=0),
    ):
        numpy.testing.assert_allclose(value, [-math.log(4.0)] * 2, rtol=1e-15)


def test_nan_logits_are_refused():
    with pytest.raises(ValueError, match="`logit` must not hold nan"):
        objectives.value_function([math.nan], [1.0], [1.0])


def test_negative_masses_are_refused():
    with pytest.raises(ValueError, match=r"got p\[1\] = -1"):
        objectives.value_at_optimum([2.0, -1.0], [0.5, 0.5])


def test_laws_on_the_line_are_integrated():
    # N(m, 1) against N(0, 1): V(D*) by mpmath's quadrature of p log D + q log(1 - D).
    with mpmath.workdps(20):

        def integrand(x):
            p, q = mpmath.npdf(x, 2, 1), mpmath.npdf(x, 0, 1)
            return p * mpmath.log(p / (p + q)) + q * mpmath.log(q / (p + q))

        exact = float(mpmath.quad(integrand, [-12, -3, 0, 1, 2, 5, 14]))
    p, q = distributions.Normal(2.0, 1.0), distributions.Normal(0.0, 1.0)
    estimate = objectives.value_at_optimum(p, q, return_estimate=True)
    assert estimate.value == pytest.approx(exact, rel=1e-11)
    assert abs(estimate.value - exact) <= max(estimate.standard_error, 1e-14)
    assert objectives.value_at_optimum(p, q) == estimate.value
    # A blind discriminator pays log 4, and a wrong one more.
    assert objectives.value_function(lambda x: 0 * x, p, q) == pytest.approx(-math.log(4.0), rel=1e-11)
    assert objectives.value_function(lambda x: 1 - 2 * x, p, q) < -math.log(4.0)


def test_supports_that_touch_in_part():
    # U(0, 2) against U(1, 3): certain on one half of each, blind on the other, so half of -log 4.
    p, q = distributions.Uniform(0.0, 2.0), distributions.Uniform(1.0, 3.0)
    assert objectives.value_at_optimum(p, q) == pytest.approx(-math.log(4.0) / 2, rel=1e-11)
    for one, other in ((p, q), (q, p)):
        assert objectives.value_function(lambda x: 0 * x, one, other) == pytest.approx(-math.log(4.0), rel=1e-11)


def test_discrete_laws_are_summed():
    p, q = distributions.Categorical([0.2, 0.8]), distributions.Categorical([0.1, 0.4, 0.5])
    expected = objectives.value_at_optimum([0.2, 0.8, 0.0], [0.1, 0.4, 0.5])
    assert objectives.value_at_optimum(p, q) == pytest.approx(float(expected), rel=1e-13)


def test_laws_in_the_plane_are_sampled(rng):
    # Along the line between the means these are N(2, 1) and N(0, 1); across, D says nothing.
    eye = numpy.eye(2)
    p = distributions.MultivariateNormal([2.0, 0.0], eye)
    q = distributions.MultivariateNormal([0.0, 0.0], eye)
    critic = objectives.optimal_discriminator(p, q)
    estimate = objectives.value_function(critic, p, q, return_estimate=True, samples=40_000, rng=rng)
    exact = objectives.value_at_optimum(distributions.Normal(2.0, 1.0), distributions.Normal(0.0, 1.0))
    assert abs(estimate.value - exact) < 5 * estimate.standard_error
    assert estimate.standard_error < 0.01


def test_logits_of_laws_are_functions():
    law = distributions.Normal(0.0, 1.0)
    with pytest.raises(TypeError, match="`logit` must be a function of x"):
        objectives.value_function(0.0, law, law)
    with pytest.raises(ValueError, match=r"must be single laws, got batch shapes \(2,\) and \(\)"):
        objectives.value_at_optimum(distributions.Normal([0.0, 1.0], 1.0), law)
