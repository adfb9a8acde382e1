"""Closed forms between laws of one family against textbook formulas at 50 digits, far from and next to the diagonal."""

import math

import mpmath
import numpy
import pytest

from gamedyn import distributions as laws
from gamedyn import divergences
from tests.divergences.oracles import relative_error
from tests.divergences.pairs import FAMILIES, HAVE_RENYI

every_family = pytest.mark.parametrize("name", FAMILIES)
with_renyi = pytest.mark.parametrize("name", HAVE_RENYI)
BOUND = 1e-13
HALF = mpmath.mpf(1) / 2


def _error(value, truth):
    """Relative, per rounding of the exponent where the value is an exponential of a large number; inf past floats."""
    if truth > float(numpy.finfo(value.dtype).max):
        return 0.0 if float(value) == math.inf else math.inf
    return relative_error(value, truth) / max(1.0, float(mpmath.log(truth)) if truth > 0 else 0.0)


def _agree(values_and_truths, bound=BOUND):
    worst, value, truth = max((_error(value, truth), float(value), truth) for value, truth in values_and_truths)
    assert worst < bound, f"{worst:.2g}: {value} for {mpmath.nstr(truth, 17)}"


@every_family
def test_kl(name, rng):
    family = FAMILIES[name]
    with mpmath.workdps(50):
        _agree(
            [
                (divergences.kl_divergence(family.law(p), family.law(q), method="closed"), family.kl(p, q))
                for p, q in family.pairs(rng, 40)
            ]
        )


@with_renyi
def test_squared_hellinger_and_pearson(name, rng):
    family = FAMILIES[name]
    with mpmath.workdps(60):
        pairs = [(family.law(p), family.law(q), p, q) for p, q in family.pairs(rng, 30)]
        hellinger = divergences.squared_hellinger_distance
        truths = [-mpmath.expm1(-family.renyi(p, q, HALF) / 2) for _, _, p, q in pairs]
        _agree([(hellinger(a, b, method="closed"), truth) for (a, b, _, _), truth in zip(pairs, truths, strict=True)])
        truths = [mpmath.expm1(family.renyi(p, q, 2)) for _, _, p, q in pairs]
        values = [divergences.pearson_divergence(a, b, method="closed") for a, b, _, _ in pairs]
        _agree(list(zip(values, truths, strict=True)))
        assert sum(truth < mpmath.inf for truth in truths) > len(pairs) / 3


@with_renyi
@pytest.mark.parametrize("order", [1e-9, 0.3, 0.9, 3.0])
def test_renyi(name, order, rng):
    family = FAMILIES[name]
    with mpmath.workdps(60):
        pairs = list(family.pairs(rng, 20))
        values = [divergences.renyi_divergence(family.law(p), family.law(q), order) for p, q in pairs]
        truths = [family.renyi(p, q, order) for p, q in pairs]
        _agree(list(zip(values, truths, strict=True)))


@every_family
def test_batches_broadcast(name, rng):
    family = FAMILIES[name]
    first, second = (numpy.array([family._draw(rng) for _ in range(count)]).T for count in (3, 4))
    p, q = family.law(first[:, :, None]), family.law(second[:, None, :])
    functions = [divergences.kl_divergence]
    if name in HAVE_RENYI:
        functions += [divergences.squared_hellinger_distance, divergences.pearson_divergence]
    for function in functions:
        value = function(p, q, method="closed")
        assert value.shape == (3, 4)
        one = function(family.law(first[:, 2]), family.law(second[:, 1]), method="closed")
        assert float(value[2, 1]) == pytest.approx(float(one), rel=1e-13, abs=0.0)


@every_family
def test_the_diagonal_is_zero(name, rng):
    family = FAMILIES[name]
    for parameters, _ in family.pairs(rng, 4):
        p = family.law(parameters)
        assert float(divergences.kl_divergence(p, p)) == 0.0
        if name in HAVE_RENYI:
            assert float(divergences.squared_hellinger_distance(p, p)) == 0.0
            assert float(divergences.pearson_divergence(p, p)) == 0.0


@every_family
def test_every_library(name, library):
    family = FAMILIES[name]
    parameters = [{"r": [0.5, 1.25], "+": [0.5, 0.75], "1": [0.5, 0.625]}[kind] for kind in family.kinds]
    rows = [[pair[i] for pair in parameters] for i in (1, 0)]
    with mpmath.workdps(30):
        truth = float(family.kl(*rows))
    p, q = (family.law([library.asarray(value) for value in row]) for row in rows)
    value = divergences.kl_divergence(p, q, method="closed")
    assert library.owns(value)
    assert float(library.host(value)) == pytest.approx(truth, rel=1e-13, abs=0.0)
    if name in HAVE_RENYI:
        assert library.owns(divergences.squared_hellinger_distance(p, q, method="closed"))
        assert library.owns(divergences.pearson_divergence(p, q, method="closed"))


