"""Laws of every loss of a network's outputs: derivatives are derivatives, on every array library, and finite."""

import numpy
import pytest

from gamedyn.nn import ElementwiseLoss
from tests.layer_cases import LOSSES

every_loss = pytest.mark.parametrize(("loss", "draw", "reach"), LOSSES, ids=[repr(loss)[:40] for loss, _, _ in LOSSES])
SHAPE = (3, 4, 6)


def results(loss, a, target, a_dot):
    """Value and derivatives, by name."""
    out = {
        "value": loss.value(a, target),
        "derivative": loss.derivative(a, target),
        "derivative_jvp": loss.derivative_jvp(a, target, a_dot),
    }
    if isinstance(loss, ElementwiseLoss):
        out["second_derivative"] = loss.second_derivative(a, target)
    return out


@every_loss
def test_derivatives_against_complex_step(loss, draw, reach, rng):
    for size in (1.0, 5.0, 20.0):
        a, target = draw(rng, (50, *SHAPE))
        a, a_dot = size * a, rng.standard_normal(a.shape)
        found, stepped = results(loss, a, target, a_dot), results(loss, a + 1e-20j * a_dot, target, a_dot)
        assert found["value"].shape == a.shape[:-1]
        pairs = [
            (numpy.sum(found["derivative"] * a_dot, axis=-1), stepped["value"].imag / 1e-20),
            (found["derivative_jvp"], stepped["derivative"].imag / 1e-20),
        ]
        for name, (measured, expected) in zip(("derivative", "derivative_jvp"), pairs, strict=True):
            numpy.testing.assert_allclose(measured, expected, rtol=1e-11, atol=1e-12, err_msg=f"{name}, {size}")
        for name, array in found.items():
            numpy.testing.assert_allclose(stepped[name].real, array, rtol=1e-11, atol=1e-13, err_msg=name)


@every_loss
def test_hessian_is_symmetric(loss, draw, reach, rng):
    a, target = draw(rng, SHAPE)
    v, w = rng.standard_normal((2, *SHAPE))
    left, right = (p * loss.derivative_jvp(a, target, q) for p, q in ((v, w), (w, v)))
    scale = numpy.sum(numpy.abs(left) + numpy.abs(right), axis=-1)
    assert (numpy.abs(left.sum(axis=-1) - right.sum(axis=-1)) <= 1e-13 * scale).all()


@every_loss
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_library_gives_the_same(loss, draw, reach, dtype, library, rng):
    a, target = (array.astype(dtype).astype(float) for array in draw(rng, SHAPE))
    a_dot = rng.standard_normal((2, *SHAPE)).astype(dtype).astype(float)
    found = results(loss, *(library.asarray(array, dtype=dtype) for array in (a, target, a_dot)))
    tolerance = 1e-12 if dtype == "float64" else 5e-6
    for name, expected in results(loss, a, target, a_dot).items():
        assert library.owns(found[name], dtype=dtype), name
        value = library.host(found[name])
        numpy.testing.assert_allclose(value, expected, rtol=tolerance, atol=tolerance, err_msg=name)


@every_loss
def test_complex_arguments_in_every_library(loss, draw, reach, library, rng):
    a, target = draw(rng, SHAPE)
    a_dot = rng.standard_normal(SHAPE)
    moved = library.asarray(a + 1e-20j * a_dot, dtype="complex128")
    found = results(loss, moved, library.asarray(target), library.asarray(a_dot))
    expected = results(loss, a + 1e-20j * a_dot, target, a_dot)
    for name in ("value", "derivative"):
        value = library.host(found[name])
        numpy.testing.assert_allclose(value.real, expected[name].real, rtol=1e-11, atol=1e-12, err_msg=name)
        numpy.testing.assert_allclose(1e20 * value.imag, 1e20 * expected[name].imag, rtol=1e-10, atol=1e-11)


@every_loss
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_finite_far_out(loss, draw, reach, dtype, library, rng):
    a, target = draw(rng, (4, 6))
    a_dot = rng.standard_normal(a.shape)
    for far in (reach * numpy.array([1, -1, 1, -1, -1, 1]), reach * numpy.array([-1, 1, 1, 1, -1, -1])):
        point = numpy.broadcast_to(far, a.shape)
        given = (library.asarray(array, dtype=dtype) for array in (point, target, a_dot))
        for name, array in results(loss, *given).items():
            assert numpy.isfinite(library.host(array)).all(), name
        for name, array in results(loss, point + 1e-20j * a_dot, target, a_dot).items():
            assert numpy.isfinite(array).all(), name
