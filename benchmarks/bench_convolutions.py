"""Convolutions and the training of a small convolutional GAN, against PyTorch in both of its layouts.

    OMP_NUM_THREADS=1 taskset -c 0 python benchmarks/bench_convolutions.py [--rounds 9] [--out FILE]

Single precision, one thread. A layer's task is forward and the cotangents of input, weight and bias. The GAN: generator
16-fc-2x2x64-convT-4x4x32-convT-8x8x1, discriminator 8x8x1-conv-4x4x32-conv-2x2x64-fc-1, kernel 4, stride 2, padding 1,
ReLU between, non-saturating losses, 71,298 parameters.
`training steps` are of Adam: one for the generator, then one for the discriminator against the new generator, on one
batch. Ours are those of a recorded plan, which draws its batches while it runs; the others have theirs ready. "layer by
layer" are the same steps by the layers' own methods. PyTorch's is the usual loop: zero_grad, backward, a fused Adam for
each network; fakes for the discriminator carry no gradient, and the generator's backward leaves the discriminator's
gradients out (requires_grad_(False)) where that is said. JAX's step is compiled, and called step by step.
`both gradients` is the simultaneous gradient, without a step; PyTorch takes it from one graph that both losses share.
PyTorch's inputs and weights lie in the layout named before the clock starts. Gradients and steps are compared first.
`floor` is the time of the matrix products that convolutions by patches need, alone, on matrices that are there already;
`products of the plan` are those that our plan makes, fully connected layers included.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.interleaved import FLOOR, OURS, Tasks, installed, parser, report
from gamedyn.models import NeuralGAN
from gamedyn.models._training_plan import plan_training
from gamedyn.nn import Convolution, Dense, Network, ReLU, Reshape, TransposedConvolution
from gamedyn.objectives import NonSaturating
from gamedyn.updates import Adam

CHANNELS_FIRST, CHANNELS_LAST = "PyTorch, channels first", "PyTorch, channels last"
BATCHES = (64, 256)
STEP_SIZE = 2e-4
STEPS = 8
SEED = 3
# Spatial size, layer.
LAYERS = (
    (8, Convolution(1, 32, 4, 2, 1)),
    (14, Convolution(32, 64, 4, 2, 1)),
    (28, Convolution(1, 32, 4, 2, 1)),
    (28, Convolution(32, 32, 3, 1, 1)),
    (4, TransposedConvolution(32, 1, 4, 2, 1)),
    (2, TransposedConvolution(64, 32, 4, 2, 1)),
)

Step = Callable[[], Any]


def draw(rng: numpy.random.Generator, *shape: int) -> numpy.ndarray:
    """Standard normal numbers in single precision."""
    return rng.standard_normal(shape).astype("float32")


def close(found: Any, expected: Any, what: str) -> None:
    """Agreement to the rounding of single precision, relative to the largest entry."""
    scale = float(numpy.abs(expected).max())
    numpy.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * scale, err_msg=what)


def timed(function: Step) -> Step:
    """The same work, with a result that the harness need not compare."""

    def run() -> float:
        function()
        return 0.0

    return run


def layer_steps(layer: Any, size: int, batch: int) -> dict[str, Step]:
    """Forward and backward of one layer by every candidate."""
    rng = numpy.random.default_rng(0)
    params = tuple(0.1 * draw(rng, *shape) for shape in layer.parameter_shapes.values())
    x = draw(rng, batch, size, size, layer.inputs)
    y_bar = draw(rng, batch, *layer.output_shape(x.shape[1:]))

    def ours() -> Any:
        y, tape = layer.forward(params, x)
        x_bar, (weight_bar, bias_bar) = layer.backward(params, tape, y_bar)
        return y, x_bar, weight_bar, bias_bar

    steps: dict[str, Step] = {OURS: ours, FLOOR: products(layer, size, batch)}
    if installed("torch"):
        for name, last in ((CHANNELS_FIRST, False), (CHANNELS_LAST, True)):
            steps[name] = torch_layer(layer, params, x, y_bar, last)
            y, x_bar, weight_bar, bias_bar = (part.detach() for part in steps[name]())
            images = (part.permute(0, 2, 3, 1) for part in (y, x_bar))
            found = (*images, weight_bar.permute(2, 3, 1, 0), bias_bar)
            for part, expected in zip(found, ours(), strict=True):
                close(part.numpy(), expected, f"{layer}: {name}")
    return {name: timed(step) for name, step in steps.items()}


def products(layer: Any, size: int, batch: int, *, parts: bool = False) -> Any:
    """The three matrix products of a layer's forward and backward passes, together or by themselves."""
    rng = numpy.random.default_rng(1)
    windows = layer.windows((size, size))
    narrow = layer.outputs if isinstance(layer, Convolution) else layer.inputs
    wide = windows.taps * (layer.inputs if isinstance(layer, Convolution) else layer.outputs)
    rows, thin = draw(rng, batch * windows.positions, wide), draw(rng, batch * windows.positions, narrow)
    weight = draw(rng, wide, narrow)
    three = (lambda: rows @ weight, lambda: thin @ weight.T, lambda: rows.T @ thin)
    return three if parts else lambda: [product() for product in three]


