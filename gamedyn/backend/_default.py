"""The array library that serves where nothing is passed in: CuPy where a device is usable, else NumPy."""

from __future__ import annotations

import os
from typing import Any

import numpy

from gamedyn._checks import check_choice
from gamedyn.backend._namespace import namespace_named

__all__ = ["cupy_status", "default_namespace", "device_name", "use"]

_CHOICES = ("auto", "numpy", "cupy")
_chosen: str | None = None


def use(name: str) -> None:
    """Choose the default backend for this process: "numpy", "cupy" or "auto".

    Parameters
    ----------
    name : str
        "auto" takes CuPy where a device is usable. The environment variable ``GAMEDYN_BACKEND`` does the same from
        outside; this call overrides it.

    Raises
    ------
    ValueError
        If the name is unknown.
    RuntimeError
        If "cupy" is asked for where no device is usable; the message says what is missing.

    Examples
    --------
    >>> import gamedyn
    >>> gamedyn.backend.use("numpy")
    >>> gamedyn.backend.default_namespace().__name__
    'numpy'
    """
    global _chosen
    check_choice("name", name, _CHOICES)
    if name == "cupy":
        _require_cupy()
    _chosen = name


def default_namespace() -> Any:
    """The namespace for training, sampling and simulation from Python numbers; see `use`."""
    name = _chosen or os.environ.get("GAMEDYN_BACKEND", "auto").strip().lower() or "auto"
    check_choice("GAMEDYN_BACKEND", name, _CHOICES)
    if name == "cupy":
        _require_cupy()
        return namespace_named("cupy")
    if name == "auto" and cupy_status() is None:
        return namespace_named("cupy")
    return numpy


def cupy_status() -> str | None:
    """None where CuPy has a usable device, else one sentence on what is missing."""
    try:
        import cupy
    except ImportError:
        return "CuPy is not installed; install it with `pip install 'gamedyn[gpu12]'` (or gpu13 for CUDA 13)."
    # A successful import says nothing about the driver.
    if not cupy.cuda.is_available():
        return f"CuPy {cupy.__version__} is installed, but no CUDA device is usable."
    return None


def device_name() -> str:
    """The usable CUDA device with its free and total memory, or the number of CPU cores and why there is no device."""
    problem = cupy_status()
    if problem is not None:
        return f"CPU ({os.cpu_count()} cores); {problem}"
    import cupy

    properties = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
    free, total = cupy.cuda.runtime.memGetInfo()
    return f"{properties['name'].decode()} ({free / 2**30:.0f} of {total / 2**30:.0f} GiB free)"


def _require_cupy() -> None:
    problem = cupy_status()
    if problem is not None:
        raise RuntimeError(f"the CuPy backend was asked for, but it cannot serve: {problem}")
