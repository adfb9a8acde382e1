"""Candidates for the same work, checked equal, then timed in turn: shared by the scripts bench_*.py.

A task is {name: function without arguments}; the first one is ours. Every round runs each function once, so that a
change of the machine's speed meets all of them alike. Times are CPU times of the process, medians in milliseconds; a
ratio is the median over rounds of our time over a candidate's in the same round, with its quartiles: below 1 we are
faster. `floor` is the least that the work must do, named in the task's script; its result is not compared.

Run with OMP_NUM_THREADS=1 (and the like) on one core, `taskset -c 0 python benchmarks/bench_....py`: more threads of
one candidate would disturb the next. Where a library keeps threads all the same, `Apart` gives every candidate a
process.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy

OURS = "gamedyn"
FLOOR = "floor"

Tasks = dict[str, dict[str, Callable[[], Any]]]

PACKAGES = (
    "numpy",
    "scipy",
    "cupy-cuda12x",
    "cupy-cuda13x",
    "torch",
    "jax",
    "scikit-learn",
    "POT",
    "ott-jax",
    "geomloss",
    "dcor",
)


def installed(name: str) -> bool:
    """Whether a candidate's package can be imported."""
    return importlib.util.find_spec(name) is not None


class Apart:
    """A candidate in a process of its own, pinned to one core: its threads disturb no other candidate's times.

    Parameters
    ----------
    build : callable
        A function of a module; build(*arguments) -> function without arguments, made in the process.
    arguments : tuple
    core : int
    """

    def __init__(self, build: Callable[..., Callable[[], Any]], arguments: tuple[Any, ...], core: int) -> None:
        self.build, self.arguments, self.core = build, arguments, core
        self._process: Any = None
        self._pipe: Any = None

    def __call__(self) -> Any:
        """The function's result."""
        return self._ask(0)

    def seconds(self, repeats: int) -> float:
        """CPU time of the process, all its threads included, for so many calls."""
        return float(self._ask(repeats))

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._pipe.send(None)
            self._process.join()
            self._process = None

    def _ask(self, repeats: int) -> Any:
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            target = (theirs, self.build, self.arguments, self.core)
            self._process = context.Process(target=_serve, args=target, daemon=True)
            self._process.start()
        self._pipe.send(repeats)
        return self._pipe.recv()


def _serve(pipe: Any, build: Callable[..., Callable[[], Any]], arguments: tuple[Any, ...], core: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    function = build(*arguments)
    while (repeats := pipe.recv()) is not None:
        pipe.send(_seconds(function, repeats) if repeats else function())


def _seconds(function: Callable[[], Any], repeats: int, clock: Callable[[], float] = time.process_time) -> float:
    if isinstance(function, Apart):
        return function.seconds(repeats)
    start = clock()
    for _ in range(repeats):
        function()
    return clock() - start


def measure(
    task: str,
    functions: Mapping[str, Callable[[], Any]],
    rounds: int,
    rtol: float,
    incomparable: frozenset[str],
    of_largest: bool = False,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, dict[str, float]]:
    """Check that all agree with ours, entry by entry or in terms of the largest one, then time them in turn."""
    expected = numpy.asarray(functions[OURS]())
    for name, function in functions.items():
        found = function()
        if name not in (OURS, FLOOR) and name not in incomparable:
            bounds = {"rtol": 0.0, "atol": rtol * abs(expected).max()} if of_largest else {"rtol": rtol}
            numpy.testing.assert_allclose(numpy.asarray(found), expected, err_msg=f"{task}: {name}", **bounds)
    repeats = {name: _repeats(function, clock) for name, function in functions.items()}
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            times[name].append(1e3 * _seconds(function, repeats[name], clock) / repeats[name])
    for function in functions.values():
        if isinstance(function, Apart):
            function.close()
    table = {}
    for name, own in times.items():
        ratios = sorted(a / b for a, b in zip(times[OURS], own, strict=True))
        low, middle, high = statistics.quantiles(ratios, n=4) if rounds > 1 else ratios * 3
        table[name] = {"milliseconds": statistics.median(own), "ours/it": middle, "low": low, "high": high}
    return table


def _repeats(function: Callable[[], Any], clock: Callable[[], float]) -> int:
    """How often a function runs within a round: for some milliseconds, which the clock can tell."""
    return max(1, int(5e-3 / max(_seconds(function, 1, clock), 1e-6)))


def machine() -> dict[str, Any]:
    """What the times depend on."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    threads = os.environ.get("OMP_NUM_THREADS", "not set")
    return {
        "system": platform.platform(terse=True),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "OMP_NUM_THREADS": threads,
        **versions,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def markdown(results: Mapping[str, Mapping[str, Mapping[str, float]]], unit: str = "CPU ms") -> str:
    """One table for each task."""
    lines = []
    for task, table in results.items():
        lines += [f"### {task}", "", f"| candidate | {unit} | ours / it (quartiles) |", "|---|---|---|"]
        for name, row in sorted(table.items(), key=lambda item: item[1]["milliseconds"]):
            spread = f"{row['ours/it']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
            lines.append(f"| {name} | {row['milliseconds']:.3g} | {spread} |")
        lines.append("")
    return "\n".join(lines)


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that every script has."""
    found = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    found.add_argument("--rounds", type=int, default=7)
    found.add_argument("--only", default="", help="only tasks whose name contains this")
    found.add_argument("--out", type=Path, help="a .json file, or .md for the tables alone")
    return found


def report(
    tasks: Tasks,
    arguments: argparse.Namespace,
    *,
    rtol: float | Mapping[str, float] = 1e-9,
    incomparable: frozenset[str] = frozenset(),
    extra: Mapping[str, Any] | None = None,
    of_largest: bool = False,
    clock: Callable[[], float] = time.process_time,
) -> None:
    """Measure all tasks, print their tables, and write them where asked; another clock is one that a device needs."""
    results, unit = {}, "CPU ms" if clock is time.process_time else "ms"
    for task, functions in tasks.items():
        if arguments.only in task:
            bound = rtol if isinstance(rtol, float) else rtol.get(task, 1e-9)
            results[task] = measure(task, functions, arguments.rounds, bound, incomparable, of_largest, clock)
            print(markdown({task: results[task]}, unit), flush=True)
            # After every task: a long run that is interrupted has not been in vain.
            if arguments.out is not None:
                _write(results, arguments.out, extra or {}, unit)


def _write(results: Mapping[str, Any], out: Path, extra: Mapping[str, Any], unit: str) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    command = " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])
    document = {"schema": "gamedyn.benchmark/1", "command": command, "machine": machine(), "results": results}
    text = json.dumps({**document, **extra}, indent=2) + "\n"
    out.write_text(markdown(results, unit) if out.suffix == ".md" else text, encoding="utf-8")
