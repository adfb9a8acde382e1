"""The steps of bench_ensembles.py in PyTorch and JAX: K networks as batched products, or one step under vmap."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy

from benchmarks.training_peers import EPSILON, FIRST, RATE, SECOND

Sizes = tuple[tuple[int, ...], tuple[int, ...]]


def unflattened(sizes: Sizes, z: numpy.ndarray) -> list[list[tuple[numpy.ndarray, numpy.ndarray]]]:
    """(weights (K, inputs, outputs), biases (K, 1, outputs)) of each layer of both networks, from z (K, d)."""
    found, start = [], 0
    for network in sizes:
        layers = []
        for inputs, outputs in itertools.pairwise(network):
            middle, stop = start + inputs * outputs, start + (inputs + 1) * outputs
            weights = z[:, start:middle].reshape(-1, inputs, outputs)
            layers.append((weights.copy(), z[:, middle:stop].reshape(-1, 1, outputs).copy()))
            start = stop
        found.append(layers)
    return found


def flattened(layers: list[Any]) -> numpy.ndarray:
    """(K, d) of arrays with a leading axis."""
    return numpy.concatenate([numpy.asarray(a).reshape(len(a), -1) for a in layers], axis=1)


def torch_bmm(sizes: Sizes, z: numpy.ndarray, real: numpy.ndarray, latent: numpy.ndarray) -> Callable[[], Any]:
    """Batched products, one autograd for all members, and torch.optim.Adam in its fused form."""
    import torch

    torch.set_num_threads(1)
    softplus = torch.nn.functional.softplus
    n = real.shape[2]
    host = [[torch.from_numpy(a) for pair in layers for a in pair] for layers in unflattened(sizes, z)]
    batches = list(zip(map(torch.from_numpy, real), map(torch.from_numpy, latent), strict=True))

    def network(own: list[Any], x: Any) -> Any:
        for layer in range(0, len(own), 2):
            x = torch.baddbmm(own[layer + 1], x, own[layer])
            x = torch.relu(x) if layer < len(own) - 2 else x
        return x

    def play() -> Any:
        own = [[a.clone().requires_grad_() for a in each] for each in host]
        rules = [torch.optim.Adam(each, lr=RATE, betas=(FIRST, SECOND), eps=EPSILON, fused=True) for each in own]
        for x, e in batches:
            # A sum over members of means over their batches.
            loss = softplus(-network(own[1], network(own[0], e))).sum() / n
            for parameter, gradient in zip(own[0], torch.autograd.grad(loss, own[0]), strict=True):
                parameter.grad = gradient
            rules[0].step()
            with torch.no_grad():
                fake = network(own[0], e)
            s = network(own[1], torch.cat([x, fake], 1))
            loss = (softplus(-s[:, :n]).sum() + softplus(s[:, n:]).sum()) / n
            for parameter, gradient in zip(own[1], torch.autograd.grad(loss, own[1]), strict=True):
                parameter.grad = gradient
            rules[1].step()
        return flattened([a.detach().numpy() for each in own for a in each])

    return play


def jax_vmap(
    sizes: Sizes, z: numpy.ndarray, real: numpy.ndarray, latent: numpy.ndarray, whole: bool
) -> Callable[[], Any]:
    """One member's step under vmap and jit, called step by step, or all steps in one compiled loop."""
    import jax
    from jax import lax
    from jax import numpy as jnp

    tree, softplus = jax.tree_util.tree_map, jax.nn.softplus

    def network(layers: Any, x: Any) -> Any:
        for weight, bias in layers[:-1]:
            x = jax.nn.relu(x @ weight + bias)
        return x @ layers[-1][0] + layers[-1][1]

    def generator_loss(theta: Any, phi: Any, latent: Any) -> Any:
        return softplus(-network(phi, network(theta, latent))).mean()

    def critic_loss(phi: Any, real: Any, fake: Any) -> Any:
        n, s = real.shape[0], network(phi, jnp.concatenate([real, fake]))
        return softplus(-s[:n]).mean() + softplus(s[n:]).mean()

    def adam(p: Any, g: Any, m: Any, v: Any, t: Any) -> Any:
        m = tree(lambda m, g: FIRST * m + (1 - FIRST) * g, m, g)
        v = tree(lambda v, g: SECOND * v + (1 - SECOND) * g * g, v, g)
        c_1, c_2 = -jnp.expm1(t * math.log(FIRST)), -jnp.expm1(t * math.log(SECOND))
        return tree(lambda p, m, v: p - RATE * (m / c_1) / (jnp.sqrt(v / c_2) + EPSILON), p, m, v), m, v

    def one(own: Any, t: Any, real: Any, latent: Any) -> Any:
        (theta, m_0, v_0), (phi, m_1, v_1) = own
        theta, m_0, v_0 = adam(theta, jax.grad(generator_loss)(theta, phi, latent), m_0, v_0, t)
        g = jax.grad(critic_loss)(phi, real, network(theta, latent))
        return (theta, m_0, v_0), adam(phi, g, m_1, v_1, t)

    all_members = jax.vmap(one, in_axes=(0, None, 0, 0))

    def step(state: Any, real: Any, latent: Any) -> Any:
        return all_members(state[0], state[1] + 1, real, latent), state[1] + 1

    def loop(state: Any, real: Any, latent: Any) -> Any:
        return lax.fori_loop(0, real.shape[0], lambda k, c: step(c, real[k], latent[k]), state)

    host = [[(w, b) for w, b in layers] for layers in unflattened(sizes, z)]
    own = tuple((each, tree(numpy.zeros_like, each), tree(numpy.zeros_like, each)) for each in host)
    compiled = jax.jit(loop if whole else step, donate_argnums=0)
    batches = [(jnp.asarray(x), jnp.asarray(e)) for x, e in zip(real, latent, strict=True)]
    every = jnp.asarray(real), jnp.asarray(latent)

    def play() -> Any:
        state: Any = tree(lambda a: jnp.array(a), (own, numpy.float32(0)))
        if whole:
            state = compiled(state, *every)
        else:
            for x, e in batches:
                state = compiled(state, x, e)
        found = jax.block_until_ready((state[0][0][0], state[0][1][0]))
        return flattened([a for layers in found for pair in layers for a in pair])

    return play
