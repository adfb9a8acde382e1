"""How a divergence of two laws is found when no formula serves: supports, atoms, and quadrature on the plane."""

import math
import warnings

import numpy
import pytest
import scipy.stats

from gamedyn import distributions as laws
from gamedyn import divergences
from gamedyn.divergences import (
    jensen_shannon_divergence,
    kl_divergence,
    neyman_divergence,
    pearson_divergence,
    renyi_divergence,
    total_variation_distance,
)
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._power_terms import affinity_terms
from gamedyn.numerics import QuadratureWarning

REAL = [laws.Normal(0.5, 1.0), laws.Laplace(0.5, 1.0)]
NARROWER = [laws.Exponential(2.0), laws.Uniform(0.25, 0.75)]


@pytest.mark.parametrize("q", NARROWER, ids=lambda law: type(law).__name__)
@pytest.mark.parametrize("p", REAL, ids=lambda law: type(law).__name__)
def test_a_support_that_sticks_out(p, q):
    estimate = kl_divergence(p, q, return_estimate=True)
    assert float(estimate.value) == math.inf
    assert estimate.method in ("supports", "closed form")
    assert float(kl_divergence(p, q, method="closed")) == math.inf
    assert float(divergences.pearson_divergence(p, q)) == math.inf
    # The other way round the integral exists, or the formula.
    assert math.isfinite(float(kl_divergence(q, p)))
    assert math.isfinite(float(total_variation_distance(p, q)))


def test_supports_decide_for_whole_batches_only():
    p = laws.Uniform([0.0, -1.0], [1.0, 1.0])
    value = kl_divergence(p, laws.Exponential(1.0))
    # -log(1) + 1/2 on [0, 1]
    assert value.tolist() == [0.5, math.inf]
    wide = kl_divergence(laws.Exponential([[1.0], [2.0]]), laws.Uniform([0.0, 1.0, -1.0], 5.0))
    assert wide.shape == (2, 3)
    assert bool(numpy.isinf(wide).all())


def test_supports_that_do_not_meet():
    p, q = laws.Uniform(-3.0, 0.0), laws.Exponential(1.0)
    assert float(jensen_shannon_divergence(p, q)) == math.log(2)
    assert float(total_variation_distance(p, q)) == 1.0
    assert float(divergences.squared_hellinger_distance(q, p)) == 1.0
    assert float(kl_divergence(p, q)) == math.inf


def _gaussians(near=1.0):
    p = laws.MultivariateNormal([0.5, -1.0], [[2.0, 1.35], [1.35, 1.0]])
    q = laws.MultivariateNormal([0.5 + 0.75 * near, -1.0], [[2.0, 1.35 - 0.5 * near], [1.35 - 0.5 * near, 1.0]])
    return p, q


@pytest.mark.parametrize("near", [1.0, 1e-3])
@pytest.mark.parametrize(
    "function", [kl_divergence, divergences.squared_hellinger_distance, divergences.pearson_divergence]
)
def test_quadrature_on_the_plane_against_formulas(function, near):
    p, q = _gaussians(near)
    truth = float(function(p, q, method="closed"))
    estimate = function(p, q, method="quadrature", return_estimate=True)
    assert abs(float(estimate.value) - truth) <= float(estimate.standard_error)
    assert float(estimate.standard_error) < 1e-6 * truth
    assert float(estimate.lower) <= truth <= float(estimate.upper)


def test_quadrature_on_the_plane_of_what_has_no_formula():
    # Rotated and stretched, two laws that differ along one axis only have the divergence of that axis.
    root = numpy.array([[1.0, 0.0], [2.0, 0.5]])
    p = laws.MultivariateNormal([0.0, 0.0], root @ root.T)
    q = laws.MultivariateNormal(root @ [1.0, 0.0], root @ root.T)
    truth = float(jensen_shannon_divergence(laws.Normal(0.0, 1.0), laws.Normal(1.0, 1.0)))
    assert float(jensen_shannon_divergence(p, q)) == pytest.approx(truth, rel=1e-9, abs=0.0)


