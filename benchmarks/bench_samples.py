"""Discrepancies between samples against scikit-learn, SciPy, dcor and POT for the same work, on one thread.

    python benchmarks/bench_samples.py [--rounds 7] [--scale 0] [--out benchmarks/results/samples.json]

`floor` is the work that no method avoids: one matrix product and one exponential or root for each pair, or one sort.
`--scale N` also runs MMD and energy distance of N points once, with peak memory.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import scipy.stats
from scipy.spatial.distance import cdist, pdist

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.interleaved import FLOOR, OURS, Tasks, installed, parser, report
from gamedyn import divergences
from gamedyn.numerics import squared_bures_distance


def discrepancies(rng: numpy.random.Generator) -> Tasks:
    """MMD and energy distance of 5000 x 16, energy distance of 10^5 and 10^6 values."""
    x, y = rng.standard_normal((5000, 16)), rng.standard_normal((5000, 16)) + 0.1
    rows = numpy.concatenate([x, y])
    width, block = 4.0, numpy.empty((64, 4096))
    kernel, gamma = divergences.RBFKernel(width), 1 / (2 * width**2)

    def floor(function: Callable[..., Any]) -> None:
        # As many entries as pairs of the pooled rows.
        for start in range(0, len(rows) ** 2 // 2, block.size):
            first = start // 64 % 4096
            numpy.matmul(rows[first : first + 64], rows[:4096].T, out=block)
            numpy.abs(block, out=block)
            function(block, out=block)

    def halves() -> float:
        n, m = len(x), len(y)
        return float(2 * cdist(x, y).mean() - 2 * pdist(x).sum() / n**2 - 2 * pdist(y).sum() / m**2)

    tasks: Tasks = {
        "MMD, RBF, 5000 x 16": {
            OURS: lambda: divergences.maximum_mean_discrepancy(x, y, kernel),
            FLOOR: lambda: floor(lambda b, out: numpy.exp(numpy.negative(b, out=out), out=out)),
        },
        "energy distance, 5000 x 16": {
            OURS: lambda: divergences.energy_distance(x, y),
            "scipy cdist": lambda: 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean(),
            "scipy cdist, pdist": halves,
            FLOOR: lambda: floor(numpy.sqrt),
        },
    }
    if installed("sklearn"):
        from sklearn.metrics.pairwise import rbf_kernel

        def with_sklearn() -> float:
            own = rbf_kernel(x, gamma=gamma).mean() + rbf_kernel(y, gamma=gamma).mean()
            return float(own - 2 * rbf_kernel(x, y, gamma=gamma).mean())

        tasks["MMD, RBF, 5000 x 16"]["scikit-learn rbf_kernel"] = with_sklearn
    if installed("dcor"):
        import dcor

        tasks["energy distance, 5000 x 16"]["dcor"] = lambda: dcor.energy_distance(x, y)
    for size in (10**5, 10**6):
        a, b = rng.standard_normal(size), rng.standard_normal(size) + 0.1
        pooled = numpy.concatenate([a, b])
        tasks[f"energy distance on the line, {size}"] = {
            OURS: lambda a=a, b=b: divergences.energy_distance(a, b),
            "scipy.stats": lambda a=a, b=b: scipy.stats.energy_distance(a, b) ** 2,
            FLOOR: lambda pooled=pooled: numpy.sort(pooled),
        }
    return tasks


def tests(rng: numpy.random.Generator) -> Tasks:
    """500 relabellings of 2 x 300 points in 8 dimensions; candidates agree in the statistic."""
    x, y = rng.standard_normal((300, 8)), rng.standard_normal((300, 8)) + 0.2
    name = "permutation test, 2 x 300 x 8, 500"
    tasks: Tasks = {
        name: {
            OURS: lambda: divergences.two_sample_test(x, y, permutations=500, rng=0).statistic,
            "gamedyn, MMD": lambda: divergences.two_sample_test(x, y, statistic="mmd", permutations=500, rng=0),
        }
    }
    if installed("dcor"):
        import dcor

        def with_dcor() -> float:
            # dcor's statistic is n m / (n + m) times the energy distance.
            found = dcor.homogeneity.energy_test(x, y, num_resamples=500, random_state=numpy.random.RandomState(0))
            return float(found.statistic) / 150

        tasks[name]["dcor"] = with_dcor
    return tasks


def gaussians(rng: numpy.random.Generator) -> Tasks:
    """The Bures distance of covariances in 256 dimensions, and the Frechet distance of samples."""
    draws = [rng.standard_normal((600, 256)) @ rng.standard_normal((256, 256)) / 16 for _ in range(2)]
    a, b = (numpy.cov(z.T) for z in draws)
    zero, name = numpy.zeros(256), "Bures, d = 256"
    tasks: Tasks = {
        name: {OURS: lambda: squared_bures_distance(a, b), FLOOR: lambda: numpy.linalg.svd(a @ b, compute_uv=False)},
        "Frechet distance, 600 x 256": {OURS: lambda: divergences.frechet_distance(*draws)},
    }
    if installed("ot"):
        os.environ.setdefault("POT_BACKEND_DISABLE_PYTORCH", "1")
        os.environ.setdefault("POT_BACKEND_DISABLE_JAX", "1")
        from ot.gaussian import bures_wasserstein_distance, empirical_bures_wasserstein_distance

        tasks[name]["POT"] = lambda: bures_wasserstein_distance(zero, zero, a, b) ** 2
        # POT adds a ridge by default, and divides by n.
        tasks["Frechet distance, 600 x 256"]["POT"] = lambda: empirical_bures_wasserstein_distance(*draws, reg=0.0) ** 2
    return tasks


def scale(points: int, rng: numpy.random.Generator) -> dict[str, dict[str, float]]:
    """MMD and energy distance of two samples of that many points in three dimensions: seconds and megabytes."""
    x, y = rng.standard_normal((points, 3)), rng.standard_normal((points, 3)) + 0.1
    found = {}
    for function in (divergences.maximum_mean_discrepancy, divergences.energy_distance):
        before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        value = float(function(x, y))
        seconds, after = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found[function.__name__] = {"value": value, "seconds": seconds, "megabytes": (after - before) / 1024}
    return found


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    options = parser(__doc__)
    options.add_argument("--scale", type=int, default=0, help="also run this many points once")
    arguments = options.parse_args()
    rng = numpy.random.default_rng(2012)
    tasks = {**discrepancies(rng), **tests(rng), **gaussians(rng)}
    extra = {"scale": {"points": arguments.scale, **scale(arguments.scale, rng)}} if arguments.scale else {}
    if extra:
        print(json.dumps(extra, indent=2))
    # POT divides by n, ours by n - 1; others differ by rounding.
    bounds = {task: 5e-3 if "Frechet" in task else 1e-8 for task in tasks}
    report(tasks, arguments, rtol=bounds, incomparable=frozenset({"gamedyn, MMD"}), extra=extra)


if __name__ == "__main__":
    main()
