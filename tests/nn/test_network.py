"""Network and mlp: layout, ensembles, second derivatives against SymPy, messages."""

import itertools

import numpy
import pytest
import sympy

from gamedyn.nn import Dense, Network, ReLU, Sequential, Softplus, Tanh, mlp

BATCH = numpy.array([[0.3, -1.2], [0.7, 0.4], [-0.5, 2.0]])


def symbolic(network_sizes, theta):
    """The tanh network of these sizes as a SymPy function of theta and one input row."""
    row, start = list(sympy.symbols(f"x0:{network_sizes[0]}")), 0
    inputs = list(row)
    for depth, (n, m) in enumerate(itertools.pairwise(network_sizes)):
        weight = [[theta[start + i * m + j] for j in range(m)] for i in range(n)]
        bias = theta[start + n * m : start + n * m + m]
        start += n * m + m
        row = [sum(row[i] * weight[i][j] for i in range(n)) + bias[j] for j in range(m)]
        if depth < len(network_sizes) - 2:
            row = [sympy.tanh(entry) for entry in row]
    return inputs, row


@pytest.fixture(scope="module")
def oracle():
    """(theta, value, gradient, Hessian, input gradient) of sum l(y), l(y) = y^3, at the rows of BATCH, by SymPy."""
    symbols = list(sympy.symbols("t0:13"))
    inputs, (y,) = symbolic((2, 3, 1), symbols)
    theta = numpy.random.default_rng(3).standard_normal(13)

    def numbers(expression):
        function = sympy.lambdify([symbols, inputs], expression, "numpy", cse=True)
        return [numpy.array(function(theta, row), dtype=float) for row in BATCH]

    gradient = sympy.Matrix([y**3]).jacobian(symbols)
    return {
        "theta": theta,
        "y": numpy.array(numbers(y))[:, None],
        "gradient": sum(numbers(gradient))[0],
        "hessian": sum(numbers(gradient.jacobian(symbols))),
        "jacobian": numpy.array(numbers(sympy.Matrix([y]).jacobian(symbols))),
        "input_gradient": numpy.array(numbers(sympy.Matrix([y]).jacobian(inputs)))[:, 0],
    }


def test_against_sympy(oracle, library):
    network, theta, x = mlp((2, 3, 1)), library.asarray(oracle["theta"]), library.asarray(BATCH)
    y = network(theta, x)
    found = {
        "y": y,
        "gradient": network.vjp(theta, x, 3 * y**2)[0],
        "hessian": network.hvp(theta, x, library.asarray(numpy.eye(13)), lambda s: 3 * s**2, lambda s: 6 * s),
        "jacobian": network.jacobian(theta, x),
        "input_gradient": network.input_gradient(theta, x),
    }
    for name, value in found.items():
        assert library.owns(value), name
        numpy.testing.assert_allclose(library.host(value), oracle[name], rtol=1e-12, atol=1e-14, err_msg=name)


def test_jvp_is_the_jacobian_times_the_direction(oracle, rng):
    network, v, x_dot = mlp((2, 3, 1)), rng.standard_normal(13), rng.standard_normal(BATCH.shape)
    y_dot = network.jvp(oracle["theta"], BATCH, v, x_dot)
    expected = oracle["jacobian"] @ v + numpy.sum(oracle["input_gradient"] * x_dot, axis=-1, keepdims=True)
    numpy.testing.assert_allclose(y_dot, expected, rtol=1e-12)


@pytest.mark.parametrize("activation", [Tanh(), ReLU(), Softplus()])
def test_hvp_of_a_loss_is_symmetric(activation, rng):
    network = mlp((2, 5, 4, 1), activation)
    theta, x = network.init(rng), rng.standard_normal((6, 2))
    hessian = network.hvp(theta, x, numpy.eye(network.size), numpy.sinh, numpy.cosh)
    numpy.testing.assert_allclose(hessian, hessian.T, atol=1e-13 * numpy.abs(hessian).max())
    assert numpy.abs(hessian - numpy.diag(numpy.diag(hessian))).max() > 0.01


