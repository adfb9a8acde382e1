import numpy
import pytest

from gamedyn.games import Bilinear, Box, MatrixGame
from gamedyn.updates import Extragradient, MirrorProx
from tests.updates.finite import gap, points, zero_sum_with_interior_equilibrium


def test_without_constraints_it_is_extragradient(rng):
    game = Bilinear(rng.standard_normal((2, 3)))
    z = rng.standard_normal(5)
    numpy.testing.assert_array_equal(points(MirrorProx(0.2), game, z, 30), points(Extragradient(0.2), game, z, 30))


def test_one_step_by_hand_on_the_simplex():
    game = MatrixGame([[numpy.log(4), 0.0], [0.0, numpy.log(4)]])
    z = numpy.array([0.5, 0.5, 0.8, 0.2])
    # Payoff differences: 0.6 log 4 for the first player, 0 for the second one, whose costs are equal at x = 1/2.
    # Ahead: x odds 4^0.6; then the first player moves by the same payoffs, the second against those odds.
    odds = 4**0.6
    x = odds / (1 + odds)
    after, _ = MirrorProx(1.0).step(game, z, None)
    numpy.testing.assert_allclose(after[0] / after[1], odds, rtol=1e-13)
    numpy.testing.assert_allclose(after[2] / after[3], 4 * 4 ** -(2 * x - 1), rtol=1e-13)


def test_the_average_has_the_gap_of_the_theorem(rng):
    # L = max |A| in the norms |.|_1 and its dual; D = log m + log k from uniform play: gap <= D / (h T) for h L <= 1.
    steps = 200
    for shape in ((2, 2), (3, 5), (10, 4)):
        A = rng.standard_normal(shape)
        game, h = MatrixGame(A), 1 / abs(A).max()
        z = numpy.repeat(1 / numpy.array(shape), shape)
        path = points(MirrorProx(h), game, z, steps)[:-1]
        # The theorem averages the points looked ahead to, found here by their definition.
        weights = path * numpy.exp(-h * game.simultaneous_gradient(path))
        m = shape[0]
        ahead = numpy.concatenate(
            [part / part.sum(-1, keepdims=True) for part in (weights[:, :m], weights[:, m:])], axis=-1
        )
        bound = numpy.log(shape).sum() / (h * steps)
        assert gap(A, ahead.mean(0)) <= bound
        assert gap(A, z) > bound


def test_the_last_iterate_never_moves_away_from_an_equilibrium(rng):
    A, p, q = zero_sum_with_interior_equilibrium(rng, 4)
    star = numpy.concatenate([p, q])
    path = points(MirrorProx(0.9 / abs(A).max()), MatrixGame(A), numpy.full(8, 1 / 4), 500)
    divergence = (star * numpy.log(star / path)).sum(-1)
    assert numpy.all(numpy.diff(divergence) < 1e-14)
    assert divergence[-1] < 0.1 * divergence[0]


def test_a_saddle_inside_a_box_is_found_in_logits():
    # (x - 1/4)(y - 1/4) on [0, 1]^2.
    game = Bilinear([[1.0]], [-0.25], [-0.25])
    game.domain = Box([0.0, 0.0], [1.0, 1.0])
    path = points(MirrorProx(1.0), game, numpy.array([0.9, 0.9]), 800)
    assert numpy.all((path > 0) & (path < 1))
    # In logits J = [[0, s], [-s, 0]] at the saddle, s = x (1 - x) = 3/16: extragradient contracts by |1 - i s - s^2|.
    distance = numpy.linalg.norm(path - 0.25, axis=-1)
    rate = abs(1 - 3j / 16 - 9 / 256)
    assert distance[800] / distance[500] == pytest.approx(rate**300, rel=0.02)
    # One logit is the log-odds: the first step adds minus h times the gradient at the point looked ahead to.
    ahead = 1 / (1 + numpy.exp(-(numpy.log(9) - numpy.array([0.65, -0.65]))))
    logits = numpy.log(9) - numpy.array([ahead[1] - 0.25, 0.25 - ahead[0]])
    numpy.testing.assert_allclose(path[1], 1 / (1 + numpy.exp(-logits)), rtol=1e-13)


def test_points_at_a_bound_stay_there():
    game = Bilinear([[1.0]])
    game.domain = Box([0.0, 0.0], [1.0, 1.0])
    z, _ = MirrorProx(0.1).step(game, numpy.array([0.0, 1.0]), None)
    assert z.tolist() == [0.0, 1.0]
    assert MirrorProx(0.1).flow(game, z).tolist() == [0.0, 0.0]
