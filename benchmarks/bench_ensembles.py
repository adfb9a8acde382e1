"""Training steps of many small GANs at once, against JAX's vmap, PyTorch's bmm, and their matrix products alone.

    OMP_NUM_THREADS=1 python benchmarks/bench_ensembles.py [--core 0] [--out results/ensembles.json]

A step is that of bench_training.py, of K GANs that share nothing but the data: Adam on every generator and then, at its
new point, on its discriminator, each on a batch of its own, in single precision. Networks are 2-H-H-2 and 2-H-H-1 with
ReLU, batches of B real and B latent samples, the objective is non-saturating. All candidates must end at the same
parameters. Times are those of one run of the number of steps in the task's name.

Ours is `gamedyn.models._ensemble_legs`, the engine of `fit_seeds`: it draws every batch while it runs, with K
generators; the others have theirs ready. "one by one" is the plan of single runs, K times. JAX has a vmap of the step,
compiled, called step by step or run in one compiled fori_loop. PyTorch has one autograd over batched products (baddbmm)
and the fused Adam. The floor is the plan's calls of `matmul`, and nothing else. Every candidate has a process of its
own, on the same core as all others; the times are CPU times.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.ensemble_peers import jax_vmap, torch_bmm
from benchmarks.interleaved import FLOOR, OURS, Apart, Tasks, installed, parser, report
from benchmarks.training_peers import EPSILON, FIRST, RATE, SECOND

SEED = 7
# K, H, B, steps of a run.
TASKS = [(32, 16, 64, 50), (256, 16, 64, 10), (32, 64, 128, 20), (8, 128, 256, 20)]


def ours(k: int, h: int, b: int) -> tuple[Any, Any, Any]:
    """Game, rule and the starts (K, d)."""
    from gamedyn import nn
    from gamedyn.models import NeuralGAN
    from gamedyn.objectives import NonSaturating
    from gamedyn.updates import Adam

    data = numpy.random.default_rng(0).standard_normal((4096, 2)).astype("float32")
    networks = nn.mlp((2, h, h, 2), nn.ReLU()), nn.mlp((2, h, h, 1), nn.ReLU())
    model = NeuralGAN(*networks, NonSaturating(), data, latent_dim=2, batch_size=b)
    z = numpy.stack([model.init(seed) for seed in range(k)])
    return model, Adam(RATE, FIRST, SECOND, EPSILON, schedule="alternating"), z


def generators(k: int) -> list[numpy.random.Generator]:
    """One for each member."""
    return [numpy.random.default_rng((SEED, member)) for member in range(k)]


def build(candidate: str, k: int, h: int, b: int, steps: int) -> Callable[[], Any]:
    """A candidate's run, made in its own process; its result has the shape (K, d)."""
    game, rule, z = ours(k, h, b)
    if candidate in (OURS, "one by one", FLOOR):
        from gamedyn.models._ensemble_legs import EnsembleLegs
        from gamedyn.models._trained_rule import TrainedRule

        legs = EnsembleLegs(game, game, TrainedRule(rule), z[0])
        starts = [(each, None) for each in z]
        if candidate == OURS:
            return lambda: numpy.stack([leg.z for leg in legs.play(starts, generators(k), steps)])
        if candidate == "one by one":

            def one_by_one() -> Any:
                pairs = zip(starts, generators(k), strict=True)
                return numpy.stack([legs.alone.play(*start, rng, steps, None).z for start, rng in pairs])

            return one_by_one
        legs.play(starts, generators(k), 1)
        products = [
            arguments
            for group in legs.groups(k)
            for move in legs.plan_of(group.stop - group.start).plan.moves
            for function, arguments in move
            if function is numpy.matmul
        ]

        def multiply() -> None:
            for _ in range(steps):
                for arguments in products:
                    numpy.matmul(*arguments)

        return multiply
    rngs = generators(k)
    drawn = [[game.draw(rng) for rng in rngs] for _ in range(steps)]
    real = numpy.stack([[each.real_samples for each in step] for step in drawn])
    latent = numpy.stack([[each.latent_samples for each in step] for step in drawn])
    sizes = (2, h, h, 2), (2, h, h, 1)
    if candidate == "PyTorch bmm":
        return torch_bmm(sizes, z, real, latent)
    return jax_vmap(sizes, z, real, latent, whole=candidate == "JAX vmap, whole loop")


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    options = parser(__doc__)
    options.add_argument("--core", type=int, default=0, help="the core that all candidates share")
    arguments = options.parse_args()
    names = [OURS, "one by one", FLOOR]
    names += ["PyTorch bmm"] if installed("torch") else []
    names += ["JAX vmap, jit per step", "JAX vmap, whole loop"] if installed("jax") else []
    tasks: Tasks = {
        f"K = {k}, H = {h}, B = {b}, {steps} steps": {
            name: Apart(build, (name, k, h, b, steps), arguments.core) for name in names
        }
        for k, h, b, steps in TASKS
    }
    # Rounding puts a sample of one member in a hundred on the other side of a ReLU's kink; all others agree to 1e-4.
    report(tasks, arguments, rtol=dict.fromkeys(tasks, 1e-3), of_largest=True)


if __name__ == "__main__":
    main()
