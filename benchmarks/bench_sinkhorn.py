"""Entropic transport between samples to one marginal error, against POT, OTT and geomloss.

    OMP_NUM_THREADS=1 JAX_ENABLE_X64=1 XLA_FLAGS=--xla_cpu_multi_thread_eigen=false taskset -c 0 \
        python benchmarks/bench_sinkhorn.py [--size 1000] [--epsilon 0.05 0.005] [--out results/sinkhorn.json]

Points are uniform on the unit square, costs squared distances (up to 1.9). What is equal is the L1 error of the margins
of the plan, at most 1e-6: it is measured for every candidate before any is timed, a stopping rule in another norm is
tightened until it is met, and a candidate that cannot meet it is timed and listed with the error that it reached. Times
go from points to potentials or plan. `with bracket` adds plan, margins and the certified interval of the exact cost.
`floor` is one matrix of costs, its exponentials in double precision, and 20 products with it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.interleaved import FLOOR, OURS, Tasks, installed, parser, report
from gamedyn.transport import sinkhorn

TOLERANCE = 1e-6
Solver = Callable[[float], Any]


def margin_error(plan: numpy.ndarray) -> float:
    """L1 error of both margins of a plan between equal masses."""
    n, m = plan.shape
    return float(numpy.abs(plan.sum(axis=1) - 1 / n).sum() + numpy.abs(plan.sum(axis=0) - 1 / m).sum())


def from_potentials(x: numpy.ndarray, y: numpy.ndarray, f: Any, g: Any, epsilon: float) -> numpy.ndarray:
    """The plan of potentials that hold the masses."""
    cost = numpy.sum((x[:, None] - y) ** 2, axis=-1)
    f, g = numpy.asarray(f, dtype=float).reshape(-1), numpy.asarray(g, dtype=float).reshape(-1)
    return numpy.exp((f[:, None] + g - cost) / epsilon)


def ours(x: numpy.ndarray, y: numpy.ndarray, epsilon: float) -> dict[str, tuple[Solver, Solver]]:
    """{name: (what is timed at a tolerance, its plan at that tolerance)} of this library."""

    def value(tolerance: float) -> Any:
        return sinkhorn(x, y, epsilon=epsilon, tolerance=tolerance)

    def result(tolerance: float) -> Any:
        return sinkhorn(x, y, epsilon=epsilon, tolerance=tolerance, return_result=True)

    def plan(tolerance: float) -> Any:
        return result(tolerance).plan.dense()

    return {OURS: (value, plan), f"{OURS}, with bracket": (result, plan)}


def pot(x: numpy.ndarray, y: numpy.ndarray, epsilon: float) -> dict[str, tuple[Solver, Solver]]:
    """The same of POT, whose rule is the Euclidean norm of one margin's error."""
    import ot

    equal = numpy.full(len(x), 1 / len(x)), numpy.full(len(y), 1 / len(y))
    found: dict[str, tuple[Solver, Solver]] = {}
    for method in ("sinkhorn", "sinkhorn_log"):

        def plan(tolerance: float, method: str = method) -> Any:
            options = {"method": method, "stopThr": tolerance, "numItermax": 100_000}
            return ot.sinkhorn(*equal, ot.dist(x, y), epsilon, **options)

        found[f"POT {method}"] = (plan, plan)
    return found


def ott(x: numpy.ndarray, y: numpy.ndarray, epsilon: float) -> dict[str, tuple[Solver, Solver]]:
    """The same of OTT, compiled beforehand."""
    import jax
    from ott.geometry import pointcloud
    from ott.solvers import linear
    from ott.solvers.linear import acceleration

    momentum = {"momentum": acceleration.Momentum(start=50)}
    variants = {"OTT log": {}, "OTT kernel": {"lse_mode": False}, "OTT log, momentum": momentum}
    found: dict[str, tuple[Solver, Solver]] = {}
    for name, options in variants.items():

        @jax.jit
        def solve(a: Any, b: Any, tolerance: Any, options: dict[str, Any] = options) -> Any:
            geometry = pointcloud.PointCloud(a, b, epsilon=epsilon)
            out = linear.solve(geometry, threshold=tolerance, max_iterations=100_000, **options)
            return out.f, out.g

        def potentials(tolerance: float, solve: Any = solve) -> Any:
            return jax.block_until_ready(solve(x, y, tolerance))

        def plan(tolerance: float, potentials: Any = potentials) -> Any:
            return from_potentials(x, y, *potentials(tolerance), epsilon)

        found[name] = (potentials, plan)
    return found


