"""The GAN of two networks on a frozen sample: every derivative against complex step, for every objective."""

import numpy
import pytest

from gamedyn.games import Game
from gamedyn.models import NeuralGAN, NeuralGANGame
from gamedyn.nn import ReLU, Softplus, Tanh, mlp
from gamedyn.objectives import LeastSquares, Minimax, NonSaturating, Wasserstein

OBJECTIVES = [Minimax(), NonSaturating(), Wasserstein(), LeastSquares()]
every_objective = pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: type(o).__name__)


def model_of(objective, rng, library=None, activation=None, features=2):
    """A generator 2-4-features, a discriminator features-5-1; 6 real and 6 fake samples per draw, 9 and 7 in full."""
    data = rng.standard_normal((9, features))
    generator = mlp((2, 4, features), activation or Tanh())
    discriminator = mlp((features, 5, 1), activation or Softplus())
    data = data if library is None else library.asarray(data)
    return NeuralGAN(generator, discriminator, objective, data, latent_dim=2, batch_size=6, full_size=7)


def stepped(function, z):
    """The complex-step Jacobian of `function` at z, rows as in its output, one column per entry of z."""
    return numpy.moveaxis(numpy.imag(function(z + 1e-20j * numpy.eye(z.size))) / 1e-20, 0, -1)


def assert_close(measured, expected, tolerance=1e-12):
    """Within `tolerance` of the largest entry."""
    numpy.testing.assert_allclose(measured, expected, rtol=0, atol=tolerance * numpy.abs(expected).max())


@every_objective
def test_losses_by_hand(objective, rng):
    # Written out with loops, from the samples that the game itself shows.
    game = model_of(objective, rng).draw(1)
    z = game.model.init(2)
    parts = game.model.discriminator.unflatten(z[game.dims[0] :])

    def critic(x):
        hidden = numpy.log(1 + numpy.exp(x @ parts["0.weight"] + parts["0.bias"]))
        return (hidden @ parts["2.weight"] + parts["2.bias"])[0]

    real = numpy.array([critic(x) for x in game.real(z)])
    fake = numpy.array([critic(x) for x in game.fake(z)])
    losses = {
        "Minimax": (
            numpy.log(1 - 1 / (1 + numpy.exp(-fake))),
            numpy.log(1 + numpy.exp(-real)),
            numpy.log(1 + numpy.exp(fake)),
        ),
        "NonSaturating": (
            numpy.log(1 + numpy.exp(-fake)),
            numpy.log(1 + numpy.exp(-real)),
            numpy.log(1 + numpy.exp(fake)),
        ),
        "Wasserstein": (-fake, -real, fake),
        "LeastSquares": ((fake - 1) ** 2 / 2, (real - 1) ** 2 / 2, fake**2 / 2),
    }
    generator, on_real, on_fake = losses[type(objective).__name__]
    numpy.testing.assert_allclose(game.losses(z), [generator.mean(), on_real.mean() + on_fake.mean()], rtol=1e-12)


@every_objective
@pytest.mark.parametrize("activation", [None, ReLU()], ids=["smooth", "ReLU"])
def test_jacobian_by_jvp_is_the_complex_step_jacobian(objective, activation, rng):
    model = model_of(objective, rng, activation=activation)
    for seed, game in enumerate((model.draw(0), model.draw(1), model.full())):
        z = model.init(seed)
        generator, discriminator = (slice(0, game.dims[0]), slice(game.dims[0], None))
        gradients = stepped(game.losses, z)
        assert_close(game.loss_gradients(z), gradients)
        xi = game.simultaneous_gradient(z)
        assert_close(xi, numpy.concatenate([gradients[0, generator], gradients[1, discriminator]]))
        for player, block in enumerate((generator, discriminator)):
            numpy.testing.assert_array_equal(game.player_gradient(z, player), xi[block])

        jacobian = stepped(game.simultaneous_gradient, z)
        identity = numpy.eye(z.size)
        assert_close(game.jvp(z, identity), jacobian.T)
        assert_close(game.jacobian(z), jacobian)
        assert_close(game.vjp(z, identity), jacobian)
        own = jacobian.copy()
        own[generator, discriminator] = own[discriminator, generator] = 0
        assert_close(game.own_hvp(z, identity), own.T)
        for player, block in enumerate((generator, discriminator)):
            measured = game.own_hessian(z, player)
            numpy.testing.assert_allclose(measured, jacobian[block, block], rtol=0, atol=1e-12 * abs(jacobian).max())
        assert_close(game.loss_hessians(z), stepped(game.loss_gradients, z))


def test_zero_sum_objectives_have_an_antisymmetric_coupling(rng):
    # L_1 = -L_0 + terms of phi alone: D_phi xi_theta = -(D_theta xi_phi)^T, for these objectives and only these.
    for objective in OBJECTIVES:
        game = model_of(objective, rng).draw(0)
        jacobian, p = game.jacobian(game.model.init(0)), game.dims[0]
        antisymmetric = numpy.allclose(jacobian[:p, p:], -jacobian[p:, :p].T, atol=1e-13)
        assert antisymmetric == objective.is_zero_sum


def test_every_library_gives_the_same(library, rng):
    # One objective that bends: the laws of objectives run all of them in every library.
    seed = rng.integers(2**31)
    games = [model_of(NonSaturating(), numpy.random.default_rng(seed), lib).draw(5) for lib in (None, library)]
    z = games[0].model.init(3, batch_shape=(2,))
    v = rng.standard_normal(z.shape)
    given, direction = library.asarray(z), library.asarray(v)
    for name, arguments in {
        "losses": (),
        "simultaneous_gradient": (),
        "loss_gradients": (),
        "jvp": (1,),
        "vjp": (1,),
        "own_hvp": (1,),
        "cross_jvp": (1,),
        "cross_vjp": (1,),
        "jacobian": (),
        "penalty_gradient": (2,),
    }.items():
        expected = getattr(games[0], name)(z, *(v if kind == 1 else games[0].real(z) for kind in arguments))
        measured = getattr(games[1], name)(
            given, *(direction if kind == 1 else games[1].real(given) for kind in arguments)
        )
        assert library.owns(measured), name
        numpy.testing.assert_allclose(library.host(measured), expected, rtol=1e-10, atol=1e-13, err_msg=name)
    numpy.testing.assert_array_equal(library.host(given), z)