def laid_out(array: numpy.ndarray, order: tuple[int, ...], last: bool) -> Any:
    """A leaf of PyTorch's graph in one of its memory layouts."""
    import torch

    form = torch.channels_last if last else torch.contiguous_format
    return torch.from_numpy(array.transpose(order).copy()).contiguous(memory_format=form).requires_grad_()


def torch_layer(layer: Any, params: Any, x: numpy.ndarray, y_bar: numpy.ndarray, last: bool) -> Step:
    """The layer by torch.nn.functional."""
    import torch

    torch.set_num_threads(1)
    # Both kinds of weights are (*kernel, n, m) here and (m, n, *kernel) there.
    weight, images = laid_out(params[0], (3, 2, 0, 1), last), laid_out(x, (0, 3, 1, 2), last)
    bias, cotangent = torch.from_numpy(params[1]).requires_grad_(), laid_out(y_bar, (0, 3, 1, 2), last).detach()
    stride, pads = layer.stride, tuple(low for low, _ in layer.padding)
    name = "conv2d" if isinstance(layer, Convolution) else "conv_transpose2d"
    function = getattr(torch.nn.functional, name)

    def run() -> Any:
        y = function(images, weight, bias, stride, pads)
        return (y, *torch.autograd.grad(y, (images, weight, bias), cotangent))

    return run


def gan(batch: int) -> tuple[NeuralGAN, Any]:
    """The model and its game on one batch."""
    generator = Network(
        (
            Dense(16, 256),
            ReLU(),
            Reshape((2, 2, 64)),
            TransposedConvolution(64, 32, 4, 2, 1),
            ReLU(),
            TransposedConvolution(32, 1, 4, 2, 1),
            Reshape((64,), inputs=(8, 8, 1)),
        ),
        input_size=16,
    )
    discriminator = Network(
        (
            Reshape((8, 8, 1)),
            Convolution(1, 32, 4, 2, 1),
            ReLU(),
            Convolution(32, 64, 4, 2, 1),
            ReLU(),
            Reshape((256,), inputs=(2, 2, 64)),
            Dense(256, 1),
        ),
        input_size=64,
    )
    data = draw(numpy.random.default_rng(0), 4 * batch, 64)
    model = NeuralGAN(generator, discriminator, NonSaturating(), data, latent_dim=16, batch_size=batch)
    return model, model.draw(0)


def gradient_steps(batch: int) -> dict[str, Step]:
    """The gradients of both players by every candidate."""
    model, game = gan(batch)
    z = model.init(1)
    steps: dict[str, Step] = {OURS: lambda: game.simultaneous_gradient(z)}
    if installed("torch"):
        for name, last in ((CHANNELS_FIRST, False), (CHANNELS_LAST, True)):
            steps[name] = torch_gan(model, [game], z, last)[0]
            close(in_our_order(steps[name]()), game.simultaneous_gradient(z), f"GAN: {name}")
    steps[FLOOR] = gan_products(batch, generated=1, scored=2, walked=1)
    return {name: timed(step) for name, step in steps.items()}


