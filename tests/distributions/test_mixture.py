"""Facts about Mixture."""

import math

import numpy
import pytest

from gamedyn.distributions import (
    Bernoulli,
    Categorical,
    Empirical,
    Exponential,
    Mixture,
    MultivariateNormal,
    Normal,
    Uniform,
)


def gaussians(library, weights=(0.25, 0.75), dtype="float64"):
    parts = [
        Normal(library.asarray(-2.0, dtype), library.asarray(0.5, dtype)),
        Normal(library.asarray(3.0, dtype), library.asarray(1.0, dtype)),
    ]
    return Mixture(library.asarray(weights, dtype), parts)


def test_log_prob_is_finite_far_out(library):
    # At 1e3 the component N(3, 1) rules: log 0.75 - 997^2 / 2 - log(2 pi) / 2; the other adds nothing.
    law = gaussians(library)
    expected = math.log(0.75) - 997**2 / 2 - 0.5 * math.log(2 * math.pi)
    assert float(law.log_prob(library.asarray(1e3))) == pytest.approx(expected, rel=1e-15, abs=0.0)
    assert float(law.score(library.asarray(1e3))) == pytest.approx(-997.0, rel=1e-15, abs=0.0)
    # At -1e3 the wider one still rules, though it stands farther off.
    assert float(law.score(library.asarray(-1e3))) == pytest.approx(1003.0, rel=1e-15, abs=0.0)


def test_equal_components_are_one_law(library):
    parts = [Normal(library.asarray(0.3), library.asarray(2.0)) for _ in range(3)]
    law = Mixture(library.asarray([0.2, 0.5, 0.3]), parts)
    x = library.asarray([-9.0, 0.0, 2.5])
    for name in ("log_prob", "score", "cdf"):
        mixed, single = getattr(law, name)(x), getattr(parts[0], name)(x)
        numpy.testing.assert_allclose(library.host(mixed), library.host(single), rtol=1e-14)
    u = library.asarray([1e-9, 0.5, 0.9])
    numpy.testing.assert_allclose(library.host(law.icdf(u)), library.host(parts[0].icdf(u)), rtol=1e-13)
    assert float(law.variance) == pytest.approx(4.0)


def test_a_component_without_weight_has_no_say(library):
    law = gaussians(library, (0.0, 1.0))
    x = library.asarray([-2.0, 0.0])
    numpy.testing.assert_allclose(library.host(law.log_prob(x)), Normal(3.0, 1.0).log_prob([-2.0, 0.0]), rtol=1e-14)
    numpy.testing.assert_allclose(library.host(law.score(x)), [5.0, 3.0], rtol=1e-14)
    assert float(law.icdf(library.asarray(1e-6))) == pytest.approx(
        float(Normal(3.0, 1.0).icdf(1e-6)), rel=1e-13, abs=0.0
    )
    assert law.quadrature_points() == Normal(3.0, 1.0).quadrature_points()
    assert numpy.all(library.host(law.sample(500, rng=0)) > -2.0 + 0.4)


def test_quantile_in_a_gap():
    # Mass 1/2 on [0, 1] and on [5, 6]: the median is the lower end of the gap, inf {x : F(x) >= 1/2}.
    law = Mixture([0.5, 0.5], [Uniform(0.0, 1.0), Uniform(5.0, 6.0)])
    assert float(law.icdf(0.5)) == pytest.approx(1.0, rel=1e-12, abs=0.0)
    assert float(law.icdf(0.5 + 1e-9)) == pytest.approx(5.0, rel=1e-8, abs=0.0)
    assert float(law.icdf(0.25)) == pytest.approx(0.5)


def test_quantiles_of_unlike_supports():
    law = Mixture([0.5, 0.5], [Uniform(0.0, 1.0), Exponential(1.0)])
    assert float(law.icdf(0.0)) == 0.0
    assert float(law.icdf(1.0)) == math.inf
    assert law.support_bounds == (0.0, math.inf)
    assert law.support == "real"
    assert float(law.log_prob(-1.0)) == -math.inf
    assert math.isnan(float(law.score(-1.0)))
    # Where only the exponential lives its score stands alone.
    assert float(law.score(2.0)) == -1.0