def test_a_nested_row_of_layers_is_the_same_network(rng):
    flat = mlp((2, 3, 1))
    nested = Network((Sequential(flat.layers[:2]), flat.layers[2]), input_size=2)
    theta, v, y_bar = flat.init(rng), rng.standard_normal(flat.size), rng.standard_normal((3, 1))
    numpy.testing.assert_array_equal(nested(theta, BATCH), flat(theta, BATCH))
    numpy.testing.assert_array_equal(nested.vjp(theta, BATCH, y_bar)[0], flat.vjp(theta, BATCH, y_bar)[0])
    hvps = [network.hvp(theta, BATCH, v, numpy.sin, numpy.cos) for network in (nested, flat)]
    numpy.testing.assert_array_equal(*hvps)
    assert list(nested.unflatten(theta)) == ["0.0.weight", "0.0.bias", "1.weight", "1.bias"]


def test_the_first_layer_with_parameters_keeps_them_all(rng):
    # Rows that start with layers without parameters, with one array or with two, and one of no parameters at all.
    for layers in (
        (Dense(2, 3, bias=False), Tanh(), Dense(3, 2, bias=False), Dense(2, 2)),
        (Tanh(), Dense(2, 3), Softplus(), Dense(3, 1)),
        (Sequential((Tanh(), Dense(2, 2, bias=False))), Dense(2, 2)),
        (Tanh(), Softplus()),
    ):
        row = Sequential(layers)
        params = row.init(rng, numpy, numpy.float64)
        y, tape = row.forward(params, BATCH)
        x_bar, params_bar = row.backward(params, tape, y)
        numpy.testing.assert_array_equal(row.input_bar(params, tape, y), x_bar)
        for found, whole in zip(row.params_bar(params, tape, y), params_bar, strict=True):
            numpy.testing.assert_array_equal(found, whole)


def test_unflatten_names_and_shapes():
    parts = mlp((2, 3, 1)).unflatten(numpy.arange(26.0).reshape(2, 13))
    assert {name: part.shape for name, part in parts.items()} == {
        "0.weight": (2, 2, 3),
        "0.bias": (2, 3),
        "2.weight": (2, 3, 1),
        "2.bias": (2, 1),
    }
    numpy.testing.assert_array_equal(parts["0.weight"][0], [[0, 1, 2], [3, 4, 5]])
    numpy.testing.assert_array_equal(parts["2.bias"], [[12.0], [25.0]])


def test_ensembles_broadcast_both_ways(rng, library):
    network = mlp((2, 3, 1))
    thetas = network.init(rng, batch_shape=(4,))
    batches = rng.standard_normal((4, 5, 2))
    pairs = {
        "one batch": (thetas, batches[0], [(theta, batches[0]) for theta in thetas]),
        "one theta": (thetas[0], batches, [(thetas[0], x) for x in batches]),
        "one each": (thetas, batches, list(zip(thetas, batches, strict=True))),
    }
    for name, (theta, x, singles) in pairs.items():
        given = library.asarray(theta), library.asarray(x)
        y = network(*given)
        theta_bar, x_bar = network.vjp(*given, y)
        for k, single in enumerate(singles):
            alone = network(*single)
            numpy.testing.assert_allclose(library.host(y)[k], alone, rtol=1e-13, err_msg=name)
            for together, expected in zip((theta_bar, x_bar), network.vjp(*single, alone), strict=True):
                numpy.testing.assert_allclose(library.host(together)[k], expected, rtol=1e-12, err_msg=name)


def test_a_shared_cotangent_serves_every_member(rng):
    network = mlp((2, 3, 1))
    thetas, y_bar = network.init(rng, batch_shape=(4,)), rng.standard_normal((3, 1))
    theta_bar, _ = network.vjp(thetas, BATCH, y_bar)
    for k in range(4):
        numpy.testing.assert_allclose(theta_bar[k], network.vjp(thetas[k], BATCH, y_bar)[0], rtol=1e-12)


def test_sizes():
    network = mlp((2, 16, 3, 1))
    assert (network.size, network.output_size, network.width) == (32 + 16 + 48 + 3 + 3 + 1, 1, 16)
    assert mlp((7, 3, 1)).width == 7


def test_init_members_differ_and_follow_the_seed(library):
    network = mlp((2, 3, 1), ReLU())
    theta = network.init(0, library.xp, library.xp.float32, batch_shape=(2, 3), device=library.device)
    assert library.owns(theta, dtype="float32")
    host = library.host(theta)
    assert host.shape == (2, 3, network.size)
    assert len({row.tobytes() for row in host.reshape(6, -1)}) == 6
    numpy.testing.assert_allclose(host, network.init(0, batch_shape=(2, 3)), rtol=1e-6)
    numpy.testing.assert_array_equal(network.init(0), network.init(0, batch_shape=(2,))[0])


