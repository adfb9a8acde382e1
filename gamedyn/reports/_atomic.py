"""write_atomically: a file is there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

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


def write_atomically(path: str | os.PathLike[str], content: str | bytes, *, overwrite: bool = False) -> None:
    """Write `content` beside `path`, flush it to the disk, and only then give it its name.

    Parameters
    ----------
    path : path
        Of the file.
    content : str or bytes
        Text is encoded as UTF-8.
    overwrite : bool
        Whether a file that is there may be replaced.

    Raises
    ------
    FileExistsError, FileNotFoundError, IsADirectoryError
        As `check_writable`.
    """
    check_writable(path, overwrite=overwrite)
    target = Path(path)
    data = content.encode() if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files that only their owner reads; a result has the mode that any new file has.
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
