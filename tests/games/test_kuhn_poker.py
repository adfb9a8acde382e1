"""Kuhn poker: rules played out by hand, the value -1/18, and that its optimal strategies are no others."""

from fractions import Fraction
from itertools import permutations

import numpy
import pytest

from gamedyn.equilibria import exploitability, zero_sum_equilibrium
from gamedyn.games import KuhnPoker


def play(mine, yours, x, y):
    """The first player's win when both follow pure plans: x a word per card, y a pair of words per card."""
    won = 1 if mine > yours else -1
    after_check, after_bet = y[yours]
    if x[mine] == "bet":
        return 1 if after_bet == "fold" else 2 * won
    if after_check == "check":
        return won
    return -1 if x[mine] == "fold" else 2 * won


def plans(player):
    words = ["bet", "fold", "call"], [(p, q) for p in ("check", "bet") for q in ("fold", "call")]
    return [(a, b, c) for a in words[player] for b in words[player] for c in words[player]]


def test_the_matrix_of_pure_strategies_is_the_game_played_out():
    table = KuhnPoker().matrix_game().A
    assert table.shape == (27, 64)
    deals = list(permutations(range(3), 2))
    expected = [[sum(play(*deal, x, y) for deal in deals) / 6 for y in plans(1)] for x in plans(0)]
    numpy.testing.assert_allclose(table, expected, atol=1e-15)


def test_the_value_is_minus_one_eighteenth():
    solution = zero_sum_equilibrium(KuhnPoker().matrix_game())
    assert solution.value == pytest.approx(-1 / 18, abs=1e-14)
    assert solution.gap < 1e-14


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.25, 1 / 3])
def test_the_family_is_optimal(alpha):
    game = KuhnPoker()
    z = game.equilibrium(alpha)
    assert bool(game.domain.contains(z))
    assert float(exploitability(game, z)) < 1e-15
    numpy.testing.assert_allclose(game.losses(z), [1 / 18, -1 / 18], atol=1e-16)


def test_strategies_outside_the_family_are_exploitable(rng):
    game = KuhnPoker()
    for _ in range(10):
        z = numpy.concatenate([rng.dirichlet(numpy.ones(size)) for size in game.domain.sizes])
        assert float(exploitability(game, z)) > 0.01


def optimal_range(matrix, value, blocks, cost):
    """The least and the largest <cost, x> over x in the simplices with x^T matrix @ y >= value for all y."""
    from scipy.optimize import linprog

    own, theirs = blocks
    # The least x^T U y over y is a sum of minima, one t_k for each of the other player's simplices.
    m, n = sum(own), len(theirs)
    which = numpy.repeat(numpy.arange(n), theirs)
    upper = numpy.hstack([-matrix.T, numpy.eye(n)[which]])
    upper = numpy.vstack([upper, numpy.append(numpy.zeros(m), -numpy.ones(n))])
    equal = numpy.hstack(
        [numpy.eye(len(own))[:, numpy.repeat(numpy.arange(len(own)), own)], numpy.zeros((len(own), n))]
    )
    ends = []
    for sign in (1, -1):
        result = linprog(
            numpy.append(sign * cost, numpy.zeros(n)),
            A_ub=upper,
            b_ub=numpy.append(numpy.zeros(sum(theirs)), -value),
            A_eq=equal,
            b_eq=numpy.ones(len(own)),
            bounds=[(0, None)] * m + [(None, None)] * n,
        )
        assert result.status == 0
        ends.append(sign * result.fun)
    return ends


def test_no_other_strategy_is_optimal():
    game = KuhnPoker()
    payoffs = -game.matrix
    own, theirs = (3, 3, 3), (2,) * 6
    z = game.equilibrium(0.0)
    # Everything about the second player is fixed.
    for k, column in enumerate(numpy.eye(12)):
        ends = optimal_range(-payoffs.T, 1 / 18, (theirs, own), column)
        numpy.testing.assert_allclose(ends, z[9 + k], atol=1e-8)
    # The bluff ranges over [0, 1/3], and fixes the rest.
    bluff = numpy.eye(9)[0]
    numpy.testing.assert_allclose(optimal_range(payoffs, -1 / 18, (own, theirs), bluff), [0, 1 / 3], atol=1e-8)
    slopes = game.equilibrium(1 / 3)[:9] - z[:9]
    for k, row in enumerate(numpy.eye(9)):
        relation = row - 3 * slopes[k] * bluff
        ends = optimal_range(payoffs, -1 / 18, (own, theirs), relation)
        numpy.testing.assert_allclose(ends, z[k], atol=1e-8)


def test_pure_strategies_are_the_vertices_of_the_domain():
    game = KuhnPoker()
    for player, (count, width) in enumerate([(27, 9), (64, 12)]):
        vertices = game.pure_strategies(player)
        assert vertices.shape == (count, width)
        assert len({tuple(row) for row in vertices}) == count
        assert set(vertices.ravel()) == {0.0, 1.0}
        assert set(vertices.sum(axis=1)) == {(3.0, 6.0)[player]}


def test_the_value_in_rationals():
    x, y = (KuhnPoker().equilibrium(0.0)[part] for part in (slice(9), slice(9, 21)))
    exact = [[Fraction(p).limit_denominator(100) for p in side] for side in (x, y)]
    sixths = numpy.rint(-6 * KuhnPoker().matrix).astype(int)
    value = sum(p * int(sixths[i, j]) * q for i, p in enumerate(exact[0]) for j, q in enumerate(exact[1])) / 6
    assert value == Fraction(-1, 18)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"`alpha` must lie in \[0, 0.333333\], got 0.5"):
        KuhnPoker().equilibrium(0.5)
    with pytest.raises(ValueError, match="`player` must be one of 0, 1, got 2"):
        KuhnPoker().pure_strategies(2)