def test_mlp_takes_he_for_relu_and_no_activation_last():
    assert mlp((2, 3, 1), ReLU()).layers == (
        Dense(2, 3, initializer="he"),
        ReLU(),
        Dense(3, 1, initializer="he"),
    )
    assert mlp((4, 1)).layers == (Dense(4, 1),)
    assert mlp((2, 3, 5)).output_size == 5


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: Network((Dense(2, 8), Tanh(), Dense(16, 1)), 2),
            ValueError,
            "layers do not chain at layer 2: Dense(inputs=16, outputs=1, bias=True, initializer='glorot') takes inputs "
            "of shape (16,), got (8,).",
        ),
        (lambda: Network((Tanh(),), 2), ValueError, "`layers` must hold at least one layer with parameters."),
        (lambda: Network((Dense(2, 1), numpy.tanh), 2), TypeError, "`layers` must hold layers, got <ufunc 'tanh'>"),
        (lambda: Network((Dense(2, 1),), 0), ValueError, "`input_size` must be at least 1, got 0."),
        (lambda: mlp((2,)), ValueError, "`sizes` must hold the sizes of input and output at least, got (2,)."),
        (
            lambda: mlp((2, 1))(numpy.ones(4), numpy.ones((5, 2))),
            ValueError,
            "`theta` must have shape (..., 3), got (4,).",
        ),
        (
            lambda: mlp((2, 1))(numpy.ones(3), numpy.ones((5, 3))),
            ValueError,
            "`x` must have shape (..., batch, 2), got",
        ),
        (
            lambda: mlp((2, 1))(numpy.ones(3), numpy.ones(2)),
            ValueError,
            "`x` must have shape (..., batch, 2), got (2,)",
        ),
        (
            lambda: mlp((2, 2)).vjp(numpy.ones(6), BATCH, numpy.ones((3, 1))),
            ValueError,
            "`y_bar` must have shape (..., 3, 2), got (3, 1).",
        ),
        (
            lambda: mlp((2, 1)).jvp(numpy.ones(3), BATCH, numpy.ones(3), numpy.ones(2)),
            ValueError,
            "`x_dot` must have shape (..., 3, 2), got (2,).",
        ),
        (
            lambda: mlp((2, 1)).jvp(numpy.ones(3), BATCH, numpy.ones(2), BATCH),
            ValueError,
            "`theta_dot` must have shape (..., 3), got (2,).",
        ),
        (
            lambda: mlp((2, 1)).hvp(numpy.ones(3), BATCH, numpy.ones((4, 2)), numpy.sin, numpy.cos),
            ValueError,
            "`v` must have shape (..., 3), got (4, 2).",
        ),
        (
            lambda: mlp((2, 1))(numpy.ones((3, 3)), numpy.ones((2, 5, 2))),
            ValueError,
            "leading axes must broadcast, got `theta` (3, 3), `x` (2, 5, 2).",
        ),
        (lambda: Network(Dense(2, 1), 2), TypeError, "`layers` must be a tuple of layers, got Dense(inputs=2,"),
        (lambda: Network((Dense(2, 1), Tanh), 2), TypeError, "of type ABCMeta. Call it to make one."),
        (lambda: mlp((2, 3, 1), "tanh"), TypeError, "`activation` must be a Layer, got 'tanh' of type str."),
        (
            lambda: mlp((2, 1), None, output_activation=Tanh),
            TypeError,
            "`output_activation` must be a Layer, got <class",
        ),
        (lambda: mlp((2, 1)).init(0, dtype=numpy.float16), TypeError, "`dtype` must be float32 or float64, got"),
        (
            lambda: mlp((2, 2)).input_gradient(numpy.ones(6), BATCH),
            ValueError,
            "`input_gradient` needs a network of one output, got 2; use `vjp`.",
        ),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


def test_flags_are_those_of_all_layers():
    class Mixing(Tanh):
        per_sample = False

    flags = {True: mlp((2, 3, 1)), False: mlp((2, 3, 1), ReLU())}
    for smooth, network in flags.items():
        assert network.is_smooth == smooth
        assert network.per_sample
    assert not Network((Dense(2, 1), Mixing()), 2).per_sample
