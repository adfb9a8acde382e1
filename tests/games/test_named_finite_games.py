"""Named finite games: their tables of payoffs as published, and their equilibria by exact enumeration."""

from fractions import Fraction
from math import comb

import numpy
import pytest

from gamedyn.equilibria import exploitability, nash_gaps, support_enumeration, zero_sum_equilibrium
from gamedyn.games import (
    battle_of_the_sexes,
    blotto,
    blotto_allocations,
    chicken,
    congestion_game,
    coordination_game,
    jordan_matching_pennies,
    matching_pennies,
    prisoners_dilemma,
    rock_paper_scissors,
    shapley_game,
    stag_hunt,
)
from gamedyn.updates import MultiplicativeWeights

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


def profiles(game):
    found = support_enumeration(game)
    assert not found.degenerate
    return {profile.exact for profile in found}


def pure(*actions, sizes=(2, 2)):
    return tuple(tuple(int(k == action) for k in range(size)) for action, size in zip(actions, sizes, strict=True))


def test_matching_pennies_has_one_equilibrium():
    assert profiles(matching_pennies()) == {((HALF, HALF), (HALF, HALF))}


def test_jordans_wishes_and_its_only_equilibrium():
    game = jordan_matching_pennies()
    for joint in numpy.ndindex(2, 2, 2):
        first, second, third = joint
        won = [1 if wish else -1 for wish in (first == second, second == third, third != first)]
        assert game.payoffs[(slice(None), *joint)].tolist() == won
    # A player who does not mix fixes the one who follows it, and so on around the circle, against the first.
    pure_points = [numpy.concatenate([numpy.eye(2)[k] for k in joint]) for joint in numpy.ndindex(2, 2, 2)]
    assert all(float(exploitability(game, z)) > 0 for z in pure_points)
    # What a player gains grows with (how far its target is from 1/2) unless it answers: a grid has one zero.
    ticks = numpy.linspace(0, 1, 9)
    p, q, r = (axis.ravel() for axis in numpy.meshgrid(ticks, ticks, ticks))
    gaps = exploitability(game, numpy.stack([p, 1 - p, q, 1 - q, r, 1 - r], axis=-1))
    (zero,) = numpy.flatnonzero(gaps < 1e-12)
    assert (p[zero], q[zero], r[zero]) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize("eps_x", [-0.875, -0.25, 0.0, 0.5, 0.9375])
@pytest.mark.parametrize("eps_y", [-0.5, 0.0, 0.75])
def test_rock_paper_scissors_has_one_equilibrium_for_all_ties(eps_x, eps_y):
    found = support_enumeration(rock_paper_scissors(eps_x, eps_y))
    (profile,) = found
    assert profile.exact == ((THIRD,) * 3,) * 2
    assert profile.payoffs == (Fraction(eps_x) / 3, Fraction(eps_y) / 3)


def test_rock_paper_scissors_by_its_rules():
    game = rock_paper_scissors(0.25, 0.5)
    beats = {(0, 2), (1, 0), (2, 1)}
    for i, j in numpy.ndindex(3, 3):
        won = 1 if (i, j) in beats else -1
        assert game.A[i, j] == (0.25 if i == j else won)
        assert game.B[i, j] == (0.5 if i == j else -won)


def test_the_zero_sum_replicator_keeps_the_relative_entropies(rng):
    def change(game, z):
        # d/dt of -sum log x_i / 3 along x_i' = -x_i (g_i - <x, g>).
        g, total = game.simultaneous_gradient(z), 0.0
        for block in (slice(0, 3), slice(3, 6)):
            total = total + (g[..., block] - (z[..., block] * g[..., block]).sum(-1, keepdims=True)).mean(-1)
        return total

    z = numpy.concatenate([rng.dirichlet(numpy.ones(3), 20), rng.dirichlet(numpy.ones(3), 20)], axis=-1)
    numpy.testing.assert_allclose(change(rock_paper_scissors(0.5, -0.5), z), 0, atol=1e-14)
    assert numpy.abs(change(rock_paper_scissors(0.5, 0.5), z)).max() > 0.01


def test_shapleys_game_has_one_equilibrium_and_a_cycle_of_six_better_replies():
    game = shapley_game()
    assert profiles(game) == {((THIRD,) * 3,) * 2}
    cell, path = (0, 0), []
    for _ in range(6):
        path.append(cell)
        i, j = cell
        # The player who gets nothing moves to its best reply.
        cell = (i, int(game.B[i].argmax())) if game.A[i, j] else (int(game.A[:, j].argmax()), j)
    assert cell == (0, 0)
    assert len(set(path)) == 6
    assert all(game.A[c] + game.B[c] == 1 for c in path)


