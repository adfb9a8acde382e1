"""Games: every derivative is the derivative of the losses, in every array game_library, and all of them agree."""

import copy
import pickle

import numpy
import pytest

from gamedyn.backend import to_host
from gamedyn.games import StochasticGame, player_slices
from tests.cases import GAMES


def names(case):
    return repr(case[0])


every_game = pytest.mark.parametrize(("game", "point", "stationary"), GAMES, ids=map(names, GAMES))


def played(game):
    return game.full() if isinstance(game, StochasticGame) else game


def batch_around(point, rng, shape=(3,)):
    """Points near `point`, where every game of the table is smooth."""
    return numpy.asarray(point, float) + 0.3 * rng.standard_normal((*shape, len(point)))


def loss_derivative(game, z):
    """(..., n, d) by complex step along every coordinate: an oracle from the losses alone."""
    steps = 1e-30j * numpy.eye(z.shape[-1])
    return numpy.stack([game.losses(z + step).imag / 1e-30 for step in steps], axis=-1)


def field_derivative(game, z):
    """(..., d, d) by complex step of xi, which another law compares with the losses."""
    steps = 1e-30j * numpy.eye(z.shape[-1])
    return numpy.stack([game.simultaneous_gradient(z + step).imag / 1e-30 for step in steps], axis=-1)


def close(actual, expected, tolerance=1e-12):
    numpy.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


@every_game
def test_gradients_are_the_derivatives_of_the_losses(game, point, stationary, rng):
    game = played(game)
    z = batch_around(point, rng)
    gradients = loss_derivative(game, z)
    assert gradients.shape == (3, len(game.dims), sum(game.dims))
    close(game.loss_gradients(z), gradients)
    xi = game.simultaneous_gradient(z)
    for player, block in enumerate(player_slices(game.dims)):
        close(xi[:, block], gradients[:, player, block])
        close(game.player_gradient(z, player), gradients[:, player, block])


@every_game
def test_gradients_are_the_differences_of_the_losses(game, point, stationary, rng):
    # Complex step and the code could share an error in complex arithmetic; real differences cannot.
    game = played(game)
    z, h = batch_around(point, rng, ()), 1e-6
    for k, step in enumerate(h * numpy.eye(len(z))):
        slope = (game.losses(z + step) - game.losses(z - step)) / (2 * h)
        numpy.testing.assert_allclose(game.loss_gradients(z)[:, k], slope, rtol=1e-6, atol=1e-7)


@every_game
def test_the_jacobian_is_the_derivative_of_the_field(game, point, stationary, rng):
    game = played(game)
    z = batch_around(point, rng)
    jacobian = field_derivative(game, z)
    close(game.jacobian(z), jacobian)
    for player, block in enumerate(player_slices(game.dims)):
        close(game.own_hessian(z, player), jacobian[:, block, block])
        close(jacobian[:, block, block], numpy.swapaxes(jacobian[:, block, block], -1, -2))


@every_game
def test_loss_hessians_are_the_derivatives_of_the_loss_gradients(game, point, stationary, rng):
    game = played(game)
    z = batch_around(point, rng)
    hessians = game.loss_hessians(z)
    steps = 1e-30j * numpy.eye(z.shape[-1])
    expected = numpy.stack([game.loss_gradients(z + step).imag / 1e-30 for step in steps], axis=-1)
    close(hessians, expected, 1e-8)
    for player, block in enumerate(player_slices(game.dims)):
        close(hessians[:, player, block, :], game.jacobian(z)[:, block, :], 1e-8)


@every_game
@pytest.mark.parametrize("extra", [(), (4,), (2, 4)])
def test_products_agree_with_the_jacobian(game, point, stationary, rng, extra):
    game = played(game)
    z = batch_around(point, rng)
    v = rng.standard_normal((*extra, *z.shape))
    jacobian = game.jacobian(z)
    own = numpy.zeros_like(jacobian)
    for block in player_slices(game.dims):
        own[:, block, block] = jacobian[:, block, block]
    pairs = {
        "jvp": jacobian,
        "vjp": numpy.swapaxes(jacobian, -1, -2),
        "own_hvp": own,
        "cross_jvp": jacobian - own,
        "cross_vjp": numpy.swapaxes(jacobian - own, -1, -2),
    }
    for name, matrix in pairs.items():
        product = getattr(game, name)(z, v)
        assert product.shape == v.shape, name
        close(product, numpy.einsum("bij,...bj->...bi", matrix, v))


