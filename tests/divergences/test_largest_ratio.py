"""Renyi's divergence of order infinity between laws: the largest log-ratio, found on a grid and by hand."""

import math

import numpy
import pytest

from gamedyn import distributions as laws
from gamedyn.divergences import renyi_divergence

PAIRS = [
    (laws.Normal(0.5, 1.0), laws.Normal(-0.25, 1.5)),
    (laws.LogNormal(0.5, 0.5), laws.LogNormal(0.25, 0.75)),
    (laws.Exponential(2.0), laws.Exponential(0.5)),
    (laws.Laplace(0.5, 1.0), laws.Laplace(-0.25, 1.5)),
    (laws.Laplace(0.5, 1.0), laws.Laplace(-0.25, 1.0)),
    (laws.Uniform(0.25, 0.5), laws.Uniform(0.0, 1.0)),
]


@pytest.mark.parametrize(("p", "q"), PAIRS)
def test_against_a_grid(p, q):
    x = numpy.concatenate([numpy.linspace(-20, 20, 400001), p.quadrature_points()])
    log_p, log_q = p.log_prob(x), q.log_prob(x)
    largest = (log_p - numpy.where(log_p > -math.inf, log_q, 0.0)).max()
    assert float(renyi_divergence(p, q, math.inf)) == pytest.approx(largest, rel=1e-7)
    # Increasing in the order, towards this limit.
    assert float(renyi_divergence(p, q, 50.0)) <= float(renyi_divergence(p, q, math.inf))
    if not isinstance(p, laws.Laplace) or p.scale != q.scale:
        assert float(renyi_divergence(q, p, math.inf)) == math.inf
    assert float(renyi_divergence(p, p, math.inf)) == 0.0


def test_counts():
    k = numpy.arange(6)
    p, q = laws.Binomial(5.0, 0.25), laws.Binomial(5.0, 0.5)
    largest = (p.log_prob(k) - q.log_prob(k)).max()
    assert float(renyi_divergence(p, q, math.inf)) == pytest.approx(largest, rel=1e-14)
    assert float(renyi_divergence(laws.Binomial(0.0, 0.5), laws.Binomial(0.0, 1.0), math.inf)) == 0.0
    assert float(renyi_divergence(laws.Poisson(0.5), laws.Poisson(2.0), math.inf)) == 1.5
    assert float(renyi_divergence(laws.Poisson(2.0), laws.Poisson(0.5), math.inf)) == math.inf
    p, q = laws.Bernoulli([0.25, 0.5, 1.0]), laws.Bernoulli(0.5)
    expected = [math.log(1.5), 0.0, math.log(2)]
    numpy.testing.assert_allclose(renyi_divergence(p, q, math.inf), expected, rtol=1e-15)
    p, q = laws.Categorical([0.5, 0.5, 0.0]), laws.Categorical([0.25, 0.25, 0.5])
    estimate = renyi_divergence(p, q, math.inf, base=2, return_estimate=True)
    assert float(estimate) == 1.0
    assert estimate.definition.startswith("log max p / q")
    assert float(renyi_divergence(q, p, math.inf)) == math.inf


def test_equal_scales_and_supports():
    normal = laws.Normal(0.0, [1.0, 1.0, 2.0])
    value = renyi_divergence(laws.Normal([[0.0], [1.0], [0.0]], 1.0), normal, math.inf)
    near, far = math.log(2), math.log(2) + 1 / 6
    numpy.testing.assert_allclose(value, [[0, 0, near], [math.inf, math.inf, far], [0, 0, near]], rtol=1e-15)
    assert float(renyi_divergence(laws.Normal(0.0, 1.0), laws.Exponential(1.0), math.inf)) == math.inf
    assert float(renyi_divergence(laws.Poisson(1.0), laws.Normal(0.0, 1.0), math.inf)) == math.inf


def test_what_is_not_known():
    with pytest.raises(ValueError, match="largest ratio of densities has a closed form, got Gamma and Gamma"):
        renyi_divergence(laws.Gamma(1.0, 1.0), laws.Gamma(2.0, 1.0), math.inf)
    with pytest.raises(ValueError, match="got Normal and Normal by method='quadrature'"):
        renyi_divergence(laws.Normal(0.0, 1.0), laws.Normal(0.0, 1.0), math.inf, method="quadrature")


@pytest.mark.parametrize(("p", "q"), PAIRS[:-1])
def test_every_library(p, q, library):
    def there(law):
        return type(law)(
            **{name: library.asarray(getattr(law, name)) for name in list(vars(law))[:2] if name != "check"}
        )

    value = renyi_divergence(there(p), there(q), math.inf)
    assert library.host(value) == pytest.approx(float(renyi_divergence(p, q, math.inf)), rel=1e-14)
    assert library.host(renyi_divergence(there(q), there(q), math.inf)) == 0.0
