"""Simultaneous gradient descent."""

import numpy

from gamedyn.games import Quadratic
from gamedyn.updates import SimultaneousGradientDescent


def test_all_players_move_from_the_same_point():
    # xi = (x + 10 y, y - 10 x) at (1, 1): (11, -9).
    game = Quadratic.from_blocks([[[[1.0]], [[10.0]]], [[[-10.0]], [[1.0]]]])
    z, state = SimultaneousGradientDescent(0.5).step(game, numpy.ones(2), None)
    assert z.tolist() == [-4.5, 5.5]
    assert state is None


def test_the_weak_attractor_needs_small_steps():
    # J = [[1, 10], [-10, 1]]: |1 - h (1 +- 10 i)| < 1 iff h < 2 / 101.
    jacobian = numpy.array([[1.0, 10.0], [-10.0, 1.0]])
    inside, outside = (
        max(abs(numpy.linalg.eigvals(SimultaneousGradientDescent(h).iteration_matrix(jacobian, (1, 1)))))
        for h in (2 / 101 * 0.999, 2 / 101 * 1.001)
    )
    assert inside < 1 < outside
