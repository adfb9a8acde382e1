import numpy
import pytest

from gamedyn.games import Box, Product, Quadratic, Simplex
from gamedyn.updates import ProjectedGradient
from tests.updates.finite import DILEMMA, PENNIES, points


def test_a_saddle_at_a_corner_is_reached_exactly():
    # f = x y + x - y on [0, 1]^2: f_x > 0 and f_y < 0 inside, so that both players end at 0, in finitely many steps.
    game = Quadratic.from_blocks([[[[0.0]], [[1.0]]], [[[-1.0]], [[0.0]]]], [[1.0], [1.0]])
    game.domain = Box([0.0, 0.0], [1.0, 1.0])
    path = points(ProjectedGradient(0.1), game, numpy.array([0.5, 0.5]), 40)
    assert path[1].tolist() == pytest.approx([0.5 - 0.1 * 1.5, 0.5 - 0.1 * 0.5])
    assert path[-1].tolist() == [0.0, 0.0]
    rule = ProjectedGradient(0.1)
    assert rule.stationary_residual(game, path[-1]).tolist() == [0.0, 0.0]
    assert rule.flow(game, path[-1]).tolist() == [0.0, 0.0]
    # On the edge x = 0 only y moves.
    assert rule.flow(game, numpy.array([0.0, 0.25])).tolist() == [0.0, -1.0]


def test_a_saddle_on_an_edge_is_approached_along_it():
    # L_1 = x^2 / 2 + x on [0, 1] ends at its bound; L_2 = y^2 / 2 - y x contracts to 0 by 1 - h a step.
    game = Quadratic.from_blocks([[[[1.0]], [[0.0]]], [[[-1.0]], [[1.0]]]], [[1.0], [0.0]])
    game.domain = Box([0.0, -numpy.inf], [1.0, numpy.inf])
    path = points(ProjectedGradient(0.5), game, numpy.array([0.2, 3.0]), 10)
    assert path[1:, 0].tolist() == [0.0] * 10
    numpy.testing.assert_allclose(path[1:, 1], 0.5 ** numpy.arange(10) * (1.5 + 0.5 * 0.2), rtol=1e-14)


def test_dominant_actions_take_all_in_finite_time():
    # Projection moves half the difference of two payoffs, here 1, from one action to the other.
    path = points(ProjectedGradient(0.25), DILEMMA, numpy.array([1.0, 0.0, 1.0, 0.0]), 9)
    numpy.testing.assert_allclose(path[:, 0], numpy.maximum(1 - 0.125 * numpy.arange(10), 0), rtol=0, atol=1e-15)
    assert path[-1].tolist() == [0.0, 1.0, 0.0, 1.0]


def test_matching_pennies_leaves_its_equilibrium_by_the_factor_of_descent():
    # Inside, projection only removes the mean: J on x_1 - 1/2, y_1 - 1/2 is [[0, -2], [2, 0]], |1 - 2 i h|.
    path = points(ProjectedGradient(0.1), PENNIES, numpy.array([0.501, 0.499, 0.5, 0.5]), 20)
    distance = numpy.linalg.norm(path - 0.5, axis=-1)
    numpy.testing.assert_allclose(distance[1:] / distance[:-1], numpy.hypot(1, 0.2), rtol=1e-11)


def test_mixed_domains():
    game = Quadratic.from_jacobian(numpy.eye(3), (2, 1), [0.0, 1.0, 4.0])
    game.domain = Product([Simplex(), Box([-1.0], [1.0])], (2, 1))
    z = points(ProjectedGradient(0.5), game, numpy.array([0.5, 0.5, 0.0]), 60)[-1]
    # min (a^2 + b^2) / 2 + b on the simplex is its vertex a = 1, and c^2 / 2 + 4 c falls to -1.
    numpy.testing.assert_allclose(z, [1.0, 0.0, -1.0], rtol=0, atol=1e-12)
