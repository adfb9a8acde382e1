"""NeuralGAN: draws, seeds, full data, messages."""

import numpy
import pytest

from gamedyn.distributions import MultivariateNormal, Normal
from gamedyn.models import NeuralGAN
from gamedyn.nn import mlp
from gamedyn.objectives import Minimax

DATA = numpy.arange(20.0).reshape(10, 2)


def make(data=DATA, **options):
    return NeuralGAN(mlp((3, 4, 2)), mlp((2, 4, 1)), Minimax(), data, latent_dim=3, **({"batch_size": 5} | options))


def test_a_draw_takes_rows_of_the_data():
    game = make(batch_size=200).draw(0)
    rows = {tuple(row) for row in game.real(numpy.zeros(1))}
    assert rows == {tuple(row) for row in DATA}
    assert game.latent_samples.shape == (200, 3)


def test_minibatch_gradients_average_to_the_full_one():
    # With one latent vector and all data, xi is a mean over samples; the mean over draws of one row each tends to it.
    model = make(DATA[:2] / 10, batch_size=1)
    z = model.init(0)
    game = model.draw(0)
    each = [type(game)(model, DATA[i : i + 1] / 10, game.latent_samples, 0).simultaneous_gradient(z) for i in (0, 1)]
    both = type(game)(model, DATA[:2] / 10, game.latent_samples, 0).simultaneous_gradient(z)
    numpy.testing.assert_allclose(numpy.mean(each, axis=0), both, rtol=1e-13)


def test_draws_follow_the_generator_and_redraw_the_game():
    model = make()
    first, again, other = (model.draw(seed) for seed in (1, 1, 2))
    numpy.testing.assert_array_equal(first.latent_samples, again.latent_samples)
    assert not numpy.array_equal(first.latent_samples, other.latent_samples)
    chain = [first.redraw(), again.redraw(), first.redraw().redraw(), other.redraw()]
    numpy.testing.assert_array_equal(chain[0].latent_samples, chain[1].latent_samples)
    seen = {game.latent_samples.tobytes() for game in (first, other, *chain)}
    assert len(seen) == 5
    rng = numpy.random.default_rng(0)
    assert not numpy.array_equal(model.draw(rng).latent_samples, model.draw(rng).latent_samples)


def test_the_game_on_all_data_is_no_sample_to_be_drawn_again():
    full = make().full()
    assert full.redraw() is full
    numpy.testing.assert_array_equal(full.full().real_samples, full.real_samples)


def test_full_is_all_data_and_always_the_same():
    model = make()
    numpy.testing.assert_array_equal(model.full().real_samples, DATA)
    assert model.full().latent_samples.shape == (10, 3)
    assert make(full_size=7).full().latent_samples.shape == (7, 3)
    numpy.testing.assert_array_equal(model.full().latent_samples, model.draw(0).full().latent_samples)


def test_init_is_one_draw_per_member():
    model = make()
    z = model.init(0, batch_shape=(3,))
    assert z.shape == (3, sum(model.dims))
    assert model.dims == (3 * 4 + 4 + 4 * 2 + 2, 2 * 4 + 4 + 4 + 1)
    assert len({row.tobytes() for row in z}) == 3
    numpy.testing.assert_array_equal(model.init(0), model.init(0))


def test_samples_are_the_generators(rng):
    model = make()
    z = model.init(0, batch_shape=(2,))
    samples = model.sample(z, 5, rng=7)
    latent = numpy.random.default_rng(7).standard_normal((5, 3))
    numpy.testing.assert_array_equal(samples, model.generator(z[:, : model.dims[0]], latent))


def test_the_seed_does_not_depend_on_the_library(library):
    games = [make(data).draw(4) for data in (DATA, library.asarray(DATA))]
    for name in ("real_samples", "latent_samples"):
        measured = getattr(games[1], name)
        assert library.owns(measured)
        numpy.testing.assert_array_equal(library.host(measured), getattr(games[0], name))


def test_data_may_be_a_law():
    model = NeuralGAN(mlp((3, 1)), mlp((1, 1)), Minimax(), Normal(5.0, 0.1), latent_dim=3, batch_size=4)
    game = model.draw(0)
    assert game.real_samples.shape == (4, 1)
    assert abs(game.real_samples - 5).max() < 1
    assert not numpy.array_equal(game.redraw().real_samples, game.real_samples)
    full = model.full()
    assert full.real_samples.shape == (1024, 1)
    assert full.latent_samples.shape == (1024, 3)
    numpy.testing.assert_array_equal(full.real_samples, model.full().real_samples)
    plane = make(MultivariateNormal([0.0, 9.0], numpy.eye(2)), full_size=30).full()
    assert plane.real_samples.shape == (30, 2)
    assert model.init(0, batch_shape=(2,)).shape == (2, 6)


