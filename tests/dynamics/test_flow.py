import numpy
import pytest

from gamedyn.dynamics import flow
from tests.dynamics.test_simulate import Cubic, Rotation


def test_bilinear_flow_is_a_rotation(game_library):
    # x' = -y, y' = x turns by t.
    z0 = game_library.asarray([[1.0, 0.0], [0.0, 2.0]])
    points = flow(Rotation(), z0, [0.0, 0.5, 2.0])
    assert game_library.owns(points)
    expected = [[numpy.cos(2.0), numpy.sin(2.0)], [-2 * numpy.sin(2.0), 2 * numpy.cos(2.0)]]
    numpy.testing.assert_allclose(game_library.host(points)[-1], expected, rtol=0, atol=1e-8)
    numpy.testing.assert_array_equal(game_library.host(points)[0], game_library.host(z0))


def test_bernoulli_equation_in_closed_form():
    # x' = -x + x^3 from 1/2: x^2 = 1 / (1 + 3 exp(2t)).
    t = numpy.linspace(0, 3, 7)
    numpy.testing.assert_allclose(flow(Cubic(), [0.5], t)[:, 0], (1 + 3 * numpy.exp(2 * t)) ** -0.5, rtol=1e-8)


def test_errors():
    with pytest.raises(ValueError, match="`times` must be increasing"):
        flow(Rotation(), [1.0, 0.0], [1.0, 0.0])
    with pytest.raises(ValueError, match=r"`z0` must have shape \(..., 2\)"):
        flow(Rotation(), [1.0], [0.0, 1.0])
    # From 2 the solution is infinite at t = log(4 / 3) / 2.
    with pytest.raises(RuntimeError, match="could not be followed"):
        flow(Cubic(), [2.0], [0.0, 1.0])
