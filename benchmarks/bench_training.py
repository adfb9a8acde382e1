"""Training steps of GANs of two networks, against PyTorch and JAX, and against the step's matrix products alone.

    OMP_NUM_THREADS=1 python benchmarks/bench_training.py [--core 0] [--out results/training.json]

A step is Adam's on the generator and then, at its new point, on the discriminator, on one batch of real and latent
samples, in single precision. Networks are 2-H-H-2 and 2-H-H-1, batches of B real and B latent samples; the objective is
non-saturating, or Wasserstein with the gradient penalty of weight 10 (WGAN-GP). Times are those of one run of a fixed
number of steps from one start, named in the task; all candidates must end at the same parameters. Adam's epsilon is
1e-5: with 1e-8 it would make steps of the rounding of gradients that vanish.

Ours is `gamedyn.models._training_plan` and draws its batches while it runs; the others have theirs ready. "step by
step" is `dynamics.simulate` with the functional game. PyTorch's eager form has modules, autograd and the fused Adam,
which is faster than the foreach one; "compiled" is the whole step as one function under torch.compile. JAX's steps are
compiled and called one by one, on batches in a Python list, or run in one compiled fori_loop. The floor is the plan's
calls of `matmul`, and nothing else. Every candidate has a process of its own, on the same core as all others; the times
are CPU times.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.interleaved import FLOOR, OURS, Apart, Tasks, installed, parser, report
from benchmarks.training_peers import (
    EPSILON,
    FIRST,
    RATE,
    SECOND,
    WEIGHT,
    Workload,
    jax_form,
    torch_compiled,
    torch_eager,
)

SEED = 7
# H, B, activation, WGAN-GP, steps of a run.
TASKS = [
    (16, 64, "ReLU", False, 200),
    (128, 256, "ReLU", False, 30),
    (128, 2048, "ReLU", False, 5),
    (128, 256, "ReLU", True, 20),
    (128, 2048, "ReLU", True, 4),
    (128, 256, "Tanh", False, 30),
    (32, 64, "ReLU", False, 200),
    (128, 256, "Tanh", True, 20),
]


def ours(h: int, b: int, activation: str, penalised: bool) -> tuple[Any, Any, Any]:
    """Game, rule and start."""
    from gamedyn import nn
    from gamedyn.games import Regularized, WrappedDraws
    from gamedyn.models import NeuralGAN
    from gamedyn.objectives import NonSaturating, Wasserstein
    from gamedyn.updates import Adam

    act = getattr(nn, activation)()
    data = numpy.random.default_rng(0).standard_normal((4096, 2)).astype("float32")
    networks = nn.mlp((2, h, h, 2), act), nn.mlp((2, h, h, 1), act)
    objective = Wasserstein() if penalised else NonSaturating()
    model: Any = NeuralGAN(*networks, objective, data, latent_dim=2, batch_size=b)
    z = model.init(1)
    if penalised:
        # A penalty is half of its weight times the mean.
        model = WrappedDraws(model, lambda game: Regularized(game, gradient_penalty=(2 * WEIGHT, 1.0)))
    return model, Adam(RATE, FIRST, SECOND, EPSILON, schedule="alternating"), z


def workload(h: int, b: int, activation: str, penalised: bool, steps: int) -> Workload:
    """The numbers that all candidates see, of the stream that the plan draws."""
    game, _, z = ours(h, b, activation, penalised)
    rng = numpy.random.default_rng(SEED)
    drawn = [game.draw(rng) for _ in range(steps)]
    inner = [each.game if penalised else each for each in drawn]
    real = numpy.stack([each.real_samples for each in inner])
    latent = numpy.stack([each.latent_samples for each in inner])
    return Workload(((2, h, h, 2), (2, h, h, 1)), activation, penalised, z, real, latent)


def build(candidate: str, h: int, b: int, activation: str, penalised: bool, steps: int) -> Callable[[], Any]:
    """A candidate's run, made in its own process."""
    play = run_of(candidate, h, b, activation, penalised, steps)
    # The Wasserstein losses do not know the critic's last bias: Adam makes steps of its gradient's rounding.
    return (lambda: play()[:-1]) if penalised and candidate != FLOOR else play


def run_of(candidate: str, h: int, b: int, activation: str, penalised: bool, steps: int) -> Callable[[], Any]:
    """The same with all parameters."""
    if candidate in (OURS, "step by step", FLOOR):
        from gamedyn.dynamics import simulate
        from gamedyn.models._training_plan import plan_training

        game, rule, z = ours(h, b, activation, penalised)
        plan = plan_training(game, rule, z)
        if plan is None:
            raise RuntimeError("there is no plan for this game.")
        if candidate == OURS:
            return lambda: plan.run(z, None, SEED, steps)[0]
        if candidate == "step by step":
            return lambda: simulate(game, rule, z, steps, rng=SEED, record_every=steps, record_points=False).final
        plan.run(z, None, SEED, 1)
        products = [arguments for move in plan.moves for function, arguments in move if function is numpy.matmul]

        def multiply() -> None:
            for _ in range(steps):
                for arguments in products:
                    numpy.matmul(*arguments)

        return multiply
    work = workload(h, b, activation, penalised, steps)
    forms = {
        "PyTorch eager": lambda: torch_eager(work),
        "PyTorch compiled": lambda: torch_compiled(work),
        "JAX jit per step": lambda: jax_form(work, whole=False),
        "JAX whole loop": lambda: jax_form(work, whole=True),
    }
    return forms[candidate]()


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    options = parser(__doc__)
    options.add_argument("--core", type=int, default=0, help="the core that all candidates share")
    arguments = options.parse_args()
    names = [OURS, "step by step", FLOOR]
    if installed("torch"):
        names += ["PyTorch eager", "PyTorch compiled"]
    if installed("jax"):
        names += ["JAX jit per step", "JAX whole loop"]
    tasks: Tasks = {}
    for task in TASKS:
        h, b, activation, penalised, steps = task
        kind = "WGAN-GP" if penalised else "GAN"
        tasks[f"{kind}, H = {h}, B = {b}, {activation}, {steps} steps"] = {
            name: Apart(build, (name, *task), arguments.core) for name in names
        }
    # A run moves parameters by some 0.03 of the largest. Rounding puts samples on other sides of a ReLU's kink, where
    # the penalty's gradient jumps.
    bounds = {name: 5e-3 if "WGAN-GP" in name and "ReLU" in name else 1e-4 for name in tasks}
    report(tasks, arguments, rtol=bounds, of_largest=True)


if __name__ == "__main__":
    main()
