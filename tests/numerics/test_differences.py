"""Derivatives by complex step and by differences, against SymPy's."""

import numpy
import pytest
import sympy

from gamedyn.backend import array_namespace
from gamedyn.numerics import (
    complex_step_gradient,
    complex_step_jacobian,
    complex_step_jvp,
    difference_gradient,
    difference_hvp,
    difference_jacobian,
    difference_jvp,
    log_sigmoid,
)

X, Y, Z = sympy.symbols("x y z")
SCALAR = sympy.exp(X * Y) / (1 + Z**2) + sympy.sin(3 * X) * Y**2
VECTOR = sympy.Matrix([SCALAR, X * Y * Z, 1 / (1 + X**2 + Z**4), Y])


def scalar(v):
    xp = array_namespace(v)
    x, y, z = v[..., 0], v[..., 1], v[..., 2]
    return xp.exp(x * y) / (1 + z * z) + xp.sin(3 * x) * y * y


def vector(v):
    xp = array_namespace(v)
    x, y, z = v[..., 0], v[..., 1], v[..., 2]
    return xp.stack([scalar(v), x * y * z, 1 / (1 + x * x + z * z * z * z), y], axis=-1)


def exactly(expression, points):
    """SymPy values at points (..., 3), of shape (..., *shape of the expression)."""
    rows = points.reshape(-1, 3)
    values = [expression.subs(dict(zip((X, Y, Z), map(sympy.Float, row), strict=True))).evalf(30) for row in rows]
    values = numpy.array([numpy.array(value, dtype=float) for value in values])
    return values.reshape(points.shape[:-1] + values.shape[1:])


GRADIENT = sympy.Matrix([SCALAR]).jacobian([X, Y, Z])
JACOBIAN = VECTOR.jacobian([X, Y, Z])
HESSIAN = sympy.hessian(SCALAR, (X, Y, Z))


@pytest.fixture
def points(rng):
    return rng.uniform(-1.5, 1.5, (2, 3, 3))


def test_complex_step_is_exact_to_rounding(library, points, rng):
    x, direction = library.asarray(points), rng.standard_normal((2, 3, 3))
    gradient = complex_step_gradient(scalar, x)
    jacobian = complex_step_jacobian(vector, x)
    assert library.owns(gradient)
    assert library.owns(jacobian)
    expected = exactly(JACOBIAN, points)
    numpy.testing.assert_allclose(library.host(gradient), exactly(GRADIENT, points)[..., 0, :], rtol=1e-13, atol=1e-13)
    numpy.testing.assert_allclose(library.host(jacobian), expected, rtol=1e-13, atol=1e-13)
    jvp = complex_step_jvp(vector, x, library.asarray(direction))
    assert library.owns(jvp)
    product = (expected @ direction[..., None])[..., 0]
    numpy.testing.assert_allclose(library.host(jvp), product, rtol=1e-13, atol=1e-13)


def test_complex_step_keeps_float32(library, points):
    x = library.asarray(points, "float32")
    gradient = complex_step_gradient(scalar, x)
    assert library.owns(gradient, "float32")
    numpy.testing.assert_allclose(library.host(gradient), exactly(GRADIENT, points)[..., 0, :], rtol=1e-5, atol=1e-5)


def test_complex_step_has_no_cancellation():
    # d/dx log sigmoid(x) = sigmoid(-x): 1e-174 at x = 400, where any real difference gives 0.
    derivative = complex_step_gradient(lambda v: log_sigmoid(v[..., 0]), [400.0])
    assert float(derivative[0]) == pytest.approx(numpy.exp(-400.0), rel=1e-12, abs=0.0)


def test_complex_step_names_functions_that_drop_the_imaginary_part():
    with pytest.raises(TypeError, match="`f` must keep complex input complex"):
        complex_step_gradient(lambda v: numpy.abs(v[..., 0]), [1.0])
    with pytest.raises(TypeError, match="`x` must be real"):
        complex_step_jvp(scalar, numpy.ones(3, dtype=complex), numpy.ones(3))


def test_differences_reach_their_stated_error(library, points, rng):
    # Errors: eps^(2/3) = 4e-11 for first, sqrt(eps) = 1.5e-8 for mixed second differences, times derivatives up to 1e2.
    x, direction = library.asarray(points), rng.standard_normal((2, 3, 3))
    v = library.asarray(direction)
    expected = exactly(JACOBIAN, points)
    for result, value, tolerance in (
        (difference_gradient(scalar, x), exactly(GRADIENT, points)[..., 0, :], 1e-8),
        (difference_jacobian(vector, x), expected, 1e-8),
        (difference_jvp(vector, x, v), (expected @ direction[..., None])[..., 0], 1e-8),
        (difference_jvp(scalar, x, v), (expected @ direction[..., None])[..., 0, 0], 1e-8),
        (difference_hvp(scalar, x, v), (exactly(HESSIAN, points) @ direction[..., None])[..., 0], 1e-5),
    ):
        assert library.owns(result)
        numpy.testing.assert_allclose(library.host(result), value, rtol=tolerance, atol=tolerance)


def test_differences_are_central():
    # An odd cubic: one-sided differences err by h^1, central ones by h^2, with the step given.
    derivative = difference_gradient(lambda v: v[..., 0] ** 3 + v[..., 0] ** 2, [1.0], step=1e-3)
    assert abs(float(derivative[0]) - 5.0) == pytest.approx(1e-6, rel=1e-3, abs=0.0)


def test_differences_do_not_depend_on_the_length_of_the_direction():
    for length in (1e-12, 1.0, 1e12):
        result = difference_jvp(lambda v: v[..., 0] ** 3, [2.0], [length])
        assert float(result) == pytest.approx(12 * length, rel=1e-8, abs=0.0)
        product = difference_hvp(lambda v: v[..., 0] ** 3, [2.0], [length])
        assert float(product[0]) == pytest.approx(12 * length, rel=1e-6, abs=0.0)


def test_differences_follow_the_scale_of_the_point():
    assert float(difference_gradient(lambda v: v[..., 0] ** 2, [1e8])[0]) == pytest.approx(2e8, rel=1e-8, abs=0.0)


def test_the_zero_direction_gives_zero():
    assert float(difference_jvp(scalar, [1.0, 1.0, 1.0], [0.0, 0.0, 0.0])) == 0.0
    assert numpy.all(difference_hvp(scalar, [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]) == 0.0)