def test_discrete_mixtures_share_atoms():
    law = Mixture([0.5, 0.5], [Bernoulli(probs=0.5), Categorical([0.0, 0.2, 0.8])])
    assert law.is_discrete
    assert law.support == "atoms"
    numpy.testing.assert_array_equal(law.support_points(), [0.0, 1.0, 2.0])
    numpy.testing.assert_allclose(numpy.exp(law.log_prob([0.0, 1.0, 2.0])), [0.25, 0.35, 0.4])
    numpy.testing.assert_array_equal(law.icdf([0.0, 0.25, 0.2500001, 0.6, 0.7, 1.0]), [0.0, 0.0, 1.0, 1.0, 2.0, 2.0])
    with pytest.raises(TypeError, match="Mixture is discrete"):
        law.score(0.0)


def test_empirical_mixtures_in_the_plane():
    law = Mixture([0.5, 0.5], [Empirical([[0.0, 0.0], [1.0, 0.0]]), Empirical([[0.0, 0.0]])])
    assert law.support_points().tolist() == [[0.0, 0.0], [1.0, 0.0]]
    numpy.testing.assert_allclose(numpy.exp(law.log_prob(law.support_points())), [0.75, 0.25])
    with pytest.raises(NotImplementedError):
        law.icdf(0.5)
    with pytest.raises(NotImplementedError):
        law.support_bounds  # noqa: B018


def test_component_counts_follow_the_weights(library, rng):
    draws = library.host(gaussians(library).sample(20_000, rng=rng))
    # The components lie 10 and 5 deviations from 0.5: the count below it is binomial, deviation 61; level 1e-6.
    assert abs((draws < 0.5).sum() - 5000 - 15_000 * 0.00621) < 4.9 * 62
    # Draws come mixed, not sorted by component.
    assert abs((draws[:10_000] < 0.5).mean() - (draws[10_000:] < 0.5).mean()) < 4.9 * 0.0062


def test_a_component_shared_by_the_batch_is_drawn_for_each_law_anew(library, rng):
    # Only the second component, one law for both entries of the batch, has weight.
    shared = Normal(library.asarray(0.0), library.asarray(1.0))
    batched = Normal(library.asarray([[0.0], [5.0]]), library.asarray([1.0, 2.0, 3.0]))
    draws = library.host(Mixture(library.asarray([0.0, 1.0]), [batched, shared]).sample(2000, rng=rng)).reshape(2000, 6)
    assert len(numpy.unique(draws)) == draws.size
    # Correlations of independent columns are N(0, 1/n) nearly; 5.4 deviations for 15 pairs is the level 1e-6.
    off_diagonal = numpy.corrcoef(draws.T) - numpy.eye(6)
    assert numpy.abs(off_diagonal).max() < 5.4 / numpy.sqrt(2000)
    # And entries keep their places where the component is batched, but not over every axis.
    rows = Normal(library.asarray([[0.0], [100.0]]), library.asarray(1.0))
    draws = library.host(Mixture(library.asarray([0.0, 1.0]), [batched, rows]).sample(500, rng=rng))
    assert draws.shape == (500, 2, 3)
    numpy.testing.assert_array_equal(draws > 50, numpy.broadcast_to([[False], [True]], (500, 2, 3)))


def test_gaussian_mixture_in_the_plane_has_full_covariance(rng):
    # Cov = sum w (S + m m^T) - mean mean^T with two modes at (+-3, 0).
    parts = [MultivariateNormal([3.0, 0.0], numpy.eye(2)), MultivariateNormal([-3.0, 0.0], numpy.eye(2))]
    law = Mixture([0.5, 0.5], parts)
    numpy.testing.assert_allclose(law.mean, [0.0, 0.0], atol=1e-15)
    numpy.testing.assert_allclose(law.variance, [10.0, 1.0])
    assert law.sample(7, rng=rng).shape == (7, 2)


def test_mixture_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match=r"`weights` must have shape \(2,\), one for each component, got shape \(3,\)"):
        Mixture([0.2, 0.3, 0.5], [Normal(0.0, 1.0), Normal(1.0, 1.0)])
    with pytest.raises(ValueError, match="share their event shape, and be all discrete or none, got Normal"):
        Mixture([0.5, 0.5], [Normal(0.0, 1.0), MultivariateNormal([0.0], [[1.0]])])
    with pytest.raises(ValueError, match="all discrete or none"):
        Mixture([0.5, 0.5], [Normal(0.0, 1.0), Bernoulli(probs=0.5)])
    with pytest.raises(ValueError, match="`weights` must sum to 1"):
        Mixture([0.5, 0.6], [Normal(0.0, 1.0), Normal(1.0, 1.0)])
    with pytest.raises(TypeError, match="`components` must be a non-empty sequence of Distributions"):
        Mixture([1.0], [])
    with pytest.raises(TypeError, match="`components` must be"):
        Mixture([1.0], [scipy_like])


scipy_like = object()
