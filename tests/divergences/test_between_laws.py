"""Divergences between Distributions: closed forms and quadrature against integrals of the definition."""

import math

import mpmath
import numpy
import pytest
import scipy.optimize
import scipy.stats

from gamedyn import distributions as laws
from gamedyn.divergences import (
    GANDivergence,
    JensenShannon,
    KullbackLeibler,
    Pearson,
    ReverseKullbackLeibler,
    SquaredHellinger,
    TotalVariation,
    jensen_shannon_distance,
    jensen_shannon_divergence,
    kl_divergence,
    total_variation_distance,
)
from tests.cases import DIVERGENCES

F = mpmath.mpf


def _entropic(log_a, log_b):
    """a log(a / b), 0 where a = 0 and inf where only b is."""
    a = numpy.exp(log_a)
    with numpy.errstate(invalid="ignore"):
        return numpy.where(a > 0, a * (log_a - log_b), 0.0)


# What one point adds, from log densities; the textbook's form and not the library's non-negative one.
INTEGRANDS = {
    KullbackLeibler: _entropic,
    ReverseKullbackLeibler: lambda p, q: _entropic(q, p),
    JensenShannon: lambda p, q: (
        (_entropic(p, numpy.logaddexp(p, q) - math.log(2)) + _entropic(q, numpy.logaddexp(p, q) - math.log(2))) / 2
    ),
    TotalVariation: lambda p, q: abs(numpy.exp(p) - numpy.exp(q)) / 2,
    SquaredHellinger: lambda p, q: (numpy.exp(p) + numpy.exp(q)) / 2 - numpy.exp((p + q) / 2),
    Pearson: lambda p, q: numpy.where(p > -numpy.inf, numpy.exp(2 * p - q), 0.0) - 2 * numpy.exp(p) + numpy.exp(q),
    GANDivergence: lambda p, q: _entropic(p, numpy.logaddexp(p, q)) + _entropic(q, numpy.logaddexp(p, q)),
}


every_divergence = pytest.mark.parametrize(
    "divergence",
    [d for d in DIVERGENCES if type(d) in INTEGRANDS and "weight" not in repr(d)],
    ids=lambda d: type(d).__name__,
)


def _reference(law):
    if isinstance(law, laws.Normal):
        return scipy.stats.norm(law.loc, law.scale)
    if isinstance(law, laws.Laplace):
        return scipy.stats.laplace(law.loc, law.scale)
    if isinstance(law, laws.Exponential):
        return scipy.stats.expon(0.0, 1 / law.rate)
    return scipy.stats.uniform(law.low, law.high - law.low)


PAIRS = [
    (laws.Normal(0.0, 1.0), laws.Normal(0.5, 1.25)),
    (laws.Normal(0.0, 1.0), laws.Normal(3.0, 1.0)),
    (laws.Normal(1.0, 2.0), laws.Normal(1.0, 1.5)),
    (laws.Laplace(0.0, 1.0), laws.Laplace(0.25, 2.0)),
    (laws.Laplace(0.0, 1.0), laws.Laplace(3.0, 1.0)),
    (laws.Exponential(1.0), laws.Exponential(1.5)),
    (laws.Exponential(2.5), laws.Exponential(1.0)),
    (laws.Uniform(0.0, 1.0), laws.Uniform(-0.5, 2.0)),
    (laws.Uniform(0.0, 1.0), laws.Normal(0.25, 2.0)),
    (laws.Exponential(2.0), laws.Normal(0.125, 1.0)),
    (laws.Laplace(0.125, 0.5), laws.Normal(0.0, 1.0)),
    (laws.Normal(0.25, 1.0), laws.Laplace(0.0, 2.0)),
    (laws.Uniform(0.5, 1.0), laws.Exponential(2.0)),
]
every_pair = pytest.mark.parametrize(
    "pair", PAIRS, ids=lambda pair: "-".join(f"{type(law).__name__}{i}" for i, law in enumerate(pair))
)


