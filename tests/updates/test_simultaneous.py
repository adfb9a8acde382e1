"""Simultaneous gradient descent."""

import numpy
import pytest

from gamedyn.games import Bilinear, Quadratic
from gamedyn.updates import SimultaneousGradientDescent


def test_all_players_move_from_the_same_point():
    # xi = (x + 10 y, y - 10 x) at (1, 1): (11, -9).
    game = Quadratic.from_blocks([[[[1.0]], [[10.0]]], [[[-10.0]], [[1.0]]]])
    z, state = SimultaneousGradientDescent(0.5).step(game, numpy.ones(2), None)
    assert z.tolist() == [-4.5, 5.5]
    assert state is None


def test_bilinear_games_grow_by_the_same_factor_every_step():
    # sqrt(1 + h^2 s^2) = sqrt(1 + 0.75^2) = 1.25.
    z, rule = numpy.array([3.0, 4.0]), SimultaneousGradientDescent(0.75)
    for k in range(1, 6):
        z, _ = rule.step(Bilinear([[1.0]]), z, None)
        assert numpy.linalg.norm(z) == pytest.approx(5 * 1.25**k, rel=1e-15, abs=0.0)


def test_the_weak_attractor_needs_small_steps():
    # J = [[1, 10], [-10, 1]]: |1 - h (1 +- 10 i)| < 1 iff h < 2 / 101.
    jacobian = numpy.array([[1.0, 10.0], [-10.0, 1.0]])
    inside, outside = (
        max(abs(numpy.linalg.eigvals(SimultaneousGradientDescent(h).iteration_matrix(jacobian, (1, 1)))))
        for h in (2 / 101 * 0.999, 2 / 101 * 1.001)
    )
    assert inside < 1 < outside
