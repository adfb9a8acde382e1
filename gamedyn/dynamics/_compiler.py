"""The system's C compiler, where there is one: source to a loaded library, kept in the user's cache folder."""

from __future__ import annotations

import atexit
import ctypes
import functools
import hashlib
import os
import platform
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

__all__ = ["compiled", "compiler"]

# No flag changes a result: contraction to fused products is off, and that nobody reads errno or floating-point flags
# is all that is given away. -march=native makes lanes as wide as the processor's.
_FLAGS = [
    *("-std=gnu99", "-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"),
    *("-fopenmp-simd", "-fPIC", "-shared"),
]
_SECONDS = 60
_loaded: dict[str, ctypes.CDLL] = {}


@functools.cache
def compiler() -> str | None:
    """The path of `cc`, or None."""
    return shutil.which("cc")


def compiled(source: str) -> ctypes.CDLL | None:
    """The library that the C source makes, compiled once per source and machine; None where that fails.

    Parameters
    ----------
    source : str
    """
    program = compiler()
    if program is None:
        return None
    key = hashlib.sha256("\0".join((source, *_FLAGS, program, _machine())).encode()).hexdigest()
    if key not in _loaded:
        try:
            _loaded[key] = _load(program, source, key)
        except (OSError, subprocess.SubprocessError):
            return None
    return _loaded[key]


def _load(program: str, source: str, key: str) -> ctypes.CDLL:
    folder = _folder()
    target = folder / f"{key}.so"
    if target.exists():
        try:
            return ctypes.CDLL(str(target))
        except OSError:
            # Cut or overwritten: made anew.
            target.unlink()
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        text, made = Path(scratch, "run.c"), Path(scratch, "run.so")
        text.write_text(source, encoding="utf-8")
        # A list of arguments: nothing is read by a shell. Vector functions that libm lacks make the first one fail.
        tail = ["-o", str(made), str(text), "-lm"]
        vector = [program, "-DVECTOR_MATH", *_FLAGS, *tail, "-Wl,--no-undefined"]
        if subprocess.run(vector, capture_output=True, timeout=_SECONDS).returncode != 0:
            subprocess.run([program, *_FLAGS, *tail], capture_output=True, timeout=_SECONDS, check=True)
        os.replace(made, target)
    return ctypes.CDLL(str(target))


@functools.cache
def _machine() -> str:
    """What native code depends on, so that a folder shared between machines gives none the code of another."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return "\0".join((platform.machine(), platform.processor(), platform.platform(), flags))


def _folder() -> Path:
    """A folder that only this user can write to: in the cache where possible, else one for this process."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base, "gamedyn")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        foreign = hasattr(os, "getuid") and found.st_uid != os.getuid()
        if not foreign and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return _temporary()


@functools.cache
def _temporary() -> Path:
    folder = tempfile.mkdtemp(prefix="gamedyn-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
