import math

import numpy
import pytest

from gamedyn.dynamics import rotation_number, simulate
from gamedyn.games import hamiltonian_game
from gamedyn.updates import AlternatingGradientDescent, SimultaneousGradientDescent


def test_descent_in_turn_on_x_y(game_library):
    # The matrix of a step has determinant 1 and trace 2 - h^2.
    path = simulate(hamiltonian_game(), AlternatingGradientDescent(0.3), game_library.asarray([1.0, 0.0]), 1000)
    found = rotation_number(path, game_library.asarray([0.0, 0.0]))
    assert found.value == pytest.approx(math.acos(1 - 0.3**2 / 2) / (2 * math.pi), abs=1e-14)
    assert found.standard_error < 1e-10
    # Without the weights the error is of the order of 1 / N.
    angles = numpy.unwrap(numpy.arctan2(*game_library.host(path.points).T[::-1])) / (2 * math.pi)
    assert abs((angles[-1] - angles[0]) / 1000 - found.value) > 1e-6


def test_a_spiral_turns_as_fast():
    # x + i y turns by arctan(h) and grows.
    path = simulate(hamiltonian_game(), SimultaneousGradientDescent(0.2), [1.0, 0.0], 500)
    assert rotation_number(path, [0, 0]).value == pytest.approx(math.atan(0.2) / (2 * math.pi), abs=1e-15)


def test_direction_and_half_turns():
    def circle(rho, squeeze=0.4):
        angle = 2 * math.pi * rho * numpy.arange(3000)
        return numpy.stack([numpy.cos(angle), squeeze * numpy.sin(angle)], axis=-1)

    golden = (math.sqrt(5) - 1) / 2
    for rho in (golden - 1, 0.5 - golden / 50, golden / 50 - 0.5, 0.49, -0.49, 0.5):
        value = rotation_number(circle(rho), [0, 0]).value
        assert -0.5 <= value <= 0.5
        # A half turn forwards is one backwards.
        assert abs((value - rho + 0.5) % 1 - 0.5) < 1e-9


def test_more_dimensions_are_seen_in_a_plane(rng):
    angle = 2 * math.pi * 0.1234 * numpy.arange(3000)
    flat = numpy.stack([2 * numpy.cos(angle), numpy.sin(angle)], axis=-1)
    axes = numpy.linalg.qr(rng.normal(size=(4, 2)))[0].T
    orbit = flat @ axes + 1.0
    assert rotation_number(orbit, numpy.ones(4), plane=axes).value == pytest.approx(0.1234, abs=1e-12)
    assert rotation_number(orbit, numpy.ones(4), plane=axes[::-1]).value == pytest.approx(-0.1234, abs=1e-12)
    minor = numpy.outer(axes[0], axes[1]) - numpy.outer(axes[1], axes[0])
    upper = numpy.triu(minor)
    sign = numpy.sign(upper.ravel()[numpy.argmax(abs(upper))])
    assert rotation_number(orbit, numpy.ones(4)).value == pytest.approx(sign * 0.1234, abs=1e-12)


def test_errors():
    path = simulate(hamiltonian_game(), AlternatingGradientDescent(0.3), [1.0, 0.0], 100, record_every=2)
    with pytest.raises(ValueError, match="recorded at every step"):
        rotation_number(path, [0, 0])
    with pytest.raises(ValueError, match="T >= 32 and d >= 2"):
        rotation_number(numpy.ones((40, 1)), [0])
    with pytest.raises(ValueError, match="must not pass through `centre`"):
        rotation_number(numpy.ones((40, 2)), [1, 1])
    with pytest.raises(ValueError, match="`centre` must have shape"):
        rotation_number(numpy.ones((40, 2)), [1, 1, 1])
    with pytest.raises(ValueError, match="`plane` must have shape"):
        rotation_number(numpy.ones((40, 3)), [0, 0, 0], plane=[[1, 0, 0]])
    with pytest.raises(ValueError, match="must be finite"):
        rotation_number(numpy.full((40, 2), numpy.nan), [0, 0])
