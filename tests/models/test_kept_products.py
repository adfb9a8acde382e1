"""Products with kept passes: the complex-step Jacobian and the readable products are their oracles."""

import itertools

import numpy
import pytest

from gamedyn.divergences import KullbackLeibler
from gamedyn.models import NeuralGAN
from gamedyn.nn import Dense, Network, ReLU, Softplus, Tanh, mlp
from gamedyn.objectives import FGAN, Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
from tests.gan_games import shown_gan

OBJECTIVES = [Minimax(), NonSaturating(), Wasserstein(), LeastSquares(), Hinge(), FGAN(KullbackLeibler())]
SIZES = [((2, 2), (2, 1)), ((2, 4, 3, 2), (2, 5, 1)), ((2, 3, 2), (2, 4, 3, 1))]


def game_of(objective, rng, sizes=SIZES[1], activation=None, noise=0.0, library=None, dtype=None):
    """9 real and 7 fake samples: unequal, so that no average can be mistaken for the other."""
    networks = mlp(sizes[0], activation or Tanh()), mlp(sizes[1], activation or Softplus())
    data = rng.standard_normal((9, 2))
    data = data if library is None else library.asarray(data, dtype=dtype or "float64")
    model = NeuralGAN(*networks, objective, data, latent_dim=2, batch_size=6, full_size=7, instance_noise=noise)
    return model.full()


def assert_close(measured, expected):
    numpy.testing.assert_allclose(measured, expected, rtol=0, atol=1e-12 * max(1.0, numpy.abs(expected).max()))


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: type(o).__name__)
@pytest.mark.parametrize("activation", [None, ReLU()], ids=["smooth", "ReLU"])
def test_products_are_those_of_the_complex_step_jacobian(objective, activation, rng):
    for sizes, noise in itertools.product(SIZES, (0.0, 0.3)):
        game = game_of(objective, rng, sizes, activation, noise)
        z = 0.7 * rng.standard_normal(sum(game.dims))
        steps = z + 1e-20j * numpy.eye(z.size)
        columns = numpy.imag(game.simultaneous_gradient(steps)) / 1e-20
        identity = numpy.eye(z.size)
        assert_close(game.linearize(z)(identity), columns)
        assert_close(game.linearize_transposed(z)(identity), columns.T)
        v = rng.standard_normal(z.size)
        assert_close(game.linearize(z)(v), game.jvp(z, v))
        assert_close(game.linearize_transposed(z)(v), game.vjp(z, v))


@pytest.mark.parametrize(("packing", "classes"), [(1, 2), (2, 0), (2, 2)])
def test_products_of_what_a_critic_is_shown(packing, classes, rng):
    game = shown_gan(packing, classes, full_size=3).full()
    z = 0.7 * rng.standard_normal(sum(game.dims))
    columns = numpy.imag(game.simultaneous_gradient(z + 1e-20j * numpy.eye(z.size))) / 1e-20
    assert_close(game.linearize(z)(numpy.eye(z.size)), columns)
    assert_close(game.linearize_transposed(z)(numpy.eye(z.size)), columns.T)
    assert game._in_place(z) is not None
    v = rng.standard_normal(z.size)
    assert_close(game.linearize(z)(v), columns.T @ v)
    assert_close(game.linearize_transposed(z)(v), columns @ v)


@pytest.mark.parametrize("objective", [Minimax(), NonSaturating()], ids=["zero-sum", "not zero-sum"])
def test_products_in_place_keep_nothing_of_the_last_direction(objective, rng):
    game = game_of(objective, rng)
    z, v, w = rng.standard_normal((3, sum(game.dims)))
    z.flags.writeable = v.flags.writeable = w.flags.writeable = False
    for linearized in (game.linearize(z), game.linearize_transposed(z)):
        first = linearized(v)
        copy = first.copy()
        assert_close(linearized(w), linearized(numpy.stack([w, v]))[0])
        # Neither what was handed out nor what is kept has been overwritten.
        numpy.testing.assert_array_equal(first, copy)
        numpy.testing.assert_array_equal(linearized(v), copy)
    # Only where the point is one, and real.
    assert game._in_place(numpy.stack([z, z])) is None
    assert game._in_place(z + 0j) is None