def test_precision_is_the_laws(library):
    law = Normal(library.asarray(0.0, dtype="float32"), library.asarray(1.0, dtype="float32"))
    model = NeuralGAN(mlp((1, 1)), mlp((1, 1)), Minimax(), law, latent_dim=1, batch_size=4)
    assert library.owns(model.init(0), dtype="float32")
    assert library.owns(model.draw(0).simultaneous_gradient(model.init(0)), dtype="float32")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: make(DATA[:, 0]),
            ValueError,
            "`data` must have shape (n, features), got (10,). Reshape samples of one",
        ),
        (lambda: make(DATA[:0]), ValueError, "`data` must have shape (n, features), got (0, 2)."),
        (
            lambda: make([[0.0, 1.0], [2.0, numpy.nan]]),
            ValueError,
            "`data` must be finite, got nan at row 1, column 1.",
        ),
        (lambda: make(DATA[:, :1]), ValueError, "`generator` must give one output per feature of `data`: 1 expected, "),
        (lambda: make(batch_size=0), ValueError, "`batch_size` must be at least 1, got 0."),
        (lambda: make(full_size=0), ValueError, "`full_size` must be at least 1, got 0."),
        (
            lambda: NeuralGAN(mlp((3, 2)), mlp((2, 1)), Minimax(), DATA, latent_dim=2),
            ValueError,
            "`generator` must take `latent_dim` inputs: 2 expected, the network has 3.",
        ),
        (
            lambda: NeuralGAN(mlp((3, 2)), mlp((3, 1)), Minimax(), DATA, latent_dim=3),
            ValueError,
            "`discriminator` must take the features of `data`: 2 expected, the network has 3.",
        ),
        (
            lambda: NeuralGAN(mlp((3, 2)), mlp((2, 2)), Minimax(), DATA, latent_dim=3),
            ValueError,
            "`discriminator` must give one output: 1 expected, the network has 2.",
        ),
        (
            lambda: make(Normal(numpy.zeros(2), 1.0)),
            ValueError,
            "`data` must be one law of scalars or vectors, got batch shape (2,), event shape ().",
        ),
        (lambda: make(DATA * 1j), TypeError, "`data` must be real, got complex values."),
        (
            lambda: NeuralGAN((3, 2), mlp((2, 1)), Minimax(), DATA, latent_dim=3),
            TypeError,
            "`generator` must be of type Network, got (3, 2).",
        ),
        (
            lambda: NeuralGAN(mlp((3, 2)), mlp((2, 1)), "minimax", DATA, latent_dim=3),
            TypeError,
            "`objective` must be of type Objective, got 'minimax'.",
        ),
        (
            lambda: make().full().losses(numpy.zeros(3)),
            ValueError,
            f"must be arrays of shape (..., {sum(make().dims)}), got (3,).",
        ),
        (
            lambda: make().sample(numpy.zeros(3), 2),
            ValueError,
            f"`z` must have shape (..., {sum(make().dims)}), got (3,).",
        ),
        (lambda: make().sample(make().init(0), -1), ValueError, "`n` must be at least 1, got -1."),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


def test_instance_noise_moves_real_and_fake_samples_alike():
    generator, discriminator = mlp((1, 2)), mlp((2, 1))
    z = numpy.zeros(7)
    many = NeuralGAN(
        *(generator, discriminator, Minimax(), numpy.zeros((3, 2))), latent_dim=1, batch_size=20_000, instance_noise=0.5
    ).draw(0)
    for samples in (many.real(z), many.fake(z)):
        # 40,000 squares of standard deviation sqrt(2) / 4.
        assert abs(numpy.mean(samples**2) - 0.25) < 6 * 0.25 * numpy.sqrt(2 / 40_000)
    assert abs(numpy.mean(many.real(z) * many.fake(z))) < 6 * 0.25 / numpy.sqrt(40_000)
    with pytest.raises(ValueError, match="`instance_noise` must be non-negative"):
        NeuralGAN(generator, discriminator, Minimax(), numpy.zeros((3, 2)), latent_dim=1, instance_noise=-1.0)