def training_steps(batch: int) -> dict[str, Step]:
    """Steps of Adam for each player in turn, by every candidate; every call goes on from the one before, or again."""
    model, game = gan(batch)
    z, rule = model.init(1), Adam(STEP_SIZE, first_decay=0.5, schedule="alternating")
    rng = numpy.random.default_rng(SEED)
    games = [model.draw(rng) for _ in range(STEPS)]
    plan = plan_training(model, rule, z)
    if plan is None:
        raise RuntimeError("there is no plan for this game.")

    def by_plan() -> Any:
        return plan.run(z, None, SEED, STEPS)[0]

    def by_layers() -> Any:
        point, state = z, rule.init(game, z)
        for each in games:
            point, state = rule.step(each, point, state)
        return point

    expected = by_plan()
    found: dict[str, Step] = {OURS: by_plan, f"{OURS}, layer by layer": by_layers}
    if installed("torch"):
        for name, last in ((CHANNELS_FIRST, False), (CHANNELS_LAST, True)):
            for frozen, note in ((False, ""), (True, ", frozen critic")):
                found[name + note] = torch_gan(model, games, z, last, frozen)[1]
    if installed("jax"):
        found["JAX, jit per step"] = jax_steps(model, games, z)
    for name, step in found.items():
        taken = step()
        taken = in_our_order(taken) if name.startswith("PyTorch") else numpy.asarray(taken)
        # Adam divides by the size of a gradient: where it is rounding, so is the quotient.
        if not numpy.abs(taken - expected).mean() < 1e-3 * STEP_SIZE:
            raise RuntimeError(f"{name} has taken other steps.")
    found[FLOOR] = repeated(gan_products(batch, generated=2, scored=3, walked=1))
    products = [arguments for function, arguments in plan.moves[0] if function is numpy.matmul]
    found["products of the plan"] = repeated(lambda: [numpy.matmul(*each) for each in products])
    return {name: timed(step) for name, step in found.items()}


def repeated(step: Step) -> Step:
    """So many times as there are steps."""

    def run() -> None:
        for _ in range(STEPS):
            step()

    return run


def gan_products(batch: int, generated: int, scored: int, walked: int) -> Step:
    """The matrix products of the convolutional layers: how often samples are generated and scored, how many batches
    pass the critic backwards for the generator alone; gradients of all weights are taken once for every batch.
    """
    kernels = [(2, TransposedConvolution(64, 32, 4, 2, 1)), (4, TransposedConvolution(32, 1, 4, 2, 1))]
    parts = [products(layer, size, batch, parts=True) for size, layer in kernels]

    def run() -> None:
        for forth, back, weights in parts:
            # The critic's layers are as large as the generator's.
            for _ in range(generated + scored):
                forth()
            # Generator's, critic's on real and on fake samples.
            for _ in range(3 + walked):
                back()
            for _ in range(3):
                weights()

    return run


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


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    arguments = parser(__doc__).parse_args()
    tasks: Tasks = {}
    for batch in BATCHES:
        tasks[f"{STEPS} training steps of a convolutional GAN, batch {batch}"] = training_steps(batch)
        tasks[f"both gradients of a convolutional GAN, batch {batch}"] = gradient_steps(batch)
    for size, layer in LAYERS:
        kind = "conv" if isinstance(layer, Convolution) else "convT"
        shape = f"{layer.inputs}>{layer.outputs}, kernel {layer.kernel[0]}, stride {layer.stride[0]}"
        tasks[f"{kind} {size}x{size}, {shape}, batch 64"] = layer_steps(layer, size, 64)
    report(tasks, arguments)


if __name__ == "__main__":
    main()
