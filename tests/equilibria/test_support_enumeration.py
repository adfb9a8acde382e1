"""Support enumeration: exact equilibria, their odd number, and degenerate games said to be degenerate."""

from fractions import Fraction
from itertools import product

import numpy
import pytest

from gamedyn.equilibria import FiniteEquilibria, lemke_howson, support_enumeration
from gamedyn.games import MatrixGame, NormalFormGame
from tests.equilibria.finite_oracles import index, is_nash, rational

HALF = Fraction(1, 2)


def random_games(rng, count):
    for _ in range(count):
        shape = tuple(rng.integers(1, 5, 2))
        spread = rng.choice([1, 3, 10, 1000])
        yield rng.integers(-spread, spread + 1, (2, *shape))


def check_games(games):
    """(nondegenerate, degenerate) counts of games whose every equilibrium is verified exactly."""
    counts = [0, 0]
    for a, b in games:
        found = support_enumeration(a, b)
        exact = rational(a), rational(b)
        assert all(is_nash(*profile.exact, *exact) for profile in found)
        profiles = {profile.exact for profile in found}
        assert len(profiles) == len(found)
        for label in range(sum(a.shape)):
            assert lemke_howson(a, b, label=label).exact in profiles
        if not found.degenerate:
            assert len(found) % 2 == 1
            assert sum(index(profile, *exact) for profile in found) == 1
            assert all(len(x) == len(y) for x, y in (profile.supports for profile in found))
            assert not found.infinite
        counts[found.degenerate] += 1
    return counts


def test_equilibria_are_exact_odd_in_number_and_hold_those_of_lemke_and_howson(rng):
    nondegenerate, degenerate = check_games(random_games(rng, 100))
    assert nondegenerate > 30
    assert degenerate > 20


@pytest.mark.full
def test_three_thousand_games(rng):
    nondegenerate, degenerate = check_games(random_games(rng, 3000))
    assert nondegenerate + degenerate == 3000


def pure_equilibria(a, b):
    """Cells that are best in their column of a and in their row of b."""
    cells = product(range(a.shape[0]), range(a.shape[1]))
    return {(i, j) for i, j in cells if a[i, j] == a[:, j].max() and b[i, j] == b[i].max()}


def test_pure_equilibria_are_all_found(rng):
    for a, b in random_games(rng, 60):
        supports = [profile.supports for profile in support_enumeration(a, b)]
        pure = {(x[0], y[0]) for x, y in supports if len(x) == len(y) == 1}
        assert pure == pure_equilibria(a, b)


def test_six_actions_of_agreement_have_one_equilibrium_for_every_set_of_actions():
    # Both get 1 for the same action: any set of k actions, each with 1/k.
    found = support_enumeration(numpy.eye(6), numpy.eye(6))
    assert len(found) == 2**6 - 1
    assert not found.degenerate
    for profile in found:
        (x, y), size = profile.supports, len(profile.supports[0])
        assert x == y
        assert profile.payoffs == (Fraction(1, size), Fraction(1, size))


def test_published_extreme_equilibria_of_a_degenerate_game():
    # The first example of von Stengel's survey with one payoff changed; solved in rationals by lrsnash.
    found = support_enumeration([[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]])
    third = Fraction(1, 3)
    assert {profile.exact for profile in found} == {
        ((1, 0, 0), (1, 0)),
        ((1, 0, 0), (2 * third, third)),
        ((0, third, 2 * third), (third, 2 * third)),
    }
    assert found.degenerate
    assert found.reason == "the row strategy (1, 0, 0) uses 1 action and has 2 best responses"
    assert found.infinite
    assert sorted(map(len, found.components)) == [1, 2]
    assert str(found).endswith("a continuum of equilibria joins numbers 1, 2")


def test_two_equal_rows_leave_a_continuum_where_floating_solvers_fail():
    found = support_enumeration([[0, -1, 1], [-1, 0, 1], [-1, 0, 1]])
    half = (HALF, HALF, 0)
    assert {profile.exact for profile in found} == {(half, half), ((HALF, 0, HALF), half)}
    assert found.components == ((0, 1),)
    # Of several such strategies, one that an equilibrium uses is named.
    assert found.reason == "the column strategy (1/2, 1/2, 0) uses 2 actions and has 3 best responses"


