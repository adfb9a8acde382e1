"""MaskedDense: masked entries have no effect, no gradient and no initial value."""

import numpy
import pytest

from gamedyn.nn import Dense, HeNormal, MaskedDense, Network, Tanh

MASK = numpy.array([[0, 1, 1], [0, 0, 1]])


def test_it_is_a_dense_layer_of_the_masked_weight(rng, library):
    params = rng.standard_normal((2, 3)), rng.standard_normal(3)
    x, y_bar = rng.standard_normal((4, 2)), rng.standard_normal((4, 3))
    y, tape = MaskedDense(MASK).forward(tuple(map(library.asarray, params)), library.asarray(x))
    numpy.testing.assert_allclose(library.host(y), x @ (MASK * params[0]) + params[1], rtol=1e-14)
    x_bar, (weight_bar, _) = MaskedDense(MASK).backward(
        tuple(map(library.asarray, params)), tape, library.asarray(y_bar)
    )
    numpy.testing.assert_allclose(library.host(x_bar), y_bar @ (MASK * params[0]).T, rtol=1e-14)
    numpy.testing.assert_allclose(library.host(weight_bar), MASK * (x.T @ y_bar), rtol=1e-14)


def test_masked_gradients_are_exactly_zero_even_beside_infinities():
    layer, params = MaskedDense([[0, 0, 0], [0, 0, 0]]), (numpy.full((2, 3), numpy.inf), numpy.zeros(3))
    y, _ = layer.forward(params, numpy.array([[2.0, 1.0]]))
    numpy.testing.assert_array_equal(y, [[0.0, 0.0, 0.0]])
    _, (weight_bar, _) = layer.backward(params, numpy.array([[numpy.inf, 1.0]]), numpy.ones((1, 3)))
    numpy.testing.assert_array_equal(weight_bar, numpy.zeros((2, 3)))


def test_what_an_optimiser_remembers_of_masked_weights_stays_zero(rng):
    # Momentum over ten steps: gradients, memories and weights under the mask are 0 bit for bit.
    network = Network((MaskedDense(MASK), Tanh(), Dense(3, 1)), input_size=2)
    theta, memory, x = network.init(rng), numpy.zeros(network.size), rng.standard_normal((8, 2))
    for _ in range(10):
        memory = 0.9 * memory + network.vjp(theta, x, network(theta, x))[0]
        theta = theta - 0.1 * memory
    masked = MASK == 0
    for flat in (theta, memory):
        numpy.testing.assert_array_equal(network.unflatten(flat)["0.weight"][masked], 0.0)
    assert (network.unflatten(theta)["0.weight"][~masked] != 0).all()


def test_fans_are_those_of_the_entries_kept(rng):
    # A checkerboard keeps half of each column: 150 of 300 numbers meet in an output, so He's variance is 2 / 150.
    mask = numpy.indices((300, 200)).sum(axis=0) % 2
    weight, bias = MaskedDense(mask, initializer=HeNormal()).init(rng, numpy, numpy.float64)
    kept = weight[mask == 1]
    assert abs(numpy.mean(kept**2) / (2 / 150) - 1) < 5 * numpy.sqrt(2 / kept.size)
    assert not weight[mask == 0].any()
    assert not bias.any()


def test_equal_masks_make_equal_layers():
    assert MaskedDense(MASK) == MaskedDense(MASK.tolist()) == MaskedDense(MASK.astype(bool))
    assert len({MaskedDense(MASK), MaskedDense(MASK.tolist())}) == 1
    assert repr(MaskedDense(MASK)) == "MaskedDense(mask=<2 x 3, 3 kept>, bias=True, initializer='glorot')"


@pytest.mark.parametrize("mask", [[[0, 2]], [0, 1], [[]], [[0.5, 1.0]], [[1, 0], [1]]])
def test_masks_are_zeros_and_ones(mask):
    with pytest.raises(ValueError, match=r"`mask` must be a matrix \(inputs, outputs\) of zeros and ones, got \["):
        MaskedDense(mask)


def test_inputs_of_the_wrong_size_are_named():
    with pytest.raises(ValueError, match=r"takes inputs of shape \(2,\), got \(3,\)"):
        MaskedDense(MASK).output_shape((3,))
