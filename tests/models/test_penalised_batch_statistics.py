"""Penalties on input gradients refuse a discriminator with batch statistics by name."""

import numpy
import pytest

from gamedyn.games import Regularized
from gamedyn.models import NeuralGAN
from gamedyn.nn import BatchNormalization, Dense, LayerNormalization, Network, Tanh, gradient_penalty, mlp
from gamedyn.objectives import Minimax

DATA = numpy.random.default_rng(0).standard_normal((12, 2))


def game(normalization):
    critic = Network((Dense(2, 4), normalization, Tanh(), Dense(4, 1)), input_size=2)
    model = NeuralGAN(mlp((2, 3, 2)), critic, Minimax(), DATA, latent_dim=2, batch_size=6)
    return model.full(), model.init(0)


@pytest.mark.parametrize("method", ["simultaneous_gradient", "losses"])
@pytest.mark.parametrize(
    "penalty", [{"r1": 1.0}, {"r2": 1.0}, {"gradient_penalty": (1.0, 1.0)}, {"dragan": (1.0, 0.1)}], ids=str
)
def test_refused(penalty, method):
    plain, z = game(BatchNormalization(4))
    assert numpy.isfinite(getattr(plain, method)(z)).all()
    with pytest.raises(ValueError, match=r"one sample at a time, but layer 1 mixes the batch: BatchNormalization\("):
        getattr(Regularized(plain, **penalty), method)(z)


def test_jacobian_with_batch_statistics_is_that_of_the_gradient(rng):
    plain, z = game(BatchNormalization(4))
    v = rng.standard_normal(z.shape)
    expected = plain.simultaneous_gradient(z + 1e-20j * v).imag / 1e-20
    numpy.testing.assert_allclose(plain.jvp(z, v), expected, rtol=1e-10, atol=1e-12)


def test_r1_is_half_the_network_penalty_to_target_zero():
    plain, z = game(LayerNormalization(4))
    penalised = Regularized(plain, r1=3.0)
    alone = gradient_penalty(plain.model.discriminator, z[plain.dims[0] :], plain.real(z), target=0.0)
    numpy.testing.assert_allclose(penalised.losses(z)[1] - plain.losses(z)[1], 1.5 * alone.value, rtol=1e-11)
    own = [player.player_gradient(z, 1) for player in (penalised, plain)]
    numpy.testing.assert_allclose(own[0] - own[1], 1.5 * alone.theta_gradient, rtol=1e-10, atol=1e-13)
