"""CausalConvolution against SciPy's filters, its zeros, and how far rows of layers see."""

import numpy
import pytest
import scipy.signal

from gamedyn.nn import CausalConvolution, Sequential


def test_one_channel_is_a_finite_impulse_response(rng):
    taps, x = rng.standard_normal(4), rng.standard_normal((3, 20))
    for dilation in (1, 3):
        response = numpy.zeros(3 * dilation + 1)
        response[::dilation] = taps
        layer = CausalConvolution(1, 1, 4, dilation, bias=False)
        # The last tap meets x[t] itself.
        y, _ = layer.forward((taps[::-1].reshape(4, 1, 1),), x[..., None])
        numpy.testing.assert_allclose(y[..., 0], scipy.signal.lfilter(response, 1.0, x), rtol=1e-12, atol=1e-14)


def jacobian(layer, params, steps, channels):
    """dy / dx (steps, outputs, steps, inputs) of one sample, by unit cotangents."""
    y, tape = layer.forward(params, numpy.zeros((1, steps, channels)))
    rows = []
    for index in numpy.ndindex(y.shape[1:]):
        y_bar = numpy.zeros(y.shape)
        y_bar[(0, *index)] = 1
        rows.append(layer.backward(params, tape, y_bar)[0][0])
    return numpy.reshape(rows, (*y.shape[1:], steps, channels))


def test_no_output_sees_a_later_input(rng):
    layers = tuple(CausalConvolution(2, 2, kernel, dilation) for kernel, dilation in ((3, 1), (2, 4), (2, 3)))
    stack = Sequential(layers)
    params = stack.init(rng, numpy, numpy.float64)
    found = numpy.abs(jacobian(stack, params, 15, 2)).max(axis=(1, 3))
    reach = 1 + 2 * 1 + 1 * 4 + 1 * 3
    lag = numpy.subtract.outer(numpy.arange(15), numpy.arange(15))
    assert (found[(lag < 0) | (lag >= reach)] == 0).all()
    assert (found[lag == 0] > 0).all()
    assert (found[lag == reach - 1] > 0).all()


@pytest.mark.parametrize(("blocks", "expected"), [(1, 1024), (2, 2047)])
def test_reach_of_a_wavenet_block(blocks, expected):
    # 1 + (1 + 2 + ... + 512) = 1024 for one block; the next one adds 1023, not 1024.
    layers = tuple(CausalConvolution(1, 1, 2, 2**i, bias=False) for _ in range(blocks) for i in range(10))
    assert 1 + sum(layer.reach - 1 for layer in layers) == expected
    stack, steps = Sequential(layers), 2100
    params = (numpy.ones((2, 1, 1)),) * len(layers)
    y_bar = numpy.zeros((1, steps, 1))
    y_bar[0, -1] = 1
    x_bar, _ = stack.backward(params, stack.forward(params, numpy.zeros((1, steps, 1)))[1], y_bar)
    assert numpy.count_nonzero(x_bar) == expected
    assert (x_bar[0, -expected:] > 0).all()


def test_sizes_stay():
    layer = CausalConvolution(3, 5, kernel=7, dilation=9)
    assert layer.reach == 55
    assert layer.output_shape((4, 3)) == (4, 5)
    assert layer.parameter_shapes == {"weight": (7, 3, 5), "bias": (5,)}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 1, 2), ValueError, "`inputs` must be at least 1, got 0."),
        ((1, 0, 2), ValueError, "`outputs` must be at least 1, got 0."),
        ((1, 1, (2, 2)), ValueError, "`kernel` must have one entry for each of 1 spatial axes, got (2, 2)."),
        ((1, 1, 2, 0), ValueError, "`dilation` must be at least 1, got 0."),
        ((1, 1, 2, 1, True, "hee"), ValueError, "`initializer` must be one of"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error) as caught:
        CausalConvolution(*arguments)
    assert message in str(caught.value)


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"CausalConvolution\(.*takes inputs of shape \(n0, 2\), channels last, got"):
        CausalConvolution(2, 1, 2).output_shape((5, 3))