def test_mixtures_on_the_plane():
    # Far modes: log 2, and of 1/2-1/2 against 3/4-1/4 the divergence of the weights.
    near, far = laws.MultivariateNormal([0.0, 0.0], numpy.eye(2)), laws.MultivariateNormal([60.0, 0.0], numpy.eye(2))
    even, uneven = laws.Mixture([0.5, 0.5], [near, far]), laws.Mixture([0.75, 0.25], [near, far])
    estimate = kl_divergence(near, even, return_estimate=True)
    assert "quadrature" in estimate.method
    assert float(estimate.value) == pytest.approx(math.log(2), rel=1e-7, abs=0.0)
    expected = float(kl_divergence([0.5, 0.5], [0.75, 0.25]))
    assert float(kl_divergence(even, uneven)) == pytest.approx(expected, rel=1e-7, abs=0.0)


def test_batches_on_the_plane():
    p = laws.MultivariateNormal(numpy.zeros((2, 1, 2)), numpy.eye(2))
    q = laws.MultivariateNormal(numpy.array([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]]), numpy.eye(2))
    value = kl_divergence(p, q, method="quadrature")
    assert value.shape == (2, 3)
    numpy.testing.assert_allclose(value, [[0.5, 2.0, 0.0]] * 2, rtol=1e-6, atol=1e-15)


def test_what_quadrature_does_not_serve():
    p = laws.MultivariateNormal([0.0, 0.0, 0.0], numpy.eye(3))
    with pytest.raises(ValueError, match=r"normal laws and their mixtures on the plane, got .* of event shape \(3,\)"):
        jensen_shannon_divergence(p, p, method="quadrature")
    assert jensen_shannon_divergence(p, p, n=20, rng=0, return_estimate=True).method == "draws of both laws"


def test_densities_that_are_infinite_at_0():
    # x^-0.95 up to 1e250 and beyond, over whole decades of tiny x.
    p, q = laws.Gamma(0.05, 1.0), laws.Gamma(0.1, 1.0)
    for function in (kl_divergence, divergences.squared_hellinger_distance):
        closed = float(function(p, q, method="closed"))
        assert float(function(p, q, method="quadrature")) == pytest.approx(closed, rel=1e-9, abs=0.0)


def test_mass_that_the_nodes_cannot_reach_is_in_the_error():
    # A sixth of this beta law lies nearer to 1 than floats do.
    p, q = laws.Beta(2.0, 0.05), laws.Beta(2.0, 1.0)
    with pytest.warns(QuadratureWarning):
        kl = kl_divergence(p, q, method="quadrature", return_estimate=True)
    truth = float(kl_divergence(p, q, method="closed"))
    assert float(kl.lower) <= truth <= float(kl.upper)
    assert float(kl.standard_error) == math.inf
    with pytest.warns(QuadratureWarning):
        hellinger = divergences.squared_hellinger_distance(p, q, method="quadrature", return_estimate=True)
    truth = float(divergences.squared_hellinger_distance(p, q, method="closed"))
    assert float(hellinger.lower) <= truth <= float(hellinger.upper)
    assert 0.05 < float(hellinger.standard_error) < 0.5


@pytest.mark.parametrize("q", [laws.Normal(0.5, 2.0), laws.Gumbel(0.0, 2.0)])
def test_moments_of_an_angle_are_not_those_of_a_number(q):
    # `VonMises.variance` is the circular one, 1 - I1 / I0, and no E (x - m)^2.
    p = laws.VonMises(-0.75, 0.5)
    x, w = numpy.polynomial.legendre.leggauss(200)
    reference = scipy.stats.vonmises(0.5)
    terms = reference.pdf(math.pi * x + 0.75) * (reference.logpdf(math.pi * x + 0.75) - q.log_prob(math.pi * x))
    nodes = math.pi * w @ terms
    assert float(kl_divergence(p, q)) == pytest.approx(nodes, rel=1e-10)


