"""Batch, frozen and layer normalisation: derivatives against SymPy, limits, statistics, messages."""

import numpy
import pytest
import sympy

from gamedyn.nn import (
    BatchNormalization,
    Concatenate,
    Dense,
    FrozenNormalization,
    LayerNormalization,
    Network,
    Residual,
    Sequential,
    Tanh,
)

EPS = 0.01


def derivatives(layer, params, x, x_dot, params_dot):
    """Gradient of sum y^3 in x and in all parameters, and its product with the Hessian along the direction."""
    y, tape = layer.forward(params, x)
    y_dot, tape_dot = layer.jvp(params, tape, x_dot, params_dot)
    x_bar, bars = layer.backward(params, tape, 3 * y**2)
    moved = layer.backward_jvp(params, tape, tape_dot, 3 * y**2, 6 * y * y_dot, params_dot)
    return [numpy.concatenate([a.ravel() for a in (first, *rest)]) for first, rest in ((x_bar, bars), moved)]


def by_sympy(standardized, x, params, direction):
    """The same, of a symbolic y(x symbols, scale symbols, shift symbols), at numbers."""
    symbols = [sympy.symbols(f"{name}:{values.size}") for name, values in zip("xab", (x, *params), strict=True)]
    flat = [symbol for group in symbols for symbol in group]
    loss = sum(y**3 for y in standardized(*symbols))
    gradient = sympy.Matrix([loss]).jacobian(flat)
    numbers = numpy.concatenate([x.ravel(), *(p.ravel() for p in params)])
    function = sympy.lambdify([flat], [gradient, gradient.jacobian(flat)], "numpy", cse=True)
    first, hessian = function(numbers)
    return numpy.ravel(first), numpy.asarray(hessian, dtype=float) @ direction


def standard(values):
    mean = sum(values) / len(values)
    variance = sum((v - mean) ** 2 for v in values) / len(values)
    return [(v - mean) / sympy.sqrt(variance + sympy.Rational(1, 100)) for v in values]


@pytest.mark.parametrize("layer", [BatchNormalization(1, eps=EPS), LayerNormalization(3, eps=EPS)])
def test_gradient_and_hessian_product_against_sympy(layer, rng):
    # Three samples of one feature, and one sample of three, are the same numbers, with one scale or three.
    batch = layer.shape == (1,)
    x = rng.standard_normal((3, 1) if batch else (1, 3))
    params, x_dot = tuple(rng.standard_normal((2, *layer.shape))), rng.standard_normal(x.shape)
    params_dot = tuple(rng.standard_normal((2, *layer.shape)))
    direction = numpy.concatenate([a.ravel() for a in (x_dot, *params_dot)])

    def y(values, scales, shifts):
        scales, shifts = (p * 3 if batch else p for p in (scales, shifts))
        return [a * n + b for a, n, b in zip(scales, standard(values), shifts, strict=True)]

    expected = by_sympy(y, x, params, direction)
    for found, wanted in zip(derivatives(layer, params, x, x_dot, params_dot), expected, strict=True):
        numpy.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)


