import math

import numpy
import pytest
from scipy.integrate import solve_ivp

from gamedyn.dynamics import find_periodic_orbit
from gamedyn.games import (
    almost_bilinear,
    forsaken,
    global_forsaken,
    hamiltonian_game,
    letcher_game,
    polar_game,
)
from gamedyn.updates import AlternatingGradientDescent, HeavyBall, SimultaneousGradientDescent
from tests.dynamics.orbit_games import Logistic

STEP = SimultaneousGradientDescent(1.0)


def test_both_cycles_of_polar_game_in_closed_form():
    # r' = -r g(r), theta' = 1: multipliers exp(2 pi d(-r g)/dr), a = 1/3.
    # On r = 1 the derivative is -(a/16) 2 (16 - 9), on r = 3/4 it is -(a/16) 32 (9/16) (9/16 - 1).
    for radius, rate, answer in ((1.0, -14 / 48, "yes"), (0.75, 7.875 / 48, "no")):
        orbit = find_periodic_orbit(polar_game(), None, [radius + 0.02, 0.0])
        assert orbit.converged
        assert orbit.period == pytest.approx(2 * math.pi, abs=1e-10)
        numpy.testing.assert_allclose(orbit.amplitude, radius, rtol=0, atol=1e-10)
        numpy.testing.assert_allclose(orbit.multipliers, [math.exp(2 * math.pi * rate)], rtol=1e-9)
        assert orbit.stable.answer == answer
        assert orbit.trivial_error < 1e-10
        numpy.testing.assert_allclose(numpy.linalg.norm(orbit.points, axis=1), radius, rtol=0, atol=1e-10)
        assert orbit.points[0, 0] == pytest.approx(radius, abs=1e-9)


def _first_return(game, z0, tolerance=1e-11):
    """Where and when the flow from z0 on the half-line y = 0 < x next crosses it in the same sense, by SciPy alone."""

    def field(_, z):
        return -game.simultaneous_gradient(z)

    def height(_, z):
        return z[1]

    height.direction = numpy.sign(field(0, z0)[1])
    path = solve_ivp(field, (0, 8), z0, method="LSODA", rtol=tolerance, atol=tolerance, events=height)
    times, points = path.t_events[0], path.y_events[0]
    index = int(numpy.argmax(times > 1e-3))
    return times[index], points[index]


@pytest.mark.parametrize(("game", "x"), [(forsaken(), 1.39), (letcher_game(), 1.1)])
def test_attracting_cycles_against_scipy(game, x):
    orbit = find_periodic_orbit(game, None, [x, 0.0])
    z = numpy.asarray([x, 0.0])
    for _ in range(5):
        time, z = _first_return(game, z)
    assert orbit.converged
    assert orbit.stable.is_yes
    assert orbit.period == pytest.approx(time, abs=1e-7)
    # Of a planar flow, log of the multiplier is the integral of the divergence over a turn (Liouville).
    mean = -numpy.trace(game.jacobian(orbit.points), axis1=-2, axis2=-1).mean()
    assert abs(orbit.multipliers[0]) == pytest.approx(math.exp(orbit.period * mean), abs=1e-9)
    at = numpy.linalg.norm(orbit.points - z, axis=1)
    assert at.min() < 0.1


def test_the_unstable_cycle_of_forsaken_attracts_backwards():
    # Hsieh, Mertikopoulos, Cevher (2021): it shields the stationary point from the attracting cycle.
    game = forsaken()
    orbit = find_periodic_orbit(game, None, [0.25, 0.412], period=7.0)
    assert orbit.stable.is_no
    path = solve_ivp(
        lambda _, z: game.simultaneous_gradient(z), (0, 120), [0.3, 0.4], method="LSODA", rtol=1e-10, atol=1e-12
    )
    late = path.y[:, path.t > 100]
    numpy.testing.assert_allclose(orbit.amplitude, numpy.ptp(late, axis=1) / 2, rtol=2e-3)
    mean = -numpy.trace(game.jacobian(orbit.points), axis1=-2, axis2=-1).mean()
    assert abs(orbit.multipliers[0]) == pytest.approx(math.exp(orbit.period * mean), rel=1e-9)


def test_the_cycle_of_almost_bilinear_by_averaging():
    # r' = eps (r / 2 - 3 r^3 / 8): radius 2 / sqrt(3), multiplier exp(-2 pi eps), up to the order of eps^2.
    orbit = find_periodic_orbit(almost_bilinear(0.01), None, [1.15, 0.0])
    numpy.testing.assert_allclose(orbit.amplitude, 2 / math.sqrt(3), atol=1e-4)
    assert orbit.multipliers[0].real == pytest.approx(math.exp(-0.02 * math.pi), abs=1e-4)
    assert orbit.period == pytest.approx(2 * math.pi, abs=1e-4)


