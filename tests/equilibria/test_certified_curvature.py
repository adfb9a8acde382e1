"""Curvature bounds from enclosures, and the global replies that they prove."""

import math

import numpy
import pytest

from gamedyn.equilibria import best_reply, check_nash, deviation_gains, local_duality_gap
from gamedyn.equilibria._certified_curvature import certified_curvature
from gamedyn.games import FunctionGame, forsaken, torus_location_game

pytest.importorskip("flint")


def test_the_bound_holds_and_is_close():
    # p(x) = 1/2 - 6 x^2 + 5 x^4 on [-3/2, 3/2]: |p| is largest at the ends, 12.3125.
    found = certified_curvature(forsaken(), numpy.zeros(2), slice(0, 1), numpy.array([-1.5]), numpy.array([1.5]))
    assert 12.3125 <= found < 14
    # A smaller box around 0 has p = 1/2 at most.
    near = certified_curvature(forsaken(), numpy.zeros(2), slice(1, 2), numpy.array([-0.1]), numpy.array([0.1]))
    assert 0.5 <= near < 0.51


def test_games_without_enclosures_have_none():
    game = FunctionGame([lambda x: x**4], (1,))
    assert certified_curvature(game, numpy.zeros(1), slice(0, 1), -numpy.ones(1), numpy.ones(1)) is None


def test_replies_in_symbolic_games_are_proved_global():
    game, box = torus_location_game(), ((-math.pi, math.pi), (-math.pi, math.pi))
    z = numpy.array([0.3, 0.3])
    gains = deviation_gains(game, z, box=box)
    assert gains.guarantee == "global"
    # Every player's loss on a fine grid: no reply is better than the bound allows, and the reply found is as good.
    grid = numpy.linspace(-math.pi, math.pi, 20001)
    for i in (0, 1):
        moved = numpy.tile(z, (len(grid), 1))
        moved[:, i] = grid
        losses = game.losses(moved)[:, i]
        best = float(game.losses(z)[i] - losses.min())
        assert gains.lower[i] == pytest.approx(best, abs=1e-6)
        assert gains.upper[i] >= best


def test_a_local_equilibrium_that_is_none_is_told_by_a_far_reply():
    # x^2 / 2 near 0 with a deeper well at 3: the own Hessian at 0 is positive, and the well pays more.
    import sympy

    x, y = sympy.symbols("x y")
    from gamedyn.games import SymbolicGame

    game = SymbolicGame([x**2 / 2 - 10 * sympy.exp(-((x - 3) ** 2)) + x * y, y**2 / 2 - x * y], [x, y])
    reply = best_reply(game, [0.0, 0.0], 0, box=((-5, 5), (-5, 5)))
    assert reply.guarantee == "global"
    assert float(reply.point[0]) == pytest.approx(3, abs=0.2)
    assert check_nash(game, [0.0, 0.0], tolerance=1e-3, box=((-5, 5), (-5, 5))).is_no
    near = check_nash(game, [0.0, 0.0], tolerance=1e-2, box=((-0.5, 0.5), (-0.5, 0.5)))
    assert near.is_yes


def test_the_local_duality_gap_of_a_symbolic_game_is_proved():
    found = local_duality_gap(forsaken(), [0.078, 0.4119], 0.3)
    assert found.guarantee == "global"
    assert found.upper - found.lower < 1e-6
