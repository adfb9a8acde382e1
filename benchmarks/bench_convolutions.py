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
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.convolution_peers import STEP_SIZE, Step, in_our_order, jax_steps, laid_out, torch_gan
from benchmarks.interleaved import FLOOR, OURS, Tasks, installed, parser, report
from gamedyn.models import NeuralGAN
from gamedyn.models._training_plan import plan_training
from gamedyn.nn import Convolution, Dense, Network, ReLU, Reshape, TransposedConvolution
from gamedyn.objectives import NonSaturating
from gamedyn.updates import Adam

CHANNELS_FIRST, CHANNELS_LAST = "PyTorch, channels first", "PyTorch, channels last"
BATCHES = (64, 256)
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
