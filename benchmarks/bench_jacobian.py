"""The dense Jacobian of a GAN's gradients, against JAX's and PyTorch's.

    OMP_NUM_THREADS=1 taskset -c 0 python benchmarks/bench_jacobian.py [--rounds 5] [--out results/jacobian.json]

The game is the minimax GAN of two tanh networks, 2-h-h-2 and 2-h-h-1, on 256 real and 256 latent samples at a random
point, in double precision: h = 20 and 42 give 1,023 and 3,993 parameters. "tangents in blocks" is the readable
reference, one tangent for each parameter. JAX's jacfwd is one compiled program; PyTorch's jacrev runs in chunks of
64 and 128 rows, which took the least time of 32 to all that were tried. Times as in interleaved.py; values must agree
first.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.gan_peers import Sizes, jax_field, torch_field
from benchmarks.interleaved import OURS, Tasks, installed, parser, report
from gamedyn.models import NeuralGAN, NeuralGANGame
from gamedyn.nn import mlp
from gamedyn.objectives import Minimax

SAMPLES = 256
CHUNKS = {20: 64, 42: 128}


class ByTangents(NeuralGANGame):
    """The game without its faster form."""

    def _structured(self, z: numpy.ndarray) -> None:
        return None


def add_task(tasks: Tasks, hidden: int) -> None:
    """The Jacobian of the GAN with so many hidden units in each layer."""
    rng = numpy.random.default_rng(0)
    sizes: Sizes = (2, hidden, hidden, 2), (2, hidden, hidden, 1)
    data = rng.standard_normal((SAMPLES, 2))
    game = NeuralGAN(*map(mlp, sizes), Minimax(), data, latent_dim=2).full()
    d = sum(game.dims)
    z = rng.standard_normal(d) / hidden**0.5
    reference = ByTangents(game.model, game.real_samples, game.latent_samples, None)
    functions = {OURS: lambda: game.jacobian(z), "gamedyn, tangents in blocks": lambda: reference.jacobian(z)}
    if installed("jax"):
        import jax

        compiled, point = jax.jit(jax.jacfwd(jax_field(sizes, game))), jax.numpy.asarray(z)
        functions["JAX jacfwd"] = lambda: compiled(point).block_until_ready()
    if installed("torch"):
        import torch

        rows, at = torch.func.jacrev(torch_field(sizes, game), chunk_size=CHUNKS[hidden]), torch.from_numpy(z)
        functions["PyTorch jacrev"] = lambda: rows(at).numpy()
    tasks[f"Jacobian, d = {d}, n = {SAMPLES}"] = functions


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    arguments = parser(__doc__).parse_args()
    tasks: Tasks = {}
    for hidden in CHUNKS:
        add_task(tasks, hidden)
    report(tasks, arguments, rtol=dict.fromkeys(tasks, 1e-7))


if __name__ == "__main__":
    main()
