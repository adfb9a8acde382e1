"""Strict dominance: by pure and by mixed strategies, exactly, and its iteration."""

from fractions import Fraction

import numpy
import pytest

from gamedyn.equilibria import eliminate_dominated, is_dominated, support_enumeration


def test_mixed_strategies_dominate_where_no_pure_one_does():
    matrix = [[4, 0], [1, 1], [0, 4]]
    assert [is_dominated(matrix, action=i) for i in range(3)] == [False, True, False]
    # At 2 the mixture only ties: weak dominance is none.
    assert not is_dominated([[4, 0], [2, 2], [0, 4]], action=1)
    edge = Fraction(2) - Fraction(1, 10**30)
    assert is_dominated([[4, 0], [edge, edge], [0, 4]], action=1)


def test_columns_are_the_second_players():
    a, b = [[0, 0], [0, 0]], [[1, 2], [3, 4]]
    assert is_dominated(a, b, action=0, player=1)
    assert not is_dominated(a, b, action=1, player=1)
    assert not is_dominated(a, b, action=0, player=0)
    assert not is_dominated([[1]], action=0)


def test_rounds_of_a_solvable_game():
    # Right is worse than middle for the column player; then down is worse than up; then left is worse than middle.
    a, b = [[1, 1, 0], [0, 0, 2]], [[0, 2, 1], [3, 1, 0]]
    found = eliminate_dominated(a, b)
    assert (found.rows, found.columns) == ((0,), (1,))
    assert found.rounds == (((), (2,)), ((1,), ()), ((), (0,)))
    assert str(found).splitlines() == [
        "rows 0 and columns 1 survive",
        "  round 1 removes rows none and columns 2",
        "  round 2 removes rows 1 and columns none",
        "  round 3 removes rows none and columns 0",
    ]


def test_equilibria_use_survivors_only(rng):
    removed = 0
    for _ in range(40):
        a, b = rng.integers(-5, 6, (2, 3, 4))
        found = eliminate_dominated(a, b)
        removed += 7 - len(found.rows) - len(found.columns)
        for profile in support_enumeration(a, b):
            rows, columns = profile.supports
            assert set(rows) <= set(found.rows)
            assert set(columns) <= set(found.columns)
        left = numpy.ix_(found.rows, found.columns)
        assert eliminate_dominated(a[left], b[left]).rounds == ()
    assert removed > 20


def test_a_certificate_from_linear_programming(rng):
    from scipy.optimize import linprog

    for _ in range(40):
        a = rng.integers(-5, 6, (4, 3))
        others = numpy.delete(a, 0, axis=0) - a[0]
        # max v with x^T others >= v over probabilities x.
        result = linprog(
            [0, 0, 0, -1],
            A_ub=numpy.hstack([-others.T, numpy.ones((3, 1))]),
            b_ub=numpy.zeros(3),
            A_eq=[[1, 1, 1, 0]],
            b_eq=[1],
            bounds=[(0, None)] * 3 + [(None, None)],
        )
        assert is_dominated(a, action=0) == (result.x[3] > 1e-9)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="`action` must be below 2, the number of the player's actions, got 2"):
        is_dominated(numpy.eye(2), action=2)
    with pytest.raises(ValueError, match="`player` must be one of 0, 1, got 2"):
        is_dominated(numpy.eye(2), action=0, player=2)
