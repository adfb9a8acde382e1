"""Closed forms against textbook formulas at 40 digits, also where those cancel."""

import math

import mpmath
import numpy
import pytest

from gamedyn import distributions as laws
from gamedyn import divergences
from gamedyn.divergences import jensen_shannon_divergence, kl_divergence, total_variation_distance
from tests.divergences.oracles import exact_divergence

F = mpmath.mpf


@pytest.mark.parametrize("step", [1e-3, 1e-7])
def test_closed_forms_keep_their_digits_near_the_diagonal(step):
    # Second-order expansions of KL: (m^2 + 2 h^2) / 2 for a normal law, h^2 / 2 for the others, up to O(step).
    h = 1 + step
    cases = [
        (laws.Normal(0.0, 1.0), laws.Normal(0.0, h), lambda u: (u**-2 - 1 + 2 * mpmath.log(u)) / 2),
        (laws.Laplace(0.0, 1.0), laws.Laplace(0.0, h), lambda u: 1 / u - 1 + mpmath.log(u)),
        (laws.Exponential(1.0), laws.Exponential(h), lambda u: u - 1 - mpmath.log(u)),
    ]
    for p, q, formula in cases:
        with mpmath.workdps(40):
            truth = formula(F(h))
        assert float(kl_divergence(p, q)) == pytest.approx(float(truth), rel=1e-13, abs=0.0)
    shifted = kl_divergence(laws.Laplace(0.0, 1.0), laws.Laplace(step, 1.0))
    assert float(shifted) == pytest.approx(float(step + mpmath.expm1(-F(step))), rel=1e-9, abs=0.0)


def _random_gaussians(rng, d):
    roots = rng.standard_normal((2, d, d)) + 1.5 * numpy.eye(d)
    return [
        laws.MultivariateNormal(mean, root @ root.T)
        for mean, root in zip(rng.standard_normal((2, d)), roots, strict=True)
    ]


def test_multivariate_normal_against_its_textbook_formulas(rng):
    # [tr(S2^-1 S1) + d^T S2^-1 d - d + log det S2 / det S1] / 2, and 1 - BC, at 40 digits.
    p, q = _random_gaussians(rng, 3)
    with mpmath.workdps(40):
        s1, s2 = (mpmath.matrix(law.covariance_matrix.tolist()) for law in (p, q))
        shift = mpmath.matrix((p.loc - q.loc).tolist())
        inverse, middle = s2**-1, (s1 + s2) / 2
        trace = mpmath.fsum((inverse * s1)[i, i] for i in range(3))
        kl = (trace + (shift.T * inverse * shift)[0] - 3 + mpmath.log(mpmath.det(s2) / mpmath.det(s1))) / 2
        distance = (shift.T * middle**-1 * shift)[0] / 8
        distance += mpmath.log(mpmath.det(middle) / mpmath.sqrt(mpmath.det(s1) * mpmath.det(s2))) / 2
    assert float(kl_divergence(p, q)) == pytest.approx(float(kl), rel=1e-12, abs=0.0)
    hellinger = divergences.squared_hellinger_distance(p, q)
    assert float(hellinger) == pytest.approx(float(1 - mpmath.exp(-distance)), rel=1e-12, abs=0.0)


def test_multivariate_normal_of_independent_parts_is_a_sum():
    p = laws.MultivariateNormal([0.0, 1.0], [[1.0, 0.0], [0.0, 4.0]])
    q = laws.MultivariateNormal([0.5, 0.0], [[2.25, 0.0], [0.0, 1.0]])
    parts = kl_divergence(laws.Normal([0.0, 1.0], [1.0, 2.0]), laws.Normal([0.5, 0.0], [1.5, 1.0]))
    assert float(kl_divergence(p, q)) == pytest.approx(float(parts.sum()), rel=1e-14, abs=0.0)


def test_multivariate_normal_near_the_diagonal():
    covariance = numpy.array([[2.0, 0.5], [0.5, 1.0]])
    p = laws.MultivariateNormal([0.0, 0.0], covariance)
    q = laws.MultivariateNormal([0.0, 0.0], covariance * (1 + 2.0**-20))
    # r = 1 / (1 + h) twice: KL = r - 1 - log r = h^2 / 2 + O(h^3), exactly log(1 + h) - h / (1 + h).
    with mpmath.workdps(40):
        h = F(2) ** -20
        truth = mpmath.log1p(h) - h / (1 + h)
    assert float(kl_divergence(p, q)) == pytest.approx(float(truth), rel=1e-9, abs=0.0)


