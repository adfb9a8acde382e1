"""Training: any rule plays a GAN of networks, and what it brings down is exact."""

import numpy
import pytest

from gamedyn.dynamics import Status, simulate
from gamedyn.models import NeuralGAN
from gamedyn.nn import mlp
from gamedyn.objectives import NonSaturating
from gamedyn.transport import wasserstein_on_line
from gamedyn.updates import AlternatingGradientDescent, Extragradient, SimultaneousGradientDescent


@pytest.fixture(scope="module")
def model():
    """A GAN of 25 + 25 parameters on 128 points of each of two bumps, at 2 and at 4."""
    noise = numpy.random.default_rng(0).standard_normal((128, 2))
    data = (numpy.array([2.0, 4.0]) + 0.5 * noise).reshape(-1, 1)
    return NeuralGAN(mlp((1, 8, 1)), mlp((1, 8, 1)), NonSaturating(), data, latent_dim=1, batch_size=32)


def distance_to_data(game, z):
    """W1 between all data and the generator's images of the fixed latent samples: a sort, no estimate of it."""
    return wasserstein_on_line(game.fake(z)[..., 0], game.real(z)[:, 0])


@pytest.mark.parametrize("rule", [AlternatingGradientDescent(0.2), Extragradient(0.3)], ids=lambda r: type(r).__name__)
def test_training_brings_the_generator_to_the_data(model, rule):
    # Twelve starts ended at 0.05 to 0.2 of their first distance, about 3; the bound leaves a factor of two.
    z0 = model.init(0, batch_shape=(3,))
    path = simulate(model, rule, z0, 300, rng=1, record_every=300, observe={"w1": distance_to_data})
    before, after = path.observed["w1"]
    assert (before > 2).all()
    assert (after < 0.4 * before).all()
    assert (path.status == Status.MAX_STEPS).all()


def test_a_path_follows_its_seed_and_members_do_not_meet(model):
    rule, z0 = SimultaneousGradientDescent(0.1), model.init(0, batch_shape=(2,))
    path = simulate(model, rule, z0, 20, rng=7)
    again = simulate(model, rule, z0, 20, rng=7)
    numpy.testing.assert_array_equal(path.points, again.points)
    other = simulate(model, rule, z0, 20, rng=8)
    assert abs(path.final - other.final).max() > 1e-6
    for k in (0, 1):
        alone = simulate(model, rule, z0[k], 20, rng=7)
        numpy.testing.assert_allclose(path.points[:, k], alone.points, rtol=1e-10, atol=1e-13)


def test_one_alternating_step_by_hand(model):
    # The generator moves first; the discriminator's gradient is taken at the moved generator, on the same draw.
    z, game, p = model.init(3), model.draw(5), model.dims[0]
    stepped, _ = AlternatingGradientDescent(0.2).step(game, z, None)
    moved = z[:p] - 0.2 * game.loss_gradients(z)[0, :p]
    gradient = game.loss_gradients(numpy.concatenate([moved, z[p:]]))[1, p:]
    numpy.testing.assert_allclose(stepped, numpy.concatenate([moved, z[p:] - 0.2 * gradient]), rtol=1e-12)
