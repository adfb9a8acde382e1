"""Gradients and Hessian products of networks against PyTorch's and JAX's own differentiation."""

import os

import numpy
import pytest

from gamedyn.nn import LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh, mlp

# Where the peers are asked for, a missing one is an error, not a skip.
asked_for = os.environ.get("GAMEDYN_TEST_PEERS") == "1"
pytestmark = [pytest.mark.peers, pytest.mark.skipif(not asked_for, reason="run by make test-peers")]

ACTIVATIONS = [Tanh(), ReLU(), Softplus(), LeakyReLU(0.2), Sigmoid(), SiLU()]


@pytest.fixture(params=ACTIVATIONS, ids=lambda a: type(a).__name__)
def case(request, rng):
    """A network, its theta, a batch, a direction; the loss is sum of y^3 / 3 - cos y."""
    network = mlp((3, 6, 5, 2), request.param)
    return network, network.init(rng), rng.standard_normal((7, 3)), rng.standard_normal(network.size)


def test_torch_autograd(case):
    import torch

    network, theta, x, v = case
    functions = {
        "Tanh": torch.tanh,
        "ReLU": torch.relu,
        "Softplus": torch.nn.functional.softplus,
        "LeakyReLU": lambda x: torch.nn.functional.leaky_relu(x, 0.2),
        "Sigmoid": torch.sigmoid,
        "SiLU": torch.nn.functional.silu,
    }
    activation = functions[type(network.layers[1]).__name__]

    def loss(flat, inputs):
        parts = list(network.unflatten(flat).values())
        for i in range(0, 6, 2):
            inputs = inputs @ parts[i] + parts[i + 1]
            inputs = activation(inputs) if i < 4 else inputs
        return torch.sum(inputs**3 / 3 - torch.cos(inputs))

    flat, inputs = (torch.tensor(a, requires_grad=True) for a in (theta, x))
    theta_grad, x_grad = torch.autograd.grad(loss(flat, inputs), (flat, inputs))
    y = network(theta, x)
    theta_bar, x_bar = network.vjp(theta, x, y**2 + numpy.sin(y))
    numpy.testing.assert_allclose(theta_bar, theta_grad, rtol=1e-11, atol=1e-13)
    numpy.testing.assert_allclose(x_bar, x_grad, rtol=1e-11, atol=1e-13)

    _, product = torch.autograd.functional.hvp(lambda t: loss(t, torch.tensor(x)), torch.tensor(theta), torch.tensor(v))
    found = network.hvp(theta, x, v, lambda s: s**2 + numpy.sin(s), lambda s: 2 * s + numpy.cos(s))
    numpy.testing.assert_allclose(found, product, rtol=1e-11, atol=1e-12)

    # The forward pass is made of the library's own operations, so its tape runs through ours too.
    ours = network(flat, inputs)
    (through,) = torch.autograd.grad(torch.sum(ours**3 / 3 - torch.cos(ours)), flat)
    numpy.testing.assert_allclose(through, theta_grad, rtol=1e-11, atol=1e-13)


def test_jax_autodiff(case):
    import jax

    jax.config.update("jax_enable_x64", True)
    network, theta, x, v = case
    functions = {
        "Tanh": jax.numpy.tanh,
        "ReLU": jax.nn.relu,
        "Softplus": jax.nn.softplus,
        "LeakyReLU": lambda x: jax.nn.leaky_relu(x, 0.2),
        "Sigmoid": jax.nn.sigmoid,
        "SiLU": jax.nn.silu,
    }
    activation = functions[type(network.layers[1]).__name__]

    def loss(flat, inputs):
        parts = list(network.unflatten(flat).values())
        for i in range(0, 6, 2):
            inputs = inputs @ parts[i] + parts[i + 1]
            inputs = activation(inputs) if i < 4 else inputs
        return jax.numpy.sum(inputs**3 / 3 - jax.numpy.cos(inputs))

    flat, inputs = jax.numpy.asarray(theta), jax.numpy.asarray(x)
    theta_grad, x_grad = jax.grad(loss, argnums=(0, 1))(flat, inputs)
    y = network(theta, x)
    theta_bar, x_bar = network.vjp(theta, x, y**2 + numpy.sin(y))
    numpy.testing.assert_allclose(theta_bar, theta_grad, rtol=1e-11, atol=1e-13)
    numpy.testing.assert_allclose(x_bar, x_grad, rtol=1e-11, atol=1e-13)

    _, product = jax.jvp(lambda t: jax.grad(loss)(t, inputs), (flat,), (jax.numpy.asarray(v),))
    found = network.hvp(theta, x, v, lambda s: s**2 + numpy.sin(s), lambda s: 2 * s + numpy.cos(s))
    numpy.testing.assert_allclose(found, product, rtol=1e-11, atol=1e-12)
    compiled = jax.jit(network)(flat, inputs)
    numpy.testing.assert_allclose(compiled, y, rtol=1e-12)