def test_bernoulli_and_categorical_are_pmfs():
    p, q = laws.Bernoulli(probs=0.5), laws.Bernoulli(probs=0.25)
    for function in (kl_divergence, jensen_shannon_divergence, total_variation_distance):
        assert float(function(p, q)) == pytest.approx(float(function([0.5, 0.5], [0.75, 0.25])), rel=1e-15, abs=0.0)
    p, q = laws.Categorical(probs=[0.2, 0.3, 0.5]), laws.Categorical(probs=[0.5, 0.5, 0.0])
    assert float(kl_divergence(p, q)) == math.inf
    expected = float(kl_divergence([0.5, 0.5, 0.0], [0.2, 0.3, 0.5]))
    assert float(kl_divergence(q, p)) == pytest.approx(expected, rel=1e-15, abs=0.0)


def test_bernoulli_and_categorical_near_the_diagonal():
    a, b = 0.3, 0.3 * (1 + 1e-8)
    with mpmath.workdps(50):
        p, q = [1 - F(a), F(a)], [1 - F(b), F(b)]
        truth = mpmath.fsum(x * mpmath.log(x / y) for x, y in zip(p, q, strict=True))
    assert float(kl_divergence(laws.Bernoulli(probs=a), laws.Bernoulli(probs=b))) == pytest.approx(
        float(truth), rel=1e-14, abs=0.0
    )
    masses = numpy.array([0.25, 0.5, 0.25]), numpy.array([0.25 + 2.0**-30, 0.5, 0.25 - 2.0**-30])
    expected = exact_divergence("KullbackLeibler()", *masses)
    value = kl_divergence(*(laws.Categorical(probs=row) for row in masses))
    assert float(value) == pytest.approx(float(expected), rel=1e-14, abs=0.0)


def test_probabilities_are_not_clamped():
    # Rare outcomes: KL(Bern(1e-10), Bern(1e-12)) = 3.6152e-10 also in single precision, where eps would hide both.
    with mpmath.workdps(40):
        a, b = F(float(numpy.float32(1e-10))), F(float(numpy.float32(1e-12)))
        truth = a * mpmath.log(a / b) + (1 - a) * mpmath.log((1 - a) / (1 - b))
    p, q = (laws.Bernoulli(probs=numpy.float32(x) * numpy.ones((), "float32")) for x in (1e-10, 1e-12))
    assert float(kl_divergence(p, q)) == pytest.approx(float(truth), rel=3e-6, abs=0.0)
    # logits far out: 1/2 log(1/2 / e^-800) + ..., finite although e^-800 underflows.
    value = kl_divergence(laws.Bernoulli(probs=0.5), laws.Bernoulli(logits=800.0))
    assert float(value) == pytest.approx(400.0 - math.log(2), rel=1e-14, abs=0.0)


def test_uniform_shift_to_the_last_digit():
    # Overlap 1 - h of two unit intervals: TV = h, JS = h log 2.
    for h in (0.25, 2.0**-40):
        p, q = laws.Uniform(0.0, 1.0), laws.Uniform(h, 1.0 + h)
        assert float(total_variation_distance(p, q)) == pytest.approx(h, rel=1e-15, abs=0.0)
        assert float(jensen_shannon_divergence(p, q)) == pytest.approx(h * math.log(2), rel=1e-15, abs=0.0)
        assert float(total_variation_distance(q, p)) == pytest.approx(h, rel=1e-15, abs=0.0)
        assert float(kl_divergence(p, q)) == math.inf
        assert float(kl_divergence(q, p)) == math.inf
    p, q = laws.Uniform(0.0, 1.0), laws.Uniform(2.0, 5.0)
    assert float(jensen_shannon_divergence(p, q)) == pytest.approx(math.log(2), rel=1e-15, abs=0.0)
    assert float(total_variation_distance(p, q)) == 1.0


def test_infinite_closed_forms():
    # Mass below 0; a wider normal law, p^2 / q = e^(x^2 / 4) and, at the boundary r = 2, constant.
    assert float(kl_divergence(laws.Uniform(-1.0, 1.0), laws.Exponential(1.0))) == math.inf
    assert float(divergences.pearson_divergence(laws.Normal(0.0, 2.0), laws.Normal(0.0, 1.0))) == math.inf
    assert float(divergences.pearson_divergence(laws.Normal(0.0, 2.0**0.5), laws.Normal(0.0, 1.0))) == math.inf
    assert float(divergences.pearson_divergence(laws.Exponential(1.0), laws.Exponential(2.0))) == math.inf
