"""TransposedConvolution is the adjoint of Convolution: the identity, shapes, overlaps, messages."""

import itertools
import math

import numpy
import pytest
import scipy.signal

from gamedyn.nn import Convolution, TransposedConvolution
from tests.nn.test_convolution import SETTINGS


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_adjoint_of_the_convolution_with_the_same_weight(setting, library, rng):
    kernel, stride, padding, dilation, spatial = setting
    forth = Convolution(2, 3, kernel, stride, padding, dilation, bias=False)
    windows = forth.windows(spatial)
    # What of the input the convolution's size does not tell.
    rests = (
        0 if padding == "same" else (n + sum(pads) - d * (k - 1) - 1) % s
        for n, pads, k, d, s in zip(spatial, windows.pads, kernel, forth.dilation, forth.stride, strict=True)
    )
    back = TransposedConvolution(3, 2, kernel, stride, padding, dilation, tuple(rests), bias=False)
    if padding == "same":
        spatial = tuple(n * s for n, s in zip(windows.outputs, forth.stride, strict=True))
    assert back.parameter_shapes == forth.parameter_shapes
    assert back.output_shape((*windows.outputs, 3)) == (*spatial, 2)
    weight = library.asarray(rng.standard_normal((*kernel, 2, 3)))
    x, y = rng.standard_normal((2, *spatial, 2)), rng.standard_normal((2, *windows.outputs, 3))
    image = library.host(forth.forward((weight,), library.asarray(x))[0])
    turned = library.host(back.forward((weight,), library.asarray(y))[0])
    terms = image * y
    assert abs(terms.sum() - (x * turned).sum()) <= 1e-13 * numpy.abs(terms).sum()


def test_stride_one_is_a_full_convolution(rng):
    # The adjoint of a correlation is a true convolution.
    x, weight = rng.standard_normal((1, 5, 4, 1)), rng.standard_normal((3, 2, 1, 1))
    y, _ = TransposedConvolution(1, 1, (3, 2), bias=False).forward((weight,), x)
    expected = scipy.signal.convolve(x[0, ..., 0], weight[..., 0, 0], mode="full")
    numpy.testing.assert_allclose(y[0, ..., 0], expected, rtol=1e-12)


def test_every_size_comes_back():
    # Convolution maps `stride` sizes to one; output_padding tells them apart.
    for k, s, d, p in itertools.product(range(1, 5), range(1, 4), (1, 2), (0, 1)):
        for n, extra in itertools.product(range(1, 5), range(s)):
            layer = TransposedConvolution(1, 1, (k,), s, p, d, extra)
            m = (n - 1) * s + d * (k - 1) + 1 - 2 * p + extra
            if m < 1:
                continue
            assert layer.output_shape((n, 1)) == (m, 1)
            assert Convolution(1, 1, (k,), s, p, d).output_shape((m, 1)) == (n, 1)
            same = TransposedConvolution(1, 1, (k,), s, "same", d)
            assert same.output_shape((n, 1)) == (n * s, 1)
            windows = same.windows((n,))
            assert Convolution(1, 1, (k,), s, "same", d).windows((n * s,)) == windows


def test_overlaps_are_even_where_the_stride_divides_the_kernel():
    even = TransposedConvolution(1, 1, 4, stride=2, padding=1).overlaps((4, 4))
    assert even.shape == (8, 8)
    assert set(even[1:-1, 1:-1].ravel().tolist()) == {4}
    # 3 taps at stride 2: 1 and 2 by turns along an axis, their products in the plane: a checkerboard.
    odd = TransposedConvolution(1, 1, 3, stride=2).overlaps((4, 4))
    line = [1, 1, 2, 1, 2, 1, 2, 1, 1]
    numpy.testing.assert_array_equal(odd, numpy.outer(line, line))


def test_overlaps_are_what_ones_sum_to():
    layer = TransposedConvolution(1, 1, (3, 2), (2, 3), (1, 0), output_padding=(0, 1), bias=False)
    y, _ = layer.forward((numpy.ones((3, 2, 1, 1)),), numpy.ones((1, 3, 2, 1)))
    numpy.testing.assert_array_equal(y[0, ..., 0], layer.overlaps((3, 2)))
    assert 0 in layer.overlaps((3, 2))


def test_bias_is_added_once_at_every_position():
    layer = TransposedConvolution(1, 2, 4, 2, 1)
    y, _ = layer.forward((numpy.zeros((4, 4, 2, 1)), numpy.array([1.0, -2.0])), numpy.ones((3, 2, 2, 1)))
    numpy.testing.assert_array_equal(y, numpy.ones((3, 4, 4, 1)) * [1.0, -2.0])


def test_initial_variances(rng):
    (weight,) = TransposedConvolution(60, 40, 4, 2, bias=False).init(rng, numpy, numpy.float64)
    limit = math.sqrt(6 / (4 * 60 + 16 * 40))
    assert 0.999 * limit < numpy.abs(weight).max() <= limit
    # He's rule keeps E y^2 = 2 E x^2 for inputs with E x^2 = 1: an interior output has 16 / 4 taps of 60 inputs.
    layer = TransposedConvolution(60, 40, 4, 2, bias=False, initializer="he")
    params = layer.init(rng, numpy, numpy.float64)
    assert abs(numpy.mean(params[0] ** 2) / (2 / (4 * 60)) - 1) < 5 * math.sqrt(2 / params[0].size)
    y, _ = layer.forward(params, numpy.sign(rng.standard_normal((8, 8, 8, 60))))
    # 40 channels of 4 taps patterns share weights: 160 independent squares per channel-and-phase, at least.
    assert abs(numpy.mean(y[:, 2:-2, 2:-2] ** 2) / 2 - 1) < 5 * math.sqrt(2 / 160)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((1, 0, 3), ValueError, "`outputs` must be at least 1, got 0."),
        ((1.0, 1, 3), TypeError, "`inputs` must be an integer, got 1.0"),
        ((1, 1, 3, 2, 0, 1, 2), ValueError, "`output_padding` must be smaller than `stride` = (2, 2), got (2, 2)."),
        ((1, 1, 3, 2, 0, 1, -1), ValueError, "`output_padding` must be at least 0, got -1."),
        ((1, 1, 3, 2, "full"), ValueError, "`padding` must be one of 'same', 'valid', got 'full'."),
        ((1, 1, 3, 2, "same", 1, 1), ValueError, '`output_padding` must be 0 with padding "same", got (1, 1).'),
        ((1, 1, 3, 2, 0, 1, 0, True, "hee"), ValueError, "`initializer` must be one of 'glorot', 'he',"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error) as caught:
        TransposedConvolution(*arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((4, 4, 2), "takes inputs of shape (n0, n1, 3), channels last, got (4, 4, 2)."),
        ((1, 4, 3), "leaves outputs of (-1, 5) positions, got inputs of (1, 4)."),
    ],
)
def test_shapes_that_do_not_fit(shape, message):
    with pytest.raises(ValueError, match=r"TransposedConvolution\(inputs=3, outputs=1, kernel=\(3, 3\)") as caught:
        TransposedConvolution(3, 1, 3, stride=2, padding=2).output_shape(shape)
    assert message in str(caught.value)
