"""Basins of three rules: a grid of 500 x 500 starts by the clock, one of 100 x 100 against a loop over NumPy arrays.

    OMP_NUM_THREADS=1 python benchmarks/bench_basins.py [--rounds 3] [--out results/basins.json]

The game is Forsaken (Hsieh et al. 2021): nearly all trajectories end on one cycle and never rest, and those that do
rest need up to 15,000 steps. The candidate `loop` plays the same steps on the whole grid at once, with the gradient
written by hand; it neither finds limits nor gives intervals, and it is told where the resting point is. Compared is,
start by start, which go to the point and which to the cycle. CPU times; with two threads the time that passes is less.
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
from gamedyn.dynamics import Basins, basins
from gamedyn.games import forsaken
from gamedyn.updates import Extragradient, OptimisticGradient, SimultaneousGradientDescent, UpdateRule

H, STEPS, REACH = 0.05, 20_000, 1.4
LARGE, SMALL = 500, 100
# To four digits, by Newton's method on xi = 0.
POINT = (0.0780, 0.4119)
RULES: dict[str, UpdateRule] = {
    "descent": SimultaneousGradientDescent(H),
    "extragradient": Extragradient(H),
    "optimistic": OptimisticGradient(H),
}


def gradient(x: numpy.ndarray, y: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """xi of f = x (y - 0.45) + phi(x) - phi(y), phi' = t/2 - 2 t^3 + t^5."""
    p, q = x * x, y * y
    return y - 0.45 + x * (0.5 - p * (2 - p)), y * (0.5 - q * (2 - q)) - x


def loop(name: str) -> numpy.ndarray:
    """1 for starts that go to the point, 2 for those that go round it at a distance for ever, 0 for the rest."""
    side = numpy.linspace(-REACH, REACH, SMALL)
    x, y = (part.copy() for part in numpy.meshgrid(side, side))
    before = gradient(x, y)
    for _ in range(STEPS):
        a, b = gradient(x, y)
        if name == "extragradient":
            a, b = gradient(x - H * a, y - H * b)
        if name == "optimistic":
            (a, b), before = (2 * a - before[0], 2 * b - before[1]), (a, b)
        x, y = x - H * a, y - H * b
    distance = numpy.hypot(x - POINT[0], y - POINT[1])
    return numpy.where(distance < 1e-3, 1, numpy.where(distance > 0.5, 2, 0))


def found(name: str, size: int, workers: int) -> Basins:
    """Our basins."""
    return basins(forsaken(), RULES[name], [(-REACH, REACH)] * 2, size, steps=STEPS, workers=workers)


def ours(name: str) -> numpy.ndarray:
    """The same words as those of `loop`."""
    result = found(name, SMALL, 1)
    words = {"attractor": 1, "cycle": 2}
    return numpy.asarray([*(words[limit.kind] for limit in result.limits), 0, 0])[result.labels]


def tasks() -> Tasks:
    """One task for each rule."""

    def candidates(name: str) -> dict[str, Callable[[], Any]]:
        return {OURS: lambda: ours(name), "loop": lambda: loop(name)}

    return {name: candidates(name) for name in RULES}


def main() -> None:
    """Run the script."""
    arguments = parser(__doc__).parse_args()
    start, cpu = time.perf_counter(), time.process_time()
    unfinished = 0
    for name in RULES:
        result = found(name, LARGE, 2)
        unfinished += result.unfinished
        print(f"{name}: {result}", flush=True)
    extra = {
        "three rules on 500 x 500 starts, seconds that pass with two threads": round(time.perf_counter() - start, 1),
        "seconds of CPU": round(time.process_time() - cpu, 1),
        "starts undecided": unfinished,
    }
    print(extra, flush=True)
    report(tasks(), arguments, extra=extra)


if __name__ == "__main__":
    main()
