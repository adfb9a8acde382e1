"""Games by name."""

import pickle

import numpy
import pytest

from gamedyn import games, objectives
from gamedyn.games import NAMED, Game, named_game


@pytest.mark.parametrize("name", NAMED)
def test_every_name_makes_a_game_that_is_public(name):
    game = named_game(name)
    assert isinstance(game, Game)
    made = NAMED[name]
    assert getattr(games, made.__name__) is made
    assert name == made.__name__ or name.replace("_", "") == made.__name__.lower()
    # The call that makes it, so that tables of several games tell them apart.
    assert eval(repr(game), vars(games) | vars(objectives)).dims == game.dims
    z = numpy.full(sum(game.dims), 0.3)
    again = named_game(name.replace("_", "-"))
    numpy.testing.assert_array_equal(again.simultaneous_gradient(z), game.simultaneous_gradient(z))


def test_no_two_names_make_games_that_look_the_same():
    shown = {repr(named_game(name)) for name in NAMED}
    assert len(shown) == len(NAMED)
    assert repr(named_game("jin-minimax")) == "jin_minimax()"
    assert repr(named_game("chicken", reward=5)) == "chicken(temptation=7.0, reward=5, sucker=2.0, punishment=0.0)"
    assert repr(pickle.loads(pickle.dumps(named_game("cournot")))) == repr(named_game("cournot"))


def test_parameters_are_handed_on():
    assert named_game("weak_attractor", coupling=3.0).jacobian(numpy.zeros(2)).tolist() == [[1.0, 3.0], [-3.0, 1.0]]


def test_finite_economic_and_gan_shaped_games_have_names():
    assert named_game("shapley-game").B.tolist() == [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    assert named_game("rock-paper-scissors", eps_x=0.5).A.tolist()[0] == [0.5, -1.0, 1.0]
    assert named_game("cournot", costs=(10.0, 10.0)).simultaneous_gradient(numpy.array([30.0, 30.0])).tolist() == [0, 0]
    assert named_game("dirac-gan").jacobian(numpy.zeros(2)).tolist() == [[0.0, -0.5], [0.5, 0.0]]
    assert named_game("kuhn-poker").dims == (9, 12)


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(ValueError, match=r"got 'forsake'. Did you mean forsaken"):
        named_game("forsake")
    with pytest.raises(ValueError, match=r"got '#'. The names are four_player_weak_attractor, "):
        named_game("#")
