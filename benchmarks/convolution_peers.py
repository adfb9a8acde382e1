"""The convolutional GAN of bench_convolutions.py by PyTorch and by JAX: gradients, and steps of Adam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.models import NeuralGAN

STEP_SIZE = 2e-4
Step = Callable[[], Any]


def laid_out(array: numpy.ndarray, order: tuple[int, ...], last: bool) -> Any:
    """A leaf of PyTorch's graph in one of its memory layouts."""
    import torch

    form = torch.channels_last if last else torch.contiguous_format
    return torch.from_numpy(array.transpose(order).copy()).contiguous(memory_format=form).requires_grad_()


def in_our_order(parts: Any) -> numpy.ndarray:
    """Parameters or gradients of PyTorch as one vector of ours."""
    return numpy.concatenate([as_ours(part.detach(), i) for i, part in enumerate(parts)])


# Parameters in order: fc, convT, convT; conv, conv, fc; a weight and a bias each.
_IMAGES = (2, 4, 6, 8)


def as_ours(part: Any, position: int) -> numpy.ndarray:
    """A gradient in PyTorch's shape as a part of our flat vector."""
    if position in _IMAGES:
        part = part.permute(2, 3, 1, 0)
    elif position == 0:
        part = part.T.reshape(16, 64, 2, 2).permute(0, 2, 3, 1)
    elif position in (1, 10):
        part = part.reshape(64, 2, 2).permute(1, 2, 0)
    flat: numpy.ndarray = part.reshape(-1).numpy()
    return flat


def torch_gan(
    model: NeuralGAN, games: list[Any], z: numpy.ndarray, last: bool, frozen: bool = False
) -> tuple[Step, Step]:
    """The same GAN by torch.nn.functional, with weights in its own shapes: both gradients on the first
    batch, and a training step on each."""
    import torch

    torch.set_num_threads(1)
    functional, split = torch.nn.functional, model.generator.size
    parts = [
        *model.generator.unflatten(z[:split]).values(),
        *model.discriminator.unflatten(z[split:]).values(),
    ]
    leaves = []
    for position, part in enumerate(parts):
        if position in _IMAGES:
            leaves.append(laid_out(part, (3, 2, 0, 1), last))
            continue
        if position in (0, 1, 10):
            # Features of the fully connected layers are channels first.
            part = numpy.moveaxis(part.reshape(-1, 2, 2, 64), 3, 1).reshape(-1, 256)
            part = part[0] if position == 1 else part.T if position == 0 else part
        elif position == 11:
            part = part.reshape(1)
        leaves.append(torch.from_numpy(numpy.array(part)).requires_grad_())
    theta, phi = leaves[:6], leaves[6:]
    form = torch.channels_last if last else torch.contiguous_format
    batches = []
    for each in games:
        real = torch.from_numpy(each.real_samples.reshape(-1, 1, 8, 8).copy()).contiguous(memory_format=form)
        batches.append((real, torch.from_numpy(each.latent_samples.copy())))

    def generate(latent: Any) -> Any:
        h = torch.relu(functional.linear(latent, theta[0], theta[1])).reshape(-1, 64, 2, 2)
        h = torch.relu(functional.conv_transpose2d(h.contiguous(memory_format=form), theta[2], theta[3], 2, 1))
        return functional.conv_transpose2d(h, theta[4], theta[5], 2, 1)

    def discriminate(x: Any) -> Any:
        h = torch.relu(functional.conv2d(x, phi[0], phi[1], 2, 1))
        h = torch.relu(functional.conv2d(h, phi[2], phi[3], 2, 1))
        return functional.linear(h.reshape(-1, 256), phi[4], phi[5])

    def gradients() -> Any:
        real, latent = batches[0]
        on_fake, on_real = discriminate(generate(latent)), discriminate(real)
        generator_loss = functional.softplus(-on_fake).mean()
        critic_loss = functional.softplus(-on_real).mean() + functional.softplus(on_fake).mean()
        first = torch.autograd.grad(generator_loss, theta, retain_graph=True)
        return (*first, *torch.autograd.grad(critic_loss, phi))

    rules = [torch.optim.Adam(own, STEP_SIZE, betas=(0.5, 0.999), fused=True) for own in (theta, phi)]

    def step(real: Any, latent: Any) -> None:
        for parameter in phi:
            parameter.requires_grad_(not frozen)
        rules[0].zero_grad()
        functional.softplus(-discriminate(generate(latent))).mean().backward()
        rules[0].step()
        for parameter in phi:
            parameter.requires_grad_(True)
        with torch.no_grad():
            fakes = generate(latent)
        rules[1].zero_grad()
        (functional.softplus(-discriminate(real)).mean() + functional.softplus(discriminate(fakes)).mean()).backward()
        rules[1].step()

    def train() -> Any:
        for each in batches:
            step(*each)
        return leaves

    return gradients, train


