"""What wrappers say to what they cannot wrap, and wrappers around wrappers."""

from itertools import product

import numpy
import pytest

from gamedyn import games
from gamedyn.games import DiracGAN, SoftmaxParametrized
from tests.gan_games import neural_gan

WRAPPERS = {
    "timescale": lambda game: games.TimescaleSeparated(game, 2.0),
    "counted": games.Counted,
    "regularized": lambda game: games.Regularized(game, r1=0.3),
    "clipped": lambda game: games.Clipped(game, 1.0),
    "consensus": lambda game: games.ConsensusRegularized(game, 0.1),
}


@pytest.mark.parametrize("wrap", [*WRAPPERS.values(), SoftmaxParametrized, games.SigmoidParametrized])
def test_what_is_no_game_is_refused(wrap):
    with pytest.raises(
        TypeError, match=r"`game` must be a (GAN)?Game.*, got NeuralGAN\. Wrap its draws with WrappedDraws"
    ):
        wrap(neural_gan())
    with pytest.raises(TypeError, match=r"`game` must be a (GAN)?Game.*, got str\."):
        wrap("forsaken")
    with pytest.raises(TypeError, match=r"`game` must be a (GAN)?Game.*, got "):
        wrap(DiracGAN)


def test_a_class_is_to_be_called():
    with pytest.raises(TypeError, match=r"`game` must be a Game, got the class DiracGAN\. Call it to make one\."):
        games.Counted(DiracGAN)


@pytest.mark.parametrize("names", list(product(WRAPPERS, repeat=2)), ids="-".join)
def test_two_wrappers_are_a_game_or_a_clear_error(names, rng):
    inner, outer = names
    game = WRAPPERS[inner](DiracGAN())
    if outer == "regularized" and inner != "regularized":
        with pytest.raises(TypeError, match=r"Regularized comes first: put the other wrapper around it\."):
            WRAPPERS[outer](game)
        return
    if names == ("clipped", "clipped"):
        with pytest.raises(
            ValueError, match=r"`game` must have no domain of its own, which clipping replaces, got Box"
        ):
            WRAPPERS[outer](game)
        return
    game = WRAPPERS[outer](game)
    z, h = rng.standard_normal(2), 1e-6
    for k, step in enumerate(h * numpy.eye(2)):
        slope = (game.losses(z + step) - game.losses(z - step)) / (2 * h)
        numpy.testing.assert_allclose(game.loss_gradients(z)[:, k], slope, rtol=1e-7, atol=1e-8)
        slope = (game.simultaneous_gradient(z + step) - game.simultaneous_gradient(z - step)) / (2 * h)
        numpy.testing.assert_allclose(game.jacobian(z)[:, k], slope, rtol=1e-7, atol=1e-8)
    assert ("clipped" in names) == isinstance(game.domain, games.Box)


def test_clipping_keeps_no_other_domain():
    with pytest.raises(ValueError, match=r"`game` must have no domain of its own.*got Product"):
        games.Clipped(games.MatrixGame([[1.0, 2.0]]), 1.0)
