"""NoisyGame: Gaussian noise of the stated size on the gradient, and none on its derivative."""

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.games import Bilinear, DiracGAN, FiniteSum, NoisyGame, Quadratic
from gamedyn.updates import SimultaneousGradientDescent

POINT = numpy.array([0.5, -0.25, 1.0])


def quadratic():
    return Quadratic.from_jacobian([[2.0, 0.5, 1.0], [0.5, 1.0, -1.0], [3.0, 1.0, 1.5]], (2, 1))


def test_noise_has_the_stated_deviation_and_no_bias():
    game, scale, count = quadratic(), numpy.array([0.1, 1.0, 3.0]), 4000
    rng, noisy = numpy.random.default_rng(2), NoisyGame(game, scale)
    exact = game.simultaneous_gradient(POINT)
    noise = numpy.stack([noisy.draw(rng).simultaneous_gradient(POINT) - exact for _ in range(count)]) / scale
    assert numpy.all(abs(noise.mean(axis=0)) < 5 / count**0.5)
    # The variance of count normal draws has the relative deviation sqrt(2 / count); coordinates are independent.
    covariance = noise.T @ noise / count
    assert numpy.all(abs(covariance - numpy.eye(3)) < 5 * (2 / count) ** 0.5)


def test_all_points_of_a_batch_see_the_same_noise(rng):
    draw, z = NoisyGame(quadratic(), 0.5).draw(0), rng.standard_normal((4, 3))
    noise = draw.simultaneous_gradient(z) - quadratic().simultaneous_gradient(z)
    numpy.testing.assert_allclose(noise, numpy.tile(noise[0], (4, 1)), rtol=1e-12)
    # Each player's loss has its own part of it, whatever the others do.
    numpy.testing.assert_allclose(
        draw.losses(z) - quadratic().losses(z),
        numpy.stack([z[:, :2] @ noise[0, :2], z[:, 2] * noise[0, 2]], axis=-1),
        rtol=1e-11,
        atol=1e-13,
    )


def test_the_stationary_spread_of_noisy_descent():
    # z <- (1 - h) z - h e on |z|^2 / 2 has the variance h^2 s^2 / (1 - (1 - h)^2) in the long run.
    h, s, steps = 0.2, 0.7, 6000
    game = NoisyGame(Quadratic.from_jacobian(numpy.eye(2), (1, 1)), s)
    points = simulate(game, SimultaneousGradientDescent(h), [0.0, 0.0], steps, rng=4).points[100:]
    expected = h * h * s * s / (1 - (1 - h) ** 2)
    # Points are correlated over 1 / h steps or so: some steps * h independent ones for each of two coordinates.
    assert numpy.mean(points**2) == pytest.approx(expected, rel=5 * (2 / (2 * steps * h)) ** 0.5, abs=0.0)


def test_draws_are_frozen_and_the_whole_has_no_noise():
    noisy = NoisyGame(quadratic(), 0.5)
    draw = noisy.draw(1)
    numpy.testing.assert_array_equal(draw.simultaneous_gradient(POINT), noisy.draw(1).simultaneous_gradient(POINT))
    again = draw.redraw()
    assert numpy.all(again.simultaneous_gradient(POINT) != draw.simultaneous_gradient(POINT))
    numpy.testing.assert_array_equal(again.simultaneous_gradient(POINT), draw.redraw().simultaneous_gradient(POINT))
    for whole in (noisy.full(), draw.full()):
        numpy.testing.assert_array_equal(whole.simultaneous_gradient(POINT), quadratic().simultaneous_gradient(POINT))


def test_minibatches_may_be_noisy_too():
    game = NoisyGame(FiniteSum([Bilinear([[1.0]]), Bilinear([[3.0]])]), 0.1)
    draws = [game.draw(seed) for seed in range(20)]
    assert {float(draw.jacobian(numpy.zeros(2))[0, 1]) for draw in draws} == {1.0, 3.0}
    assert game.full().jacobian(numpy.zeros(2))[0, 1] == 2.0


def test_what_does_not_fit_is_said():
    with pytest.raises(TypeError, match="`game` must be a Game or a StochasticGame, got int"):
        NoisyGame(3, 0.1)
    with pytest.raises(ValueError, match="`scale` must be non-negative and finite, got -1"):
        NoisyGame(DiracGAN(), -1.0)
    with pytest.raises(ValueError, match=r"`scale` must be a number or have shape \(2,\), got 3 numbers"):
        NoisyGame(DiracGAN(), [0.1, 0.2, 0.3])
