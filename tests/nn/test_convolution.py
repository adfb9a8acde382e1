"""Convolution against SciPy's correlation and loops by hand, its shapes, its initialisers and its messages."""

import itertools
import math

import numpy
import pytest
import scipy.signal

from gamedyn.nn import Convolution, Dense, Network, Sequential, Tanh

# kernel, stride, padding, dilation, spatial shape
SETTINGS = [
    ((3,), 1, 0, 1, (7,)),
    ((4,), 3, ((2, 1),), 2, (9,)),
    ((3, 2), (2, 1), (1, 0), (1, 2), (6, 5)),
    ((4, 4), 2, 1, 1, (8, 8)),
    ((2, 3), 1, "same", (2, 1), (4, 5)),
    ((3, 3), 2, "same", 1, (5, 6)),
    ((2, 1, 3), (1, 2, 2), ((1, 0), (0, 1), (1, 1)), 1, (3, 4, 5)),
]


def by_loops(layer, weight, bias, x):
    """Sum over taps of x at stride j + dilation o - pad, zero outside, entry by entry."""
    windows = layer.windows(x.shape[1:-1])
    y = numpy.zeros((x.shape[0], *windows.outputs, layer.outputs)) + bias
    for j in numpy.ndindex(windows.outputs):
        for o in numpy.ndindex(layer.kernel):
            terms = zip(j, o, layer.stride, layer.dilation, windows.pads, strict=True)
            at = tuple(s * a + d * b - low for a, b, s, d, (low, _) in terms)
            if all(0 <= i < n for i, n in zip(at, x.shape[1:-1], strict=True)):
                y[(slice(None), *j)] += x[(slice(None), *at)] @ weight[o]
    return y


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_forward_against_loops(setting, rng):
    kernel, stride, padding, dilation, spatial = setting
    layer = Convolution(2, 3, kernel, stride, padding, dilation)
    weight, bias = rng.standard_normal((*kernel, 2, 3)), rng.standard_normal(3)
    x = rng.standard_normal((2, *spatial, 2))
    y, _ = layer.forward((weight, bias), x)
    assert y.shape[1:] == layer.output_shape((*spatial, 2))
    numpy.testing.assert_allclose(y, by_loops(layer, weight, bias, x), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("kernel", "spatial"), [((3,), (8,)), ((2, 4), (6, 7)), ((2, 3, 2), (4, 4, 3))])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_forward_against_scipy(kernel, spatial, padding, rng):
    layer = Convolution(2, 1, kernel, padding=padding, bias=False)
    weight, x = rng.standard_normal((*kernel, 2, 1)), rng.standard_normal((1, *spatial, 2))
    found = layer.forward((weight,), x)[0][0, ..., 0]
    expected = sum(scipy.signal.correlate(x[0, ..., c], weight[..., c, 0], mode="full") for c in (0, 1))
    # SciPy's full correlation starts kernel - 1 before the first window; "same" starts (kernel - 1) // 2 before it.
    starts = [k - 1 - ((k - 1) // 2 if padding == "same" else 0) for k in kernel]
    cut = tuple(slice(a, a + n) for a, n in zip(starts, found.shape, strict=True))
    numpy.testing.assert_allclose(found, expected[cut], rtol=1e-12, atol=1e-14)


def test_same_gives_the_ceiling_of_n_over_stride_and_an_odd_zero_behind():
    for n, k, s, d in itertools.product(range(1, 9), range(1, 5), range(1, 4), (1, 2)):
        windows = Convolution(1, 1, (k,), s, "same", d).windows((n,))
        assert windows.outputs == (math.ceil(n / s),)
        low, high = windows.pads[0]
        assert high - low in (0, 1)
        # With one zero fewer there would be an output fewer.
        assert low + high == 0 or (n + low + high - 1 - d * (k - 1) - 1) // s + 1 < math.ceil(n / s)


def test_channels_of_one_tap_are_a_dense_layer(rng):
    params, x = (rng.standard_normal((1, 1, 3, 2)), rng.standard_normal(2)), rng.standard_normal((4, 5, 6, 3))
    y, _ = Convolution(3, 2, 1).forward(params, x)
    dense, _ = Dense(3, 2).forward((params[0][0, 0], params[1]), x.reshape(-1, 3))
    numpy.testing.assert_allclose(y.reshape(-1, 2), dense, rtol=1e-14)


def test_receptive_field_of_a_dilated_row():
    # Kernels of 2 with dilation 1, 2, 4 see 1 + 1 + 2 + 4 = 8 positions.
    layers = Sequential(tuple(Convolution(1, 1, (2,), dilation=2**i, bias=False) for i in range(3)))
    assert layers.output_shape((8, 1)) == (1, 1)
    params = tuple(numpy.ones((2, 1, 1)) for _ in range(3))
    x_bar, _ = layers.backward(params, layers.forward(params, numpy.zeros((1, 8, 1)))[1], numpy.ones((1, 1, 1)))
    # Binary digits: every position is reached on exactly one way.
    numpy.testing.assert_array_equal(x_bar[0, :, 0], numpy.ones(8))


def test_input_that_no_window_reaches_has_no_gradient():
    # Windows of 3 at stride 3 over 8 positions leave the last two out.
    layer = Convolution(1, 1, (3,), stride=3, bias=False)
    _, tape = layer.forward((numpy.ones((3, 1, 1)),), numpy.zeros((1, 8, 1)))
    x_bar, _ = layer.backward((numpy.ones((3, 1, 1)),), tape, numpy.ones((1, 2, 1)))
    assert x_bar[0, :, 0].tolist() == [1] * 6 + [0] * 2


def test_one_batch_serves_an_ensemble_of_weights(library, rng):
    layer = Convolution(1, 2, (2,))
    weight, bias, x = rng.standard_normal((3, 2, 1, 2)), rng.standard_normal((3, 2)), rng.standard_normal((4, 5, 1))
    params = tuple(map(library.asarray, (weight, bias)))
    y, tape = layer.forward(params, library.asarray(x))
    y_bar = rng.standard_normal((3, 4, 4, 2))
    x_bar, params_bar = layer.backward(params, tape, library.asarray(y_bar))
    for k in range(3):
        alone, alone_tape = layer.forward((weight[k], bias[k]), x)
        numpy.testing.assert_allclose(library.host(y)[k], alone, rtol=1e-12)
        expected = layer.backward((weight[k], bias[k]), alone_tape, y_bar[k])
        numpy.testing.assert_allclose(library.host(x_bar)[k], expected[0], rtol=1e-12)
        for found, single in zip(params_bar, expected[1], strict=True):
            numpy.testing.assert_allclose(library.host(found)[k], single, rtol=1e-12)


def test_initial_variances(rng):
    # Glorot: uniform with variance 2 / (taps (n + m)); He: normal with variance 2 / (taps n).
    weight, bias = Convolution(40, 60, 5).init(rng, numpy, numpy.float64)
    variance, limit = 2 / (25 * 100), math.sqrt(6 / (25 * 100))
    assert 0.999 * limit < numpy.abs(weight).max() <= limit
    assert abs(numpy.mean(weight**2) - variance) < 5 * limit**2 * math.sqrt(4 / 45 / weight.size)
    assert bias.shape == (60,)
    assert not bias.any()
    (weight,) = Convolution(40, 60, 5, bias=False, initializer="he").init(rng, numpy, numpy.float64)
    assert abs(numpy.mean(weight**2) / (2 / 1000) - 1) < 5 * math.sqrt(2 / weight.size)


def test_numbers_serve_all_axes():
    assert Convolution(1, 1, 3, 2, 1, 2) == Convolution(1, 1, (3, 3), (2, 2), ((1, 1), (1, 1)), (2, 2))
    assert Convolution(1, 1, [5], padding="valid") == Convolution(1, 1, (5,), padding=((0, 0),))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 1, 3), ValueError, "`inputs` must be at least 1, got 0."),
        ((1, 1.5, 3), TypeError, "`outputs` must be an integer, got 1.5"),
        ((1, 1, 0), ValueError, "`kernel` must be at least 1, got 0."),
        ((1, 1, ()), ValueError, "`kernel` must have an entry, got ()."),
        ((1, 1, 3, (1, 1, 1)), ValueError, "`stride` must have one entry for each of 2 spatial axes, got (1, 1, 1)."),
        ((1, 1, 3, 1, "sane"), ValueError, "`padding` must be one of 'same', 'valid', got 'sane'. Did you mean 'same'"),
        ((1, 1, 3, 1, -1), ValueError, "`padding` must be at least 0, got -1."),
        ((1, 1, 3, 1, (1,)), ValueError, "`padding` must have one entry for each of 2 spatial axes, got (1,)."),
        ((1, 1, 3, 1, ((1, 1, 1), 0)), ValueError, "must hold numbers or pairs (before, behind), got (1, 1, 1)."),
        ((1, 1, 3, 1, 0, (1, 0)), ValueError, "`dilation` must be at least 1, got 0."),
        ((1, 1, 3, 1, 0, 1, True, "hee"), ValueError, "`initializer` must be one of 'glorot', 'he',"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error) as caught:
        Convolution(*arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((8, 8, 3), "takes inputs of shape (n0, n1, 2), channels last, got (8, 8, 3)."),
        ((8, 2), "takes inputs of shape (n0, n1, 2), channels last, got (8, 2)."),
        ((8, 2, 2), "has windows of (5, 5) positions, larger than the padded input (10, 4), got inputs of (8, 2)."),
    ],
)
def test_shapes_that_do_not_fit(shape, message):
    with pytest.raises(ValueError, match=r"Convolution\(inputs=2, outputs=1, kernel=\(3, 3\)") as caught:
        Convolution(2, 1, 3, padding=1, dilation=2).output_shape(shape)
    assert message in str(caught.value)


def test_a_network_of_dense_layers_alone_refuses_images():
    with pytest.raises(ValueError, match="layers do not chain at layer 1: Convolution"):
        Network((Dense(2, 8), Convolution(1, 1, 3), Tanh()), input_size=2)
