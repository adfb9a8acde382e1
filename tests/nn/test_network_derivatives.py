"""Joint Hessian products, per-sample gradients and Jacobians of networks."""

import functools

import numpy
import pytest
import sympy

from gamedyn.nn import BatchNormalization, Dense, Network, Tanh, mlp

BATCH = numpy.array([[0.3, -1.2], [0.7, 0.4], [-0.5, 2.0]])


@functools.cache
def symbolic():
    """Hessian of sum y^3 over three samples, y = v . tanh(x W + b) + c, in 9 parameters and 6 inputs together."""
    t, x = sympy.symbols("t:9"), sympy.symbols("x:6")

    def y(i):
        inner = [x[2 * i] * t[j] + x[2 * i + 1] * t[2 + j] + t[4 + j] for j in (0, 1)]
        return sum(t[6 + j] * sympy.tanh(inner[j]) for j in (0, 1)) + t[8]

    both = (*t, *x)
    hessian = sympy.Matrix([sum(y(i) ** 3 for i in range(3))]).jacobian(both).jacobian(both)
    return sympy.lambdify([both], hessian, "numpy", cse=True)


def test_joint_hessian_against_sympy(rng, library):
    theta = rng.standard_normal(9)
    expected = numpy.array(symbolic()(numpy.concatenate([theta, BATCH.ravel()])), dtype=float)
    directions = numpy.eye(15)
    given = (theta, BATCH, directions[:, :9], directions[:, 9:].reshape(15, 3, 2))
    blocks = mlp((2, 2, 1)).hessian_product(*map(library.asarray, given), lambda s: 3 * s**2, lambda s: 6 * s)
    assert all(map(library.owns, blocks))
    theta_part, x_part = map(library.host, blocks)
    found = numpy.concatenate([theta_part, x_part.reshape(15, 6)], axis=-1)
    numpy.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("lead", [(), (3,)])
def test_per_sample_gradients_are_those_of_batches_of_one(lead, library, rng):
    network = mlp((2, 4, 2))
    theta, y_bar = rng.standard_normal((*lead, network.size)), rng.standard_normal((*lead, 3, 2))
    together = network.per_sample_gradients(*map(library.asarray, (theta, BATCH, y_bar)))
    assert library.owns(together)
    found = library.host(together)
    assert found.shape == (*lead, 3, network.size)
    for index in numpy.ndindex(*lead, 3):
        *member, i = index
        alone, _ = network.vjp(theta[tuple(member)], BATCH[i : i + 1], y_bar[tuple(member)][i : i + 1])
        numpy.testing.assert_allclose(found[index], alone, rtol=1e-12, atol=1e-14)
    numpy.testing.assert_allclose(found.sum(axis=-2), network.vjp(theta, BATCH, y_bar)[0], rtol=1e-12, atol=1e-13)


def test_input_jacobian_by_complex_step(library, rng):
    network = mlp((2, 4, 3))
    theta = rng.standard_normal((5, network.size))
    found = network.input_jacobian(library.asarray(theta), library.asarray(BATCH))
    assert library.owns(found)
    step = 1e-20j * numpy.eye(2)[:, None, None, :]
    expected = numpy.moveaxis(network(theta, BATCH + step).imag / 1e-20, 0, -1)
    assert expected.shape == (5, 3, 3, 2)
    numpy.testing.assert_allclose(library.host(found), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["per_sample_gradients", "input_jacobian", "input_gradient"])
def test_networks_that_mix_the_batch_are_refused(name):
    network = Network((Dense(2, 3), BatchNormalization(3), Tanh(), Dense(3, 1)), input_size=2)
    cotangent = (numpy.ones((3, 1)),) if name == "per_sample_gradients" else ()
    message = rf"`{name}` needs a network that sees one sample at a time, but layer 1 mixes the batch: BatchNormal"
    with pytest.raises(ValueError, match=message):
        getattr(network, name)(numpy.ones(network.size), BATCH, *cotangent)


def test_derivatives_that_sum_over_the_batch_take_batch_statistics(rng):
    # Gradient and Hessian of sum y^3 through batch normalisation, by complex step of one lower order.
    network = Network((Dense(2, 3), BatchNormalization(3), Tanh(), Dense(3, 1)), input_size=2)
    theta, v, x = rng.standard_normal(network.size), rng.standard_normal(network.size), rng.standard_normal((6, 2))
    y_bar = 3 * network(theta, x) ** 2
    along = (network(theta + 1e-20j * v, x) ** 3).imag.sum() / 1e-20
    numpy.testing.assert_allclose(network.vjp(theta, x, y_bar)[0] @ v, along, rtol=1e-11)
    moved = theta + 1e-20j * v
    expected = network.vjp(moved, x, 3 * network(moved, x) ** 2)[0].imag / 1e-20
    product = network.hvp(theta, x, v, lambda s: 3 * s**2, lambda s: 6 * s)
    numpy.testing.assert_allclose(product, expected, rtol=1e-11, atol=1e-12)