def _integral(divergence, p, q):
    """The divergence by NumPy's Gauss-Legendre nodes on short pieces between kinks of the densities and crossings."""
    log_p, log_q = _reference(p).logpdf, _reference(q).logpdf
    bounds = numpy.array([p.support_bounds, q.support_bounds])
    low, high = max(bounds[:, 0].min(), -75.0), min(bounds[:, 1].max(), 75.0)
    grid = numpy.linspace(low, high, 301)
    cuts = {*grid, *bounds[numpy.isfinite(bounds)], *(float(law.loc) for law in (p, q) if hasattr(law, "loc"))}
    above = log_p(grid) > log_q(grid)
    for i in numpy.flatnonzero(above[1:] != above[:-1]):
        if numpy.isfinite([log_p(grid[i]), log_q(grid[i]), log_p(grid[i + 1]), log_q(grid[i + 1])]).all():
            cuts.add(scipy.optimize.brentq(lambda x: log_p(x) - log_q(x), grid[i], grid[i + 1], xtol=1e-15))
    cuts = numpy.array(sorted(cuts))
    nodes, weights = numpy.polynomial.legendre.leggauss(40)
    half = (cuts[1:] - cuts[:-1])[:, None] / 2
    x = (cuts[1:] + cuts[:-1])[:, None] / 2 + half * nodes
    with numpy.errstate(divide="ignore", over="ignore"):
        return math.fsum((INTEGRANDS[type(divergence)](log_p(x), log_q(x)) * half * weights).ravel())


@every_divergence
@every_pair
def test_against_integrals(divergence, pair):
    p, q = pair
    if (
        isinstance(divergence, Pearson)
        and isinstance(q, laws.Normal)
        and not isinstance(p, (laws.Normal, laws.Uniform))
    ):
        # e^(x^2 / 2) against an exponential tail
        assert float(divergence(p, q)) == math.inf
        return
    truth = _integral(divergence, p, q)
    value = divergence(p, q)
    assert float(value) == pytest.approx(float(truth), rel=1e-12, abs=0.0)
    estimate = divergence(p, q, method="quadrature", return_estimate=True)
    assert float(estimate.value) == pytest.approx(float(truth), rel=1e-12, abs=0.0)
    if math.isfinite(truth):
        assert abs(float(estimate.value) - truth) <= float(estimate.standard_error) + 1e-12 * abs(truth) + 1e-15


def test_quadrature_keeps_its_digits_near_the_diagonal():
    # JS = KL / 4 (1 + O(step^2)) = step^2 / 8; the sum of three entropies would have no digit left.
    value = jensen_shannon_divergence(laws.Normal(0.0, 1.0), laws.Normal(1e-7, 1.0))
    assert float(value) == pytest.approx(1e-14 / 8, rel=1e-7, abs=0.0)


@every_divergence
def test_laws_of_different_kind_are_singular(divergence):
    value = divergence(laws.Empirical([0.0, 1.0]), laws.Normal(0.0, 1.0))
    assert float(value) == divergence.supremum


def test_atoms_are_matched_by_place():
    # Atoms 1 (1/2 and 1/4), 2 (1/2 and 0), 3 (0 and 3/4): TV = (1/4 + 1/2 + 3/4) / 2.
    p, q = laws.Empirical([1.0, 2.0]), laws.Empirical([3.0, 1.0, 3.0, 3.0])
    assert float(total_variation_distance(p, q)) == 0.75
    assert float(kl_divergence(p, q)) == math.inf
    assert float(kl_divergence(laws.Empirical([1.0, 1.0, 2.0]), laws.Empirical([1.0, 2.0]))) == pytest.approx(
        math.log(2) * 5 / 3 - math.log(3), rel=1e-14, abs=0.0
    )
    points = numpy.array([[0.0, 0.0], [1.0, 2.0]])
    assert float(total_variation_distance(laws.Empirical(points), laws.Empirical(points[:1]))) == 0.5


