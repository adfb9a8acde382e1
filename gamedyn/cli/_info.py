"""`gamedyn info`: versions, backend, device, extras present and missing, BLAS."""

from __future__ import annotations

import argparse
import json
import os
import platform
from typing import Any

from gamedyn import __version__
from gamedyn.cli._exit import OK

__all__ = ["HELP", "configure", "run"]

HELP = "versions, backend, device, extras present and missing, BLAS threads"

_SCHEMA = "gamedyn.info/1"
_REQUIRED = ("numpy", "scipy", "array-api-compat")
# Extra -> its distributions; the two GPU extras differ in the CUDA that they are built for.
_EXTRAS = {
    "symbolic": ("sympy",),
    "plot": ("matplotlib",),
    "certify": ("python-flint",),
    "gpu12": ("cupy-cuda12x",),
    "gpu13": ("cupy-cuda13x",),
    "dask": ("dask", "distributed"),
    "data": ("scikit-learn", "tqdm"),
    "transport": ("POT",),
}
_THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")


def run(arguments: argparse.Namespace) -> int:
    """Print what is installed and what serves."""
    document = _collect()
    if arguments.json:
        print(json.dumps(document, indent=2))
        return OK
    rows = [("gamedyn", document["gamedyn"]), ("Python", f"{document['python']} on {document['platform']}")]
    rows += [(name, version or "missing") for name, version in document["required"].items()]
    rows += [("backend", document["backend"]), ("device", document["device"])]
    blas = document["blas"]
    rows += [("BLAS", f"{blas['name']} {blas['version']}, {blas['threads']}")]
    for extra, packages in document["extras"].items():
        present = [f"{name} {version}" for name, version in packages.items() if version]
        absent = [name for name, version in packages.items() if not version]
        text = ", ".join(present)
        if absent:
            text += f"{'; ' if present else ''}missing {', '.join(absent)}: pip install 'gamedyn[{extra}]'"
        rows.append((f"extra {extra}", text))
    for name, text in rows:
        print(f"{name:<17} {text}")
    return OK


def _collect() -> dict[str, Any]:
    from gamedyn import backend

    return {
        "schema": _SCHEMA,
        "gamedyn": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "required": {name: _version(name) for name in _REQUIRED},
        "backend": _backend_name(),
        "device": backend.device_name(),
        "extras": {extra: {name: _version(name) for name in names} for extra, names in _EXTRAS.items()},
        "blas": _blas(),
    }


def _version(name: str) -> str | None:
    # Imported here: it brings the email package, a third of the time that `gamedyn --help` takes.
    import importlib.metadata

    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _backend_name() -> str:
    from gamedyn import backend

    return str(backend.default_namespace().__name__).rpartition(".")[2]


def _blas() -> dict[str, str]:
    import numpy

    built: Any = numpy.show_config(mode="dicts")
    found = built.get("Build Dependencies", {}).get("blas", {})
    chosen = [f"{name}={os.environ[name]}" for name in _THREAD_VARIABLES if name in os.environ]
    threads = ", ".join(chosen) if chosen else f"thread variables unset (by default one per core: {os.cpu_count()})"
    return {"name": found.get("name", "unknown"), "version": found.get("version", ""), "threads": threads}
