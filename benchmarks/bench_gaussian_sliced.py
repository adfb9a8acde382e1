"""Gaussian, sliced and max-sliced transport, and Gaussian barycenters, against POT and PyTorch for the same work.

    OMP_NUM_THREADS=1 python benchmarks/bench_gaussian_sliced.py [--rounds 7] [--out results/gaussian_sliced.json]

Sliced distances use the same directions everywhere. `floor` of a sliced distance sorts all projections once they are
there; that of the Bures distance is one eigenvalue decomposition without vectors. POT's max-sliced distance is the
best of the directions that it is given, a smaller number than ours: it is not compared.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.interleaved import FLOOR, OURS, Tasks, installed, parser, report
from gamedyn import transport

PROJECTIONS = 100


def gaussians(rng: numpy.random.Generator) -> Tasks:
    """W_2 of two Gaussian laws, and the barycenter of five."""
    tasks: Tasks = {}
    for d in (16, 256):
        a, b = (numpy.cov(rng.standard_normal((d, 2 * d))) * scale for scale in (1.0, 1.3))
        m, n = rng.standard_normal((2, d))
        task: dict[str, Any] = {
            OURS: lambda m=m, a=a, n=n, b=b: transport.gaussian_wasserstein(m, a, n, b),
            FLOOR: lambda a=a: numpy.linalg.eigvalsh(a),
        }
        if installed("ot"):
            import ot

            task["POT"] = lambda m=m, a=a, n=n, b=b: ot.gaussian.bures_wasserstein_distance(m, n, a, b)
        tasks[f"Bures, d = {d}"] = task
    d = 32
    means, covariances = rng.standard_normal((5, d)), [numpy.cov(rng.standard_normal((d, 2 * d))) for _ in range(5)]
    # The traces are compared: the two stop at different multiples of the tolerance.
    task = {OURS: lambda: numpy.trace(transport.gaussian_barycenter(means, covariances, tolerance=1e-7).covariance)}
    if installed("ot"):
        stacked = numpy.stack(covariances)
        task["POT"] = lambda: numpy.trace(ot.gaussian.bures_wasserstein_barycenter(means, stacked, eps=1e-7)[1])
    return {**tasks, "barycenter of 5 Gaussians, d = 32": task}


def sliced(rng: numpy.random.Generator, dtype: str) -> Tasks:
    """SW_2 of two samples of 10^4 x 32 along 100 directions, and the same with a quarter less points in one."""
    x = rng.standard_normal((10_000, 32)).astype(dtype)
    y = (rng.standard_normal((10_000, 32)) + 0.3).astype(dtype)
    directions = numpy.random.default_rng(0).standard_normal((PROJECTIONS, 32)).astype(dtype)
    directions /= numpy.sqrt(numpy.sum(directions * directions, axis=1, keepdims=True))
    projected = [numpy.ascontiguousarray(directions @ z.T) for z in (x, y)]
    tasks: Tasks = {}
    for name, other in (("", y), (", unequal sizes", y[:7500])):
        task: dict[str, Any] = {
            OURS: lambda y=other: transport.sliced_wasserstein(x, y, 2, PROJECTIONS, rng=0).value,
            FLOOR: lambda: [numpy.sort(z, axis=1)[0, 0] for z in projected],
        }
        if installed("torch") and not name:
            import torch

            torch.set_num_threads(1)
            tensors = [torch.from_numpy(z) for z in (x, y, directions)]

            def with_torch(u: Any = tensors[0], v: Any = tensors[1], along: Any = tensors[2]) -> Any:
                left, right = (torch.sort(along @ z.T, dim=-1).values for z in (u, v))
                return ((left - right) ** 2).mean().sqrt()

            task["torch sort"] = with_torch
        if installed("ot"):
            import ot

            task["POT"] = lambda y=other: ot.sliced_wasserstein_distance(x, y, projections=directions.T, p=2)
        tasks[f"sliced W2, 10000 x 32, {PROJECTIONS} directions, {dtype}{name}"] = task
    return tasks


def max_sliced(rng: numpy.random.Generator) -> Tasks:
    """The largest of the distances along lines, of 1000 points in 16 dimensions."""
    x, y = rng.standard_normal((1000, 16)), rng.exponential(size=(1000, 16)) - 1
    task: dict[str, Any] = {OURS: lambda: transport.max_sliced_wasserstein(x, y, rng=0).value}
    if installed("ot"):
        import ot

        task["POT, 1000 directions"] = lambda: ot.max_sliced_wasserstein_distance(x, y, n_projections=1000, seed=0)
    return {"max-sliced W2, 1000 x 16": task}


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    arguments = parser(__doc__).parse_args()
    rng = numpy.random.default_rng(2016)
    tasks = {**gaussians(rng), **sliced(rng, "float64"), **sliced(rng, "float32"), **max_sliced(rng)}
    bounds = {name: 1e-4 if "float32" in name else 1e-6 if "barycenter" in name else 1e-9 for name in tasks}
    report(tasks, arguments, rtol=bounds, incomparable=frozenset({"POT, 1000 directions"}))


if __name__ == "__main__":
    main()