def test_mixtures_on_the_line():
    # Two far modes: KL to one of them is log 2 to all digits; JS of 1/2-1/2 against one is that of (1/2, 1/2), (1, 0).
    mixture = laws.Mixture([0.5, 0.5], [laws.Normal(0.0, 1.0), laws.Normal(100.0, 1.0)])
    single = laws.Normal(0.0, 1.0)
    assert float(kl_divergence(single, mixture)) == pytest.approx(math.log(2), rel=1e-12, abs=0.0)
    expected = float(jensen_shannon_divergence([0.5, 0.5], [1.0, 0.0]))
    assert float(jensen_shannon_divergence(mixture, single)) == pytest.approx(expected, rel=1e-12, abs=0.0)


@every_divergence
def test_draws_in_several_dimensions(divergence, rng):
    p, q = (laws.MultivariateNormal(mean, numpy.eye(2)) for mean in ([0.0, 0.0], [0.75, 0.0]))
    truth = float(divergence(laws.Normal(0.0, 1.0), laws.Normal(0.75, 1.0)))
    estimate = divergence(p, q, method="monte_carlo", n=20_000, rng=rng, return_estimate=True)
    # Five standard errors: a level of 6e-7 for a normal mean.
    assert abs(float(estimate.value) - truth) < 5 * float(estimate.standard_error)
    assert 0 < float(estimate.standard_error) < 0.05
    assert estimate.n == (20_000, 20_000)


def test_draws_do_not_underflow_in_many_dimensions(rng):
    d = 600
    p = laws.MultivariateNormal(numpy.zeros(d), numpy.eye(d))
    q = laws.MultivariateNormal(numpy.full(d, 1 / math.sqrt(d)), numpy.eye(d))
    truth = float(jensen_shannon_divergence(laws.Normal(0.0, 1.0), laws.Normal(1.0, 1.0)))
    estimate = jensen_shannon_divergence(p, q, n=400, rng=rng, return_estimate=True)
    assert estimate.method == "draws of both laws"
    assert abs(float(estimate.value) - truth) < 5 * float(estimate.standard_error)


def test_batches_broadcast():
    p = laws.Normal(numpy.zeros((3, 1)), 1.0)
    q = laws.Normal(numpy.array([0.5, 1.0, 1.5, 2.0]), 1.0)
    value = kl_divergence(p, q)
    assert value.shape == (3, 4)
    numpy.testing.assert_allclose(value, numpy.broadcast_to(numpy.array([0.5, 1.0, 1.5, 2.0]) ** 2 / 2, (3, 4)))
    by_quadrature = kl_divergence(p, q, method="quadrature")
    numpy.testing.assert_allclose(by_quadrature, value, rtol=1e-12)
    assert jensen_shannon_divergence(p, q).shape == (3, 4)
    assert kl_divergence(p, q, method="monte_carlo", n=100, rng=0).shape == (3, 4)
    assert kl_divergence(laws.Bernoulli(probs=numpy.full((2, 1), 0.5)), laws.Bernoulli(probs=[0.5, 0.25])).shape == (
        2,
        2,
    )


def test_a_batch_of_near_and_far_pairs_keeps_both():
    p, q = laws.Normal(0.0, 1.0), laws.Normal([0.0, 1e-7, 1.0], 1.0)
    value = jensen_shannon_divergence(p, q)
    assert float(value[0]) == 0.0
    assert float(value[1]) == pytest.approx(1e-14 / 8, rel=1e-7, abs=0.0)
    assert float(value[2]) == pytest.approx(
        float(jensen_shannon_divergence(p, laws.Normal(1.0, 1.0))), rel=1e-13, abs=0.0
    )


def test_units_and_roots():
    p, q = laws.Normal(0.0, 1.0), laws.Normal(1.0, 1.0)
    nats = jensen_shannon_divergence(p, q, return_estimate=True)
    bits = jensen_shannon_divergence(p, q, base=2, return_estimate=True)
    assert float(bits.value) == pytest.approx(float(nats.value) / math.log(2), rel=1e-14, abs=0.0)
    assert bits.definition.endswith("in units of 0.693147181 nats")
    assert nats.definition == "integral of p log(2p / (p + q)) / 2 + q log(2q / (p + q)) / 2, in nats"
    root = jensen_shannon_distance(p, q, return_estimate=True)
    assert float(root.value) == pytest.approx(math.sqrt(float(nats.value)), rel=1e-14, abs=0.0)
    assert float(root.lower) <= float(root.value) <= float(root.upper)
    assert float(root.standard_error) == pytest.approx(float(nats.standard_error) / (2 * float(root.value)))
    draws = jensen_shannon_distance(p, p, method="monte_carlo", n=10, rng=0, return_estimate=True)
    assert float(draws.value) == 0.0