@every_family
def test_single_precision(name, rng):
    family = FAMILIES[name]
    with mpmath.workdps(50):
        for p, q in family.pairs(rng, 10):
            # Rounded first: next to the diagonal single precision has another pair of laws.
            p, q = (numpy.array(row, dtype="float32") for row in (p, q))
            singles = (family.law([x * numpy.ones((), "float32") for x in row]) for row in (p, q))
            value = divergences.kl_divergence(*singles)
            assert value.dtype == numpy.float32
            assert _error(value, family.kl(p, q)) < 2e-5


@every_family
def test_quadrature_and_sums_agree_within_their_error(name, rng):
    family = FAMILIES[name]
    if family.law(next(iter(family.pairs(rng, 1)))[0]).event_shape:
        pytest.skip("no quadrature in this many dimensions")
    functions = [divergences.kl_divergence]
    if name in HAVE_RENYI:
        functions += [divergences.squared_hellinger_distance, divergences.pearson_divergence]
    for p, q in family.pairs(rng, 4):
        if name in ("Beta", "Pareto"):
            # Of smaller shapes mass lies nearer to 1 than floats do, or beyond the largest.
            p, q = (numpy.maximum(row, 1.25).tolist() for row in (p, q))
        for function in functions:
            closed = float(function(family.law(p), family.law(q), method="closed"))
            estimate = function(family.law(p), family.law(q), method="quadrature", return_estimate=True)
            if closed == math.inf:
                assert float(estimate.value) == math.inf
                continue
            # The closed form has an error of its own.
            assert abs(float(estimate.value) - closed) <= float(estimate.standard_error) + 1e-13 * closed
            assert float(estimate.standard_error) < max(1e-6 * closed, 1e-15)


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


def _random_low_rank(rng, near):
    loc, factor, diagonal = rng.normal(size=4), rng.normal(size=(4, 2)), rng.uniform(0.5, 2.0, 4)
    if not near:
        return [laws.LowRankMultivariateNormal(rng.normal(size=4), rng.normal(size=(4, 2)), diagonal) for _ in range(2)]
    moved = (x * (1 + near * rng.normal(size=x.shape)) for x in (loc, factor, diagonal))
    return [laws.LowRankMultivariateNormal(loc, factor, diagonal), laws.LowRankMultivariateNormal(*moved)]


@pytest.mark.parametrize("near", [0.0, 1e-7])
def test_low_rank(near, rng):
    p, q = _random_low_rank(rng, near)
    with mpmath.workdps(60):
        covariances = []
        for law in (p, q):
            factor = mpmath.matrix(law.cov_factor.tolist())
            covariances.append(factor * factor.T + mpmath.diag(law.cov_diag.tolist()))
        s1, s2 = covariances
        d = mpmath.matrix([mpmath.mpf(x) - mpmath.mpf(y) for x, y in zip(p.loc.tolist(), q.loc.tolist(), strict=True)])
        inverse = s2**-1
        trace = mpmath.fsum((inverse * s1)[i, i] for i in range(4))
        truth = (trace + (d.T * inverse * d)[0] - 4 + mpmath.log(mpmath.det(s2) / mpmath.det(s1))) / 2
    assert relative_error(divergences.kl_divergence(p, q), truth) < 1e-12
    dense_p, dense_q = (laws.MultivariateNormal(law.loc, law.covariance_matrix) for law in (p, q))
    if not near:
        for pair in ((p, dense_q), (dense_p, q)):
            assert relative_error(divergences.kl_divergence(*pair), truth) < 1e-12
    assert float(divergences.kl_divergence(p, p)) == 0.0


def test_low_rank_in_every_library(library):
    law = laws.LowRankMultivariateNormal(
        library.asarray([0.0, 1.0]), library.asarray([[1.0], [0.5]]), library.asarray([1.0, 2.0])
    )
    dense = laws.MultivariateNormal(library.asarray([0.5, 1.0]), library.asarray([[2.0, 0.5], [0.5, 2.25]]))
    # The same covariance: half of the squared distance, (1/4) / (2 - 1/4 / 2.25) / 2.
    value = divergences.kl_divergence(law, dense, method="closed")
    assert library.owns(value)
    assert float(library.host(value)) == pytest.approx(0.125 / (2 - 0.25 / 2.25), rel=1e-14, abs=0.0)
