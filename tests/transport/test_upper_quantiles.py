"""Facts about quantiles of upper tails: SciPy's inverse survival functions, down to masses of 1e-200."""

import math

import numpy
import pytest
import scipy.stats

from gamedyn import distributions as d
from gamedyn.transport._upper_quantiles import has_upper_quantile, upper_quantile

PAIRS = [
    (d.Normal(0.3, 1.2), scipy.stats.norm(0.3, 1.2)),
    (d.Laplace(0.3, 1.2), scipy.stats.laplace(0.3, 1.2)),
    (d.Cauchy(0.3, 1.2), scipy.stats.cauchy(0.3, 1.2)),
    (d.StudentT(4.0, 0.3, 1.2), scipy.stats.t(4, 0.3, 1.2)),
    (d.Uniform(0.3, 1.2), scipy.stats.uniform(0.3, 0.9)),
    (d.Gumbel(0.3, 1.2), scipy.stats.gumbel_r(0.3, 1.2)),
    (d.Exponential(0.3), scipy.stats.expon(0, 1 / 0.3)),
    (d.Weibull(1.2, 0.7), scipy.stats.weibull_min(0.7, 0, 1.2)),
    (d.Rayleigh(1.2), scipy.stats.rayleigh(0, 1.2)),
    (d.HalfNormal(1.2), scipy.stats.halfnorm(0, 1.2)),
    (d.LogNormal(0.3, 1.2), scipy.stats.lognorm(1.2, 0, math.exp(0.3))),
    (d.Pareto(1.2, 2.5), scipy.stats.pareto(2.5, 0, 1.2)),
    (d.Gamma(2.5, 0.3), scipy.stats.gamma(2.5, 0, 1 / 0.3)),
    (d.InverseGamma(2.5, 0.3), scipy.stats.invgamma(2.5, 0, 0.3)),
    (d.Beta(2.5, 0.3), scipy.stats.beta(2.5, 0.3)),
]


@pytest.mark.parametrize(("law", "peer"), PAIRS, ids=[type(law).__name__ for law, _ in PAIRS])
def test_agrees_with_the_inverse_survival_function(law, peer):
    t = numpy.array([0.4, 0.01, 1e-10, 1e-40, 1e-200])
    assert has_upper_quantile(law)
    numpy.testing.assert_allclose(upper_quantile(law, t), peer.isf(t), rtol=1e-9)


def test_other_laws_are_asked_for_the_complement():
    law = d.InverseGaussian(1.0, 2.0)
    assert not has_upper_quantile(law)
    assert float(upper_quantile(law, numpy.array(0.25))) == float(law.icdf(0.75))
