"""Derivatives of entropic costs by PyTorch and JAX: those of theory, and finite where points coincide."""

import numpy
import pytest

from gamedyn.transport import sinkhorn, sinkhorn_divergence, unbalanced_sinkhorn
from tests.conftest import PEERS

pytestmark = [pytest.mark.peers, pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")]


def by_torch(function, *values):
    import torch

    tensors = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]
    function(*tensors).backward()
    return [tensor.grad.numpy() for tensor in tensors]


def by_jax(function, *values):
    import jax

    jax.config.update("jax_enable_x64", True)
    gradients = jax.grad(function, argnums=tuple(range(len(values))))(*map(jax.numpy.asarray, values))
    return [numpy.asarray(gradient) for gradient in gradients]


both = pytest.mark.parametrize("gradients", [by_torch, by_jax], ids=["torch", "jax"])


def differences(function, values, h=1e-5):
    """Central differences of a function of NumPy arrays."""
    found = []
    for k, value in enumerate(values):
        slope = numpy.zeros_like(value)
        for index in numpy.ndindex(value.shape):
            step = numpy.zeros_like(value)
            step[index] = h
            up, down = ([*values[:k], value + s * step, *values[k + 1 :]] for s in (1, -1))
            slope[index] = (float(function(*up)) - float(function(*down))) / (2 * h)
        found.append(slope)
    return found


@both
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("max_bytes", [1, 2**30])
def test_points_and_weights(order, max_bytes, gradients, rng):
    # Weights need not sum to one: their common factor has no effect.
    values = rng.random((4, 2)), rng.random((3, 2)), 1 + rng.random(4), 1 + rng.random(3)

    def function(x, y, a, b):
        options = {"epsilon": 0.2, "order": order, "tolerance": 1e-12, "max_bytes": max_bytes}
        return sinkhorn(x, y, x_weights=a, y_weights=b, **options)

    for found, expected in zip(gradients(function, *values), differences(function, values), strict=True):
        numpy.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-8)


@both
def test_costs(gradients, rng):
    values = (rng.random((4, 3)),)

    def function(cost):
        return sinkhorn(cost=cost, epsilon=0.2, tolerance=1e-12)

    numpy.testing.assert_allclose(gradients(function, *values)[0], differences(function, values)[0], rtol=1e-7)


@both
@pytest.mark.parametrize("order", [1, 2])
def test_coincident_points(order, gradients):
    x = numpy.array([[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    for found in gradients(lambda x, y: sinkhorn(x, y, epsilon=0.3, order=order), x, x.copy()):
        assert numpy.isfinite(found).all()
        numpy.testing.assert_allclose(found.sum(axis=0), 0, atol=1e-6)


@both
@pytest.mark.parametrize("order", [1, 2])
def test_divergence(order, gradients, rng):
    values = rng.random((4, 2)), rng.random((3, 2)), 1 + rng.random(4), 1 + rng.random(3)

    def function(x, y, a, b):
        return sinkhorn_divergence(x, y, x_weights=a, y_weights=b, epsilon=0.2, order=order, tolerance=1e-12)

    for found, expected in zip(gradients(function, *values), differences(function, values), strict=True):
        numpy.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    # Between equal laws it is smallest.
    for found in gradients(lambda x, y: sinkhorn_divergence(x, y, epsilon=0.2, order=order), values[0], values[0]):
        numpy.testing.assert_allclose(found, 0, atol=1e-8)


@both
@pytest.mark.parametrize("penalty", [0.5, (2.0, float("inf"))])
def test_unbalanced(penalty, gradients, rng):
    values = rng.random((4, 2)), rng.random((3, 2)), 1 + rng.random(4), 1 + rng.random(3)

    def function(x, y, a, b):
        given = {"epsilon": 0.2, "marginal_penalty": penalty, "tolerance": 1e-12}
        return unbalanced_sinkhorn(x, y, x_weights=a, y_weights=b, **given)

    for found, expected in zip(gradients(function, *values), differences(function, values), strict=True):
        numpy.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-8)
