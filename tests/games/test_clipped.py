"""Weight clipping is a box for one player."""

import numpy
import pytest

from gamedyn.games import Clipped, DiracGAN
from gamedyn.objectives import Wasserstein
from tests.gan_games import neural_gan


def test_only_one_players_parameters_are_clipped():
    z = numpy.array([[5.0, -3.0], [-7.0, 0.2]])
    assert Clipped(DiracGAN(), 1.0).domain.project(z).tolist() == [[5.0, -1.0], [-7.0, 0.2]]
    assert Clipped(DiracGAN(), 1.0, player=0).domain.project(z).tolist() == [[1.0, -3.0], [-1.0, 0.2]]


def test_the_field_is_the_games(rng):
    z = rng.standard_normal((4, 2))
    game = DiracGAN(Wasserstein())
    numpy.testing.assert_array_equal(Clipped(game, 0.1).simultaneous_gradient(z), game.simultaneous_gradient(z))


def test_redraws_are_clipped_too():
    game = Clipped(neural_gan().draw(0), 0.5)
    for other in (game.redraw(), game.full()):
        assert isinstance(other, Clipped)
        assert not other.domain.contains(numpy.ones(15))


def test_what_is_refused():
    with pytest.raises(ValueError, match="`bound` must be positive and finite, got 0"):
        Clipped(DiracGAN(), 0)
    with pytest.raises(ValueError, match="`player` must be one of the 2 players from 0, got 2"):
        Clipped(DiracGAN(), 1.0, player=2)
