"""keep_bits, and leaky units, against where: bit for bit, on every kind of value and layout."""

import numpy
import pytest

from gamedyn.nn import LeakyReLU, ReLU
from gamedyn.nn._keep_bits import has_bits, keep_bits


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bits_are_those_of_where(dtype, rng):
    special = [0.0, -0.0, numpy.inf, -numpy.inf, numpy.nan, 5e-324, -1e-45, 1e300]
    with numpy.errstate(over="ignore"):
        values = numpy.concatenate([numpy.array(special).astype(dtype), rng.standard_normal(56).astype(dtype)])
    values = rng.permutation(values).reshape(4, 2, 8)
    mask = rng.random((4, 2, 8)) > 0.5
    layouts = [(mask, values), (mask.T, values.T), (mask[:, :, ::2], values[:, :, ::-2]), (mask, values[:1])]
    for chosen, array in (*layouts, (mask[0], values)):
        found, expected = keep_bits(chosen, array), numpy.where(chosen, array, numpy.zeros((), dtype))
        assert found.dtype == dtype
        assert found.shape == expected.shape
        assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("slope", [0, 0.2, 1.0, 1.5])
def test_leaky_units_have_the_bits_of_where(dtype, slope, rng):
    special = [0.0, -0.0, numpy.inf, -numpy.inf, numpy.nan, 1e-30, -1e-30, 1e30]
    x = rng.permutation(numpy.concatenate([special, rng.standard_normal(8)])).reshape(4, 4).astype(dtype)
    layer = LeakyReLU(slope)
    # Cotangents with more axes, as jvp has them.
    y_bar = rng.permutation(numpy.concatenate([3 * special, rng.standard_normal(24)])).reshape(3, 4, 4).astype(dtype)
    with numpy.errstate(invalid="ignore"):
        y, mask = layer.forward((), x)
        pairs = [(y, x), (layer.backward((), mask, y_bar[0])[0], y_bar[0]), (layer.jvp((), mask, y_bar, ())[0], y_bar)]
        for found, values in pairs:
            expected = numpy.where(x > 0, values, slope * values)
            assert found.dtype == dtype
            numpy.testing.assert_array_equal(found, expected)
            numpy.testing.assert_array_equal(numpy.signbit(found), numpy.signbit(expected))


def test_other_arrays_have_no_bits():
    assert has_bits(numpy.zeros(2, "float32"))
    assert not has_bits(numpy.zeros(2, "complex128"))
    assert not has_bits(numpy.float64(1.0))
    assert not has_bits([1.0])


def test_the_rectifier_hides_infinities():
    relu = ReLU()
    _, tape = relu.forward((), numpy.array([-1.0, 2.0]))
    assert relu.backward((), tape, numpy.array([numpy.inf, -numpy.inf]))[0].tolist() == [0.0, -numpy.inf]
