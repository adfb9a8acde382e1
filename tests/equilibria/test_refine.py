import numpy
import pytest

from gamedyn.equilibria import find_stationary_point
from gamedyn.games import DiracGAN, Game, Quadratic
from tests.dynamics.test_simulate import Cubic, Rotation


def test_linear_games_take_one_step(game_library):
    game = Quadratic.from_jacobian([[3.0, 1.0], [-1.0, 2.0]], (1, 1), [1.0, -5.0])
    found = find_stationary_point(game, game_library.asarray([9.0, 9.0]), steps=1)
    assert found.converged
    assert game_library.owns(found.point)
    # J z = (-1, 5): z = (2 * -1 - 1 * 5, 1 * -1 + 3 * 5) / 7 = (-1, 2).
    numpy.testing.assert_allclose(game_library.host(found.point), [-1.0, 2.0], rtol=1e-14)


def test_finds_unstable_points_too():
    # xi = x - x^3 has zeros at -1, 0 and 1.
    assert find_stationary_point(Cubic(), [0.9]).point == pytest.approx(1.0, rel=1e-14)
    assert find_stationary_point(Cubic(), [0.3]).point == pytest.approx(0.0, abs=1e-14)
    assert find_stationary_point(DiracGAN(), [0.3, -0.2]).converged


def test_a_line_of_equilibria_is_met_at_its_nearest_point():
    # (x + y)^2 / 2 of one player rests on x + y = 0.
    game = Quadratic.from_jacobian([[1.0, 1.0], [1.0, 1.0]], (2,))
    numpy.testing.assert_allclose(find_stationary_point(game, [3.0, 1.0]).point, [1.0, -1.0], atol=1e-14)


def test_no_stationary_point_is_a_value():
    # xi = (1, 0) everywhere.
    game = Quadratic.from_jacobian([[0.0, 0.0], [0.0, 1.0]], (1, 1), [1.0, 0.0])
    found = find_stationary_point(game, [0.5, 0.5])
    assert not found.converged
    assert not found.residual < 1


def test_errors():
    with pytest.raises(ValueError, match="`z0` must be one point"):
        find_stationary_point(Rotation(), [[0.0, 0.0]])
    with pytest.raises(ValueError, match="`steps` must be at least 0"):
        find_stationary_point(Rotation(), [0.0, 0.0], steps=-1)


def test_the_best_point_of_a_cycle_is_kept():
    # Newton's method on x^3 - 2 x + 2 goes 0, 1, 0, ...: residuals 2 / 2 at 0 and 1 / (1 * 2) at 1.
    class Cycling(Game):
        dims = (1,)

        def losses(self, z):
            return z**4 / 4 - z**2 + 2 * z

    found = find_stationary_point(Cycling(), [0.0], steps=4)
    assert not found.converged
    assert found.point[0] == pytest.approx(1.0, rel=1e-6)
    assert found.residual == pytest.approx(0.5, rel=1e-6)
