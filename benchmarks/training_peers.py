"""The steps of bench_training.py in PyTorch and JAX: networks as lists of (weight, bias), players in turn, Adam."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy

RATE, FIRST, SECOND, EPSILON = 1e-3, 0.5, 0.999, 1e-5
WEIGHT = 10.0
"""Of E (|g| - 1)^2, as in WGAN-GP's own code."""


class Workload(NamedTuple):
    """One row of the table, and its numbers: the start and as many batches as there are steps."""

    sizes: tuple[tuple[int, ...], tuple[int, ...]]
    activation: str
    penalised: bool
    z: numpy.ndarray
    real: numpy.ndarray
    latent: numpy.ndarray


def unflattened(work: Workload) -> list[list[tuple[numpy.ndarray, numpy.ndarray]]]:
    """(weight, bias) of each layer of both networks."""
    found, start = [], 0
    for sizes in work.sizes:
        layers = []
        for inputs, outputs in itertools.pairwise(sizes):
            middle, stop = start + inputs * outputs, start + (inputs + 1) * outputs
            layers.append((work.z[start:middle].reshape(inputs, outputs), work.z[middle:stop]))
            start = stop
        found.append(layers)
    return found


def torch_eager(work: Workload) -> Callable[[], Any]:
    """Modules, autograd, and torch.optim.Adam in its fused form."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    softplus = nn.functional.softplus
    kinds = {"ReLU": nn.ReLU, "Tanh": nn.Tanh}

    def network(sizes: tuple[int, ...]) -> Any:
        layers: list[Any] = []
        for inputs, outputs in itertools.pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), kinds[work.activation]()]
        return nn.Sequential(*layers[:-1])

    networks = [network(sizes) for sizes in work.sizes]
    generator, critic = networks
    own = [list(each.parameters()) for each in networks]
    start = [torch.from_numpy(a.T.copy()) for layers in unflattened(work) for pair in layers for a in pair]
    batches = list(zip(map(torch.from_numpy, work.real), map(torch.from_numpy, work.latent), strict=True))
    n = work.real.shape[1]
    share = torch.from_numpy(shares(n, work.z.dtype))

    def critic_loss(real: Any, fake: Any) -> Any:
        s = critic(torch.cat([real, fake]))
        if not work.penalised:
            return softplus(-s[:n]).mean() + softplus(s[n:]).mean()
        x = (share * real + (1 - share) * fake).requires_grad_()
        g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
        return s[n:].mean() - s[:n].mean() + WEIGHT * ((g.norm(dim=1) - 1) ** 2).mean()

    def play() -> Any:
        with torch.no_grad():
            for parameter, value in zip(own[0] + own[1], start, strict=True):
                parameter.copy_(value)
        rules = [torch.optim.Adam(each, lr=RATE, betas=(FIRST, SECOND), eps=EPSILON, fused=True) for each in own]
        for real, latent in batches:
            s = critic(generator(latent))
            loss = -s.mean() if work.penalised else softplus(-s).mean()
            for parameter, gradient in zip(own[0], torch.autograd.grad(loss, own[0]), strict=True):
                parameter.grad = gradient
            rules[0].step()
            with torch.no_grad():
                fake = generator(latent)
            loss = critic_loss(real, fake)
            for parameter, gradient in zip(own[1], torch.autograd.grad(loss, own[1]), strict=True):
                parameter.grad = gradient
            rules[1].step()
        return numpy.concatenate([p.detach().numpy().T.ravel() for p in own[0] + own[1]])

    return play


def torch_compiled(work: Workload) -> Callable[[], Any]:
    """A whole step as one compiled function of flat vectors."""
    import torch

    torch.set_num_threads(1)
    softplus, act = torch.nn.functional.softplus, {"ReLU": torch.relu, "Tanh": torch.tanh}[work.activation]
    first = sum((i + 1) * o for i, o in itertools.pairwise(work.sizes[0]))
    n = work.real.shape[1]
    share = torch.from_numpy(shares(n, work.z.dtype))

    def network(sizes: tuple[int, ...], flat: Any, x: Any) -> Any:
        start = 0
        for layer, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
            weight = flat[start : start + inputs * outputs].view(inputs, outputs)
            start += inputs * outputs
            x = torch.addmm(flat[start : start + outputs], x, weight)
            start += outputs
            x = act(x) if layer < len(sizes) - 2 else x
        return x

    def generator_loss(theta: Any, phi: Any, latent: Any) -> Any:
        s = network(work.sizes[1], phi, network(work.sizes[0], theta, latent))
        return -s.mean() if work.penalised else softplus(-s).mean()

    def critic_loss(phi: Any, real: Any, fake: Any) -> Any:
        s = network(work.sizes[1], phi, torch.cat([real, fake]))
        if not work.penalised:
            return softplus(-s[:n]).mean() + softplus(s[n:]).mean()
        x = share * real + (1 - share) * fake
        g = torch.func.grad(lambda x: network(work.sizes[1], phi, x).sum())(x)
        return s[n:].mean() - s[:n].mean() + WEIGHT * ((g.norm(dim=1) - 1) ** 2).mean()

    def adam(p: Any, g: Any, m: Any, v: Any, missing: Any) -> Any:
        m, v = FIRST * m + (1 - FIRST) * g, SECOND * v + (1 - SECOND) * g * g
        return p - RATE * (m / missing[0]) / ((v / missing[1]).sqrt() + EPSILON), m, v

    def step(state: Any, real: Any, latent: Any, missing: Any) -> Any:
        theta, m_0, v_0, phi, m_1, v_1 = state
        g = torch.func.grad(generator_loss)(theta, phi, latent)
        theta, m_0, v_0 = adam(theta, g, m_0, v_0, missing)
        g = torch.func.grad(critic_loss)(phi, real, network(work.sizes[0], theta, latent))
        phi, m_1, v_1 = adam(phi, g, m_1, v_1, missing)
        return theta, m_0, v_0, phi, m_1, v_1

    compiled = torch.compile(step, fullgraph=True)
    blocks = [torch.from_numpy(work.z[:first].copy()), torch.from_numpy(work.z[first:].copy())]
    batches = list(zip(map(torch.from_numpy, work.real), map(torch.from_numpy, work.latent), strict=True))
    counts = [torch.tensor(missing(t + 1)) for t in range(len(batches))]

    def play() -> Any:
        state = tuple(a for block in blocks for a in (block, torch.zeros_like(block), torch.zeros_like(block)))
        with torch.no_grad():
            for (real, latent), count in zip(batches, counts, strict=True):
                state = compiled(state, real, latent, count)
        return numpy.concatenate([state[0].numpy(), state[3].numpy()])

    return play


def jax_form(work: Workload, whole: bool) -> Callable[[], Any]:
    """Steps under jit, called one by one on batches that lie ready; or all of them in one compiled loop."""
    import jax
    from jax import lax
    from jax import numpy as jnp

    act = {"ReLU": jax.nn.relu, "Tanh": jnp.tanh}[work.activation]
    share, n = jnp.asarray(shares(work.real.shape[1], work.z.dtype)), work.real.shape[1]

    def network(layers: Any, x: Any) -> Any:
        for weight, bias in layers[:-1]:
            x = act(x @ weight + bias)
        return x @ layers[-1][0] + layers[-1][1]

    def generator_loss(theta: Any, phi: Any, latent: Any) -> Any:
        s = network(phi, network(theta, latent))
        return -s.mean() if work.penalised else jax.nn.softplus(-s).mean()

    def critic_loss(phi: Any, real: Any, fake: Any) -> Any:
        s = network(phi, jnp.concatenate([real, fake]))
        if not work.penalised:
            return jax.nn.softplus(-s[:n]).mean() + jax.nn.softplus(s[n:]).mean()
        g = jax.grad(lambda x: network(phi, x).sum())(share * real + (1 - share) * fake)
        penalty = ((jnp.sqrt((g * g).sum(1)) - 1) ** 2).mean()
        return s[n:].mean() - s[:n].mean() + WEIGHT * penalty

    def adam(p: Any, g: Any, m: Any, v: Any, t: Any) -> Any:
        tree = jax.tree_util.tree_map
        m = tree(lambda m, g: FIRST * m + (1 - FIRST) * g, m, g)
        v = tree(lambda v, g: SECOND * v + (1 - SECOND) * g * g, v, g)
        c_1, c_2 = -jnp.expm1(t * math.log(FIRST)), -jnp.expm1(t * math.log(SECOND))
        p = tree(lambda p, m, v: p - RATE * (m / c_1) / (jnp.sqrt(v / c_2) + EPSILON), p, m, v)
        return p, m, v

    def step(state: Any, real: Any, latent: Any) -> Any:
        (theta, m_0, v_0), (phi, m_1, v_1), t = state
        t = t + 1
        theta, m_0, v_0 = adam(theta, jax.grad(generator_loss)(theta, phi, latent), m_0, v_0, t)
        g = jax.grad(critic_loss)(phi, real, network(theta, latent))
        return (theta, m_0, v_0), adam(phi, g, m_1, v_1, t), t

    def loop(state: Any, real: Any, latent: Any) -> Any:
        return lax.fori_loop(0, real.shape[0], lambda k, c: step(c, real[k], latent[k]), state)

    # As NumPy's arrays: a start that is given away must be there for the next run.
    host = [tuple((w.copy(), b.copy()) for w, b in layers) for layers in unflattened(work)]
    zeros = [tuple((0 * w, 0 * b) for w, b in layers) for layers in host]
    compiled = jax.jit(loop if whole else step, donate_argnums=0)
    real, latent = jnp.asarray(work.real), jnp.asarray(work.latent)
    batches = [(jnp.asarray(x), jnp.asarray(e)) for x, e in zip(work.real, work.latent, strict=True)]

    def play() -> Any:
        state: Any = (host[0], zeros[0], zeros[0]), (host[1], zeros[1], zeros[1]), numpy.float32(0)
        state = jax.tree_util.tree_map(lambda a: jnp.array(a), state)
        if whole:
            state = compiled(state, real, latent)
        else:
            for x, e in batches:
                state = compiled(state, x, e)
        layers = jax.block_until_ready((state[0][0], state[1][0]))
        return numpy.concatenate([numpy.asarray(a).ravel() for each in layers for pair in each for a in pair])

    return play


def missing(t: int) -> list[float]:
    """1 - b^t of both averages."""
    return [-math.expm1(t * math.log(b)) for b in (FIRST, SECOND)]


def shares(n: int, dtype: Any) -> numpy.ndarray:
    """Of the real sample in each mixed one, as games.Regularized has them."""
    return ((numpy.arange(n) + 0.5) * (numpy.sqrt(5.0) - 1) / 2 % 1.0)[:, None].astype(dtype)
