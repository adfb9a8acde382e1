"""Facts about W_2 between laws of one family on the line, and between normal laws given as laws."""

import math

import numpy
import pytest
import scipy.integrate
import scipy.stats

from gamedyn import distributions as d
from gamedyn.transport import gaussian_wasserstein

PAIRS = {
    "Normal": (d.Normal(0.3, 1.2), d.Normal(-0.5, 0.7), scipy.stats.norm(0.3, 1.2), scipy.stats.norm(-0.5, 0.7)),
    "Laplace": (d.Laplace(0.3, 1.2), d.Laplace(-0.5, 0.7), scipy.stats.laplace(0.3, 1.2),
                scipy.stats.laplace(-0.5, 0.7)),
    "Gumbel": (d.Gumbel(0.3, 1.2), d.Gumbel(-0.5, 0.7), scipy.stats.gumbel_r(0.3, 1.2),
               scipy.stats.gumbel_r(-0.5, 0.7)),
    "StudentT": (d.StudentT(7.0, 0.3, 1.2), d.StudentT(7.0, -0.5, 0.7), scipy.stats.t(7, 0.3, 1.2),
                 scipy.stats.t(7, -0.5, 0.7)),
    "Uniform": (d.Uniform(0.3, 1.2), d.Uniform(-0.5, 0.7), scipy.stats.uniform(0.3, 0.9),
                scipy.stats.uniform(-0.5, 1.2)),
    "Exponential": (d.Exponential(0.3), d.Exponential(0.7), scipy.stats.expon(0, 1 / 0.3),
                    scipy.stats.expon(0, 1 / 0.7)),
    "Gamma": (d.Gamma(2.5, 0.3), d.Gamma(2.5, 0.7), scipy.stats.gamma(2.5, 0, 1 / 0.3),
              scipy.stats.gamma(2.5, 0, 1 / 0.7)),
    "InverseGamma": (d.InverseGamma(6.0, 0.3), d.InverseGamma(6.0, 0.7), scipy.stats.invgamma(6, 0, 0.3),
                     scipy.stats.invgamma(6, 0, 0.7)),
    "HalfNormal": (d.HalfNormal(0.3), d.HalfNormal(0.7), scipy.stats.halfnorm(0, 0.3), scipy.stats.halfnorm(0, 0.7)),
    "Rayleigh": (d.Rayleigh(0.3), d.Rayleigh(0.7), scipy.stats.rayleigh(0, 0.3), scipy.stats.rayleigh(0, 0.7)),
    "Weibull": (d.Weibull(0.3, 1.5), d.Weibull(0.7, 1.5), scipy.stats.weibull_min(1.5, 0, 0.3),
                scipy.stats.weibull_min(1.5, 0, 0.7)),
    "Pareto": (d.Pareto(0.3, 6.0), d.Pareto(0.7, 6.0), scipy.stats.pareto(6, 0, 0.3), scipy.stats.pareto(6, 0, 0.7)),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_w2_is_the_distance_of_quantile_functions(name):
    p, q, u, v = PAIRS[name]
    # By Simpson's rule in x = log(t), from both ends, with SciPy's quantiles: 1e-6.
    t = numpy.exp(numpy.linspace(-60, math.log(0.5), 4001))
    halves = [(a(t) - b(t)) ** 2 * t for a, b in ((u.ppf, v.ppf), (u.isf, v.isf))]
    squared = sum(scipy.integrate.simpson(h, x=numpy.log(t)) for h in halves)
    assert float(gaussian_wasserstein(p, q, power=True)) == pytest.approx(squared, rel=1e-6, abs=0.0)
    assert float(gaussian_wasserstein(p, q)) == pytest.approx(math.sqrt(squared), rel=1e-6, abs=0.0)


def test_laws_without_variance_are_near_their_translates_only():
    for law, far in (
        (lambda a, s: d.Cauchy(a, s), True),
        (lambda a, s: d.StudentT(1.5, a, s), True),
        (lambda a, s: d.StudentT(0.5, a, s), True),
    ):
        assert float(gaussian_wasserstein(law(0.0, 1.0), law(3.0, 1.0))) == 3.0
        assert (float(gaussian_wasserstein(law(0.0, 1.0), law(0.0, 2.0))) == math.inf) == far
    assert float(gaussian_wasserstein(d.Pareto(1.0, 2.0), d.Pareto(2.0, 2.0))) == math.inf


def test_nearly_equal_laws_keep_their_digits():
    # W_2 of exponential laws is sqrt(2) |1/a - 1/b|.
    a, b = 3.0, 3.0 + 2.0**-40
    found = float(gaussian_wasserstein(d.Exponential(a), d.Exponential(b)))
    assert found == pytest.approx(math.sqrt(2) * 2.0**-40 / (a * b), rel=1e-15, abs=0.0)
    # Ends that differ by 0 and by h: h u, whose second moment is h^2 / 3. The lengths are rounded.
    found = float(gaussian_wasserstein(d.Uniform(0.1, 1.0), d.Uniform(0.1, 1 + 2.0**-45)))
    assert found == pytest.approx(2.0**-45 / math.sqrt(3), rel=1e-15, abs=0.0)
    # Nothing over- or underflows: 3-4-5.
    for size in (1e-200, 1.0, 1e200):
        p, q = d.Normal(0.0, size), d.Normal(3 * size, 5 * size)
        assert float(gaussian_wasserstein(p, q)) == pytest.approx(5 * size, rel=1e-15, abs=0.0)


def test_normal_laws_in_several_dimensions(rng):
    a, b = numpy.diag([1.0, 4.0]), numpy.diag([9.0, 4.0])
    p, q = d.MultivariateNormal([0.0, 0.0], a), d.MultivariateNormal([1.0, 2.0], b)
    assert float(gaussian_wasserstein(p, q)) == pytest.approx(3.0, rel=1e-15, abs=0.0)  # sqrt(1 + 4 + 4)
    low = d.LowRankMultivariateNormal([1.0, 2.0], [[math.sqrt(8.0)], [0.0]], [1.0, 4.0])
    assert float(gaussian_wasserstein(p, low)) == pytest.approx(3.0, rel=1e-14, abs=0.0)


def test_batches_of_laws_broadcast(library):
    p = d.Normal(library.asarray([[0.0], [1.0]]), library.asarray([[1.0], [2.0]]))
    q = d.Normal(library.asarray([0.0, 1.0, 4.0]), library.asarray([1.0, 2.0, 5.0]))
    found = gaussian_wasserstein(p, q, power=True)
    assert library.owns(found)
    numpy.testing.assert_allclose(library.host(found), [[0, 2, 32], [2, 0, 18]], rtol=1e-15)


@pytest.mark.parametrize(
    ("p", "q", "error", "message"),
    [
        (d.Normal(0.0, 1.0), d.Laplace(0.0, 1.0), ValueError, "got Normal and Laplace"),
        (d.StudentT(3.0, 0.0, 1.0), d.StudentT(4.0, 0.0, 1.0), ValueError, "one family and differ in location"),
        (d.Normal(0.0, 1.0), [[1.0]], TypeError, "two laws are needed"),
        ([0.0], [[1.0]], ValueError, "`loc_y` must be given"),
        (
            d.MultivariateNormal([0.0], [[1.0]]),
            d.Normal(0.0, 1.0),
            TypeError,
            "normal laws in d dimensions, got Normal",
        ),
    ],
)
def test_bad_pairs_are_one_sentence(p, q, error, message):
    with pytest.raises(error, match=message):
        gaussian_wasserstein(p, q)


def test_laws_return_no_gradient():
    with pytest.raises(ValueError, match="`return_gradient` needs means and covariances"):
        gaussian_wasserstein(d.Normal(0.0, 1.0), d.Normal(0.0, 1.0), return_gradient=True)


@pytest.mark.peers
def test_gradients_flow_through_parameters():
    torch = pytest.importorskip("torch")
    loc = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    scale = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    other = d.Normal(torch.tensor(3.0, dtype=torch.float64), torch.tensor(5.0, dtype=torch.float64))
    gaussian_wasserstein(d.Normal(loc, scale), other).backward()
    # W = 5: derivatives -3/5 and -4/5.
    numpy.testing.assert_allclose([float(loc.grad), float(scale.grad)], [-0.6, -0.8], rtol=1e-14)
    loc.grad = None
    gaussian_wasserstein(d.Normal(loc, scale), d.Normal(loc.detach(), scale.detach())).backward()
    assert float(loc.grad) == 0.0
