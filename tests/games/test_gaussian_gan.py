"""The Gaussian GAN: the optimal discriminator in closed form, and what it does to the losses."""

import numpy
import pytest
import scipy.stats

from gamedyn.distributions import Normal
from gamedyn.games import GaussianGAN
from gamedyn.objectives import value_at_optimum


def test_the_optimal_discriminator_is_the_log_ratio(rng):
    x, z = rng.standard_normal(7), numpy.array([[0.3, 1.7], [-1.0, -0.5]])
    weights = GaussianGAN(mean=0.5, deviation=0.8).optimal_discriminator(z)
    for (m, s), w in zip(z, weights, strict=True):
        expected = scipy.stats.norm.logpdf(x, 0.5, 0.8) - scipy.stats.norm.logpdf(x, m, abs(s))
        numpy.testing.assert_allclose(w[0] + w[1] * x + w[2] * x * x, expected, rtol=1e-10, atol=1e-12)


def test_no_gradient_is_left_at_the_optimum_and_the_value_is_goodfellows():
    game = GaussianGAN(mean=0.5, deviation=1.0, nodes=100)
    generator = numpy.array([0.2, 1.1])
    z = numpy.concatenate([generator, game.optimal_discriminator(generator)])
    assert numpy.abs(game.player_gradient(z, 1)).max() < 1e-8
    value = -float(value_at_optimum(Normal(0.5, 1.0), Normal(0.2, 1.1)))
    assert float(game.losses(z)[1]) == pytest.approx(value, rel=1e-8)


def test_the_sign_of_the_deviation_does_not_matter(rng):
    z = rng.standard_normal(5)
    mirrored = z * numpy.array([1, -1, 1, 1, 1])
    numpy.testing.assert_allclose(GaussianGAN().losses(z), GaussianGAN().losses(mirrored), rtol=1e-12)
