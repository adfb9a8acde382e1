"""Training steps of GANs of two small networks on a GPU, against PyTorch with and without CUDA graphs, and JAX.

    make gpu, or: OMP_NUM_THREADS=1 python benchmarks/bench_device.py [--out results/device.json]

A step is Adam's on the generator and then, at its new point, on the discriminator, on one batch of real and latent
samples, in single precision without TensorFloat-32. Networks are 2-H-H-2 and 2-H-H-1, batches of B real and B latent
samples, the objective is non-saturating. Times are wall-clock times of a run of STEPS steps from one start, its result
copied to the host; all candidates must end at the same parameters.

Ours is the plan of fused kernels that `GAN.fit` takes, and draws its batches on the host while it runs; "batches ready"
is the same plan on batches that lie in the host's memory, "tiles of n" with n samples in each block of threads, and
"step by step" is `dynamics.simulate` with the functional game on CuPy. The others have their batches on the device.
Without a GPU the script says so and ends with exit code 4.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bench_training import ours, workload
from benchmarks.device_peers import torch_eager_on, torch_graph
from benchmarks.interleaved import OURS, Tasks, installed, parser, report
from benchmarks.training_peers import jax_form

SEED = 7
STEPS = 128
NO_DEVICE = 4
# H, B, activation.
TASKS = [(128, 256, "ReLU"), (128, 2048, "ReLU"), (32, 64, "ReLU"), (32, 2048, "ReLU"), (128, 256, "Tanh")]


def planned(h: int, b: int, activation: str, *, ready: bool = False, tile: int = 16) -> Callable[[], Any]:
    """A run of the fused kernels."""
    import cupy

    from gamedyn.models import NeuralGAN
    from gamedyn.models._device_plan import DevicePlan, plan_on_device

    model, rule, start = ours(h, b, activation, False)
    z = cupy.asarray(start)
    parts = model.generator, model.discriminator, model.objective, cupy.asarray(model.data)
    game = NeuralGAN(*parts, latent_dim=model.latent_dim, batch_size=b)
    plan = plan_on_device(game, rule, z)
    if plan is None:
        raise RuntimeError("there is no plan for this game.")
    if tile != 16:
        plan = DevicePlan(dataclasses.replace(plan.shape, largest_tile=tile), plan.rule, game.data)
    if ready:
        plan.draws = _Ready(plan.draws(numpy.random.default_rng(SEED), STEPS))
    return lambda: cupy.asnumpy(plan.run(z, None, SEED, STEPS)[0])


class _Ready:
    """Batches that were drawn before, handed out one after the other, and again from the start."""

    def __init__(self, batches: tuple[numpy.ndarray, numpy.ndarray]) -> None:
        self.batches, self.at = batches, 0

    def __call__(self, rng: Any, steps: int) -> tuple[numpy.ndarray, ...]:
        start = self.at % STEPS
        self.at = start + steps
        return tuple(part[start : self.at] for part in self.batches)


def functional(h: int, b: int, activation: str) -> Callable[[], Any]:
    """A run of the readable reference on CuPy."""
    import cupy

    from gamedyn.dynamics import simulate
    from gamedyn.models import NeuralGAN

    model, rule, start = ours(h, b, activation, False)
    z = cupy.asarray(start)
    parts = model.generator, model.discriminator, model.objective, cupy.asarray(model.data)
    game = NeuralGAN(*parts, latent_dim=model.latent_dim, batch_size=b)
    options = {"record_every": STEPS, "record_points": False}
    return lambda: cupy.asnumpy(simulate(game, rule, z, STEPS, rng=SEED, **options).final)


def candidates(h: int, b: int, activation: str) -> dict[str, Callable[[], Any]]:
    """All that is installed, ours first."""
    found = {
        OURS: planned(h, b, activation),
        "batches ready": planned(h, b, activation, ready=True),
        **{f"tiles of {n}": planned(h, b, activation, ready=True, tile=n) for n in (1, 2, 4, 8)},
        "step by step": functional(h, b, activation),
    }
    work = workload(h, b, activation, False, STEPS)
    if _has_torch():
        found |= {"PyTorch eager": torch_eager_on(work, "cuda"), "PyTorch CUDA graph": torch_graph(work)}
    if _has_jax():
        found |= {
            "JAX jit per step": jax_form(work, whole=False),
            "JAX whole loop": jax_form(work, whole=True),
        }
    return found


def _has_torch() -> bool:
    if not installed("torch"):
        return False
    import torch

    return bool(torch.cuda.is_available())


def _has_jax() -> bool:
    if not installed("jax"):
        return False
    import jax

    jax.config.update("jax_default_matmul_precision", "highest")
    return bool(jax.default_backend() == "gpu")


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    from gamedyn.backend import cupy_status, device_name

    options = parser(__doc__)
    arguments = options.parse_args()
    problem = cupy_status()
    if problem is not None:
        print(f"No times without a GPU: {problem}", file=sys.stderr)
        raise SystemExit(NO_DEVICE)
    measured: Tasks = {}
    for task in TASKS:
        h, b, activation = task
        name = f"GAN, H = {h}, B = {b}, {activation}, {STEPS} steps"
        if arguments.only in name:
            measured[name] = candidates(*task)
    # Adam's steps add up to some 0.13; rounding puts samples on other sides of a ReLU's kink.
    bounds = dict.fromkeys(measured, 1e-3)
    extra = {"device": device_name()}
    report(measured, arguments, rtol=bounds, of_largest=True, extra=extra, clock=time.perf_counter)


if __name__ == "__main__":
    main()
