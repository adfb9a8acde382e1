"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

__all__ = ["write_atomically"]


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
