import numpy
import pytest

from gamedyn.games import MatrixGame, NormalFormGame, player_slices
from gamedyn.updates import RegretMatching
from tests.updates.finite import PENNIES, gap, points

both = pytest.mark.parametrize("plus", [False, True])


def test_two_rounds_by_hand():
    # Lone player, payoffs 3, 1, 0 from uniform play: regrets 5/3, -1/3, -4/3, so all mass goes to the first.
    game = NormalFormGame([[3.0, 1.0, 0.0]])
    rule = RegretMatching()
    z = numpy.array([1.0, 1.0, 1.0]) / 3
    z, state = rule.step(game, z, rule.init(game, z))
    assert z.tolist() == [1.0, 0.0, 0.0]
    numpy.testing.assert_allclose(state.regrets, [5 / 3, -1 / 3, -4 / 3], rtol=1e-14)
    _, state = rule.step(game, z, state)
    numpy.testing.assert_allclose(state.regrets, [5 / 3, -7 / 3, -13 / 3], rtol=1e-14)


def test_regrets_in_proportion_and_forgotten():
    # Payoffs 3, 2, -5: uniform play has 0, and plays on with 3/5 and 2/5.
    game = NormalFormGame([[3.0, 2.0, -5.0]])
    z = numpy.ones(3) / 3
    for plus, third in ((False, -5.0), (True, 0.0)):
        rule = RegretMatching(plus)
        after, state = rule.step(game, z, rule.init(game, z))
        numpy.testing.assert_allclose(after, [0.6, 0.4, 0.0], rtol=1e-14)
        numpy.testing.assert_allclose(state.regrets, [3.0, 2.0, third], rtol=1e-14)


def external_regrets(game, path):
    """Per player: what it paid less what its best action in hindsight would have cost, and its sums per action."""
    xi = game.simultaneous_gradient(path)
    regrets = []
    for block in player_slices(game.dims):
        paid = (path[:, block] * xi[:, block]).sum()
        regrets.append(paid - xi[:, block].sum(0))
    return regrets


@both
@pytest.mark.parametrize("schedule", ["simultaneous", "alternating"])
def test_regrets_obey_their_bound(plus, schedule, rng):
    # |R+|^2 grows by at most a D^2 a round, as play is orthogonal to its regrets: D sqrt(T a), here with D at most 2.
    for sizes in ((3, 3), (2, 4, 3)):
        game = NormalFormGame(rng.uniform(-1, 1, (len(sizes), *sizes)))
        start = numpy.concatenate([rng.dirichlet(numpy.ones(size)) for size in sizes])
        rule = RegretMatching(plus, schedule=schedule)
        state, z = rule.init(game, start), start
        for t in range(1, 301):
            z, state = rule.step(game, z, state)
            for block, size in zip(player_slices(sizes), sizes, strict=True):
                assert state.regrets[block].max() <= 2 * numpy.sqrt(t * size)


def test_the_memory_is_the_external_regret(rng):
    game = NormalFormGame(rng.uniform(-1, 1, (3, 2, 3, 2)))
    rule = RegretMatching()
    z = numpy.concatenate([rng.dirichlet(numpy.ones(size)) for size in game.dims])
    path = points(rule, game, z, 100)
    state, z = rule.init(game, z), z
    for _ in range(100):
        z, state = rule.step(game, z, state)
    numpy.testing.assert_allclose(state.regrets, numpy.concatenate(external_regrets(game, path[:-1])), atol=1e-12)
    # Play is in proportion to positive regrets, so that these grow like a sum of squares at most (Blackwell).
    assert (numpy.maximum(state.regrets[:2], 0) ** 2).sum() <= 100 * 2 * 2**2


@both
def test_zero_sum_averages_are_as_good_as_the_regrets_are_small(plus, rng):
    # The costs paid cancel: the gap of the average strategies is the sum of both regrets over T, exactly.
    A = rng.uniform(-1, 1, (4, 3))
    game = MatrixGame(A)
    start = numpy.concatenate([rng.dirichlet(numpy.ones(4)), rng.dirichlet(numpy.ones(3))])
    gaps = []
    for steps in (100, 1600):
        path = points(RegretMatching(plus), game, start, steps)[:-1]
        total = sum(r.max() for r in external_regrets(game, path))
        gaps.append(gap(A, path.mean(0)))
        assert gaps[-1] == pytest.approx(total / steps, rel=1e-10, abs=1e-13)
        # The theorem's order 1 / sqrt(T).
        assert gaps[-1] <= 2 * (numpy.sqrt(4) + numpy.sqrt(3)) / numpy.sqrt(steps)
    assert gaps[1] < gaps[0] / 2


def test_in_turn_the_second_player_sees_the_first_ones_newest_play():
    # The first player's regret from x = (1, 0) against tails sends it to tails; only then does the second one look.
    rule = RegretMatching(schedule="alternating")
    z = numpy.array([1.0, 0.0, 0.0, 1.0])
    z, _ = rule.step(PENNIES, z, rule.init(PENNIES, z))
    assert z.tolist() == [0.0, 1.0, 1.0, 0.0]


def test_errors():
    with pytest.raises(ValueError, match="`plus` must be one of False, True, got 'yes'"):
        RegretMatching("yes")
