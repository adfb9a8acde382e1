"""The best constant step under noise, against closed forms, brute force and simulation."""

import math

import numpy
import pytest
from scipy.optimize import minimize_scalar

from gamedyn.dynamics import simulate
from gamedyn.equilibria import best_step_under_noise, noise_floor
from gamedyn.games import Bilinear, Quadratic
from gamedyn.updates import (
    Extragradient,
    HeavyBall,
    Lookahead,
    OptimisticGradient,
    ProximalPoint,
    SimultaneousGradientDescent,
)
from tests.equilibria.test_noise import OneNoiseEach

LINE = Quadratic([[[1.7]]], (1,))


def test_descent_on_a_line_against_its_closed_error():
    mu, s2, distance, steps = 1.7, 0.09, 2.0, 25

    def error(h):
        q = (1 - h * mu) ** 2
        return q**steps * distance**2 + h**2 * s2 * (1 - q**steps) / (1 - q)

    expected = minimize_scalar(error, bounds=(1e-3, 0.58), method="bounded", options={"xatol": 1e-12})
    found = best_step_under_noise(SimultaneousGradientDescent(), LINE, [0.0], s2, distance, steps)
    assert found.step_size == pytest.approx(expected.x, rel=1e-6)
    assert found.error == pytest.approx(expected.fun, rel=1e-12)
    assert found.bias + found.variance == pytest.approx(found.error, rel=1e-14)
    assert found.floor == pytest.approx(found.step_size * s2 / (mu * (2 - found.step_size * mu)), rel=1e-12)
    # h s^2 / (mu (2 - h mu)) = h s^2 / (2 mu) + O(h^2).
    assert found.order == 1
    assert found.coefficient == pytest.approx(s2 / (2 * mu), rel=1e-7)
    assert str(found).startswith(f"best step {found.step_size:.8g}: E |z - z*|^2 = ")


def test_the_floor_of_extragradient_on_a_bilinear_game_does_not_vanish_with_the_step():
    s, c = 1.3, 0.2
    found = best_step_under_noise(Extragradient(), Bilinear([[s]]), [0.0, 0.0], c**2, 1.0, 50)
    assert found.order == 0
    assert found.coefficient == pytest.approx(2 * c**2 / s**2, rel=1e-6)
    # Small steps of descent spiral outwards: there is no floor.
    lost = best_step_under_noise(SimultaneousGradientDescent(), Bilinear([[s]]), [0.0, 0.0], c**2, 1.0, 50)
    assert lost.step_size == 0.0
    assert lost.error == 1.0
    assert math.isnan(lost.order)


def test_without_noise_the_implicit_step_is_best_at_infinity():
    found = best_step_under_noise(ProximalPoint(), LINE, [0.0], 0.0, 1.0, 3)
    assert found.step_size == math.inf
    assert found.error < 1e-15


def test_the_worst_direction_is_that_of_the_slowest_coordinate():
    game = Quadratic(numpy.diag([1.0, 0.25])[None], (2,))
    rule = SimultaneousGradientDescent()
    worst = best_step_under_noise(rule, game, [0.0, 0.0], 0.01, 1.0, 4)
    slow = best_step_under_noise(rule, game, [0.0, 0.0], 0.01, [0.0, 1.0], 4)
    fast = best_step_under_noise(rule, game, [0.0, 0.0], 0.01, numpy.array([1.0, 0.0]), 4)
    # Long steps overshoot along the other coordinate, so that the two meet in the worst case.
    assert worst.error >= max(slow.error, fast.error) - 1e-12
    assert slow.step_size > fast.step_size


@pytest.mark.parametrize(
    "rule",
    [
        SimultaneousGradientDescent(),
        Extragradient(),
        OptimisticGradient(),
        HeavyBall(momentum=0.3),
        Lookahead(SimultaneousGradientDescent(), k=2),
    ],
    ids=lambda rule: type(rule).__name__,
)
def test_trajectories_reach_the_predicted_error_and_none_with_another_step_is_better(rule, rng):
    game = Quadratic.from_jacobian([[1.0, 0.8], [-0.8, 0.5]], (1, 1))
    start, steps, count, covariance = numpy.array([1.0, -0.5]), 6, 4000, numpy.diag([0.2, 0.3])
    found = best_step_under_noise(rule, game, [0.0, 0.0], covariance, start, steps)
    reached = {}
    for factor in (0.7, 1.0, 1.4):
        played = rule.with_step_size(factor * found.step_size)
        noisy = OneNoiseEach(game, covariance, count, rng)
        final = simulate(noisy, played, numpy.tile(start, (count, 1)), steps, rng=0, record_every=steps).final
        reached[factor] = (final**2).sum(-1)
    squares = reached[1.0]
    assert abs(squares.mean() - found.error) <= 4.9 * squares.std() / math.sqrt(count)
    for factor in (0.7, 1.4):
        assert reached[factor].mean() > found.error - 4.9 * reached[factor].std() / math.sqrt(count)
    assert found.floor == pytest.approx(
        noise_floor(rule.with_step_size(found.step_size), game, [0.0, 0.0], covariance), rel=1e-12
    )


def test_bad_input_is_named():
    rule = SimultaneousGradientDescent()
    with pytest.raises(ValueError, match="`distance` must be positive"):
        best_step_under_noise(rule, LINE, [0.0], 1.0, -1.0, 3)
    with pytest.raises(ValueError, match=r"`distance` must be a number or a finite vector of shape \(1,\)"):
        best_step_under_noise(rule, LINE, [0.0], 1.0, [1.0, 2.0], 3)
    with pytest.raises(ValueError, match="`steps` must be at least 1, got 0"):
        best_step_under_noise(rule, LINE, [0.0], 1.0, 1.0, 0)
    with pytest.raises(ValueError, match="`game` must have a Jacobian that is not 0"):
        best_step_under_noise(rule, Quadratic([[[0.0]]], (1,)), [0.0], 1.0, 1.0, 3)


def test_the_first_step_has_no_memory_of_noise():
    # One optimistic step from a cold start is one of descent: (1 - h mu)^2 + h^2 C is least at mu / (mu^2 + C).
    mu, c = 1.7, 0.5
    found = best_step_under_noise(OptimisticGradient(), LINE, [0.0], c, 1.0, 1)
    assert found.step_size == pytest.approx(mu / (mu**2 + c), rel=1e-6)
    assert found.error == pytest.approx(c / (mu**2 + c), rel=1e-10)
