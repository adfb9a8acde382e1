"""The minimax GAN of two tanh networks written with PyTorch's and with JAX's operations, as their users would.

Both give xi(z), the players' own gradients stacked, as a function of one flat z = (theta, phi); biases stand below the
weights, as in gamedyn.nn. One thread each, double precision.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

Sizes = tuple[tuple[int, ...], tuple[int, ...]]


def torch_losses(sizes: Sizes, game: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Functions of (theta, phi): the generator's loss and the critic's."""
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    real, latent = torch.from_numpy(game.real_samples.copy()), torch.from_numpy(game.latent_samples.copy())
    softplus = torch.nn.functional.softplus

    def affine(bias: Any, x: Any, weight: Any) -> Any:
        return torch.addmm(bias, x, weight)

    def network(layers: tuple[int, ...], parameters: Any, x: Any) -> Any:
        return _network(layers, parameters, x, affine, torch.tanh)

    def generator_loss(theta: Any, phi: Any) -> Any:
        return -softplus(network(sizes[1], phi, network(sizes[0], theta, latent))).mean()

    def critic_loss(theta: Any, phi: Any) -> Any:
        fake = softplus(network(sizes[1], phi, network(sizes[0], theta, latent))).mean()
        return softplus(-network(sizes[1], phi, real)).mean() + fake

    return generator_loss, critic_loss


def torch_field(sizes: Sizes, game: Any) -> Callable[[Any], Any]:
    """z -> xi(z) by torch.func.grad."""
    import torch

    generator_loss, critic_loss = torch_losses(sizes, game)
    first = game.dims[0]

    def field(point: Any) -> Any:
        theta, phi = point[:first], point[first:]
        own = torch.func.grad(generator_loss, 0)(theta, phi), torch.func.grad(critic_loss, 1)(theta, phi)
        return torch.cat(own)

    return field


def jax_field(sizes: Sizes, game: Any) -> Callable[[Any], Any]:
    """z -> xi(z) by jax.grad."""
    import jax

    jax.config.update("jax_enable_x64", True)
    real, latent = jax.numpy.asarray(game.real_samples), jax.numpy.asarray(game.latent_samples)
    softplus, first = jax.nn.softplus, game.dims[0]

    def affine(bias: Any, x: Any, weight: Any) -> Any:
        return x @ weight + bias

    def network(layers: tuple[int, ...], parameters: Any, x: Any) -> Any:
        return _network(layers, parameters, x, affine, jax.numpy.tanh)

    def generator_loss(theta: Any, phi: Any) -> Any:
        return -softplus(network(sizes[1], phi, network(sizes[0], theta, latent))).mean()

    def critic_loss(theta: Any, phi: Any) -> Any:
        fake = softplus(network(sizes[1], phi, network(sizes[0], theta, latent))).mean()
        return softplus(-network(sizes[1], phi, real)).mean() + fake

    def field(point: Any) -> Any:
        theta, phi = point[:first], point[first:]
        own = jax.grad(generator_loss, 0)(theta, phi), jax.grad(critic_loss, 1)(theta, phi)
        return jax.numpy.concatenate(own)

    return field


def _network(
    layers: tuple[int, ...], parameters: Any, x: Any, affine: Callable[..., Any], tanh: Callable[[Any], Any]
) -> Any:
    start = 0
    for layer, (inputs, outputs) in enumerate(itertools.pairwise(layers)):
        weight = parameters[start : start + inputs * outputs].reshape(inputs, outputs)
        start += inputs * outputs
        x = affine(parameters[start : start + outputs], x, weight)
        start += outputs
        x = tanh(x) if layer < len(layers) - 2 else x
    return x
