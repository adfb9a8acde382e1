"""LikelihoodGame: draws are rows of the data with their noise, and the game on all rows is the mean loss."""

import numpy
import pytest

from gamedyn.backend import as_generator
from gamedyn.distributions import Normal
from gamedyn.dynamics import Status, simulate
from gamedyn.equilibria import classify
from gamedyn.models import Criterion, LikelihoodGame, NetworkCriterion
from gamedyn.nn import BatchNormalization, BinaryCrossEntropy, Dense, Network, SquaredError, mlp
from gamedyn.updates import Extragradient, SimultaneousGradientDescent

ROWS = numpy.random.default_rng(0).normal([1.0, -2.0], 1.0, (30, 2))


class Mean(Criterion):
    """|x + e - theta|^2 / 2: the best theta is the mean of what is seen."""

    size = 2

    def init(self, rng, xp, dtype, *, batch_shape=(), device=None):
        return xp.zeros((*batch_shape, 2), dtype=dtype, device=device)

    def noise(self, rng, n):
        return 0.1 * rng.standard_normal((n, 2))

    def losses(self, theta, rows, noise=None):
        return ((rows + noise - theta[..., None, :]) ** 2).sum(-1) / 2

    def gradient(self, theta, rows, noise=None):
        return theta - (rows + noise).mean(axis=0)


def test_the_full_game_has_its_optimum_at_the_mean():
    game = LikelihoodGame(Mean(), ROWS).full()
    best = (ROWS + game.noise).mean(axis=0)
    numpy.testing.assert_allclose(game.simultaneous_gradient(best), 0, atol=1e-15)
    assert game.losses(best).shape == (1,)
    spread = (ROWS + game.noise).var(axis=0).sum() / 2
    numpy.testing.assert_allclose(game.losses(best), [spread], rtol=1e-13)
    # Hessian of the mean: the identity; by the complex step that a criterion inherits.
    numpy.testing.assert_allclose(game.jacobian(best), numpy.eye(2), atol=1e-12)
    assert str(classify(game, best).differential_nash.answer) == "yes"
    assert game.redraw() is game.full() is game
    numpy.testing.assert_array_equal(LikelihoodGame(Mean(), ROWS).full().noise, game.noise)


def test_draws_are_rows_with_fresh_noise():
    source = LikelihoodGame(Mean(), ROWS, batch_size=2000)
    game = source.draw(as_generator(1))
    places = numpy.argmax((ROWS[None, :, :] == game.rows[:, None, :]).all(axis=-1), axis=1)
    numpy.testing.assert_array_equal(ROWS[places], game.rows)
    counts = numpy.bincount(places, minlength=30)
    # Chi-square of 29 degrees of freedom: beyond 76 once in 10^5.
    assert ((counts - 2000 / 30) ** 2 / (2000 / 30)).sum() < 76
    again = game.redraw()
    assert not numpy.array_equal(again.noise, game.noise)
    numpy.testing.assert_array_equal(again.noise, game.redraw().noise)
    numpy.testing.assert_array_equal(again.full().rows, ROWS)
    whole = LikelihoodGame(Mean(), ROWS, batch_size=None).draw(3)
    numpy.testing.assert_array_equal(whole.rows, ROWS)
    assert abs(whole.noise.std() - 0.1) < 0.03


def test_a_law_gives_fresh_rows_in_every_draw():
    game = LikelihoodGame(NetworkCriterion(mlp((1, 1)), SquaredError()), Normal(3.0, 0.5), batch_size=4000)
    rows = game.draw(0).rows
    assert rows.shape == (4000, 1)
    assert abs(rows.mean() - 3) < 0.05
    assert game.full().rows.shape == (1024, 1)
    numpy.testing.assert_array_equal(game.full().rows, game.full().rows)


@pytest.mark.parametrize("rule", [SimultaneousGradientDescent(0.1), Extragradient(0.1)])
def test_any_rule_finds_the_mean_in_any_number_of_members(rule):
    source = LikelihoodGame(Mean(), ROWS, batch_size=None)
    z = source.init(0, batch_shape=(3,))
    assert z.shape == (3, 2)
    path = simulate(source.full(), rule, z, 300)
    assert (path.status != Status.DIVERGED).all()
    best = (ROWS + source.full().noise).mean(axis=0)
    numpy.testing.assert_allclose(path.final, numpy.broadcast_to(best, (3, 2)), atol=1e-9)


def test_rows_keep_library_and_precision(game_library):
    rows = game_library.asarray(ROWS, dtype="float32")
    source = LikelihoodGame(NetworkCriterion(mlp((2, 2)), SquaredError()), rows, batch_size=4)
    z = source.init(0)
    assert game_library.owns(z, dtype="float32")
    for game in (source.draw(1), source.full()):
        assert game_library.owns(game.losses(z), dtype="float32")
        assert game_library.owns(game.jvp(z, z), dtype="float32")


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: LikelihoodGame(Mean, ROWS), TypeError, "`criterion` must be a Criterion, got .* Call it to make one"),
        (
            lambda: LikelihoodGame(Mean(), ROWS[:, 0]),
            ValueError,
            r"`data` must have shape \(n, features\), got \(30,\)",
        ),
        (lambda: LikelihoodGame(Mean(), ROWS / 0), ValueError, "`data` must be finite, got .*inf at row 0, column 0"),
        (lambda: LikelihoodGame(Mean(), ROWS, 0), ValueError, "`batch_size` must be at least 1, got 0"),
        (
            lambda: LikelihoodGame(Mean(), Normal(0, 1), None),
            ValueError,
            "`batch_size` must be a number where `data` is",
        ),
        (
            lambda: LikelihoodGame(Mean(), ROWS).full().losses(numpy.zeros(3)),
            ValueError,
            r"must be arrays of shape \(..., 2\), got \(3,\)",
        ),
        (
            lambda: LikelihoodGame(NetworkCriterion(mlp((3, 2)), SquaredError()), ROWS).full().losses(numpy.zeros(8)),
            ValueError,
            "rows must have the 3 columns that the network takes, got 2",
        ),
        (lambda: NetworkCriterion(Mean(), SquaredError()), TypeError, "`network` must be of type Network"),
        (lambda: NetworkCriterion(mlp((2, 2)), abs), TypeError, "`loss` must be of type Loss"),
        (
            lambda: NetworkCriterion(Network((BatchNormalization(2), Dense(2, 2)), 2), BinaryCrossEntropy()),
            ValueError,
            "a likelihood of rows needs a network that sees one sample at a time",
        ),
    ],
)
def test_what_is_none_is_refused(call, kind, message):
    with numpy.errstate(divide="ignore"), pytest.raises(kind, match=message):
        call()
