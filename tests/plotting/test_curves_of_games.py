"""Path angles, stability regions and cycles: what is drawn is what theory says."""

import math

import numpy
import pytest

from gamedyn import plotting
from gamedyn.dynamics import find_periodic_orbit, path_angle
from gamedyn.equilibria import stability_region
from gamedyn.games import Quadratic, SymbolicGame
from gamedyn.plotting import alt_text
from gamedyn.updates import SimultaneousGradientDescent


def test_the_path_angle_of_a_bowl_is_a_step():
    game = Quadratic.from_jacobian(numpy.eye(2), (1, 1))
    ax = plotting.plot_path_angle(path_angle(game, [1.0, 1.0], [0.0, 0.0]))
    cosine = next(line for line in ax.lines if len(line.get_xdata()) > 10)
    # xi = z points against the path until 0 and along it afterwards.
    a, y = cosine.get_data()
    numpy.testing.assert_allclose(y[a < 1 - 1e-9], -1.0)
    numpy.testing.assert_allclose(y[a > 1 + 1e-9], 1.0)
    (right,) = [other for other in ax.figure.axes if other is not ax]
    numpy.testing.assert_allclose(right.lines[0].get_ydata(), 2**0.5 * abs(1 - a), atol=1e-15)
    assert "sign switch" in alt_text(ax)


def test_a_batch_of_paths_is_one_line_each():
    game = Quadratic.from_jacobian([[0.0, 1.0], [-1.0, 0.0]], (1, 1))
    ax = plotting.plot_path_angle(path_angle(game, [[1.0, 1.0], [2.0, 0.0]], [[0.1, 0.0], [0.0, 0.1]], n=21))
    assert len([line for line in ax.lines if len(line.get_xdata()) == 21]) == 2


def test_the_region_of_descent_is_a_disc():
    region = stability_region(SimultaneousGradientDescent(0.5))
    ax = plotting.plot_stability_region(region, spectra={"game": [1.0 + 1j, 2.0, 0.1j, 4.1]})
    # |1 - lambda / 2| = 1
    (curve,) = [line for line in ax.lines if line.get_label() == "largest multiplier 1"]
    x, y = curve.get_data()
    numpy.testing.assert_allclose(numpy.hypot(x - 2, y), 2.0, rtol=1e-9)
    points = {len(c.get_offsets()) for c in ax.collections if len(c.get_offsets()) in (2, 3, 4) and c.get_zorder() == 4}
    assert points == {2}
    assert "game: 2 of 4 inside" in alt_text(ax)
    assert plotting.plot_stability_region(region).get_xlim() == (region.x[0], region.x[-1])


def test_a_cycle_is_a_closed_line_of_its_radius():
    sympy = pytest.importorskip("sympy")
    x, y = sympy.symbols("x y")
    r2 = x**2 + y**2
    # z' = -xi: r' = r (1 - r^2), once round in 2 pi.
    game = SymbolicGame.from_field([-x * (1 - r2) + y, -y * (1 - r2) - x], [x, y])
    orbit = find_periodic_orbit(game, None, [0.9, 0.0])
    ax = plotting.plot_phase_portrait(game, orbits=[orbit])
    (line,) = [line for line in ax.lines if line.get_label() == "stable cycle"]
    numpy.testing.assert_allclose(numpy.hypot(*line.get_data()), 1.0, rtol=1e-7)
    assert line.get_xdata()[0] == line.get_xdata()[-1]
    assert f"stable cycle of period {2 * math.pi:.4g}" in alt_text(ax)