def test_image_statistics_run_over_batch_and_positions(rng):
    # Channels last: pixels of all images are one batch.
    x, y_bar = rng.standard_normal((2, 5, 2, 3, 4))
    params = tuple(rng.standard_normal((2, 4)))
    image, flat = BatchNormalization((2, 3, 4)), BatchNormalization(4)
    found, tape = image.forward(params, x)
    expected, flat_tape = flat.forward(params, x.reshape(-1, 4))
    numpy.testing.assert_allclose(found.reshape(-1, 4), expected, rtol=1e-12, atol=1e-14)
    x_bar, bars = image.backward(params, tape, y_bar)
    flat_x_bar, flat_bars = flat.backward(params, flat_tape, y_bar.reshape(-1, 4))
    numpy.testing.assert_allclose(x_bar.reshape(-1, 4), flat_x_bar, rtol=1e-11, atol=1e-13)
    numpy.testing.assert_allclose(bars, flat_bars, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_constant_batch_becomes_the_shift(dtype):
    # v = 0: n = 0, and x_bar = (g - mean g) / sqrt(eps).
    layer, params = BatchNormalization(1), (numpy.ones(1, dtype), numpy.full(1, 7.0, dtype))
    x = numpy.full((4, 1), 1000.0, dtype)
    y, tape = layer.forward(params, x)
    numpy.testing.assert_array_equal(y, numpy.full((4, 1), 7.0))
    x_bar, _ = layer.backward(params, tape, numpy.array([[1.0], [0.0], [0.0], [3.0]], dtype))
    assert x_bar.dtype == dtype
    numpy.testing.assert_allclose(x_bar[:, 0], numpy.array([0.0, -1.0, -1.0, 2.0]) * 1e5**0.5, rtol=1e-6)


def deep():
    """Batch normalisation inside of every layer that is made of layers."""
    inner = Sequential((BatchNormalization(3, eps=0.1), Dense(3, 4), BatchNormalization(4, affine=False), Tanh()))
    around = Residual((Dense(4, 4), BatchNormalization(4)))
    beside = Concatenate((Sequential((Tanh(), BatchNormalization(4))), Tanh()))
    return Network((Dense(2, 3), Tanh(), inner, around, beside, Dense(8, 2)), input_size=2)


def test_layer_normalization_of_several_axes_is_that_of_the_row_of_all(rng):
    x, params = rng.standard_normal((4, 2, 3)), tuple(rng.standard_normal((2, 2, 3)))
    found, _ = LayerNormalization((2, 3)).forward(params, x)
    expected, _ = LayerNormalization(6).forward(tuple(p.ravel() for p in params), x.reshape(4, 6))
    numpy.testing.assert_allclose(found.reshape(4, 6), expected, rtol=1e-13)


@pytest.mark.parametrize("lead", [(), (3,)])
def test_frozen_gives_the_same_values_and_sees_one_sample_at_a_time(rng, lead, library):
    network = deep()
    host, population = rng.standard_normal((*lead, network.size)), rng.standard_normal((50, 2))
    theta, x = library.asarray(host), library.asarray(population)
    frozen = network.frozen(theta, x)
    assert (network.per_sample, frozen.per_sample, frozen.size) == (False, True, network.size)
    together = frozen(theta, x)
    assert library.owns(together)
    numpy.testing.assert_allclose(library.host(together), network(host, population), rtol=1e-12, atol=1e-13)
    alone = frozen(theta, library.asarray(population[7:8]))
    numpy.testing.assert_allclose(library.host(alone), library.host(together)[..., 7:8, :], rtol=1e-12, atol=1e-13)
    assert frozen.frozen(theta, x) is frozen


def test_frozen_statistics_are_those_of_the_population(rng):
    # Of 2 x + 1: mean 2 m + 1, variance 4 v with v the mean square deviation.
    x = rng.standard_normal((9, 1))
    network = Network((Dense(1, 1), BatchNormalization(1)), input_size=1)
    layer = network.frozen(numpy.array([2.0, 1.0, 5.0, 6.0]), x).layers[1]
    assert (layer.shape, layer.eps, layer.affine) == ((1,), 1e-5, True)
    numpy.testing.assert_allclose(layer.mean, [2 * x.mean() + 1], rtol=1e-14)
    numpy.testing.assert_allclose(layer.variance, [4 * x.var()], rtol=1e-14)


def test_frozen_statistics_of_images(rng):
    x = rng.standard_normal((2, 6, 3, 4, 5))
    layer = BatchNormalization((3, 4, 5), affine=False).frozen((), x)
    numpy.testing.assert_allclose(layer.mean, x.mean(axis=(1, 2, 3)), rtol=1e-12)
    numpy.testing.assert_allclose(layer.variance, x.var(axis=(1, 2, 3)), rtol=1e-12)
    expected, _ = BatchNormalization((3, 4, 5), affine=False).forward((), x)
    numpy.testing.assert_allclose(layer.forward((), x)[0], expected, rtol=1e-12, atol=1e-14)


def test_a_network_without_statistics_is_its_own_frozen_form(rng):
    network = Network((Residual((Tanh(),)), Concatenate((Tanh(), Tanh())), Dense(4, 1)), input_size=2)
    assert network.frozen(network.init(rng), numpy.ones((3, 2))) is network


def test_a_layer_that_cannot_be_frozen_is_named():
    class Centered(Tanh):
        per_sample = False

    network = Network((Dense(1, 1), Centered()), input_size=1)
    with pytest.raises(TypeError, match=r"layer 1 mixes the batch, and its `frozen` gives no layer that does not: "):
        network.frozen(numpy.ones(2), numpy.ones((3, 1)))


@pytest.mark.parametrize("layer", [BatchNormalization(2), LayerNormalization(2), FrozenNormalization(2)])
def test_first_parameters_change_nothing(layer):
    scale, shift = layer.init(0, numpy, numpy.float32)
    assert scale.dtype == shift.dtype == "float32"
    assert scale.tolist() == [1.0, 1.0]
    assert shift.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: BatchNormalization(0), ValueError, "`shape` must be at least 1, got 0."),
        (lambda: BatchNormalization(()), ValueError, "`shape` must have one axis at least, got ()."),
        (lambda: BatchNormalization(2, eps=0.0), ValueError, "`eps` must be positive and finite, got 0.0."),
        (lambda: LayerNormalization((1, 1)), ValueError, "`shape` must have two entries at least, got (1, 1)."),
        (lambda: FrozenNormalization(2, mean=[1.0]), ValueError, "`mean` must have shape (..., 2), got (1,)."),
        (lambda: FrozenNormalization(1, variance=[-1.0]), ValueError, "`variance` must be at least 0, got [-1.]."),
        (lambda: FrozenNormalization(1, variance=[numpy.nan]), ValueError, "`variance` must be finite, got [nan]."),
        (
            lambda: BatchNormalization(2).forward((numpy.ones(2), numpy.ones(2)), numpy.ones((1, 2))),
            ValueError,
            "BatchNormalization(shape=(2,), eps=1e-05, affine=True) needs two values of each feature at least, over "
            "the batch and the axes before the last, got 1; for single samples, `Network.frozen` holds the statistics",
        ),
        (
            lambda: BatchNormalization(1).frozen((numpy.ones(1), numpy.ones(1)), numpy.ones((1, 1))),
            ValueError,
            "BatchNormalization(shape=(1,), eps=1e-05, affine=True) needs two values of each feature at least",
        ),
        (
            lambda: FrozenNormalization(2, mean=[numpy.nan, 0.0]),
            ValueError,
            "`mean` must be finite, got [nan  0.].",
        ),
        (lambda: FrozenNormalization(1, variance=[numpy.inf]), ValueError, "`variance` must be finite, got [inf]."),
        (
            lambda: Network((Dense(2, 3), LayerNormalization(2)), 2),
            ValueError,
            "layers do not chain at layer 1: LayerNormalization(shape=(2,), eps=1e-05, affine=True) takes inputs of "
            "shape (2,), got (3,).",
        ),
        (
            lambda: Network((Dense(2, 1), BatchNormalization(1)), 2).input_gradient(numpy.ones(5), numpy.ones((3, 2))),
            ValueError,
            "`input_gradient` needs a network that sees one sample at a time, but layer 1 mixes the batch: "
            "BatchNormalization(shape=(1,), eps=1e-05, affine=True). `frozen` makes a network of constant statistics.",
        ),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


def test_one_image_is_a_batch_of_positions():
    x = numpy.arange(4.0).reshape(1, 2, 2, 1)
    y, _ = BatchNormalization((2, 2, 1), affine=False).forward((), x)
    assert abs(y.mean()) < 1e-15
    numpy.testing.assert_allclose(y.var(), 1.25 / (1.25 + 1e-5), rtol=1e-12)
