"""Adaptive competitive gradient descent: step sizes from running squares, then the local game."""

import math

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.games import Bilinear, Quadratic
from gamedyn.updates import AdaptiveCompetitive, Competitive
from tests.updates.adaptive_oracles import moves
from tests.updates.second_order_games import Wavy, random_jacobian, run


def test_the_first_step_on_the_bilinear_game():
    # x y at (3, -2): xi = (-2, -3), steps h / |xi| = (h/2, h/3) with epsilon = 0. The local game
    # u_x + s_y u_y = -2, u_y - s_x u_x = -3 has u_x = (-2 + 3 s_y) / (1 + s_x s_y), u_y = -3 + s_x u_x.
    h, z = 0.3, numpy.array([3.0, -2.0])
    s_x, s_y = h / 2, h / 3
    u_x = (-2 + 3 * s_y) / (1 + s_x * s_y)
    expected = [3 - s_x * u_x, -2 - s_y * (-3 + s_x * u_x)]
    for limit in (0, 256):
        moved, state = run(AdaptiveCompetitive(h, epsilon=1e-300, dense_limit=limit), Bilinear([[1.0]]), z)
        numpy.testing.assert_allclose(moved, expected, rtol=1e-12)
        assert state.steps == 1
        numpy.testing.assert_allclose(state.second_moment, [0.01 * 4, 0.01 * 9], rtol=1e-14)


def test_without_interaction_it_is_corrected_rmsprop():
    # Written out for one number: L = x^2 / 2, beta = 0.9, epsilon inside the quotient, correction outside of it.
    h, beta, epsilon, x, v = 0.05, 0.9, 0.02, 1.5, 0.0
    for t in range(1, 8):
        v = beta * v + (1 - beta) * x * x
        x = x - h * math.sqrt(1 - beta**t) / (math.sqrt(v) + epsilon) * x
    game = Quadratic.from_jacobian([[1.0, 0.0], [0.0, 1.0]], (1, 1))
    z, state = run(AdaptiveCompetitive(h, beta=beta, epsilon=epsilon), game, numpy.array([1.5, 0.0]), steps=7)
    numpy.testing.assert_allclose(z, [x, 0.0], rtol=1e-13)
    assert state.steps == 7


def test_the_move_solves_the_local_game_of_its_steps(rng):
    game = Wavy(random_jacobian(rng, (2, 3), zero_sum=False), (2, 3))
    z = rng.standard_normal((4, 5))
    rule = AdaptiveCompetitive(0.2, beta=0.8, epsilon=0.1)
    first, state = run(rule, game, z)
    second, after = rule.step(game, first, state)
    xi, jacobian = game.simultaneous_gradient(first), game.jacobian(first)
    numpy.testing.assert_allclose(after.second_moment, 0.8 * state.second_moment + 0.2 * xi**2, rtol=1e-13)
    sizes = 0.2 * math.sqrt(1 - 0.8**2) / (numpy.sqrt(after.second_moment) + 0.1)
    jacobian[:, :2, :2] = jacobian[:, 2:, 2:] = 0
    move = second - first
    numpy.testing.assert_allclose(move, -sizes * (xi + (jacobian @ move[..., None])[..., 0]), rtol=1e-11, atol=1e-12)


def test_it_does_not_see_the_strength_of_the_interaction():
    # On a x y the sizes are h / |a| times those at a = 1: the move is the same for every a, and it converges for all.
    starts = numpy.array([[1.0, -0.5], [0.3, 0.4], [-2.0, 1.0]])
    rule = AdaptiveCompetitive(0.0625, beta=0.9, epsilon=1e-300)
    path = simulate(Bilinear([[1.0]]), rule, starts, 500).points
    for strength in (2.0**-20, -(2.0**-20), 2.0**20):
        mirrored = numpy.array([1.0, math.copysign(1.0, strength)])
        other = simulate(Bilinear([[strength]]), rule, mirrored * starts, 500).points
        numpy.testing.assert_allclose(other[:101], mirrored * path[:101], rtol=1e-9, atol=1e-12)
        assert numpy.linalg.norm(other[-1], axis=-1).max() < 1e-3
    # The rule whose step is fixed needs h of the order of 1 / a: 1 / sqrt(1 + h^2 a^2) a step is 1 for the weak one.
    weak = simulate(Bilinear([[2.0**-20]]), Competitive(0.0625), starts, 500).final
    numpy.testing.assert_allclose(weak, starts, rtol=1e-3)


def test_without_rivals_no_coordinate_moves_further_than_its_first_step(rng):
    # sqrt(1 - beta^t) / sqrt(v) <= sqrt((1 - beta^t) / (1 - beta)) / |xi|, reached after zeros alone.
    rule = AdaptiveCompetitive(0.5, beta=0.96, epsilon=1e-100)
    bound = 0.5 * numpy.sqrt((1 - 0.96 ** numpy.arange(1.0, 41)) / 0.04)
    for gradients in (rng.standard_normal(40), rng.standard_cauchy(40)):
        assert numpy.all(abs(moves(rule, gradients)) <= bound * (1 + 1e-12))
    spike = moves(rule, numpy.append(numpy.zeros(39), -3e-7))
    numpy.testing.assert_allclose(spike, numpy.append(numpy.zeros(39), bound[-1]), rtol=1e-12)
    numpy.testing.assert_allclose(moves(rule, numpy.full(40, 1e9)), -0.5, rtol=1e-12)


def test_it_has_no_flow():
    with pytest.raises(NotImplementedError, match="AdaptiveCompetitive has no flow"):
        AdaptiveCompetitive(0.1).flow(Bilinear([[1.0]]), numpy.ones(2))


def test_bad_numbers_are_named():
    with pytest.raises(ValueError, match=r"`beta` must lie in \(0, 1\), got 1"):
        AdaptiveCompetitive(0.1, beta=1.0)
    with pytest.raises(ValueError, match="`epsilon` must be positive and finite, got 0"):
        AdaptiveCompetitive(0.1, epsilon=0.0)
