import numpy
import pytest

from gamedyn.equilibria import classify, find_stationary_point
from gamedyn.games import RobustRegression, robust_least_squares


def test_robust_least_squares_ends_at_least_squares(rng):
    a, y0 = rng.standard_normal((5, 2)), rng.standard_normal(5)
    x = numpy.linalg.lstsq(a, y0, rcond=None)[0]
    y = (3 * y0 - a @ x) / 2
    game = robust_least_squares(a, y0, penalty=3.0)
    assert numpy.abs(game.simultaneous_gradient(numpy.concatenate([x, y]))).max() < 1e-13
    assert classify(game, numpy.concatenate([x, y])).kind == "nash"


def test_its_losses_are_as_defined_up_to_the_constant(rng):
    a, y0 = rng.standard_normal((4, 2)), rng.standard_normal(4)
    x, y = rng.standard_normal(2), rng.standard_normal(4)
    f = ((a @ x - y) ** 2).sum() - 2 * ((y - y0) ** 2).sum()
    losses = robust_least_squares(a, y0).losses(numpy.concatenate([x, y]))
    numpy.testing.assert_allclose(losses, [f + 2 * (y0**2).sum(), -f - 2 * (y0**2).sum()], rtol=1e-13)


def test_the_best_shift_leaves_a_scaled_mean_square(rng):
    a, b, penalty = rng.standard_normal((6, 2)), rng.standard_normal(6), 4.0
    x = numpy.array([0.7, -0.4])
    residual, room = a @ x - b, penalty - x @ x
    z = numpy.concatenate([x, (residual[:, None] * x / room).ravel()])
    game = RobustRegression(a, b, penalty=penalty)
    assert game.losses(z)[0] == pytest.approx(penalty / room * (residual**2).mean(), rel=1e-13)
    assert numpy.abs(game.player_gradient(z, 1)).max() < 1e-14


def test_its_equilibrium_is_the_minimum_of_what_is_left(rng):
    a, b, penalty = rng.standard_normal((6, 1)), rng.standard_normal(6), 4.0
    line = numpy.linspace(-1.9, 1.9, 200001)
    left = penalty / (penalty - line**2) * ((a * line - b[:, None]) ** 2).mean(axis=0)
    best = line[left.argmin()]
    residual = a[:, 0] * best - b
    game = RobustRegression(a, b, penalty=penalty)
    found = find_stationary_point(game, numpy.concatenate([[best], residual * best / (penalty - best**2)]))
    assert found.converged
    assert found.point[0] == pytest.approx(best, abs=2e-5)


def test_bad_input():
    with pytest.raises(ValueError, match=r"must have shapes \(m, k\) and \(m,\), got \(1, 2\) and \(2,\)"):
        RobustRegression([[1.0, 2.0]], [1.0, 2.0])
    with pytest.raises(ValueError, match="`penalty` must be positive and finite, got -1"):
        robust_least_squares([[1.0]], [1.0], penalty=-1)
