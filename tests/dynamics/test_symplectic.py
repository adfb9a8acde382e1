"""Integrators of fixed step: orders, invariants, reversal, and what they refuse."""

import numpy
import pytest
import sympy

from gamedyn.dynamics import flow, midpoint_flow, simulate, symplectic_flow
from gamedyn.games import Bilinear, DiracGAN, Quadratic, SymbolicGame
from gamedyn.updates import AlternatingGradientDescent, RungeKutta
from tests.dynamics.test_simulate import Cubic

x, y = sympy.symbols("x y")
# x' = -y, y' = sin x: the pendulum, H = y^2 / 2 - cos x.
PENDULUM = SymbolicGame([x * y, -y * sympy.sin(x)], [x, y])
START = numpy.array([1.2, 0.3])


def energy(z):
    return z[..., 1] ** 2 / 2 - numpy.cos(z[..., 0])


SCHEMES = {
    1: lambda game, z, times, step: symplectic_flow(game, z, times, step=step, order=1),
    2: lambda game, z, times, step: symplectic_flow(game, z, times, step=step, order=2),
    4: lambda game, z, times, step: symplectic_flow(game, z, times, step=step, order=4),
    "midpoint": lambda game, z, times, step: midpoint_flow(game, z, times, step=step),
}


@pytest.mark.parametrize("name", SCHEMES)
def test_orders_of_convergence(name):
    exact = flow(PENDULUM, START, [0.0, 2.0], tolerance=1e-13)[-1]
    errors = [numpy.linalg.norm(SCHEMES[name](PENDULUM, START, [0.0, 2.0], h)[-1] - exact) for h in (0.05, 0.025)]
    order = 2 if name == "midpoint" else name
    assert numpy.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.05)


@pytest.mark.parametrize("name", [2, 4, "midpoint"])
def test_the_way_back(name):
    there = SCHEMES[name](PENDULUM, START, [0.0, 3.0], 0.3)[-1]
    numpy.testing.assert_allclose(SCHEMES[name](PENDULUM, there, [3.0, 0.0], 0.3)[-1], START, rtol=1e-12)
    # Order 1 moves in the other order on its way back.
    there = SCHEMES[1](PENDULUM, START, [0.0, 3.0], 0.3)[-1]
    assert numpy.linalg.norm(SCHEMES[1](PENDULUM, there, [3.0, 0.0], 0.3)[-1] - START) > 0.01


@pytest.mark.parametrize(("name", "steps"), [(2, 20_000), pytest.param(4, 100_000, marks=pytest.mark.full)])
def test_energy_does_not_drift_where_that_of_runge_kutta_does(name, steps):
    h = 0.2
    times = h * numpy.arange(0, steps + 1, steps // 100)
    errors = energy(SCHEMES[name](PENDULUM, START, times, h)) - energy(START)
    first, second = abs(errors[:50]).max(), abs(errors[50:]).max()
    assert second < 1.5 * first < 0.02
    classical = simulate(PENDULUM, RungeKutta(h, order=4), START, steps, record_every=steps // 100)
    drift = energy(classical.points) - energy(START)
    # It loses energy all the time.
    assert drift[-1] < 1.8 * drift[50] < 0
    assert abs(drift[-1]) > abs(errors[-1])


def test_bilinear_theory():
    # Leapfrog on x y conserves x^2 + (1 - h^2 / 4) y^2, and turns by 2 arcsin(h / 2) a step.
    game, h = Bilinear([[1.0]]), 0.5
    path = symplectic_flow(game, [1.0, 2.0], h * numpy.arange(200), step=h)
    kept = path[:, 0] ** 2 + (1 - h**2 / 4) * path[:, 1] ** 2
    numpy.testing.assert_allclose(kept, 1 + 4 * (1 - h**2 / 4), rtol=1e-12)
    assert path[2] + path[0] == pytest.approx(2 * numpy.cos(2 * numpy.arcsin(h / 2)) * path[1], rel=1e-13)
    # The midpoint rule keeps |z| for any step, players of unequal sizes too.
    wide = Bilinear([[1.0, -2.0, 0.5], [0.3, 1.0, 2.0]])
    z = numpy.array([[1.0, 0.0, 2.0, -1.0, 0.5], [0.1, 0.2, 0.3, 0.4, 0.5]])
    size = numpy.linalg.norm(midpoint_flow(wide, z, [0.0, 5.0, 50.0], step=2.0), axis=-1)
    numpy.testing.assert_allclose(size, size[:1].repeat(3, axis=0), rtol=1e-13)


def test_the_midpoint_keeps_a_quadratic_invariant_of_a_curved_game():
    # xi = (y g, -x g) with g = 1 + x^2 is orthogonal to z.
    game = SymbolicGame.from_field([y * (1 + x**2), -x * (1 + x**2)], [x, y])
    path = midpoint_flow(game, START, numpy.linspace(0, 40, 9), step=0.2)
    numpy.testing.assert_allclose((path**2).sum(-1), (START**2).sum(), rtol=1e-12)
    assert abs(path[-1] - START).max() > 0.1


def test_alternating_descent_is_the_scheme_of_order_one():
    A = numpy.array([[1.0, -2.0, 0.5], [0.3, 1.0, 2.0]])
    z = numpy.array([[1.0, 0.0, 2.0, -1.0, 0.5], [0.1, 0.2, 0.3, 0.4, 0.5]])
    for game, start in ((Bilinear(A), z), (PENDULUM, START)):
        run = simulate(game, AlternatingGradientDescent(0.25), start, 8)
        path = symplectic_flow(game, start, 0.25 * numpy.arange(9), step=0.25, order=1)
        numpy.testing.assert_allclose(path, run.points, rtol=1e-13, atol=1e-14)


def test_volume_is_kept():
    corners = START + 1e-4 * numpy.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]])
    for order in (1, 2, 4):
        end = symplectic_flow(PENDULUM, corners, [0.0, 4.0], step=0.4, order=order)[-1]
        columns = numpy.stack([end[1] - end[2], end[3] - end[4]], -1) / 2e-4
        assert numpy.linalg.det(columns) == pytest.approx(1, abs=1e-6)


