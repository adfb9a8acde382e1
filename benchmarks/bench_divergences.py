"""KL and JS of many pmfs at once, and of two small ones, against what SciPy, PyTorch and JAX offer for the same work.

    python benchmarks/bench_divergences.py [--rows 10000] [--size 1000] [--rounds 7] [--out results/divergences.json]

Far pmfs differ by factors, near ones by 10 % and by 0.1 %, where peers lose digits (hence the looser comparison), and
with zeros three outcomes in ten are empty in each. `floor` reads the masses and takes one quotient and one logarithm
for each (two for JS), block by block.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import scipy.special
import scipy.stats
from scipy.spatial.distance import jensenshannon

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.interleaved import FLOOR, OURS, Tasks, installed, parser, report
from gamedyn import divergences


def pairs(rows: int, size: int) -> dict[str, tuple[numpy.ndarray, numpy.ndarray]]:
    """Pmfs of Dirichlet(1) law, and others far from them and near them."""
    rng = numpy.random.default_rng(2014)

    def normalized(masses: numpy.ndarray) -> numpy.ndarray:
        return masses / masses.sum(axis=1, keepdims=True)

    p, q = rng.standard_exponential((2, rows, size))
    near = {
        f"differing by {100 * step:g} %": p * numpy.exp(step * rng.standard_normal(p.shape)) for step in (0.1, 1e-3)
    }
    empty = [numpy.where(rng.random(p.shape) < 0.3, 0.0, masses) for masses in (p, q)]
    found = {"far": (p, q), **{name: (p, other) for name, other in near.items()}, "with zeros": (empty[0], empty[1])}
    return {name: (normalized(a), normalized(b)) for name, (a, b) in found.items()}


def floor(p: numpy.ndarray, q: numpy.ndarray, logarithms: int) -> Callable[[], Any]:
    """Quotient and logarithm of every mass, in blocks that stay in the cache."""
    rows = max(1, 32768 // p.shape[1])
    out = numpy.empty((rows, p.shape[1]))

    def run() -> Any:
        with numpy.errstate(all="ignore"):
            for start in range(0, len(p), rows):
                a, b = p[start : start + rows], q[start : start + rows]
                for _ in range(logarithms):
                    numpy.log(numpy.divide(a, b, out=out[: len(a)]), out=out[: len(a)])

    return run


def of_many(rows: int, size: int) -> Tasks:
    """{task: {name: function}} for KL and JS of each kind of pair."""
    tasks: Tasks = {}
    for kind, (p, q) in pairs(rows, size).items():
        kl: dict[str, Callable[[], Any]] = {
            OURS: lambda p=p, q=q: divergences.kl_divergence(p, q),
            "scipy.stats.entropy": lambda p=p, q=q: scipy.stats.entropy(p, q, axis=1),
            "scipy rel_entr, sum": lambda p=p, q=q: scipy.special.rel_entr(p, q).sum(axis=1),
        }
        js: dict[str, Callable[[], Any]] = {
            OURS: lambda p=p, q=q: divergences.jensen_shannon_divergence(p, q),
            "scipy jensenshannon, squared": lambda p=p, q=q: jensenshannon(p, q, axis=1) ** 2,
        }
        if installed("torch"):
            kl |= torch_kl(p, q)
            js |= torch_js(p, q)
        if installed("jax"):
            kl |= jax_kl(p, q)
            js |= jax_js(p, q)
        kl[FLOOR], js[FLOOR] = floor(p, q, 1), floor(p, q, 2)
        tasks[f"KL, {kind}, {rows} x {size}"], tasks[f"JS, {kind}, {rows} x {size}"] = kl, js
    return tasks


def torch_kl(p: numpy.ndarray, q: numpy.ndarray) -> dict[str, Callable[[], Any]]:
    """The three ways in which PyTorch's users write KL."""
    import torch

    a, b = torch.from_numpy(p), torch.from_numpy(q)
    found: dict[str, Callable[[], Any]] = {}
    # Where a mass is empty in both, xlogy(0, 0 / 0) is nan, and Categorical moves zeros to eps.
    if p.min() > 0 and q.min() > 0:
        found["torch xlogy"] = lambda: torch.special.xlogy(a, a / b).sum(-1)
        categorical = torch.distributions.Categorical
        found["torch Categorical"] = lambda: torch.distributions.kl_divergence(categorical(a), categorical(b))
        found["torch kl_div"] = lambda: torch.nn.functional.kl_div(b.log(), a, reduction="none").sum(-1)
    return found


def torch_js(p: numpy.ndarray, q: numpy.ndarray) -> dict[str, Callable[[], Any]]:
    """JS by two calls of xlogy."""
    import torch

    a, b = torch.from_numpy(p), torch.from_numpy(q)

    def run() -> Any:
        m = (a + b) / 2
        return (torch.special.xlogy(a, a / m) + torch.special.xlogy(b, b / m)).nansum(-1) / 2

    # Where a mass is empty in both, xlogy(0, 0 / 0) is nan.
    return {"torch xlogy": run} if p.min() > 0 else {}


def jax_kl(p: numpy.ndarray, q: numpy.ndarray) -> dict[str, Callable[[], Any]]:
    """One compiled expression."""
    import jax

    jax.config.update("jax_enable_x64", True)
    a, b = jax.numpy.asarray(p), jax.numpy.asarray(q)
    compiled = jax.jit(lambda a, b: jax.scipy.special.rel_entr(a, b).sum(-1))
    return {"jax jit rel_entr": lambda: compiled(a, b).block_until_ready()}


def jax_js(p: numpy.ndarray, q: numpy.ndarray) -> dict[str, Callable[[], Any]]:
    """One compiled expression."""
    import jax

    jax.config.update("jax_enable_x64", True)
    a, b = jax.numpy.asarray(p), jax.numpy.asarray(q)
    entropy = jax.scipy.special.rel_entr
    compiled = jax.jit(lambda a, b: (entropy(a, (a + b) / 2) + entropy(b, (a + b) / 2)).sum(-1) / 2)
    return {"jax jit rel_entr": lambda: compiled(a, b).block_until_ready()}


def of_two() -> Tasks:
    """One call on ten outcomes, where the calls count and not the arithmetic."""
    rng = numpy.random.default_rng(10)
    p, q = rng.dirichlet(numpy.ones(10), 2)
    tasks: Tasks = {
        "KL of ten outcomes": {
            OURS: lambda: divergences.kl_divergence(p, q),
            "scipy.stats.entropy": lambda: scipy.stats.entropy(p, q),
            "scipy rel_entr, sum": lambda: scipy.special.rel_entr(p, q).sum(),
        },
        "JS of ten outcomes": {
            OURS: lambda: divergences.jensen_shannon_divergence(p, q),
            "scipy jensenshannon, squared": lambda: jensenshannon(p, q) ** 2,
        },
    }
    if installed("torch"):
        tasks["KL of ten outcomes"] |= torch_kl(p, q)
    return tasks


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    options: argparse.ArgumentParser = parser(__doc__)
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--size", type=int, default=1_000)
    arguments = options.parse_args()
    tasks = {**of_two(), **of_many(arguments.rows, arguments.size)}
    report(tasks, arguments, rtol={task: 1e-6 if "0.1 %" in task else 1e-9 for task in tasks})


if __name__ == "__main__":
    main()