@pytest.mark.parametrize("p", [laws.Rayleigh(1.0), laws.Gumbel(0.0, 1.0)])
def test_logarithms_that_grow_faster_than_a_power_law_decays(p):
    # log p times the density of q is no longer integrable, though every term of the divergence is.
    q = laws.StudentT(0.55, 0.0, 2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimate = total_variation_distance(p, q, return_estimate=True)
    # The densities cross where their logarithms do, which a fine grid brackets; the masses by SciPy.
    x = numpy.linspace(-5.0, 15.0, 400001)
    above = p.log_prob(x) > q.log_prob(x)
    ends = numpy.flatnonzero(numpy.diff(above.astype(int)))
    crossings = numpy.array([(x[i] + x[i + 1]) / 2 for i in ends])
    counterpart = scipy.stats.rayleigh() if isinstance(p, laws.Rayleigh) else scipy.stats.gumbel_r()
    low, high = counterpart.cdf(crossings) - scipy.stats.t(0.55, 0, 2).cdf(crossings)
    assert float(estimate) == pytest.approx(high - low, abs=1e-7)
    assert float(estimate.standard_error) < 1e-10


def test_heavy_tails_beyond_the_floats_have_no_stray_warning():
    p = laws.Pareto(1.0, 0.03)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", QuadratureWarning)
        # p^2 / q grows like x^0.94.
        assert float(pearson_divergence(p, laws.Pareto(1.0, 2.0), method="quadrature")) == math.inf
        estimate = jensen_shannon_divergence(p, laws.Pareto(1.0, 2.0), return_estimate=True)
        # The logarithms are exponential laws.
        same = jensen_shannon_divergence(laws.Exponential(0.03), laws.Exponential(2.0))
        assert float(estimate) == pytest.approx(float(same), rel=1e-8)
        assert float(renyi_divergence(p, laws.Pareto(1.0, 2.0), 2.5, method="quadrature")) == math.inf
        # Mass that the nodes do not find leaves the upper end open only where the value is finite.
        estimate = neyman_divergence(p, laws.Cauchy(-4.0, 0.4), method="quadrature", return_estimate=True)
        assert float(estimate) == math.inf
        assert float(estimate.standard_error) == 0.0


@pytest.mark.parametrize("function", [kl_divergence, jensen_shannon_divergence, total_variation_distance])
def test_batches_that_do_not_broadcast(function):
    p, q = laws.Normal([0.0, 1.0], 1.0), laws.Normal([0.0, 1.0, 2.0], 1.0)
    with pytest.raises(ValueError, match=r"`p` and `q` must have batch shapes that broadcast, got \(2,\) and \(3,\)"):
        function(p, q)


@pytest.mark.parametrize("function", [kl_divergence, jensen_shannon_divergence])
def test_intervals_of_draws_cover_as_often_as_they_say(function, rng):
    # 400 pairs side by side, each with draws of its own.
    p, q = laws.Normal(numpy.zeros(400), 1.0), laws.Normal(numpy.full(400, 0.5), 1.5)
    truth = float(function(laws.Normal(0.0, 1.0), laws.Normal(0.5, 1.5)))
    estimate = function(p, q, method="monte_carlo", n=500, rng=rng, return_estimate=True)
    covered = float(numpy.mean((estimate.lower <= truth) & (truth <= estimate.upper)))
    # Five binomial deviations of 0.011.
    assert 0.895 < covered < 0.995
    spread = float(numpy.std(estimate.value, ddof=1))
    assert float(numpy.mean(estimate.standard_error)) == pytest.approx(spread, rel=0.2)


@pytest.mark.parametrize("shape", [1.2, 1.05, 1.0])
def test_integrals_that_diverge_at_0(shape):
    # p^2 / q = x^(-1 - (shape - 1)) there, of which the nodes reach a huge but finite part.
    p, q = laws.Gamma(0.5, 1.0), laws.Weibull(1.0, shape)
    assert float(pearson_divergence(p, q)) == math.inf
    assert float(pearson_divergence(p, laws.Gamma(shape, 1.0), method="quadrature")) == math.inf
    # At infinity: the mean of a Pareto law of alpha <= 1.
    assert float(kl_divergence(laws.Pareto(0.1, 0.8), laws.Exponential(1.0), method="quadrature")) == math.inf
    # The integral for shape 0.9 converges slowly.
    near, exact = (pearson_divergence(p, laws.Gamma(0.9, 1.0), method=method) for method in ("quadrature", "closed"))
    assert float(near) == pytest.approx(float(exact), rel=1e-10)


def test_logarithms_as_large_as_floats_get():
    # At 1e-308 log p is some -1e308, and 2.5 times that no float.
    p, q = laws.InverseGamma(10.5, 2.25), laws.Exponential(0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = float(renyi_divergence(p, q, 2.5))
    # p^a q^(1 - a) = c x^-28.75 e^(-5.625 / x + 0.75 x) grows without end.
    assert value == math.inf
    x = numpy.array([1.0, 1.0])
    tiny = Pair.of_logarithms(numpy, -1.5e308 * x, -3.0 * x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        numpy.testing.assert_array_equal(affinity_terms(tiny, 2.5), 0.0)
