"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

__all__ = ["check_writable", "write_atomically"]


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

    Parameters
    ----------
    path : path
        An older file of this name is replaced, and stays as it is when anything fails.
    write : callable
        write(file), with a binary file opened for writing.
    """
    target = Path(path)
    # In the same folder, so that the rename cannot cross file systems.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        with open(temporary, "xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
