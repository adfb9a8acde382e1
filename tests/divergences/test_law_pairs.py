"""Closed forms between laws of one family against textbook formulas at 50 digits, far from and next to the diagonal."""

import math

import mpmath
import numpy
import pytest

from gamedyn import distributions as laws
from gamedyn import divergences
from tests.divergences.oracles import relative_error
from tests.divergences.pairs import FAMILIES, random_pairs

every_family = pytest.mark.parametrize("name", FAMILIES)
BOUND = 1e-13


def _agree(values_and_truths):
    worst = max(relative_error(value, truth) for value, truth in values_and_truths)
    assert worst < BOUND, f"{worst:.2g}"


@every_family
def test_kl(name, rng):
    with mpmath.workdps(50):
        kl = FAMILIES[name][3]
        _agree([(divergences.kl_divergence(p, q), kl(p, q)) for p, q in random_pairs(name, rng, 40)])


@every_family
def test_squared_hellinger_and_pearson(name, rng):
    with mpmath.workdps(50):
        renyi = FAMILIES[name][4]
        half = mpmath.mpf(1) / 2
        pairs = list(random_pairs(name, rng, 30))
        hellinger = [
            (divergences.squared_hellinger_distance(p, q), -mpmath.expm1(-renyi(p, q, half) / 2)) for p, q in pairs
        ]
        _agree(hellinger)
        pearson = [(divergences.pearson_divergence(p, q), mpmath.expm1(renyi(p, q, mpmath.mpf(2)))) for p, q in pairs]
        # e^x of a large x carries x roundings.
        _agree([(value, truth) for value, truth in pearson if not 1e10 < truth < mpmath.inf])
        finite = [math.isfinite(float(value)) for value, truth in pearson if truth < 1e300]
        assert all(finite)
        assert len(finite) > len(pearson) / 2


@every_family
def test_batches_broadcast(name, rng):
    make, signed, positive, _, _ = FAMILIES[name]
    count = signed + positive
    columns = 10 ** rng.uniform(-0.3, 0.3, (count, 3, 1)), 10 ** rng.uniform(-0.3, 0.3, (count, 1, 4))
    p, q = (make(*rows) for rows in columns)
    for function in (divergences.kl_divergence, divergences.squared_hellinger_distance, divergences.pearson_divergence):
        value = function(p, q, method="closed")
        assert value.shape == (3, 4)
        one = function(make(*columns[0][:, 2, 0]), make(*columns[1][:, 0, 1]))
        assert float(value[2, 1]) == pytest.approx(float(one), rel=1e-13, abs=0.0)


@every_family
def test_the_diagonal_is_zero(name, rng):
    for p, _ in random_pairs(name, rng, 4):
        assert float(divergences.kl_divergence(p, p)) == 0.0
        assert float(divergences.squared_hellinger_distance(p, p)) == 0.0
        assert float(divergences.pearson_divergence(p, p)) == 0.0


@every_family
def test_every_library(name, library):
    make, signed, positive, kl, _ = FAMILIES[name]
    p, q = (make(*(library.asarray(value * (k + 1)) for k in range(signed + positive))) for value in (0.5, 0.75))
    with mpmath.workdps(30):
        truth = float(kl(*(make(*(value * (k + 1) for k in range(signed + positive))) for value in (0.5, 0.75))))
    value = divergences.kl_divergence(p, q, method="closed")
    assert library.owns(value)
    assert float(library.host(value)) == pytest.approx(truth, rel=1e-13, abs=0.0)
    assert library.owns(divergences.squared_hellinger_distance(p, q, method="closed"))


@every_family
def test_single_precision(name, rng):
    make = FAMILIES[name][0]
    for p, q in random_pairs(name, rng, 10):
        fields = [field for field in ("loc", "scale", "rate") if hasattr(p, field)]
        # Rounded first: next to the diagonal single precision has another pair of laws.
        singles = [
            make(*(numpy.float32(getattr(law, f)) * numpy.ones((), "float32") for f in fields)) for law in (p, q)
        ]
        value = divergences.kl_divergence(*singles)
        assert value.dtype == numpy.float32
        with mpmath.workdps(50):
            assert relative_error(value, FAMILIES[name][3](*singles)) < 1e-5