@every_game
def test_one_direction_serves_a_batch_of_points(game, point, stationary, rng):
    game = played(game)
    z = batch_around(point, rng)
    v = rng.standard_normal(len(point))
    close(game.jvp(z, v), game.jacobian(z) @ v)
    close(game.vjp(z, v), v @ game.jacobian(z))


@every_game
def test_batches_are_points_side_by_side(game, point, stationary, rng):
    game = played(game)
    z = batch_around(point, rng, (2, 3))
    for name in ("losses", "loss_gradients", "simultaneous_gradient", "jacobian", "loss_hessians"):
        together = getattr(game, name)(z)
        single = numpy.stack([[getattr(game, name)(one) for one in row] for row in z])
        close(together, single, 1e-8 if name == "loss_hessians" else 1e-12)


@every_game
def test_every_library_computes_the_same_and_keeps_its_arrays(game, point, stationary, game_library):
    game = played(game)
    z = game_library.asarray([point, [0.5 * x for x in point]])
    v = game_library.asarray([[1.0 + k for k in range(len(point))]] * 2)
    host = to_host(z), to_host(v)
    for name in ("losses", "loss_gradients", "simultaneous_gradient", "jacobian", "loss_hessians"):
        value = getattr(game, name)(z)
        assert game_library.owns(value), name
        close(game_library.host(value), getattr(game, name)(host[0]), 1e-8 if name == "loss_hessians" else 1e-12)
    for name in ("jvp", "vjp", "own_hvp", "cross_jvp", "cross_vjp"):
        value = getattr(game, name)(z, v)
        assert game_library.owns(value), name
        close(game_library.host(value), getattr(game, name)(*host))
    assert game_library.owns(game.player_gradient(z, 0))
    assert game_library.owns(game.own_hessian(z, 0))


@every_game
def test_single_precision_stays(game, point, stationary, game_library):
    game = played(game)
    z = game_library.asarray(point, dtype="float32")
    for name in ("losses", "loss_gradients", "simultaneous_gradient", "jacobian"):
        value = getattr(game, name)(z)
        assert game_library.owns(value, "float32"), name
        reference = getattr(game, name)(numpy.asarray(point, float))
        numpy.testing.assert_allclose(game_library.host(value), reference, rtol=1e-4, atol=1e-5)


@every_game
def test_stationary_points_are_stationary(game, point, stationary):
    if stationary is None:
        pytest.skip("no stationary point is known")
    game = played(game)
    assert numpy.max(abs(game.simultaneous_gradient(numpy.asarray(stationary, float)))) < 1e-12


@every_game
@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda game: pickle.loads(pickle.dumps(game))], ids=["copy", "pickle"]
)
def test_games_survive_copying_and_the_way_to_another_process(game, point, stationary, copied):
    z = numpy.asarray(point, float)
    again = copied(game)
    assert repr(again) == repr(game)
    close(played(again).simultaneous_gradient(z), played(game).simultaneous_gradient(z), 0)


@every_game
def test_points_of_another_size_are_refused_and_not_read_in_part(game, point, stationary):
    game = played(game)
    for size in (len(point) - 1, len(point) + 1):
        for name in ("losses", "simultaneous_gradient"):
            with pytest.raises(ValueError, match=r"shape|mismatch|dimension"):
                getattr(game, name)(numpy.full(size, 0.5))


@every_game
def test_the_whole_of_a_game_is_its_own_whole_and_no_sample(game, point, stationary):
    whole = played(game).full()
    assert whole.full() is whole
    assert whole.redraw() is whole


@every_game
def test_no_points_are_a_batch_too(game, point, stationary):
    game, n, d = played(game), len(played(game).dims), len(point)
    z = numpy.zeros((0, 2, d))
    shapes = {"losses": (n,), "loss_gradients": (n, d), "simultaneous_gradient": (d,), "jacobian": (d, d)}
    for name, shape in {**shapes, "loss_hessians": (n, d, d)}.items():
        assert getattr(game, name)(z).shape == (0, 2, *shape), name
