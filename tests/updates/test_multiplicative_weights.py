import numpy
import pytest

from gamedyn.equilibria import exploitability
from gamedyn.games import Bilinear, KuhnPoker, MatrixGame, NormalFormGame
from gamedyn.updates import FictitiousPlay, MultiplicativeWeights
from tests.updates.finite import PENNIES, points, zero_sum_with_interior_equilibrium


def test_one_step_by_hand():
    # Payoffs log 2 and 0 with h = 1: odds of 1 to 3 become 2 to 3.
    game = NormalFormGame([[numpy.log(2), 0.0]])
    z, _ = MultiplicativeWeights(1.0).step(game, numpy.array([0.25, 0.75]), None)
    numpy.testing.assert_allclose(z, [0.4, 0.6], rtol=1e-15)


def test_in_log_odds_matching_pennies_is_an_explicit_euler_step():
    # s = log x_1/x_2 and t likewise: an action's payoff is plus or minus tanh of half the other's log-odds.
    h, (s, t) = 0.3, (0.4, -0.2)
    odds = numpy.array([s, t])
    z = 1 / (1 + numpy.exp([-odds[0], odds[0], -odds[1], odds[1]]))
    path = points(MultiplicativeWeights(h), PENNIES, z, 50)
    for x in path:
        numpy.testing.assert_allclose(numpy.log(x[0::2] / x[1::2]), (s, t), rtol=1e-11)
        s, t = s + 2 * h * numpy.tanh(t / 2), t - 2 * h * numpy.tanh(s / 2)


def test_zero_sum_play_moves_away_from_an_interior_equilibrium(rng):
    # sum_i KL(p_i | x_i) never decreases: costs average to the value at p against x and at x against p.
    for size in (2, 3, 5):
        A, p, q = zero_sum_with_interior_equilibrium(rng, size)
        star = numpy.concatenate([p, q])
        start = numpy.concatenate([rng.dirichlet(numpy.ones(size), 6), rng.dirichlet(numpy.ones(size), 6)], axis=-1)
        path = points(MultiplicativeWeights(0.2), MatrixGame(A), start, 100)
        divergence = (star * numpy.log(star / path)).sum(-1)
        assert numpy.all(numpy.diff(divergence, axis=0) > 0)


def test_the_average_has_the_regret_of_hedge(rng):
    # Regret of T rounds at costs within [-1, 1] is at most log(a) / h + h T / 2, from uniform play, against anything.
    steps, h = 400, 0.1
    game = NormalFormGame(rng.uniform(-1, 1, (3, 4, 2, 3)))
    path = points(MultiplicativeWeights(h), game, numpy.repeat([1 / 4, 1 / 2, 1 / 3], [4, 2, 3]), steps)[:-1]
    xi = game.simultaneous_gradient(path)
    for block, actions in ((slice(0, 4), 4), (slice(4, 6), 2), (slice(6, 9), 3)):
        paid = (path[:, block] * xi[:, block]).sum()
        regret = paid - xi[:, block].sum(0).min()
        assert regret <= numpy.log(actions) / h + h * steps / 2


def test_masses_that_exponentials_lose_survive_in_logarithms():
    # 1e-300 exp(800) is finite only if it is never split.
    game = NormalFormGame([[800.0, 0.0]])
    z, _ = MultiplicativeWeights(1.0).step(game, numpy.array([1e-300, 1.0]), None)
    numpy.testing.assert_allclose(z[1], numpy.exp(-800 + 300 * numpy.log(10)), rtol=1e-11)


def test_a_player_may_play_several_simplices():
    # Kuhn's poker by one simplex for each card: averages of play come near to the value -1/18 of the first player.
    game = KuhnPoker()
    start = numpy.concatenate([numpy.full(9, 1 / 3), numpy.full(12, 1 / 2)])
    path = points(MultiplicativeWeights(0.2), game, start, 3000)
    for block in (path[..., :9].reshape(-1, 3, 3), path[..., 9:].reshape(-1, 6, 2)):
        numpy.testing.assert_allclose(block.sum(-1), 1.0, rtol=1e-12)
    mean = path.mean(axis=0)
    assert exploitability(game, mean) < 0.02
    assert game.losses(mean)[0] == pytest.approx(1 / 18, abs=0.01)
    with pytest.raises(ValueError, match="`FictitiousPlay` needs a game with one simplex per player as its domain"):
        FictitiousPlay().init(game, start)
    with pytest.raises(ValueError, match="needs a game with one or more simplices per player as its domain, got Reals"):
        MultiplicativeWeights(0.1).init(Bilinear([[1.0]]), numpy.ones(2))


def test_errors():
    with pytest.raises(ValueError, match="`step_size` must be positive"):
        MultiplicativeWeights(0.0)