def _random_gaussians(rng, d, near):
    root = rng.standard_normal((d, d)) + 1.5 * numpy.eye(d)
    step = rng.standard_normal((d, d))
    covariance, mean = root @ root.T, rng.standard_normal(d)
    other = (
        covariance + near * (step + step.T) if near else numpy.atleast_2d(numpy.cov(rng.standard_normal((d, 3 * d))))
    )
    shift = near * rng.standard_normal(d) if near else rng.standard_normal(d)
    return laws.MultivariateNormal(mean, (covariance + covariance.T) / 2), laws.MultivariateNormal(
        mean + shift, (other + other.T) / 2
    )


def _renyi_multivariate(p, q, a):
    """[a d^T S_a^-1 d - log(|S_a| / (|S1|^(1 - a) |S2|^a)) / (a - 1)] / 2, S_a = a S2 + (1 - a) S1; KL at a = 1."""
    s1, s2 = (mpmath.matrix(law.covariance_matrix.tolist()) for law in (p, q))
    d = mpmath.matrix([mpmath.mpf(x) - mpmath.mpf(y) for x, y in zip(p.loc.tolist(), q.loc.tolist(), strict=True)])
    if a == 1:
        inverse = s2**-1
        trace = mpmath.fsum((inverse * s1)[i, i] for i in range(s1.rows))
        return (trace + (d.T * inverse * d)[0] - s1.rows + mpmath.log(mpmath.det(s2) / mpmath.det(s1))) / 2
    mixed = a * s2 + (1 - a) * s1
    ratio = mpmath.det(mixed) / (mpmath.det(s1) ** (1 - a) * mpmath.det(s2) ** a)
    if min(mpmath.eigsy(mixed, eigvals_only=True)) <= 0:
        return mpmath.inf
    return (a * (d.T * mixed**-1 * d)[0] - mpmath.log(ratio) / (a - 1)) / 2


@pytest.mark.parametrize("near", [0.0, 1e-2, 1e-6])
def test_multivariate_normals(near, rng):
    infinite = 0
    for d in (1, 2, 4):
        for _ in range(4):
            p, q = _random_gaussians(rng, d, near)
            with mpmath.workdps(60):
                truths = [_renyi_multivariate(p, q, mpmath.mpf(a)) for a in (1, 0.5, 2)]
                kl, hellinger, pearson = truths[0], -mpmath.expm1(-truths[1] / 2), mpmath.expm1(truths[2])
            # The condition of the covariances, at most some hundreds here, magnifies roundings.
            assert relative_error(divergences.kl_divergence(p, q), kl) < 1e-12
            assert relative_error(divergences.squared_hellinger_distance(p, q), hellinger) < 1e-12
            value = float(divergences.pearson_divergence(p, q))
            infinite += value == math.inf
            assert relative_error(value, pearson) < 1e-9
    assert infinite > 0 or near


def test_multivariate_batches_broadcast(rng):
    covariance = numpy.array([[2.0, 0.5], [0.5, 1.0]])
    p = laws.MultivariateNormal(rng.standard_normal((3, 1, 2)), covariance)
    q = laws.MultivariateNormal(rng.standard_normal(2), covariance * numpy.array([1.0, 1.5, 2.0, 3.0])[:, None, None])
    for function in (divergences.kl_divergence, divergences.squared_hellinger_distance, divergences.pearson_divergence):
        value = function(p, q)
        assert value.shape == (3, 4)
        one = function(
            laws.MultivariateNormal(p.loc[2, 0], covariance), laws.MultivariateNormal(q.loc[1], covariance * 1.5)
        )
        assert float(value[2, 1]) == pytest.approx(float(one), rel=1e-12, abs=0.0)