def geomloss(x: numpy.ndarray, y: numpy.ndarray, epsilon: float) -> dict[str, tuple[Solver, Solver]]:
    """The same of geomloss, which has no stopping rule; its cost is half the square, its temperature blur^2."""
    import torch
    from geomloss import SamplesLoss

    torch.set_num_threads(1)
    a, b = torch.from_numpy(x), torch.from_numpy(y)
    options = {"p": 2, "blur": (epsilon / 2) ** 0.5, "scaling": 0.99, "debias": False, "potentials": True}

    def potentials(_: float) -> Any:
        return SamplesLoss("sinkhorn", **options)(a, b)

    def plan(tolerance: float) -> Any:
        f, g = potentials(tolerance)
        return from_potentials(x, y, 2 * f.numpy(), 2 * g.numpy(), epsilon) / (len(x) * len(y))

    return {"geomloss, scaling 0.99": (potentials, plan)}


def reach(plan: Solver) -> tuple[float, float]:
    """(a stopping tolerance at which the margins are right, the error there): the loosest of a few."""
    best = (TOLERANCE, float("inf"))
    for tolerance in (1e-6, 5e-7, 2e-7, 1e-7, 5e-8, 2e-8, 1e-8, 1e-9):
        error = margin_error(numpy.asarray(plan(tolerance)))
        if error < best[1]:
            best = (tolerance, error)
        if error <= TOLERANCE:
            break
    return best


def floor(x: numpy.ndarray, y: numpy.ndarray, epsilon: float) -> Callable[[], Any]:
    """What is not avoided by any method that stores its kernel."""
    matrix, vector = numpy.empty((len(x), len(y))), numpy.ones(len(y))

    def work() -> None:
        numpy.subtract(x[:, :1], y[:, 0], out=matrix)
        numpy.multiply(matrix, -1 / epsilon, out=matrix)
        numpy.exp(matrix, out=matrix)
        for _ in range(20):
            matrix @ vector

    return work


def main() -> None:
    """Find the tolerances, measure, print the tables, and write them where asked."""
    options = parser(__doc__)
    options.add_argument("--size", type=int, default=1000)
    options.add_argument("--epsilon", type=float, nargs="+", default=[0.05, 0.005])
    options.add_argument("--without", nargs="*", default=[], help="candidates to leave out, by the start of their name")
    arguments = options.parse_args()
    rng = numpy.random.default_rng(2013)
    x, y = rng.random((arguments.size, 2)), rng.random((arguments.size, 2))
    tasks: Tasks = {}
    errors: dict[str, dict[str, float]] = {}
    peers = {"ot": pot, "ott": ott, "geomloss": geomloss}
    for epsilon in arguments.epsilon:
        task = f"{arguments.size} x {arguments.size} points, eps = {epsilon:g}"
        tasks[task], errors[task] = {}, {}
        if arguments.only not in task:
            continue
        solvers = ours(x, y, epsilon)
        for module, make in peers.items():
            if installed(module):
                solvers |= make(x, y, epsilon)
        for name, (solve, plan) in solvers.items():
            if not name.startswith(tuple(arguments.without)):
                tolerance, errors[task][name] = reach(plan)
                tasks[task][name] = lambda solve=solve, tolerance=tolerance: solve(tolerance)
        tasks[task][FLOOR] = floor(x, y, epsilon)
        listed = ", ".join(f"{name} {error:.1e}" for name, error in errors[task].items())
        print(f"L1 errors of margins at {task}: {listed}", flush=True)
    # Potentials and plans are not compared by value but by their margins, above.
    names = frozenset(name for functions in tasks.values() for name in functions)
    report(tasks, arguments, incomparable=names, extra={"marginal_errors": errors})


if __name__ == "__main__":
    main()
