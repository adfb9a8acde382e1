"""Curves of zeros against circles, hyperbolas and lines."""

import numpy
import pytest

from gamedyn.numerics import level_curves

X, Y = numpy.linspace(-2, 2, 24), numpy.linspace(-2, 2.5, 31)


def test_a_circle_is_one_closed_curve_of_neighbouring_points():
    (curve,), values = level_curves(lambda x, y: x**2 + y**2 - 1.3, X, Y)
    assert values.shape == (31, 24)
    numpy.testing.assert_allclose(numpy.sum(curve**2, axis=-1), 1.3, rtol=1e-14)
    assert numpy.array_equal(curve[0], curve[-1])
    assert numpy.linalg.norm(numpy.diff(curve, axis=0), axis=-1).max() < 0.25
    # All around: the angle turns once.
    angle = numpy.unwrap(numpy.arctan2(curve[:, 1], curve[:, 0]))
    assert abs(angle[-1] - angle[0]) == pytest.approx(2 * numpy.pi)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_branches_of_a_hyperbola_are_not_joined(sign):
    x = numpy.asarray([-1.5, -0.5, 0.6, 1.5])
    curves, _ = level_curves(lambda a, b: sign * (a * b - 0.01), x, x)
    assert len(curves) == 2
    for curve in curves:
        assert numpy.all(curve > 0) or numpy.all(curve < 0)


def test_values_that_are_not_finite_are_outside_and_no_change_is_no_curve():
    curves, _ = level_curves(lambda x, y: numpy.where(x > 0.3, numpy.nan, -1.0), X, Y)
    assert len(curves) == 1
    numpy.testing.assert_allclose(curves[0][:, 0], 0.3, rtol=1e-14)
    assert level_curves(lambda x, y: 1 + x**2, X, Y)[0] == ()
