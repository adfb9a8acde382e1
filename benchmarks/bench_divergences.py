"""KL and JS of many pmfs at once, and from samples, against what SciPy and PyTorch offer for the same work.

    python benchmarks/bench_divergences.py [--rows 10000] [--size 1000] [--rounds 7] [--out results/divergences.json]

Candidates must agree before they are timed, and take turns in every round, so that a change of the machine's speed
meets all of them alike. Times are medians in milliseconds; a ratio is the median over rounds of a candidate's time over
ours in the same round, with its quartiles. `floor` is one pass over the memory and one logarithm for each entry.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import scipy
import scipy.special
import scipy.stats
from scipy.spatial.distance import jensenshannon

sys.path.insert(0, str(Path(__file__).parents[1]))

from gamedyn import divergences

OURS = "gamedyn"


def candidates(rows: int, size: int) -> dict[str, dict[str, Callable[[], Any]]]:
    """{task: {name: function without arguments}} on pmfs of Dirichlet(1) law."""
    rng = numpy.random.default_rng(2014)
    p, q = rng.standard_exponential((2, rows, size))
    p /= p.sum(axis=1, keepdims=True)
    q /= q.sum(axis=1, keepdims=True)
    out = numpy.empty_like(p)

    def floor() -> Any:
        numpy.divide(p, q, out=out)
        return numpy.log(out, out=out)

    tasks: dict[str, dict[str, Callable[[], Any]]] = {
        "KL": {
            OURS: lambda: divergences.kl_divergence(p, q),
            "scipy.stats.entropy": lambda: scipy.stats.entropy(p, q, axis=1),
            "scipy rel_entr, sum": lambda: scipy.special.rel_entr(p, q).sum(axis=1),
            "floor": floor,
        },
        "JS": {
            OURS: lambda: divergences.jensen_shannon_divergence(p, q),
            "scipy jensenshannon, squared": lambda: jensenshannon(p, q, axis=1) ** 2,
            "floor": floor,
        },
    }
    if importlib.util.find_spec("torch") is not None:
        import torch

        a, b = torch.from_numpy(p), torch.from_numpy(q)
        categorical = torch.distributions.Categorical
        tasks["KL"]["torch Categorical"] = lambda: torch.distributions.kl_divergence(categorical(a), categorical(b))
        tasks["KL"]["torch kl_div"] = lambda: torch.nn.functional.kl_div(b.log(), a, reduction="none").sum(-1)
    return tasks


def measure(functions: dict[str, Callable[[], Any]], rounds: int) -> dict[str, dict[str, float]]:
    """Check that all agree with ours, then time them in turn."""
    expected = numpy.asarray(functions[OURS]())
    for name, function in functions.items():
        if name != "floor":
            numpy.testing.assert_allclose(numpy.asarray(function()), expected, rtol=1e-9, err_msg=name)
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            times[name].append(1e3 * (time.perf_counter() - start))
    table = {}
    for name, own in times.items():
        ratios = sorted(a / b for a, b in zip(own, times[OURS], strict=True))
        low, middle, high = statistics.quantiles(ratios, n=4)
        table[name] = {"milliseconds": statistics.median(own), "ratio": middle, "low": low, "high": high}
    return table


def machine() -> dict[str, Any]:
    """What the times depend on."""
    versions = {"python": platform.python_version(), "numpy": numpy.__version__, "scipy": scipy.__version__}
    if "torch" in sys.modules:
        versions["torch"] = sys.modules["torch"].__version__
    threads = os.environ.get("OMP_NUM_THREADS", "not set")
    return {"system": platform.platform(terse=True), "cores": os.cpu_count(), "OMP_NUM_THREADS": threads, **versions}


def markdown(results: dict[str, dict[str, dict[str, float]]], shape: str) -> str:
    """One table for each task."""
    lines = []
    for task, table in results.items():
        lines += [f"### {task} of {shape} float64", "", "| candidate | ms | times ours (quartiles) |", "|---|---|---|"]
        for name, row in sorted(table.items(), key=lambda item: item[1]["milliseconds"]):
            spread = f"{row['ratio']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
            lines.append(f"| {name} | {row['milliseconds']:.0f} | {spread} |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, help="a .json file, or .md for the tables alone")
    arguments = parser.parse_args()
    tasks = candidates(arguments.rows, arguments.size)
    results = {task: measure(functions, arguments.rounds) for task, functions in tasks.items()}
    tables = markdown(results, f"({arguments.rows}, {arguments.size})")
    print(tables)
    if arguments.out is not None:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        document = {"schema": 1, "command": sys.argv, "machine": machine(), "results": results}
        arguments.out.write_text(tables if arguments.out.suffix == ".md" else json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