@pytest.mark.parametrize(
    ("p", "q", "options", "error", "message"),
    [
        (
            laws.Normal(0.0, 1.0),
            [0.5, 0.5],
            {},
            TypeError,
            "`q` must be a Distribution where the other argument is one",
        ),
        ([0.5, 0.5], laws.Normal(0.0, 1.0), {}, TypeError, "`p` must be a Distribution"),
        (
            laws.Normal(0.0, 1.0),
            laws.Normal(1.0, 1.0),
            {"method": "magic"},
            ValueError,
            "`method` must be one of",
        ),
        (laws.Normal(0.0, 1.0), laws.Exponential(1.0), {"method": "monte_carlo", "n": 1}, ValueError, "`n` must be"),
        (
            laws.Normal(0.0, 1.0),
            laws.MultivariateNormal([0.0], [[1.0]]),
            {},
            ValueError,
            r"`p` and `q` must have one event shape, got \(\) and \(1,\)",
        ),
    ],
)
def test_bad_input(p, q, options, error, message):
    with pytest.raises(error, match=message):
        kl_divergence(p, q, **options)


def test_methods_that_do_not_serve():
    p, q = laws.MultivariateNormal([0.0], [[1.0]]), laws.MultivariateNormal([1.0], [[1.0]])
    with pytest.raises(ValueError, match=r"quadrature serves laws on the line, .* of event shape \(1,\)"):
        jensen_shannon_divergence(p, q, method="quadrature")
    with pytest.raises(ValueError, match="of Normal and Normal has no closed form"):
        jensen_shannon_divergence(laws.Normal(0.0, 1.0), laws.Normal(1.0, 1.0), method="closed")


def test_laws_of_every_library(library):
    p = laws.Normal(library.asarray(0.0), library.asarray(1.0))
    q = laws.Normal(library.asarray([0.5, 1.0]), library.asarray(1.0))
    for function in (kl_divergence, jensen_shannon_divergence, total_variation_distance):
        value = function(p, q)
        assert library.owns(value)
        assert value.shape == (2,)
    estimate = jensen_shannon_divergence(p, q, method="monte_carlo", n=50, rng=0, return_estimate=True)
    assert library.owns(estimate.value)
    assert library.owns(estimate.standard_error)
    gaussians = [laws.MultivariateNormal(library.asarray([m, 0.0]), library.asarray(numpy.eye(2))) for m in (0.0, 1.0)]
    assert float(library.host(kl_divergence(*gaussians))) == pytest.approx(0.5, rel=1e-14, abs=0.0)
    assert library.owns(kl_divergence(*gaussians))
    categorical = [laws.Categorical(probs=library.asarray(masses)) for masses in ([0.5, 0.5], [0.25, 0.75])]
    assert library.owns(kl_divergence(*categorical))
    singular = kl_divergence(laws.Empirical(library.asarray([0.0, 1.0])), p)
    assert library.owns(singular)


def test_single_precision_laws():
    p = laws.Normal(numpy.zeros((), "float32"), numpy.ones((), "float32"))
    q = laws.Normal(numpy.full((), 0.5, "float32"), numpy.ones((), "float32"))
    for function, truth in ((kl_divergence, 0.125), (total_variation_distance, math.erf(0.25 / math.sqrt(2)))):
        for method in ("auto", "quadrature"):
            value = function(p, q, method=method)
            assert value.dtype == numpy.float32
            assert float(value) == pytest.approx(truth, rel=1e-5, abs=0.0)
