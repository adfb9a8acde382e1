"""Outermost eigenvalues of a GAN's Jacobian without forming it, against PyTorch's products with the same solver.

    OMP_NUM_THREADS=1 python benchmarks/bench_gan_spectrum.py [--rounds 7] [--out results/gan_spectrum.json]

The game is the minimax GAN of two tanh networks, 2-130-130-2 and 2-130-130-1, 35,233 parameters, on n real and n latent
samples, at a random point, in double precision. `product` is one product with J = D xi, or with its transpose, which
has the same eigenvalues; `eigenvalues` the six of largest real part by `arnoldi_eigenvalues` from the same start.
"linearised once" keeps the passes that do not depend on v; the transpose that repeats them is timed as a product only.
PyTorch's products: "forward over reverse" is torch.func.jvp of the stacked gradients; "double backward, transposed"
differentiates xi . u through a graph of xi that is built once and kept. One thread each; times as in interleaved.py.
Values must agree first.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.interleaved import OURS, Tasks, installed, parser, report
from gamedyn.models import NeuralGAN
from gamedyn.nn import mlp
from gamedyn.numerics import arnoldi_eigenvalues
from gamedyn.objectives import Minimax

SIZES = ((2, 130, 130, 2), (2, 130, 130, 1))
FORWARD, DOUBLE = "PyTorch forward over reverse", "PyTorch double backward, transposed"
KEPT, TRANSPOSED = "gamedyn, linearised once", "gamedyn, transposed"
KEPT_TRANSPOSED = "gamedyn, transposed, linearised once"

Product = Callable[[numpy.ndarray], numpy.ndarray]


def products(n: int) -> tuple[dict[str, Product], int]:
    """v -> J v, or J^T v, of every candidate, and the number of parameters."""
    rng = numpy.random.default_rng(0)
    model = NeuralGAN(*map(mlp, SIZES), Minimax(), rng.standard_normal((n, 2)), latent_dim=2, batch_size=n)
    game = model.full()
    d = sum(game.dims)
    z = rng.standard_normal(d) / 130**0.5
    found: dict[str, Product] = {
        OURS: lambda v: game.jvp(z, v),
        KEPT: game.linearize(z),
        TRANSPOSED: lambda v: game.vjp(z, v),
        KEPT_TRANSPOSED: game.linearize_transposed(z),
    }
    if installed("torch"):
        found.update(torch_products(game, z))
    return found, d


def torch_products(game: Any, z: numpy.ndarray) -> dict[str, Product]:
    """The same game written with PyTorch's operations."""
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    real, latent = torch.from_numpy(game.real_samples.copy()), torch.from_numpy(game.latent_samples.copy())
    first = game.dims[0]

    def network(sizes: tuple[int, ...], parameters: Any, x: Any) -> Any:
        start = 0
        for layer, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
            weight = parameters[start : start + inputs * outputs].reshape(inputs, outputs)
            start += inputs * outputs
            x = torch.addmm(parameters[start : start + outputs], x, weight)
            start += outputs
            x = torch.tanh(x) if layer < len(sizes) - 2 else x
        return x

    softplus = torch.nn.functional.softplus

    def generator_loss(theta: Any, phi: Any) -> Any:
        return -softplus(network(SIZES[1], phi, network(SIZES[0], theta, latent))).mean()

    def critic_loss(theta: Any, phi: Any) -> Any:
        fake = softplus(network(SIZES[1], phi, network(SIZES[0], theta, latent))).mean()
        return softplus(-network(SIZES[1], phi, real)).mean() + fake

    def field(point: Any) -> Any:
        theta, phi = point[:first], point[first:]
        own = torch.func.grad(generator_loss, 0)(theta, phi), torch.func.grad(critic_loss, 1)(theta, phi)
        return torch.cat(own)

    point = torch.from_numpy(z)
    theta, phi = point[:first].clone().requires_grad_(), point[first:].clone().requires_grad_()
    kept = torch.cat(
        [
            torch.autograd.grad(generator_loss(theta, phi), theta, create_graph=True)[0],
            torch.autograd.grad(critic_loss(theta, phi), phi, create_graph=True)[0],
        ]
    )
    numpy.testing.assert_allclose(kept.detach().numpy(), game.simultaneous_gradient(z), rtol=1e-9, atol=1e-14)

    def forward(v: numpy.ndarray) -> numpy.ndarray:
        image: numpy.ndarray = torch.func.jvp(field, (point,), (torch.from_numpy(v),))[1].numpy()
        return image

    def double(u: numpy.ndarray) -> numpy.ndarray:
        parts = torch.autograd.grad(kept, (theta, phi), torch.from_numpy(u), retain_graph=True)
        image: numpy.ndarray = torch.cat(parts).numpy()
        return image

    return {FORWARD: forward, DOUBLE: double}


def add_tasks(tasks: Tasks, n: int) -> None:
    """The three tasks on n real and n latent samples."""
    found, d = products(n)
    start = numpy.random.default_rng(1).standard_normal(d)
    plain = {name: found[name] for name in (OURS, KEPT, FORWARD) if name in found}
    transposed = {name: found[name] for name in (TRANSPOSED, KEPT_TRANSPOSED, DOUBLE) if name in found}
    tasks[f"product J v, d = {d}, n = {n}"] = {name: lambda p=p: p(start) for name, p in plain.items()}
    tasks[f"product J^T u, d = {d}, n = {n}"] = {
        OURS if name == TRANSPOSED else name: lambda p=p: p(start) for name, p in transposed.items()
    }
    tasks[f"eigenvalues, d = {d}, n = {n}"] = {
        name: lambda p=p: outermost(p, start) for name, p in found.items() if name != TRANSPOSED
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
