"""CPU time of starting up: the command's help, the import, the first name touched, against `import numpy`.

    python benchmarks/startup.py [--rounds 21] [--out benchmarks/results/startup.json]

Every round starts each program once in a fresh interpreter, in turn, so that a change of the machine's speed meets all
of them alike. Times are user + system time of the whole process, in milliseconds; `bare` is the interpreter alone. All
of them find compiled bytecode, as an installed package does.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAMS = {
    "bare": ["-c", "pass"],
    "help": ["-m", "gamedyn", "--help"],
    "import gamedyn": ["-c", "import gamedyn"],
    "import numpy": ["-c", "import numpy"],
    "first name": ["-c", "import gamedyn; gamedyn.kl_divergence"],
    "first game": ["-c", "import gamedyn; gamedyn.games.Bilinear; gamedyn.updates.Extragradient; gamedyn.simulate"],
}


def cpu_milliseconds(arguments: list[str], bytecode: str) -> float:
    """User and system time of one process that keeps its compiled modules in the folder `bytecode`."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e3 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def machine() -> dict[str, str | int | None]:
    """What the times depend on."""
    import numpy

    sys.path.insert(0, str(ROOT))
    import gamedyn

    model = platform.processor()
    if Path("/proc/cpuinfo").exists():
        rows = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((row.partition(":")[2].strip() for row in rows if row.startswith("model name")), model)
    return {
        "processor": model or platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "gamedyn": gamedyn.__version__,
        "date": time.strftime("%Y-%m-%d"),
    }


def main() -> None:
    """Measure, print a table, and write the result file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "startup.json")
    arguments = parser.parse_args()
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory() as bytecode:
        for program in PROGRAMS.values():  # compiles, and warms the file cache
            cpu_milliseconds(program, bytecode)
        for _ in range(arguments.rounds):
            for name, program in PROGRAMS.items():
                times[name].append(cpu_milliseconds(program, bytecode))
    rows = {}
    for name, values in times.items():
        lower, median, upper = statistics.quantiles(values, n=4)
        rows[name] = {"median_ms": round(median, 1), "quartiles_ms": [round(lower, 1), round(upper, 1)]}
        print(f"{name:<15} {median:7.1f} ms   quartiles {lower:.1f} to {upper:.1f}")
    excess = rows["first name"]["median_ms"] - rows["import numpy"]["median_ms"]
    print(f"the first name costs {excess:.1f} ms over `import numpy`")
    document = {
        "schema": "gamedyn.benchmark.startup/1",
        "rounds": arguments.rounds,
        "machine": machine(),
        "cpu_time": rows,
        "first_name_over_numpy_ms": round(excess, 1),
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