def test_mixtures_within_a_component_are_equilibria():
    a, b = numpy.array([[3, 3], [2, 5], [0, 6]]), numpy.array([[3, 3], [2, 6], [3, 1]])
    found = support_enumeration(a, b)
    (joined,) = [component for component in found.components if len(component) > 1]
    for weight in (Fraction(1, 7), HALF):
        first, second = (found.profiles[i].exact[1] for i in joined)
        y = tuple(weight * p + (1 - weight) * q for p, q in zip(first, second, strict=True))
        assert is_nash(found.profiles[joined[0]].exact[0], y, rational(a), rational(b))


def test_a_constant_game_is_all_equilibria():
    found = support_enumeration(numpy.zeros((2, 3)))
    assert len(found) == 6
    assert found.components == (tuple(range(6)),)


def test_degenerate_away_from_equilibrium():
    # The top row is dominated; against it two columns tie.
    found = support_enumeration([[0, 0], [1, 1]], [[1, 1], [2, 0]])
    assert len(found) == 1
    assert found.degenerate
    assert not found.infinite
    assert found.reason == "the row strategy (1, 0) uses 1 action and has 2 best responses"


def test_payoffs_count_exactly():
    third = Fraction(1, 3)
    tie = support_enumeration([[third, third + third + third], [0, 1]], [[1, 0], [0, 1]])
    assert tie.degenerate
    # 0.1 + 0.2 is the next float after 0.3: a tie in decimals, none in binary.
    assert not support_enumeration([[0.3], [0.1 + 0.2]]).degenerate
    assert support_enumeration([[0.3], [0.3]]).degenerate


def test_equilibria_do_not_change_with_the_units_of_payoff():
    a, b = numpy.array([[1.5, 0.0], [0.0, 1.0]]), numpy.array([[1.0, 0.0], [0.0, 2.5]])
    plain = [profile.exact for profile in support_enumeration(a, b)]
    assert [profile.exact for profile in support_enumeration(a * 2.0**300 - 2.0**280, b * 2.0**-900)] == plain
    assert [profile.exact for profile in support_enumeration(a, b).profiles] == plain


def test_games_and_arrays_of_every_library_are_taken(game_library):
    table = [[[3.0, 0.0], [5.0, 1.0]], [[3.0, 5.0], [0.0, 1.0]]]
    a, b = (game_library.asarray(one) for one in table)
    for found in (
        support_enumeration(a, b),
        support_enumeration(MatrixGame(a, b)),
        support_enumeration(NormalFormGame(game_library.asarray(table))),
    ):
        assert isinstance(found, FiniteEquilibria)
        (profile,) = found
        assert profile.exact == ((0, 1), (0, 1))
        numpy.testing.assert_array_equal(profile.z, [0.0, 1.0, 0.0, 1.0])
        assert [s.dtype for s in profile.strategies] == [numpy.float64] * 2


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([[1.0, numpy.nan]],), ValueError, "`a` must be finite, got nan"),
        (([[1, 2]], [[1], [2]]), ValueError, r"`b` must have the shape \(1, 2\) of `a`, got \(2, 1\)"),
        (([[1, 2], [3]],), ValueError, r"`a` must have rows of one length, got lengths \[2, 1\]"),
        (([1, 2],), ValueError, r"`a` must be a payoff matrix of shape \(m, k\)"),
        (([[]],), ValueError, r"`a` must be a payoff matrix of shape \(m, k\)"),
        (([["1"]],), TypeError, "`a` must hold real numbers, got '1' of type str"),
        (([[1j]],), TypeError, "`a` must hold real numbers"),
        ((MatrixGame([[1.0]]), [[1.0]]), TypeError, "`b` must be left out"),
        ((NormalFormGame(numpy.zeros((3, 2, 2, 2))),), ValueError, "`a` must be a game of two players, got 3"),
    ],
)
def test_bad_payoffs_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        support_enumeration(*arguments)