def test_two_by_two_games_have_the_equilibria_of_their_names():
    mixed = {((Fraction(3, 4), Fraction(1, 4)),) * 2, ((2 * THIRD, THIRD),) * 2}
    assert profiles(prisoners_dilemma()) == {pure(1, 1)}
    hunt = support_enumeration(stag_hunt())
    assert {p.exact for p in hunt} == {pure(0, 0), pure(1, 1), ((Fraction(3, 4), Fraction(1, 4)),) * 2}
    assert profiles(chicken()) == {pure(0, 1), pure(1, 0), ((2 * THIRD, THIRD),) * 2}
    assert profiles(coordination_game()) == {pure(0, 0), pure(1, 1), ((HALF, HALF),) * 2}
    assert profiles(coordination_game(1.0, 3.0)) & mixed == {((Fraction(3, 4), Fraction(1, 4)),) * 2}
    sexes = support_enumeration(battle_of_the_sexes())
    assert {p.exact for p in sexes} == {pure(0, 0), pure(1, 1), ((2 * THIRD, THIRD), (THIRD, 2 * THIRD))}
    assert sexes.profiles[-1].payoffs == (2 * THIRD, 2 * THIRD)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: prisoners_dilemma(reward=6.0), "`temptation` > `reward` > `punishment` > `sucker`, got 5.0, 6.0"),
        (lambda: stag_hunt(temptation=5.0), "`reward` > `temptation` >= `punishment` > `sucker`, got 4.0, 5.0"),
        (lambda: chicken(punishment=3.0), "`temptation` > `reward` > `sucker` > `punishment`, got 7.0, 6.0, 2.0, 3.0"),
        (lambda: coordination_game(0.0), "`first` must be positive"),
        (lambda: coordination_game(1.0, -1.0), "`second` must be positive"),
        (lambda: battle_of_the_sexes(1.0, 1.0), "`favourite` > `other` > 0, got 1.0, 1.0"),
        (lambda: rock_paper_scissors(1.0), r"`eps_x` must lie in \(-1, 1\), got 1.0"),
        (lambda: rock_paper_scissors(0.0, -1.0), r"`eps_y` must lie in \(-1, 1\), got -1.0"),
        (lambda: blotto(0), "`soldiers` must be at least 1, got 0"),
        (lambda: blotto(2, 0), "`fields` must be at least 1, got 0"),
        (lambda: blotto(payoff="most"), "`payoff` must be one of 'fields', 'majority', got 'most'"),
        (lambda: congestion_game(0.0), "`a` must be positive"),
        (lambda: congestion_game(1.0, 1.0), r"`b` must lie in \(0, 1\), got 1.0"),
    ],
)
def test_payoffs_that_make_another_game_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize(("soldiers", "fields"), [(5, 3), (1, 1), (4, 2), (3, 4)])
def test_blotto_allocations_are_all_ways(soldiers, fields):
    found = blotto_allocations(soldiers, fields)
    every = [w for w in numpy.ndindex(*(soldiers + 1,) * fields) if sum(w) == soldiers]
    assert found == every
    assert len(found) == comb(soldiers + fields - 1, fields - 1)


def test_blotto_counts_fields():
    game, allocations = blotto(), blotto_allocations()
    assert game.dims == (21, 21)
    for payoff, compare in (("fields", int), ("majority", numpy.sign)):
        table = blotto(payoff=payoff).A
        for i, j in numpy.ndindex(21, 21):
            difference = numpy.subtract(allocations[i], allocations[j])
            assert table[i, j] == compare((difference > 0).sum() - (difference < 0).sum())
    numpy.testing.assert_array_equal(game.A, -game.A.T)
    solution = zero_sum_equilibrium(game)
    assert abs(solution.value) < 1e-14
    assert solution.gap < 1e-13


def test_majorities_differ_from_counts_on_four_fields_but_not_on_three():
    # Equal armies cannot win two of three fields and tie the last; three against one of four they can.
    numpy.testing.assert_array_equal(blotto(payoff="majority").A, blotto().A)
    allocations = blotto_allocations(3, 4)
    cell = allocations.index((1, 1, 1, 0)), allocations.index((0, 0, 0, 3))
    assert (blotto(3, 4).A[cell], blotto(3, 4, payoff="majority").A[cell]) == (2, 1)


def test_blotto_with_two_soldiers_by_hand():
    # (0, 2) against (2, 0) and (1, 1): every pair of allocations wins one field and loses the other, or ties.
    numpy.testing.assert_array_equal(blotto(2, 2).A, 0)


@pytest.mark.parametrize(("a", "b"), [(3.0, 0.5), (12.0, 0.3), (25.0, 0.7)])
def test_multiplicative_weights_on_the_congestion_game_are_the_published_map(a, b):
    game = congestion_game(a, b)
    for x in (0.1, 0.35, b, 0.8):
        moved, _ = MultiplicativeWeights(1.0).step(game, numpy.array([x, 1 - x, x, 1 - x]), None)
        image = x / (x + (1 - x) * numpy.exp(a * (x - b)))
        numpy.testing.assert_allclose(moved, [image, 1 - image] * 2, rtol=1e-13, atol=1e-15)


def test_time_averages_of_the_congestion_map_go_to_the_equilibrium_share():
    # Cesaro: x_t / (1 - x_t) telescopes, so that the mean of x_t - b is bounded by (log-odds range) / (a T).
    a, b, rounds, rule = 12.0, 0.3, 3000, MultiplicativeWeights(1.0)
    game, z = congestion_game(a, b), numpy.array([0.2, 0.8, 0.2, 0.8])
    visited = []
    for _ in range(rounds):
        visited.append(z[0])
        # The line of common strategies repels: rounding would part the players.
        z = numpy.tile(rule.step(game, z, None)[0][:2], 2)
    assert max(visited) - min(visited) > 0.4
    assert abs(numpy.mean(visited) - b) < 1e-4


def test_equilibria_and_stability_of_the_congestion_game():
    import sympy

    found = profiles(congestion_game(3.0, 0.5))
    assert found == {((HALF, HALF),) * 2, pure(0, 1), pure(1, 0)}
    game = congestion_game(8.0, 0.3)
    numpy.testing.assert_allclose(nash_gaps(game, numpy.array([0.3, 0.7, 0.3, 0.7])), 0, atol=1e-15)
    x, a, b = sympy.symbols("x a b", positive=True)
    slope = sympy.diff(x / (x + (1 - x) * sympy.exp(a * (x - b))), x).subs(x, b)
    # |1 - a b (1 - b)| < 1 for a b (1 - b) < 2.
    assert sympy.simplify(slope - (1 - a * b * (1 - b))) == 0
