import numpy
import pytest

from gamedyn.games import MatrixGame, NormalFormGame
from gamedyn.updates import MultiplicativeWeights, OptimisticMultiplicativeWeights
from tests.updates.finite import PENNIES, gap, points, zero_sum_with_interior_equilibrium


def test_the_first_step_is_plain_and_the_second_extrapolates():
    # A lone player's payoffs do not change: every step multiplies the odds by exp(h log 2).
    game = NormalFormGame([[numpy.log(2), 0.0]])
    path = points(OptimisticMultiplicativeWeights(1.0), game, numpy.array([0.25, 0.75]), 2)
    numpy.testing.assert_allclose(path[1:, 0] / path[1:, 1], [2 / 3, 4 / 3], rtol=1e-14)
    start = numpy.array([0.3, 0.7, 0.6, 0.4])
    plain, _ = MultiplicativeWeights(0.5).step(PENNIES, start, None)
    two = points(OptimisticMultiplicativeWeights(0.5), PENNIES, start, 2)
    numpy.testing.assert_allclose(two[1], plain, rtol=1e-14)
    payoffs = [-PENNIES.simultaneous_gradient(z) for z in two]
    weights = two[1] * numpy.exp(0.5 * (2 * payoffs[1] - payoffs[0]))
    numpy.testing.assert_allclose(two[2], weights / numpy.repeat(weights.reshape(2, 2).sum(-1), 2), rtol=1e-14)


@pytest.mark.parametrize("h", [0.1, 0.3, 0.45])
def test_the_last_iterate_converges_at_the_rate_of_its_linearisation(h):
    # In log-odds next to the equilibrium of pennies J = [[0, -1], [1, 0]]: r^2 - (1 - 2 h l) r - h l = 0, l = i.
    rate = max(abs(numpy.roots([1, -(1 - 2j * h), -1j * h])))
    assert rate < 1
    z = numpy.array([0.51, 0.49, 0.5, 0.5])
    steps = int(numpy.log(1e-6) / numpy.log(rate))
    distance = numpy.linalg.norm(points(OptimisticMultiplicativeWeights(h), PENNIES, z, steps) - 0.5, axis=-1)
    half = len(distance) // 2
    slope = numpy.polyfit(numpy.arange(half, len(distance)), numpy.log(distance[half:]), 1)[0]
    assert slope == pytest.approx(numpy.log(rate), rel=0.01)


def test_the_last_iterate_finds_interior_equilibria(rng):
    A, _, _ = zero_sum_with_interior_equilibrium(rng, 3)
    path = points(OptimisticMultiplicativeWeights(0.2), MatrixGame(A), numpy.full(6, 1 / 3), 2000)
    assert gap(A, path[-1]) < 0.01 * gap(A, path[0])