def test_both_cycles_of_global_forsaken_by_averaging():
    # <t psi'(t)> over a circle: r^2 / 3 - r^4 / 2 + 5 r^6 / 28 vanishes at r^2 = 1.0945 and 1.7055.
    roots = numpy.sqrt(numpy.roots([5 / 28, -1 / 2, 1 / 3]))
    for radius, answer in zip(sorted(roots), ("no", "yes"), strict=True):
        orbit = find_periodic_orbit(global_forsaken(), None, [radius, 0.0], period=6.4)
        assert orbit.stable.answer == answer
        numpy.testing.assert_allclose(orbit.amplitude, radius, atol=0.01)


def test_a_centre_is_undecided():
    orbit = find_periodic_orbit(hamiltonian_game(), None, [1.0, 0.0], period=6.0)
    assert orbit.period == pytest.approx(2 * math.pi, abs=1e-11)
    assert orbit.stable.is_undecided
    assert abs(orbit.multipliers[0] - 1) < 1e-9
    # Twice the period is the same cycle.
    assert find_periodic_orbit(hamiltonian_game(), None, [1.0, 0.0], period=12.5).period == pytest.approx(2 * math.pi)


def test_cycles_of_the_logistic_map_in_closed_form():
    # x = (r + 1 ± sqrt((r - 3) (r + 1))) / (2 r), multiplier 4 + 2 r - r^2; 3.3 asks for 4 and gets 2.
    r = 3.3
    for asked, start in ((2, 0.48), (4, 0.82)):
        orbit = find_periodic_orbit(Logistic(r), STEP, [start], period=asked)
        assert orbit.period == 2
        root = math.sqrt((r - 3) * (r + 1))
        numpy.testing.assert_allclose(orbit.points[:, 0], [(r + 1 + root) / 2 / r, (r + 1 - root) / 2 / r], atol=1e-14)
        numpy.testing.assert_allclose(orbit.multipliers, [4 + 2 * r - r**2], rtol=1e-9)
        assert orbit.amplitude[0] == pytest.approx(root / 2 / r)
    # At r = 4, every multiplier of period p is ±2^p, and the orbit of sin^2(pi k / (2^p + 1)) has period p.
    start = math.sin(math.pi / 33) ** 2
    orbit = find_periodic_orbit(Logistic(4.0), STEP, [start], period=5)
    assert (orbit.period, orbit.stable.answer) == (5, "no")
    assert abs(orbit.multipliers[0]) == pytest.approx(32, rel=1e-9)


def test_memories_are_part_of_the_state():
    # Heavy ball on x y at rest: the multipliers are those of its iteration matrix.
    rule = HeavyBall(0.1, momentum=0.2)
    orbit = find_periodic_orbit(hamiltonian_game(), rule, [0.0, 0.0], period=1)
    matrix = rule.iteration_matrix(numpy.asarray([[0.0, 1.0], [-1.0, 0.0]]), (1, 1))
    expected = numpy.linalg.eigvals(matrix)
    numpy.testing.assert_allclose(sorted(abs(orbit.multipliers)), sorted(abs(expected)), atol=1e-9)
    assert orbit.points.shape == (1, 2)


def test_a_rotation_by_a_sixth():
    # Descent in turn with h = 1 on x y has trace 1 and determinant 1: every point has period 6.
    orbit = find_periodic_orbit(hamiltonian_game(), AlternatingGradientDescent(1.0), [1.0, 0.5])
    assert orbit.period == 6
    assert orbit.stable.is_undecided


def test_failures_are_results():
    orbit = find_periodic_orbit(polar_game(), None, [1e-9, 0.0], period=6.2)
    assert not orbit.converged
    assert "resting point" in orbit.reason
    assert str(orbit).startswith("no periodic orbit: ")
    assert not find_periodic_orbit(Logistic(4.0), STEP, [3.0], period=40).converged
    assert "stable cycle of period 2," in str(find_periodic_orbit(Logistic(3.3), STEP, [0.82], period=2))


def test_errors():
    with pytest.raises(TypeError, match="`period` must be an integer"):
        find_periodic_orbit(Logistic(3.3), STEP, [0.5], period=1.5)
    with pytest.raises(ValueError, match="`period` must be positive"):
        find_periodic_orbit(polar_game(), None, [1.0, 0.0], period=-1.0)
