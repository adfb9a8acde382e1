"""Facts about Wasserstein distances between laws on the line."""

import math
import warnings

import mpmath
import numpy
import pytest
import scipy.special
import scipy.stats

from gamedyn import distributions as d
from gamedyn.transport import wasserstein_between_laws, wasserstein_distance

E = math.e

# W_1 of stochastically ordered laws is the difference of their means; W_p of scale families is |b - a| (E z^p)^(1/p).
KNOWN = {
    "exponential_1": (d.Exponential(2.0), d.Exponential(0.5), 1, 1.5),
    "exponential_3": (d.Exponential(2.0), d.Exponential(0.5), 3, 1.5 * 6 ** (1 / 3)),
    "normal_3": (d.Normal(0.0, 1.0), d.Normal(0.0, 2.0), 3, (2 * math.sqrt(2 / math.pi)) ** (1 / 3)),
    "normal_4": (d.Normal(0.0, 1.0), d.Normal(1.0, 2.0), 4, 10**0.25),  # E (1 + Z)^4 = 1 + 6 + 3
    "uniform_3": (d.Uniform(0.0, 1.0), d.Uniform(0.0, 2.0), 3, 0.25 ** (1 / 3)),
    "laplace_1": (d.Laplace(0.0, 1.0), d.Laplace(0.0, 3.0), 1, 2.0),
    "gumbel_1": (d.Gumbel(0.0, 1.0), d.Gumbel(5.0, 1.0), 1, 5.0),
    "cauchy_shift": (d.Cauchy(0.0, 1.0), d.Cauchy(3.0, 1.0), 1.5, 3.0),
    "rayleigh_1": (d.Rayleigh(1.0), d.Rayleigh(3.0), 1, 2 * math.sqrt(math.pi / 2)),
    "half_normal_1": (d.HalfNormal(1.0), d.HalfNormal(3.0), 1, 2 * math.sqrt(2 / math.pi)),
    "weibull_1": (d.Weibull(1.0, 0.5), d.Weibull(3.0, 0.5), 1, 4.0),  # Gamma(1 + 2) = 2
    "log_normal_1": (d.LogNormal(0.0, 1.0), d.LogNormal(1.0, 1.0), 1, math.exp(0.5) * (E - 1)),
    "log_normal_wide": (d.LogNormal(0.0, 3.0), d.LogNormal(1.0, 3.0), 1, math.exp(4.5) * (E - 1)),
    "pareto_1": (d.Pareto(1.0, 1.2), d.Pareto(1.0, 3.0), 1, 4.5),
    "pareto_heavy": (d.Pareto(1.0, 1.01), d.Pareto(2.0, 1.01), 1, 101.0),
    # E (X - Y)^2 with X = u^(-1 / 2.1), Y = u^(-1 / 3).
    "pareto_2": (d.Pareto(1.0, 2.1), d.Pareto(1.0, 3.0), 2, math.sqrt(21 + 3 - 2 / (1 - 1 / 2.1 - 1 / 3))),
    "gamma_1": (d.Gamma(2.0, 1.0), d.Gamma(3.0, 1.0), 1, 1.0),
    "inverse_gamma_1": (d.InverseGamma(2.0, 1.0), d.InverseGamma(3.0, 1.0), 1, 0.5),
    "beta_1": (d.Beta(2.0, 1.0), d.Beta(3.0, 1.0), 1, 3 / 4 - 2 / 3),
    "inverse_gaussian_1": (d.InverseGaussian(1.0, 1.0), d.InverseGaussian(2.0, 1.0), 1, 1.0),
    "mixture_2": (d.Mixture([0.5, 0.5], [d.Normal(-3.0, 1.0), d.Normal(3.0, 1.0)]),
                  d.Mixture([0.5, 0.5], [d.Normal(-2.0, 1.0), d.Normal(4.0, 1.0)]), 2, 1.0),
    "mixture_heavy": (d.Mixture([0.5, 0.5], [d.StudentT(2.0, 0.0, 1.0), d.Normal(0.0, 1.0)]),
                      d.Mixture([0.5, 0.5], [d.StudentT(2.0, 4.0, 1.0), d.Normal(4.0, 1.0)]), 1, 4.0),
    "coin_1": (d.Bernoulli(0.5), d.Bernoulli(1.0), 1, 0.5),
    "coin_uniform": (d.Bernoulli(0.5), d.Uniform(0.0, 1.0), 1, 0.25),
    "poisson_1": (d.Poisson(1.0), d.Poisson(3.0), 1, 2.0),
    "poisson_normal": (d.Poisson(3.0), d.Normal(20.0, 1.0), 1, 17.0),
    "empirical_3": (d.Empirical([0.0, 1.0]), d.Uniform(0.0, 1.0), 3, (1 / 32) ** (1 / 3)),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_distances_known_in_closed_form(name):
    p, q, order, expected = KNOWN[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = wasserstein_between_laws(p, q, order, return_estimate=True)
    assert float(found.value) == pytest.approx(expected, rel=1e-12, abs=0.0)
    assert abs(float(found.value) - expected) <= float(found.standard_error) + 4e-16 * expected
    assert float(found.lower) <= float(found.value) <= float(found.upper)
    back = wasserstein_between_laws(q, p, order)
    assert float(back) == pytest.approx(expected, rel=1e-12, abs=0.0)
    powered = wasserstein_between_laws(p, q, order, power=True)
    assert float(powered) == pytest.approx(expected**order, rel=1e-11, abs=0.0)


def test_w1_of_normal_laws():
    # E |m + s Z| by quadrature at 30 digits.
    for shift, stretch in ((1.0, 1.0), (0.0, 0.5), (3.0, 1e-3), (1e-9, 2.0)):
        with mpmath.workdps(30):
            kink = -mpmath.mpf(shift) / stretch
            cuts = sorted({-40, -6, 0, 6, 40, max(min(kink, 40), -40)})
            exact = mpmath.quad(lambda z, m=shift, s=stretch: abs(m + s * z) * mpmath.npdf(z), cuts)
        found = wasserstein_between_laws(d.Normal(shift, 1.0 + stretch), d.Normal(0.0, 1.0))
        assert float(found) == pytest.approx(float(exact), rel=1e-12, abs=0.0)
    assert float(wasserstein_between_laws(d.Normal(1.0, 1.0), d.Normal(1.0, 1.0))) == 0.0
    assert float(wasserstein_between_laws(d.Normal(-1e300, 1e-300), d.Normal(1e300, 2e-300))) == 2e300


@pytest.mark.parametrize(
    ("p", "q", "order"),
    [
        (d.Cauchy(0.0, 1.0), d.Cauchy(0.0, 2.0), 1),
        (d.Cauchy(0.0, 1.0), d.Normal(0.0, 1.0), 1),
        (d.Pareto(1.0, 1.0), d.Pareto(2.0, 1.0), 1),
        (d.Pareto(1.0, 0.3), d.Exponential(1.0), 1),
        (d.Pareto(1.0, 3.0), d.Pareto(1.0, 4.0), 3),
        (d.StudentT(2.0, 0.0, 1.0), d.Normal(0.0, 1.0), 2),
        (d.Mixture([0.5, 0.5], [d.Cauchy(0.0, 1.0), d.Normal(0.0, 1.0)]), d.Normal(0.0, 1.0), 1),
    ],
)
def test_heavy_tails_are_infinitely_far(p, q, order):
    assert float(wasserstein_between_laws(p, q, order)) == math.inf
    assert float(wasserstein_between_laws(q, p, order, power=True)) == math.inf


def test_large_orders_do_not_overflow():
    # |b - a| (E |Z|^300)^(1/300), with E |Z|^p = 2^(p/2) Gamma((p + 1) / 2) / sqrt(pi).
    log_moment = 150 * math.log(2) + math.lgamma(150.5) - math.log(math.pi) / 2
    found = wasserstein_between_laws(d.Normal(0.0, 1.0), d.Normal(0.0, 1e10 + 1), 300)
    assert float(found) == pytest.approx(1e10 * math.exp(log_moment / 300), rel=1e-12, abs=0.0)


def test_batches_broadcast_and_components_may_be_infinite(library):
    p = d.StudentT(library.asarray([[3.0], [1.0]]), 0.0, 1.0)
    q = d.StudentT(3.0, library.asarray([0.0, 0.5]), 1.0)
    found = wasserstein_between_laws(p, q, 1)
    assert library.owns(found)
    values = library.host(found)
    numpy.testing.assert_array_equal(values[1], [math.inf, math.inf])
    numpy.testing.assert_allclose(values[0], [0.0, 0.5], rtol=1e-13)


def test_agrees_with_the_area_between_distribution_functions():
    # SciPy's cdfs, by the trapezoidal rule.
    x = numpy.linspace(-60, 60, 400_001)
    area = numpy.trapezoid(numpy.abs(scipy.stats.norm(0, 1).cdf(x) - scipy.stats.laplace(0.5, 2).cdf(x)), x)
    found = wasserstein_between_laws(d.Normal(0.0, 1.0), d.Laplace(0.5, 2.0))
    assert float(found) == pytest.approx(area, rel=1e-7)


def test_normal_laws_in_several_dimensions_have_order_two():
    p, q = (d.MultivariateNormal([m, 0.0], [[1.0, 0.0], [0.0, s]]) for m, s in ((0.0, 1.0), (3.0, 25.0)))
    assert float(wasserstein_between_laws(p, q, 2)) == pytest.approx(5.0, rel=1e-15, abs=0.0)
    with pytest.raises(ValueError, match="must be laws on the line unless `order` is 2"):
        wasserstein_between_laws(p, q)


def test_laws_may_be_given_to_wasserstein_distance():
    assert float(wasserstein_distance(d.Exponential(2.0), d.Exponential(0.5))) == pytest.approx(1.5, rel=1e-12, abs=0.0)
    with pytest.raises(TypeError, match="`q` must be a Distribution, got list"):
        wasserstein_distance(d.Exponential(2.0), [0.5])
    with pytest.raises(ValueError, match="laws take neither weights"):
        wasserstein_distance(d.Exponential(2.0), d.Exponential(0.5), x_weights=[1.0])


def test_bad_orders_are_one_sentence():
    for order in (0.5, math.inf):
        with pytest.raises(ValueError, match="`order` must lie in"):
            wasserstein_between_laws(d.Normal(0.0, 1.0), d.Normal(0.0, 1.0), order)


@pytest.mark.peers
def test_gradients_flow_through_closed_forms():
    torch = pytest.importorskip("torch")
    loc = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    one = torch.tensor(1.0, dtype=torch.float64)
    wasserstein_between_laws(d.Normal(loc, one), d.Normal(3 * one, one)).backward()
    assert float(loc.grad) == -1.0


@pytest.mark.parametrize("place", [3.5, 3.99, 4.0, 4.01, 4.5, 7.9, 8.01])
def test_quantiles_that_cross_far_out_do_not_diverge(place):
    # Atoms at -a and a against N(0, 1), a the normal quantile near which the tails are given up.
    a = -float(scipy.special.ndtri(2.0**-42 * math.exp(place)))
    # E | |Z| - a |, as both laws are symmetric.
    phi = [math.exp(-x * x / 2) / math.sqrt(2 * math.pi) for x in (0.0, a)]
    expected = 2 * (a * (0.5 - 2 * float(scipy.special.ndtr(-a))) - phi[0] + 2 * phi[1])
    found = wasserstein_between_laws(d.Empirical([-a, a]), d.Normal(0.0, 1.0), return_estimate=True)
    assert found.value == pytest.approx(expected, rel=1e-8)
    assert abs(found.value - expected) <= found.standard_error + 1e-10
