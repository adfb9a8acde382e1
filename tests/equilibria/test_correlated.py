"""Correlated equilibria: Aumann's example, obedience, and Nash equilibria among them."""

import numpy
import pytest

from gamedyn.equilibria import correlated_equilibrium, support_enumeration
from gamedyn.games import Bilinear, MatrixGame, NormalFormGame, chicken, jordan_matching_pennies, prisoners_dilemma


def disobedience(game, p):
    """The largest gain of a player who plays b when told a, from the definition."""
    gains = []
    for i, table in enumerate(game.payoffs):
        own, told = numpy.moveaxis(table, i, 0), numpy.moveaxis(p, i, 0)
        gains += [(told[a] * (own[b] - own[a])).sum() for a in range(len(own)) for b in range(len(own)) if a != b]
    return max(gains)


def test_chicken_has_a_mediator_better_than_nash():
    # p on (swerve, swerve) and q on each of the two next to it: 6 p + 2 q >= 7 p and p + 2 q = 1, so that p <= 1/2.
    best = correlated_equilibrium(chicken())
    numpy.testing.assert_allclose(best.distribution, [[0.5, 0.25], [0.25, 0.0]], atol=1e-12)
    numpy.testing.assert_allclose(best.payoffs, 21 / 4, atol=1e-12)
    assert best.violation < 1e-12
    nash = max(sum(profile.payoffs) for profile in support_enumeration(chicken()))
    assert best.payoffs.sum() > nash
    assert str(best) == "payoffs 5.25, 5.25; joint actions (0, 0): 0.5, (0, 1): 0.25, (1, 0): 0.25"


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_units_of_payoff_do_not_matter(unit):
    plain = chicken()
    best = correlated_equilibrium(MatrixGame(unit * plain.A, unit * plain.B))
    numpy.testing.assert_allclose(best.payoffs, unit * 21 / 4, rtol=1e-12)


def test_weights_choose_whom_to_favour():
    favoured = correlated_equilibrium(chicken(), weights=[1, 0])
    numpy.testing.assert_allclose(favoured.payoffs, [7.0, 2.0], atol=1e-12)


def test_dominated_actions_are_never_recommended():
    best = correlated_equilibrium(prisoners_dilemma())
    numpy.testing.assert_allclose(best.distribution, [[0.0, 0.0], [0.0, 1.0]], atol=1e-15)
    assert best.violation == 0


def test_three_players_and_random_games_obey(rng):
    games = [NormalFormGame(rng.standard_normal((3, 2, 3, 2))) for _ in range(5)]
    for game in [jordan_matching_pennies(), *games, MatrixGame(1e9 * rng.standard_normal((4, 3)))]:
        best = correlated_equilibrium(game)
        scale = numpy.abs(game.payoffs).max()
        assert disobedience(game, best.distribution) < 1e-12 * scale
        assert best.violation == pytest.approx(disobedience(game, best.distribution), abs=1e-15 * scale)
        assert best.distribution.sum() == pytest.approx(1)
        expected = [(table * best.distribution).sum() for table in game.payoffs]
        numpy.testing.assert_allclose(best.payoffs, expected, rtol=1e-12, atol=1e-12 * scale)


def test_the_best_is_no_worse_than_any_nash_equilibrium(rng):
    for _ in range(10):
        game = MatrixGame(*rng.integers(-9, 10, (2, 3, 3)).astype(float))
        nash = max(float(sum(profile.payoffs)) for profile in support_enumeration(game))
        assert correlated_equilibrium(game).payoffs.sum() >= nash - 1e-9


def test_one_action_each():
    assert correlated_equilibrium(MatrixGame([[2.0]], [[3.0]])).violation == 0


def test_bad_arguments_are_named():
    with pytest.raises(TypeError, match="`game` must be a NormalFormGame, got Bilinear"):
        correlated_equilibrium(Bilinear([[1.0]]))
    with pytest.raises(ValueError, match="`weights` must be one finite number for each of 2 players"):
        correlated_equilibrium(chicken(), weights=[1.0])