def jax_steps(model: NeuralGAN, games: list[Any], z: numpy.ndarray) -> Step:
    """The same steps by JAX, every call from z on: layouts and weights are ours."""
    import jax
    from jax import lax
    from jax import numpy as jnp

    axes, split = ("NHWC", "HWIO", "NHWC"), model.generator.size

    def generate(theta: Any, latent: Any) -> Any:
        h = jax.nn.relu(latent @ theta[0] + theta[1]).reshape(-1, 2, 2, 64)
        for k in (2, 4):
            h = lax.conv_transpose(h, theta[k], (2, 2), "SAME", dimension_numbers=axes, transpose_kernel=True)
            h = jax.nn.relu(h + theta[k + 1]) if k == 2 else h + theta[k + 1]
        return h

    def discriminate(phi: Any, x: Any) -> Any:
        for k in (0, 2):
            x = jax.nn.relu(lax.conv_general_dilated(x, phi[k], (2, 2), "SAME", dimension_numbers=axes) + phi[k + 1])
        return x.reshape(-1, 256) @ phi[4] + phi[5]

    def generator_loss(theta: Any, phi: Any, latent: Any) -> Any:
        return jax.nn.softplus(-discriminate(phi, generate(theta, latent))).mean()

    def critic_loss(phi: Any, real: Any, fake: Any) -> Any:
        return jax.nn.softplus(-discriminate(phi, real)).mean() + jax.nn.softplus(discriminate(phi, fake)).mean()

    def adam(state: Any, gradient: Any, t: Any) -> Any:
        point, first, second = state
        first = [0.5 * m + 0.5 * g for m, g in zip(first, gradient, strict=True)]
        second = [0.999 * v + 0.001 * g * g for v, g in zip(second, gradient, strict=True)]
        rate, root = STEP_SIZE / (1 - 0.5**t), jnp.sqrt(1 - 0.999**t)
        moved = [p - rate * m / (jnp.sqrt(v) / root + 1e-8) for p, m, v in zip(point, first, second, strict=True)]
        return moved, first, second

    def step(states: Any, real: Any, latent: Any, t: Any) -> Any:
        one, two = states
        one = adam(one, jax.grad(generator_loss)(one[0], two[0], latent), t)
        return one, adam(two, jax.grad(critic_loss)(two[0], real, generate(one[0], latent)), t)

    compiled = jax.jit(step, donate_argnums=0)
    batches = [
        (jnp.asarray(each.real_samples.reshape(-1, 8, 8, 1)), jnp.asarray(each.latent_samples), numpy.float32(k + 1))
        for k, each in enumerate(games)
    ]

    def run() -> Any:
        states = []
        for network, part in ((model.generator, z[:split]), (model.discriminator, z[split:])):
            point = [jnp.array(value) for value in network.unflatten(part).values()]
            states.append(
                (point, [jnp.zeros_like(value) for value in point], [jnp.zeros_like(value) for value in point])
            )
        carried: Any = tuple(states)
        for each in batches:
            carried = compiled(carried, *each)
        return jnp.concatenate([value.ravel() for state in jax.block_until_ready(carried) for value in state[0]])

    return run