def test_midpoint_on_curved_games_of_any_kind(game_library):
    # No condition on own Hessians: the Dirac-GAN with a batch, towards its flow.
    z = game_library.asarray([[0.8, -0.6], [0.1, 1.5]])
    path = midpoint_flow(DiracGAN(), z, [0.0, 1.0], step=0.01)
    assert game_library.owns(path)
    expected = flow(DiracGAN(), z, [0.0, 1.0])
    numpy.testing.assert_allclose(game_library.host(path), game_library.host(expected), atol=2e-5)
    split = symplectic_flow(PENDULUM, z, [0.0, 1.0], step=0.01, order=4)
    assert game_library.owns(split)
    numpy.testing.assert_allclose(game_library.host(split), game_library.host(flow(PENDULUM, z, [0.0, 1.0])), atol=1e-8)


def test_steps_divide_intervals():
    # 0.7 takes three steps of 0.7 / 3 for h = 0.3, and 0.6 two of 0.3.
    path = symplectic_flow(PENDULUM, START, [0.0, 0.7, 1.3], step=0.3, order=1)
    first = symplectic_flow(PENDULUM, START, [0.0, 0.7], step=0.7 / 3, order=1)[-1]
    second = simulate(PENDULUM, AlternatingGradientDescent(0.3), first, 2).final
    numpy.testing.assert_allclose(path[1:], [first, second], rtol=1e-13)


def test_refusals():
    with pytest.raises(ValueError, match="own gradients do not depend on their own blocks, got own Hessians of size"):
        symplectic_flow(Quadratic.from_jacobian([[0.1, 1.0], [-1.0, 0.0]], (1, 1)), START, [0.0, 1.0], step=0.1)
    # The own Hessian vanishes at the start alone.
    hidden = SymbolicGame([x * y + x**3, -x * y], [x, y])
    with pytest.raises(ValueError, match="`midpoint_flow` serves it"):
        symplectic_flow(hidden, [0.0, 1.0], [0.0, 1.0], step=0.1)
    with pytest.raises(ValueError, match="`game` must have two players to move in turn, got 1"):
        symplectic_flow(Cubic(), [0.5], [0.0, 1.0], step=0.1)
    with pytest.raises(ValueError, match="`times` must be increasing or decreasing"):
        symplectic_flow(PENDULUM, START, [0.0, 1.0, 0.5], step=0.1)
    with pytest.raises(ValueError, match="`step` must be positive"):
        midpoint_flow(PENDULUM, START, [0.0, 1.0], step=-0.1)
    with pytest.raises(ValueError, match=r"`z0` must have shape \(..., 2\)"):
        midpoint_flow(PENDULUM, [1.0], [0.0, 1.0], step=0.1)
    with pytest.raises(ValueError, match="`order` must be one of 1, 2, 4"):
        symplectic_flow(PENDULUM, START, [0.0, 1.0], step=0.1, order=3)
    # x' = x^3 - x from 2 is infinite at 0.144.
    with pytest.raises(RuntimeError, match=r"the implicit midpoint step of size 0\.5 was not solved"):
        midpoint_flow(Cubic(), [2.0], [0.0, 5.0], step=0.5)
