"""Wasserstein distances on the line and circle, and exact transport, against SciPy, PyTorch and POT for the same work.

    OMP_NUM_THREADS=1 python benchmarks/bench_transport.py [--rounds 7] [--only exact] [--out results/transport.json]

The floor on the line is the sorting alone: of both samples, or with weights by argsort and the gathers that follow it.
In d dimensions it is the matrix of distances. Tasks named "certified" return potentials and bracket as well.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import scipy.stats
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.interleaved import FLOOR, OURS, Tasks, installed, parser, report
from gamedyn.transport import wasserstein_distance, wasserstein_on_circle, wasserstein_on_line

LINE = {10**4: "10^4", 10**6: "10^6"}


def line() -> Tasks:
    """W_1 of n values against n, 0.9 n, and 0.9 n with weights."""
    tasks: Tasks = {}
    for n, name in LINE.items():
        rng = numpy.random.default_rng(n)
        x, y, z = rng.standard_normal(n), rng.standard_normal(n) + 0.1, rng.standard_normal(9 * n // 10) + 0.1
        v, w = rng.random(n), rng.random(len(z))
        tasks[f"W1 on the line, {name}, equal sizes"] = _pair(x, y)
        tasks[f"W1 on the line, {name}, unequal sizes"] = _pair(x, z)
        tasks[f"W1 on the line, {name}, weighted"] = _weighted(x, z, v, w)
    return tasks


def _pair(x: numpy.ndarray, y: numpy.ndarray) -> dict[str, Callable[[], Any]]:
    found: dict[str, Callable[[], Any]] = {
        OURS: lambda: wasserstein_on_line(x, y),
        "scipy wasserstein_distance": lambda: scipy.stats.wasserstein_distance(x, y),
        FLOOR: lambda: (numpy.sort(x), numpy.sort(y)),
    }
    if installed("torch") and len(x) == len(y):
        import torch

        a, b = torch.from_numpy(x), torch.from_numpy(y)
        found["torch, sort"] = lambda: (a.sort().values - b.sort().values).abs().mean()
    if installed("ot"):
        import ot

        found["POT emd2_1d"] = lambda: ot.emd2_1d(x, y, metric="euclidean")
        found["POT wasserstein_1d"] = lambda: ot.wasserstein_1d(x, y)
    return found


def _weighted(x: numpy.ndarray, y: numpy.ndarray, v: numpy.ndarray, w: numpy.ndarray) -> dict[str, Callable[[], Any]]:
    def floor() -> Any:
        i, j = numpy.argsort(x), numpy.argsort(y)
        return x[i], v[i], y[j], w[j]

    found: dict[str, Callable[[], Any]] = {
        OURS: lambda: wasserstein_on_line(x, y, 1, v, w),
        "scipy wasserstein_distance": lambda: scipy.stats.wasserstein_distance(x, y, v, w),
        FLOOR: floor,
    }
    if installed("ot"):
        import ot

        # POT takes shares of 1.
        found["POT emd2_1d"] = lambda: ot.emd2_1d(x, y, v / v.sum(), w / w.sum(), metric="euclidean")
        found["POT wasserstein_1d"] = lambda: ot.wasserstein_1d(x, y, v / v.sum(), w / w.sum())
    return found


def circle() -> Tasks:
    """W_1 and W_2^2 of 10^4 points on a circle of length 1."""
    rng = numpy.random.default_rng(7)
    x, y = rng.random(10**4), rng.random(10**4) ** 2
    tasks: Tasks = {}
    for p in (1, 2):
        task: dict[str, Callable[[], Any]] = {
            OURS: lambda p=p: wasserstein_on_circle(x, y, p, 1.0, power=True),  # type: ignore[misc]
            FLOOR: lambda: (numpy.sort(x), numpy.sort(y)),
        }
        if installed("ot"):
            import ot

            task["POT wasserstein_circle"] = lambda p=p: ot.wasserstein_circle(x, y, p=p)[0]  # type: ignore[misc]
        tasks[f"W{p} on the circle, 10^4"] = task
    return tasks


def exact() -> Tasks:
    """W_p^p of n against n points with equal weights, and with weights of n against 0.9 n."""
    tasks: Tasks = {}
    for d in (32, 2):
        for n in (500, 1000):
            rng = numpy.random.default_rng(n + d)
            x, y = rng.standard_normal((n, d)), rng.standard_normal((n, d)) + 0.3
            v, w = rng.random(n), rng.random(9 * n // 10)
            for p in (1, 2):
                name = f"exact W{p}, n = {n}, d = {d}"
                tasks[f"{name}, equal weights"] = _exact(x, y, p)
                tasks[f"{name}, equal weights, certified"] = _exact(x, y, p, proved=True)
            for method in ("lp", "network_simplex") if installed("ot") else ("lp",):
                tasks[f"exact W2, n = {n}, d = {d}, weighted, {method}"] = _exact(x, y[: len(w)], 2, v, w, method)
    return tasks


def _exact(
    x: numpy.ndarray,
    y: numpy.ndarray,
    p: int,
    v: numpy.ndarray | None = None,
    w: numpy.ndarray | None = None,
    method: str = "auto",
    *,
    proved: bool = False,
) -> dict[str, Callable[[], Any]]:
    metric = "euclidean" if p == 1 else "sqeuclidean"

    def ours() -> Any:
        found = wasserstein_distance(x, y, p, v, w, method, power=not proved, return_result=proved)
        return found.transport_cost if proved else found

    def scipy_assignment() -> Any:
        cost = cdist(x, y, metric)
        rows, columns = linear_sum_assignment(cost)
        return cost[rows, columns].mean()

    found: dict[str, Callable[[], Any]] = {OURS: ours, FLOOR: lambda: cdist(x, y, metric)}
    if v is None:
        found["scipy cdist, linear_sum_assignment"] = scipy_assignment
    if installed("ot"):
        import ot

        a = numpy.full(len(x), 1 / len(x)) if v is None else v / v.sum()
        b = numpy.full(len(y), 1 / len(y)) if w is None else w / w.sum()
        # The default limit of iterations ends before the optimum.
        found["POT dist, emd2"] = lambda: ot.emd2(a, b, ot.dist(x, y, metric=metric), numItermax=10**7)
    return found


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    report({**line(), **circle(), **exact()}, parser(__doc__).parse_args(), rtol=1e-7)


if __name__ == "__main__":
    main()
