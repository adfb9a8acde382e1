"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

__all__ = ["check_writable", "write_atomically"]

_ABANDONED = 60.0
"""Seconds since its last byte after which a file that nobody holds was left by a killed writer: none has just been
opened and waits for its lock, or has just been closed and waits for its name."""


def check_writable(path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Raise unless a file can be written at `path`; meant to be asked before long work.

    Parameters
    ----------
    path : path
        Of the file.
    overwrite : bool
        Whether a file that is there may be replaced.

    Raises
    ------
    FileExistsError, FileNotFoundError, IsADirectoryError
        Saying what stands in the way.
    """
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(f"{target} is a folder. Name a file in it.")
    if target.exists() and not overwrite:
        raise FileExistsError(f"{target} is there already. Choose another name, or allow it to be replaced (--force).")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder {target.parent} is not there. Make it first.")


def write_atomically(path: str | os.PathLike[str], write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a file beside `path`, flush it to the disk, and only then give it its name.

    A writer that is killed leaves its file, hidden, beside `path`. The next write removes it, once it is a minute old;
    the files of writers that live are locked (on Windows: open) and stay.

    Parameters
    ----------
    path : path
        An older file of this name is replaced, and stays as it is when anything fails.
    write : callable
        write(file), with a binary file opened for writing.
    """
    target, held = Path(path), None
    # In the same folder, so that the rename cannot cross file systems.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        with open(temporary, "xb") as file:
            # Outlives `file`, as the lock has to be held until the file has its name.
            held = os.dup(file.fileno()) if os.name == "posix" and _lock(file) else None
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        if held is not None:
            os.close(held)
    _remove_abandoned(target)


def _lock(file: BinaryIO) -> bool:
    """Whether the lock of this file is ours now; the system frees it when its last holder dies, however that comes."""
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        # Another process has it, or the file system knows no locks.
        return False
    return True


def _remove_abandoned(target: Path) -> None:
    """Remove what killed writers of `target` left beside it; never the file of a writer that lives."""
    name = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{12}}")
    with contextlib.suppress(OSError), os.scandir(target.parent) as entries:
        # By the clock of the file system, which may be another machine's.
        now = target.stat().st_mtime
        for entry in entries:
            if name.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    if now - entry.stat().st_mtime > _ABANDONED:
                        _remove_unless_held(entry.path)


def _remove_unless_held(path: str) -> None:
    if os.name != "posix":
        # Windows itself refuses to remove a file that is open.
        os.unlink(path)
        return
    with open(path, "r+b") as file:
        if _lock(file):
            os.unlink(path)
