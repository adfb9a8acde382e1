"""Normalisations, the spectral norm and the gradient penalty against PyTorch's double backward and JAX."""

import os

import numpy
import pytest

from gamedyn.nn import (
    BatchNormalization,
    Dense,
    LayerNormalization,
    Network,
    ReLU,
    Softplus,
    SpectralNormalization,
    Tanh,
    gradient_penalty,
    mlp,
    spectral_norm,
)

# Where the peers are asked for, a missing one is an error, not a skip.
asked_for = os.environ.get("GAMEDYN_TEST_PEERS") == "1"
pytestmark = [pytest.mark.peers, pytest.mark.skipif(not asked_for, reason="run by make test-peers")]

NORMALIZED = {
    "batch": Network((Dense(3, 4), BatchNormalization(4, eps=1e-3), Tanh(), Dense(4, 2)), 3),
    "layer": Network((Dense(3, 4), LayerNormalization(4, eps=1e-3), Tanh(), Dense(4, 2)), 3),
    "spectral": Network((SpectralNormalization(Dense(3, 4)), Tanh(), SpectralNormalization(Dense(4, 2))), 3),
}


def torch_network(name, network):
    """The same map, of PyTorch's own functions."""
    import torch

    def over_norm(weight):
        return weight / torch.linalg.matrix_norm(weight, ord=2)

    def value(theta, x):
        parts = list(network.unflatten(theta).values())
        if name == "spectral":
            return torch.tanh(x @ over_norm(parts[0]) + parts[1]) @ over_norm(parts[2]) + parts[3]
        hidden = x @ parts[0] + parts[1]
        if name == "batch":
            hidden = torch.nn.functional.batch_norm(hidden, None, None, parts[2], parts[3], training=True, eps=1e-3)
        else:
            hidden = torch.nn.functional.layer_norm(hidden, (4,), parts[2], parts[3], eps=1e-3)
        return torch.tanh(hidden) @ parts[4] + parts[5]

    return value


@pytest.mark.parametrize("name", NORMALIZED)
def test_gradients_and_joint_hessian_products(name, rng):
    import torch

    network = NORMALIZED[name]
    theta, x = rng.standard_normal(network.size), rng.standard_normal((7, 3))
    v, x_dot = rng.standard_normal(theta.shape), rng.standard_normal(x.shape)
    function = torch_network(name, network)

    def loss(t, inputs):
        y = function(t, inputs)
        return torch.sum(y**3 / 3 - torch.cos(y))

    flat, inputs = (torch.tensor(a, requires_grad=True) for a in (theta, x))
    numpy.testing.assert_allclose(network(theta, x), function(flat, inputs).detach(), rtol=1e-11, atol=1e-13)
    grads = torch.autograd.grad(loss(flat, inputs), (flat, inputs), create_graph=True)
    y = network(theta, x)
    for found, expected in zip(network.vjp(theta, x, y**2 + numpy.sin(y)), grads, strict=True):
        numpy.testing.assert_allclose(found, expected.detach(), rtol=1e-10, atol=1e-12)
    along = torch.sum(grads[0] * torch.tensor(v)) + torch.sum(grads[1] * torch.tensor(x_dot))
    products = torch.autograd.grad(along, (flat, inputs))
    blocks = network.hessian_product(theta, x, v, x_dot, lambda s: s**2 + numpy.sin(s), lambda s: 2 * s + numpy.cos(s))
    for found, expected in zip(blocks, products, strict=True):
        numpy.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5)])
def test_spectral_norm_in_jax(shape, rng):
    import jax

    jax.config.update("jax_enable_x64", True)
    w, step = rng.standard_normal((2, *shape))

    def sigma(matrix):
        return jax.numpy.linalg.svd(matrix, compute_uv=False)[0]

    ours = spectral_norm(w)
    gradient, product = jax.jvp(jax.grad(sigma), (jax.numpy.asarray(w),), (jax.numpy.asarray(step),))
    numpy.testing.assert_allclose(ours.gradient, gradient, rtol=1e-11, atol=1e-13)
    numpy.testing.assert_allclose(ours.hessian_product(step), product, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("target", [0.0, 1.0])
@pytest.mark.parametrize("activation", [Tanh(), Softplus(), ReLU()], ids=lambda a: type(a).__name__)
def test_gradient_penalty_by_double_backward(activation, target, rng):
    import torch

    functions = {"Tanh": torch.tanh, "ReLU": torch.relu, "Softplus": torch.nn.functional.softplus}
    of = functions[type(activation).__name__]
    network = mlp((3, 6, 5, 1), activation)
    theta, x, v = network.init(rng) + 0.1, rng.standard_normal((8, 3)), rng.standard_normal(network.size)

    def penalty(flat, inputs):
        a, b, c, d, e, f = network.unflatten(flat).values()
        critic = of(of(inputs @ a + b) @ c + d) @ e + f
        (g,) = torch.autograd.grad(critic.sum(), inputs, create_graph=True)
        return ((g.norm(2, dim=1) - target) ** 2).mean()

    flat, inputs = (torch.tensor(array, requires_grad=True) for array in (theta, x))
    value = penalty(flat, inputs)
    grads = torch.autograd.grad(value, (flat, inputs), create_graph=True, materialize_grads=True)
    (product,) = torch.autograd.grad(torch.sum(grads[0] * torch.tensor(v)), flat)
    ours = gradient_penalty(network, theta, x, target=target)
    numpy.testing.assert_allclose(ours.value, value.item(), rtol=1e-12)
    numpy.testing.assert_allclose(ours.theta_gradient, grads[0].detach(), rtol=1e-10, atol=1e-13)
    numpy.testing.assert_allclose(ours.x_gradient, grads[1].detach(), rtol=1e-10, atol=1e-13)
    numpy.testing.assert_allclose(ours.hessian_product(v), product, rtol=1e-9, atol=1e-12)


def test_the_norm_of_a_whole_batch_is_another_penalty(rng):
    # A known defect of public code: sqrt(sum_i |g_i|^2) for the batch, which drives every |g_i| to 1 / sqrt(n).
    import torch

    network = mlp((3, 6, 1))
    theta, x = network.init(rng), rng.standard_normal((8, 3))
    g = torch.tensor(network.input_gradient(theta, x))
    wrong, right = (g.norm() - 1) ** 2, ((g.norm(dim=1) - 1) ** 2).mean()
    ours = float(gradient_penalty(network, theta, x).value)
    assert ours == pytest.approx(right.item(), rel=1e-12)
    assert abs(ours - wrong.item()) > 0.1 * ours