def test_passes_serve_many_directions_and_points_and_stay(rng):
    game = game_of(Minimax(), rng)
    z, v = rng.standard_normal((3, sum(game.dims))), rng.standard_normal((4, 3, sum(game.dims)))
    z.flags.writeable = v.flags.writeable = False
    for linearized, readable in ((game.linearize(z), game.jvp), (game.linearize_transposed(z), game.vjp)):
        first = linearized(v)
        assert_close(first, readable(z, v))
        assert_close(linearized(v[0, 0]), readable(z, v[0, 0]))
        # Nothing kept has been overwritten.
        numpy.testing.assert_array_equal(linearized(v), first)


def test_no_points_have_products_too(rng):
    game = game_of(Minimax(), rng)
    none = numpy.zeros((0, 2, sum(game.dims)))
    for product in (game.linearize(none), game.linearize_transposed(none)):
        assert product(none).shape == none.shape


def test_complex_and_single_precision_directions(rng):
    game = game_of(NonSaturating(), rng)
    z = rng.standard_normal(sum(game.dims))
    for v in (z + 2j * z[::-1], z.astype(numpy.float32)):
        assert_close(game.linearize(z)(v), game.jvp(z, v))
        assert_close(game.linearize_transposed(z)(v), game.vjp(z, v))


def test_every_library_gives_the_same(library, rng):
    seed = rng.integers(2**31)
    games = [game_of(NonSaturating(), numpy.random.default_rng(seed), library=lib) for lib in (None, library)]
    z, v = rng.standard_normal((2, sum(games[0].dims)))
    for name in ("linearize", "linearize_transposed"):
        expected = getattr(games[0], name)(z)(v)
        measured = getattr(games[1], name)(library.asarray(z))(library.asarray(v))
        assert library.owns(measured), name
        numpy.testing.assert_allclose(library.host(measured), expected, rtol=1e-10, atol=1e-13, err_msg=name)
        single = game_of(NonSaturating(), rng, library=library, dtype="float32")
        low = [library.asarray(a, dtype="float32") for a in (z, v)]
        assert library.owns(getattr(single, name)(low[0])(low[1]), dtype="float32"), name


class Reversed(Tanh):
    """tanh of the features in reverse order: no elementwise map, so that the kept passes must not take it for one."""

    def forward(self, params, x):
        return super().forward(params, x[..., ::-1])

    def backward(self, params, tape, y_bar):
        return super().backward(params, tape, y_bar)[0][..., ::-1], ()

    def jvp(self, params, tape, x_dot, params_dot):
        return super().jvp(params, tape, x_dot[..., ::-1], params_dot)

    def backward_jvp(self, *arguments):
        return super().backward_jvp(*arguments)[0][..., ::-1], ()


@pytest.mark.parametrize(
    "layers",
    [
        (Dense(2, 3, bias=False), Tanh(), Dense(3, 1)),
        (Dense(2, 3), Reversed(), Dense(3, 1)),
        (Dense(2, 3), Dense(3, 3), Dense(3, 1)),
        (Dense(2, 3), Tanh(), Dense(3, 1), Softplus()),
        (Tanh(), Dense(2, 3), Tanh(), Dense(3, 1)),
    ],
)
def test_other_networks_have_the_readable_products(layers, rng):
    critic = Network(layers, input_size=2)
    data = rng.standard_normal((5, 2))
    game = NeuralGAN(mlp((2, 3, 2)), critic, Minimax(), data, latent_dim=2).full()
    z, v = rng.standard_normal((2, sum(game.dims)))
    assert_close(game.linearize(z)(v), game.jvp(z, v))
    assert_close(game.linearize_transposed(z)(v), game.vjp(z, v))
