"""Lemke-Howson: paths end at equilibria, from every label and for degenerate games too."""

from fractions import Fraction

import numpy
import pytest

from gamedyn.equilibria import lemke_howson
from tests.equilibria.finite_oracles import is_nash, rational


def test_labels_lead_to_both_pure_equilibria_of_a_coordination_game():
    game = [[2, 0], [0, 1]], [[1, 0], [0, 2]]
    ends = [lemke_howson(*game, label=label).supports for label in range(4)]
    assert ends == [((0,), (0,)), ((1,), (1,)), ((0,), (0,)), ((1,), (1,))]


def test_a_game_by_hand():
    # No pure equilibrium; rows tie where 6 q = 5 q + 4 (1 - q), columns where 1 - p = p.
    profile = lemke_howson([[6, 0], [5, 4]], [[0, 1], [1, 0]])
    q = Fraction(4, 5)
    assert profile.exact == ((Fraction(1, 2), Fraction(1, 2)), (q, 1 - q))
    assert profile.payoffs == (6 * q, Fraction(1, 2))


@pytest.mark.parametrize("label", range(6))
def test_equal_rows_do_not_stop_the_path(label):
    matrix = numpy.array([[0, -1, 1], [-1, 0, 1], [-1, 0, 1]])
    profile = lemke_howson(matrix, label=label)
    assert is_nash(*profile.exact, rational(matrix), rational(-matrix))


def test_a_path_that_would_circle_for_ever_without_the_lexicographic_rule():
    a = [[2, 0, 0], [1, 1, 0], [0, 1, 1], [2, 1, 0]]
    b = [[0, 0, 1], [2, 0, 2], [1, 2, 2], [1, 2, 2]]
    assert is_nash(*lemke_howson(a, b, label=5).exact, rational(a), rational(b))


def test_games_full_of_ties_end_at_equilibria(rng):
    for _ in range(60):
        a, b = rng.integers(0, 2, (2, *rng.integers(1, 6, 2)))
        for label in range(sum(a.shape)):
            assert is_nash(*lemke_howson(a, b, label=label).exact, rational(a), rational(b))


def test_twenty_actions(rng):
    a, b = rng.integers(-100, 101, (2, 20, 20))
    assert is_nash(*lemke_howson(a, b, label=7).exact, rational(a), rational(b))


def test_large_games_of_floats_stay_exact(rng):
    a, b = rng.standard_normal((2, 8, 8))
    x, y = lemke_howson(a, b).exact
    exact = [[[Fraction(value) for value in row] for row in matrix.tolist()] for matrix in (a, b)]
    assert is_nash(x, y, *exact)


@pytest.mark.parametrize(
    ("label", "error", "message"),
    [
        (4, ValueError, "`label` must be below 4, the number of both players' actions, got 4"),
        (-1, ValueError, "`label` must be at least 0, got -1"),
        (0.0, TypeError, "`label` must be an integer"),
    ],
)
def test_there_are_as_many_labels_as_actions(label, error, message):
    with pytest.raises(error, match=message):
        lemke_howson(numpy.eye(2), label=label)