def test_float32_stays(library, rng):
    model = model_of(Minimax(), rng)
    model = NeuralGAN(
        model.generator, model.discriminator, Minimax(), library.asarray(model.data, dtype="float32"), 2, batch_size=6
    )
    z, game = model.init(0), model.draw(0)
    for drawn in (z, game.real_samples, game.latent_samples):
        assert library.owns(drawn, dtype="float32")
    for measured in (game.losses(z), game.simultaneous_gradient(z), game.jvp(z, z), game.vjp(z, z), model.sample(z, 3)):
        assert library.owns(measured, dtype="float32")


@every_objective
def test_ensemble_equals_one_by_one(objective, rng):
    game = model_of(objective, rng).draw(0)
    z = game.model.init(1, batch_shape=(2, 3))
    v = rng.standard_normal(z.shape)
    for name in ("losses", "simultaneous_gradient", "loss_gradients", "jacobian", "jvp", "vjp", "own_hvp"):
        arguments = (z, v) if name in ("jvp", "vjp", "own_hvp") else (z,)
        together = getattr(game, name)(*arguments)
        for index in numpy.ndindex(2, 3):
            alone = getattr(game, name)(*(a[index] for a in arguments))
            numpy.testing.assert_allclose(together[index], alone, rtol=1e-11, atol=1e-14, err_msg=name)


def test_columns_in_blocks_equal_one_block(rng, monkeypatch):
    game = model_of(Minimax(), rng).draw(0)
    z = game.model.init(0)
    expected = game.jacobian(z), game.loss_hessians(z)
    # What follows is the way of networks that are not plain.
    monkeypatch.setattr(NeuralGANGame, "_structured", lambda self, z: None)
    blocks, product = [], NeuralGANGame._jvp
    monkeypatch.setattr(NeuralGANGame, "_jvp", lambda self, at, v: blocks.append(len(v)) or product(self, at, v))
    # The widest array of one direction has 6 samples of 5 features: 7 columns at a time.
    monkeypatch.setattr("gamedyn.models._neural_gan_game._LARGEST_BLOCK", 7 * 6 * 5)
    for measured, whole in zip((game.jacobian(z), game.loss_hessians(z)), expected, strict=True):
        numpy.testing.assert_allclose(measured, whole, rtol=1e-12, atol=1e-15)
    assert blocks == [7, 7, 7, 7, 7, 7, 1]
    game.jacobian(numpy.stack([z] * 2))
    assert blocks[7:] == [3] * 14 + [1]
    monkeypatch.setattr("gamedyn.models._neural_gan_game._LARGEST_BLOCK", 1)
    game.jacobian(z)
    assert blocks[22:] == [1] * 43


def test_critic_and_its_input_gradient(rng):
    game = model_of(Minimax(), rng).draw(0)
    z, x = game.model.init(0), rng.standard_normal((4, 2))
    # One sample per batch, so that each entry of x moves one output only.
    expected = [stepped(lambda rows: game.critic(z, rows[:, None, :])[:, 0], row) for row in x]
    numpy.testing.assert_allclose(game.critic_input_gradient(z, x), expected, rtol=1e-12)


@pytest.mark.parametrize("activation", [None, ReLU()], ids=["smooth", "ReLU"])
def test_penalty_by_hand_and_its_derivatives(activation, rng):
    game = model_of(Minimax(), rng, activation=activation).draw(0)
    z, x, v = game.model.init(0, batch_shape=(2,)), rng.standard_normal((4, 2)), rng.standard_normal((2, 43))
    slopes = game.critic_input_gradient(z, x)
    numpy.testing.assert_allclose(game.penalty(z, x), (slopes**2).sum(axis=(-2, -1)) / 4, rtol=1e-13)
    for k in (0, 1):
        assert_close(game.penalty_gradient(z, x)[k], stepped(lambda w: game.penalty(w, x), z[k]))
        hessian = stepped(lambda w: game.penalty_gradient(w, x), z[k])
        assert_close(game.penalty_jvp(z, x, v)[k], hessian @ v[k])
        assert_close(hessian, hessian.T)


def test_the_generators_gradient_looks_at_no_real_sample(rng):
    # The stated cost of one player's gradient: the critic never runs on real samples for player 0.
    game = model_of(Minimax(), rng).draw(0)
    z = game.model.init(0)
    broken = type(game)(game.model, game.real_samples * numpy.nan, game.latent_samples, 0)
    numpy.testing.assert_array_equal(broken.player_gradient(z, 0), game.player_gradient(z, 0))
    assert numpy.isnan(broken.player_gradient(z, 1)).all()


def test_defaults_of_the_protocol_agree(rng):
    # cross_jvp and cross_vjp are inherited; with own parts taken out of the exact Jacobian they must agree.
    game = model_of(NonSaturating(), rng).draw(0)
    z, p = game.model.init(0), game.dims[0]
    jacobian = game.jacobian(z)
    jacobian[:p, :p] = jacobian[p:, p:] = 0
    v = rng.standard_normal(z.size)
    assert_close(game.cross_jvp(z, v), jacobian @ v)
    assert_close(game.cross_vjp(z, v), jacobian.T @ v)
    assert isinstance(game, Game)
