"""Outermost eigenvalues of a GAN's Jacobian without forming it, against products of PyTorch and JAX with one solver.

    OMP_NUM_THREADS=1 taskset -c 0 python benchmarks/bench_gan_spectrum.py [--rounds 7] [--out gan_spectrum.json]

The game is the minimax GAN of two tanh networks, 2-130-130-2 and 2-130-130-1, 35,233 parameters, on n real and n latent
samples, at a random point, in double precision. `product` is one product with J = D xi, or with its transpose, which
has the same eigenvalues; `eigenvalues` the six of largest real part by `arnoldi_eigenvalues` from the same start.
Ours keep the passes that do not depend on v, except where they are "repeated", which is timed as a product only.
PyTorch's products: "forward over reverse" is torch.func.jvp of the stacked gradients, eager and as torch.compile makes
it; "double backward, transposed" differentiates xi . u through a graph of xi that is built once and kept. JAX's are
jax.jvp in one compiled program, and jax.linearize, which keeps the passes too. One thread each; times as in
interleaved.py. Values must agree first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.gan_peers import Sizes, jax_field, torch_field, torch_losses
from benchmarks.interleaved import OURS, Tasks, installed, parser, report
from gamedyn.models import NeuralGAN
from gamedyn.nn import mlp
from gamedyn.numerics import arnoldi_eigenvalues
from gamedyn.objectives import Minimax

SIZES: Sizes = ((2, 130, 130, 2), (2, 130, 130, 1))
FORWARD, DOUBLE = "PyTorch forward over reverse", "PyTorch double backward, transposed"
COMPILED, JAX_JVP, JAX_LINEAR = "PyTorch forward over reverse, compiled", "JAX jvp", "JAX linearize"
REPEATED, TRANSPOSED = "gamedyn, passes repeated", "gamedyn, transposed"
REPEATED_TRANSPOSED = "gamedyn, transposed, passes repeated"

Product = Callable[[numpy.ndarray], numpy.ndarray]


def products(n: int) -> tuple[dict[str, Product], int]:
    """v -> J v, or J^T v, of every candidate, and the number of parameters."""
    rng = numpy.random.default_rng(0)
    model = NeuralGAN(*map(mlp, SIZES), Minimax(), rng.standard_normal((n, 2)), latent_dim=2, batch_size=n)
    game = model.full()
    d = sum(game.dims)
    z = rng.standard_normal(d) / 130**0.5
    found: dict[str, Product] = {
        OURS: game.linearize(z),
        REPEATED: lambda v: game.jvp(z, v),
        TRANSPOSED: game.linearize_transposed(z),
        REPEATED_TRANSPOSED: lambda v: game.vjp(z, v),
    }
    if installed("torch"):
        found.update(torch_products(game, z))
    if installed("jax"):
        found.update(jax_products(game, z))
    return found, d


def torch_products(game: Any, z: numpy.ndarray) -> dict[str, Product]:
    """PyTorch's."""
    import torch

    generator_loss, critic_loss = torch_losses(SIZES, game)
    field, first = torch_field(SIZES, game), game.dims[0]
    point = torch.from_numpy(z)
    theta, phi = point[:first].clone().requires_grad_(), point[first:].clone().requires_grad_()
    kept = torch.cat(
        [
            torch.autograd.grad(generator_loss(theta, phi), theta, create_graph=True)[0],
            torch.autograd.grad(critic_loss(theta, phi), phi, create_graph=True)[0],
        ]
    )
    numpy.testing.assert_allclose(kept.detach().numpy(), game.simultaneous_gradient(z), rtol=1e-9, atol=1e-14)

    def tangent(v: Any) -> Any:
        return torch.func.jvp(field, (point,), (v,))[1]

    compiled = torch.compile(tangent)

    def double(u: numpy.ndarray) -> numpy.ndarray:
        parts = torch.autograd.grad(kept, (theta, phi), torch.from_numpy(u), retain_graph=True)
        image: numpy.ndarray = torch.cat(parts).numpy()
        return image

    return {
        FORWARD: lambda v: tangent(torch.from_numpy(v)).numpy(),
        COMPILED: lambda v: compiled(torch.from_numpy(v)).numpy(),
        DOUBLE: double,
    }


def jax_products(game: Any, z: numpy.ndarray) -> dict[str, Product]:
    """JAX's."""
    import jax

    field, point = jax_field(SIZES, game), jax.numpy.asarray(z)
    tangent = jax.jit(lambda at, v: jax.jvp(field, (at,), (v,))[1])
    # The kept passes are arguments of one compiled program, not constants to be folded.
    linear = jax.jit(jax.linearize(field, point)[1])
    return {
        JAX_JVP: lambda v: numpy.asarray(tangent(point, v)),
        JAX_LINEAR: lambda v: numpy.asarray(linear(v)),
    }


def add_tasks(tasks: Tasks, n: int) -> None:
    """The three tasks on n real and n latent samples."""
    found, d = products(n)
    start = numpy.random.default_rng(1).standard_normal(d)
    plain = {name: found[name] for name in (OURS, REPEATED, FORWARD, COMPILED, JAX_JVP, JAX_LINEAR) if name in found}
    transposed = {name: found[name] for name in (TRANSPOSED, REPEATED_TRANSPOSED, DOUBLE) if name in found}
    tasks[f"product J v, d = {d}, n = {n}"] = {name: lambda p=p: p(start) for name, p in plain.items()}
    tasks[f"product J^T u, d = {d}, n = {n}"] = {
        OURS if name == TRANSPOSED else name: lambda p=p: p(start) for name, p in transposed.items()
    }
    tasks[f"eigenvalues, d = {d}, n = {n}"] = {
        name: lambda p=p: outermost(p, start)
        for name, p in found.items()
        if name not in (REPEATED, REPEATED_TRANSPOSED)
    }


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    arguments = parser(__doc__).parse_args()
    tasks: Tasks = {}
    for n in (64, 256, 1024):
        add_tasks(tasks, n)
    bounds = {task: 1e-5 if "product" in task else 1e-7 for task in tasks}
    report(tasks, arguments, rtol=bounds)


def outermost(product: Product, start: numpy.ndarray) -> numpy.ndarray:
    """The six eigenvalues of largest real part, real parts sorted."""
    found = arnoldi_eigenvalues(product, start, which="LR", tolerance=1e-10)
    if not found.converged[:6].all():
        raise RuntimeError("the iteration has not converged.")
    return numpy.sort(found.values.real)[-6:]


if __name__ == "__main__":
    main()
