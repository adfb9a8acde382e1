"""Basins of three rules on a grid of 500 x 500 starts, against a loop over NumPy arrays.

    OMP_NUM_THREADS=1 python benchmarks/bench_basins.py [--rounds 3] [--out results/basins.json]

The game is Forsaken (Hsieh et al. 2021), whose trajectories nearly all end on one cycle, so that few stop early.
The candidate `loop` plays the same steps on the whole grid at once, with the gradient written by hand, and tests
convergence every 50 steps; it neither looks for limits nor gives intervals. Compared is which starts have converged.
CPU times; with two threads the time that passes is less.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.interleaved import OURS, Tasks, parser, report
from gamedyn.dynamics import basins
from gamedyn.games import forsaken
from gamedyn.updates import Extragradient, OptimisticGradient, SimultaneousGradientDescent, UpdateRule

H, STEPS, SIZE, REACH = 0.05, 2000, 500, 1.4
RULES: dict[str, UpdateRule] = {
    "descent": SimultaneousGradientDescent(H),
    "extragradient": Extragradient(H),
    "optimistic": OptimisticGradient(H),
}


def gradient(x: numpy.ndarray, y: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """xi of f = x (y - 0.45) + phi(x) - phi(y), phi' = t/2 - 2 t^3 + t^5."""
    return y - 0.45 + x / 2 - 2 * x**3 + x**5, -(x - (y / 2 - 2 * y**3 + y**5))


def loop(name: str) -> numpy.ndarray:
    """Whether each start has converged after all steps."""
    side = numpy.linspace(-REACH, REACH, SIZE)
    x, y = (part.copy() for part in numpy.meshgrid(side, side))
    before = gradient(x, y)
    for step in range(STEPS):
        a, b = gradient(x, y)
        if name == "extragradient":
            a, b = gradient(x - H * a, y - H * b)
        if name == "optimistic":
            (a, b), before = (2 * a - before[0], 2 * b - before[1]), (a, b)
        x, y = x - H * a, y - H * b
        if step % 50 == 0 and numpy.all(numpy.hypot(*gradient(x, y)) <= 1e-8):
            break
    return numpy.asarray(numpy.hypot(*gradient(x, y)) <= 1e-8)


def ours(name: str) -> numpy.ndarray:
    """The same from `basins`."""
    found = basins(forsaken(), RULES[name], [(-REACH, REACH)] * 2, SIZE, steps=STEPS, workers=2)
    points = numpy.asarray([limit.orbit is None for limit in found.limits] + [False, False])
    return numpy.asarray(points[found.labels])


def tasks() -> Tasks:
    """One task for each rule."""

    def candidates(name: str) -> dict[str, Callable[[], Any]]:
        return {OURS: lambda: ours(name), "loop": lambda: loop(name)}

    return {name: candidates(name) for name in RULES}


def main() -> None:
    """Run the script."""
    arguments = parser(__doc__).parse_args()
    start = time.perf_counter()
    for name in RULES:
        ours(name)
    seconds = time.perf_counter() - start
    print(f"three rules with two threads: {seconds:.1f} s of wall time", flush=True)
    report(tasks(), arguments, extra={"seconds of wall time for three rules": round(seconds, 1)})


if __name__ == "__main__":
    main()
