from fractions import Fraction

import numpy
import pytest

from gamedyn.games import MatrixGame
from gamedyn.updates import FictitiousPlay
from tests.updates.finite import PENNIES, ROCK_PAPER_SCISSORS, SHAPLEY, gap, points


def counted(A, B, start, rounds, in_turn):
    """Fictitious play in whole numbers: how often each action was played, ties to the first."""
    counts = [[int(k == start[i]) for k in range(A.shape[i])] for i in (0, 1)]
    history = [[list(c) for c in counts]]
    for _ in range(rounds):
        for player, table in ((0, A.tolist()), (1, B.T.tolist())):
            # In turn, the second player sees the first one's newest move: one more in the same proportions.
            seen = counts[1 - player] if in_turn else history[-1][1 - player]
            total = sum(seen)
            payoffs = [Fraction(sum(int(a) * n for a, n in zip(row, seen, strict=True)), total) for row in table]
            counts[player][payoffs.index(max(payoffs))] += 1
        history.append([list(c) for c in counts])
    return numpy.array([c[0] + c[1] for c in history]) / numpy.arange(1, rounds + 2)[:, None]


@pytest.mark.parametrize("schedule", ["simultaneous", "alternating"])
def test_play_is_that_of_counting(schedule, rng):
    for trial in range(4):
        # Small whole payoffs tie often.
        A, B = rng.integers(-2, 3, (2, 3, 4)).astype(float)
        if trial == 3:
            # Ties of costs that cancel to 0.
            A[:, :3], A[:, 3], B = numpy.asarray(ROCK_PAPER_SCISSORS.A), 0.0, -A
        z = numpy.zeros(7)
        z[trial % 3] = z[3 + trial] = 1
        path = points(FictitiousPlay(schedule=schedule), MatrixGame(A, B), z, 300)
        expected = counted(A, B, (trial % 3, trial), 300, schedule == "alternating")
        numpy.testing.assert_allclose(path, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("schedule", ["simultaneous", "alternating"])
@pytest.mark.parametrize("game", [PENNIES, ROCK_PAPER_SCISSORS], ids=["pennies", "rps"])
def test_zero_sum_averages_converge(game, schedule):
    A = numpy.asarray(game.A)
    start = numpy.eye(2 * len(A))[0] + numpy.eye(2 * len(A))[len(A)]
    path = points(FictitiousPlay(schedule=schedule), game, start, 2000)
    gaps = gap(A, path)
    # Karlin's order 1 / sqrt(T) at the least.
    assert gaps[-1] <= 3 / numpy.sqrt(2000)
    assert gaps[-1] < gaps[100] / 2


def test_runs_in_shapleys_game_grow_by_the_root_of_a_cubic():
    # A run ends when an action's count passes that of the one before it. With runs in geometric progression of ratio
    # r the counts give r^5 + 1 = r^4 + r^3, that is (r - 1)(r + 1)(r^3 - r^2 - 1) = 0.
    ratio = max(numpy.roots([1, -1, 0, -1]).real)
    assert ratio == pytest.approx(1.4655712318767680)
    steps = 4000
    path = points(FictitiousPlay(), SHAPLEY, numpy.array([1.0, 0, 0, 1.0, 0, 0]), steps)
    counts = path * numpy.arange(1, steps + 2)[:, None]
    played = numpy.round(numpy.diff(counts, axis=0)).astype(int)
    profile = played[:, :3].argmax(-1) * 3 + played[:, 3:].argmax(-1)
    changes = numpy.flatnonzero(numpy.diff(profile)) + 1
    runs = numpy.diff(changes)
    assert len(runs) > 12
    # The profiles (match, match), (match, ahead) in turn, never a seventh one.
    cycle = profile[changes[-8:]]
    assert len(set(cycle.tolist())) == 6
    assert cycle[:2].tolist() == cycle[6:].tolist()
    numpy.testing.assert_allclose(runs[-4:] / runs[-5:-1], ratio, rtol=0.01)
    # No convergence: the players' averages stay away from the only equilibrium, the uniform one.
    assert numpy.min(abs(path[1000:] - 1 / 3).max(-1)) > 0.1


def test_a_heavier_start_is_a_longer_past():
    # Three rounds of the start, then heads: (3 z + b) / 4.
    z = numpy.array([0.25, 0.75, 1.0, 0.0])
    path = points(FictitiousPlay(3.0), PENNIES, z, 1)
    assert path[1].tolist() == [(0.75 + 1) / 4, 2.25 / 4, 1.0, 0.0]


def test_errors():
    with pytest.raises(ValueError, match="`initial_weight` must be positive"):
        FictitiousPlay(0.0)
    with pytest.raises(ValueError, match="`schedule` must be one of"):
        FictitiousPlay(schedule="turns")
    with pytest.raises(NotImplementedError, match="FictitiousPlay has no flow"):
        FictitiousPlay().flow(PENNIES, numpy.full(4, 0.5))
