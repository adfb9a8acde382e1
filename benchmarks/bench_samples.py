"""Discrepancies between samples against scikit-learn, SciPy, dcor and POT for the same work, on one thread.

    OMP_NUM_THREADS=1 python benchmarks/bench_samples.py [--rounds 7] [--scale 0] [--out results/samples.json]

Candidates must agree before they are timed, and take turns in every round. Times are medians of process CPU time in
milliseconds; a ratio is the median over rounds of a candidate's time over ours in the same round, with its quartiles.
`floor` is the work that no method avoids: one matrix product and one exponential or root for each pair, or one sort.
Competitors that are not installed are left out. `--scale N` also runs MMD and energy distance of N points once, with
peak memory.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import scipy.stats
from scipy.spatial.distance import cdist, pdist

sys.path.insert(0, str(Path(__file__).parents[1]))

from gamedyn import divergences
from gamedyn.numerics import squared_bures_distance

OURS, FLOOR = "gamedyn", "floor"
Tasks = dict[str, dict[str, Callable[[], Any]]]


def installed(module: str) -> bool:
    """Whether a competitor is at hand."""
    return importlib.util.find_spec(module) is not None


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


UNEQUAL = {FLOOR, "gamedyn, MMD"}
TOLERANCE = {"Frechet distance, 600 x 256": 5e-3}


def measure(task: str, functions: dict[str, Callable[[], Any]], rounds: int) -> dict[str, dict[str, float]]:
    """Check that all agree with ours, then time them in turn."""
    expected = float(functions[OURS]())
    for name, function in functions.items():
        if name not in UNEQUAL:
            numpy.testing.assert_allclose(float(function()), expected, rtol=TOLERANCE.get(task, 1e-8), err_msg=name)
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.process_time()
            function()
            times[name].append(1e3 * (time.process_time() - start))
    table = {}
    for name, own in times.items():
        ratios = sorted(a / b for a, b in zip(own, times[OURS], strict=True))
        low, middle, high = statistics.quantiles(ratios, n=4)
        table[name] = {"milliseconds": statistics.median(own), "ratio": middle, "low": low, "high": high}
    return table


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


def machine() -> dict[str, Any]:
    """What the times depend on."""
    names = ("numpy", "scipy", "scikit-learn", "dcor", "POT")
    versions = {"python": platform.python_version()}
    for name in names:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    threads = os.environ.get("OMP_NUM_THREADS", "not set")
    return {"system": platform.platform(terse=True), "cores": os.cpu_count(), "OMP_NUM_THREADS": threads, **versions}


def markdown(results: dict[str, dict[str, dict[str, float]]]) -> str:
    """One table for each task."""
    lines = []
    for task, table in results.items():
        lines += [f"### {task}", "", "| candidate | ms | times ours (quartiles) |", "|---|---|---|"]
        for name, row in sorted(table.items(), key=lambda item: item[1]["milliseconds"]):
            spread = f"{row['ratio']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
            lines.append(f"| {name} | {row['milliseconds']:.1f} | {spread} |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--scale", type=int, default=0, help="also run this many points once")
    parser.add_argument("--out", type=Path, help="a .json file, or .md for the tables alone")
    arguments = parser.parse_args()
    rng = numpy.random.default_rng(2012)
    tasks = {**discrepancies(rng), **tests(rng), **gaussians(rng)}
    results = {task: measure(task, functions, arguments.rounds) for task, functions in tasks.items()}
    tables = markdown(results)
    print(tables)
    document = {"schema": 1, "command": sys.argv, "machine": machine(), "results": results}
    if arguments.scale:
        document["scale"] = {"points": arguments.scale, **scale(arguments.scale, rng)}
        print(json.dumps(document["scale"], indent=2))
    if arguments.out is not None:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(tables if arguments.out.suffix == ".md" else json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
