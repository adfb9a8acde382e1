"""Staircases between a step's graph and the diagonal."""

import numpy
import pytest

from gamedyn.dynamics import cobweb
from gamedyn.games import Bilinear, Quadratic
from gamedyn.updates import HeavyBall, SimultaneousGradientDescent
from tests.dynamics.branch_games import Line

# x - (x^3 - x) = 2 x - x^3 at h = 1.
WELL = Line(lambda x: (x**2 - 1) ** 2 / 4, lambda x: x**3 - x)
DESCENT = SimultaneousGradientDescent(1.0)


def test_stairs_go_from_the_diagonal_to_the_graph_and_back():
    stairs = cobweb(WELL, DESCENT, [0.3], 6)
    assert stairs.x.shape == stairs.y.shape == (13,)
    numpy.testing.assert_array_equal(stairs.x[0::2], stairs.y[0::2])
    numpy.testing.assert_allclose(stairs.y[1::2], 2 * stairs.x[1::2] - stairs.x[1::2] ** 3, rtol=1e-14)
    numpy.testing.assert_array_equal(stairs.y[1::2], stairs.y[2::2])
    numpy.testing.assert_array_equal(stairs.x[:-1:2], stairs.x[1::2])
    assert stairs.x[0] == 0.3
    numpy.testing.assert_allclose(stairs.graph, 2 * stairs.grid - stairs.grid**3, atol=1e-14)
    reach = stairs.x.max() - stairs.x.min()
    numpy.testing.assert_allclose([stairs.grid[0], stairs.grid[-1]], [0.3 - 0.1 * reach, stairs.x.max() + 0.1 * reach])


def test_a_box_is_the_range_of_the_graph(library):
    stairs = cobweb(WELL, DESCENT, library.asarray([0.3]), 3, box=(-1.5, 1.5))
    assert (stairs.grid[0], stairs.grid[-1]) == (-1.5, 1.5)


def test_a_start_at_rest_has_a_graph_all_the_same():
    stairs = cobweb(WELL, DESCENT, [1.0], 3)
    assert stairs.grid[0] < 1 < stairs.grid[-1]


@pytest.mark.parametrize(
    ("game", "rule", "z"),
    [(Bilinear([[1.0]]), DESCENT, [1.0, 1.0]), (Quadratic([[[1.0]]], dims=(1,)), HeavyBall(0.1), [1.0])],
)
def test_one_number_only(game, rule, z):
    with pytest.raises(ValueError, match="`game` and `rule` must move one number"):
        cobweb(game, rule, z)


def test_steps_and_boxes_are_checked():
    with pytest.raises(ValueError, match="steps"):
        cobweb(WELL, DESCENT, [1.0], 0)
    with pytest.raises(ValueError, match=r"`box` must be finite and increase, got \(1, 0\)"):
        cobweb(WELL, DESCENT, [1.0], 2, box=(1.0, 0.0))
