"""read_table: numbers from the files that users have, and never code."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy

from gamedyn._checks import check_choice
from gamedyn.data._table import Table, make_table, select_columns
from gamedyn.data._text import read_text

__all__ = ["read_table"]

_LARGEST = 4 * 2**30  # bytes: more than this is not a sample to compare in memory


def read_table(
    path: Any, *, columns: Sequence[str | int] | None = None, missing: str = "error", key: str | None = None
) -> Table:
    """The Table in a .npy, .npz, .csv or .tsv file.

    Parameters
    ----------
    path : str or path
        Text files are UTF-8, with a header or without; empty cells, NA, nan and null are missing values.
    columns : sequence of str or int, optional
        Names, or numbers counted from 0; all where not given. Other columns may hold anything.
    missing : str
        "error", or "drop" for leaving rows with missing values out, which are counted in `Table.dropped`.
    key : str, optional
        Which array of an .npz file; needed where it holds several.

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        For another kind of file, pickled objects, ragged rows, cells that are no numbers, missing or infinite values;
        the message names the file, the row and the column.
    OSError
        Where the file cannot be read.

    Notes
    -----
    Nothing in a file is ever executed: arrays of Python objects are pickles, and are refused.
    """
    check_choice("missing", missing, ("error", "drop"))
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix not in (".npy", ".npz", ".csv", ".tsv"):
        raise ValueError(f"{file}: samples are read from .npy, .npz, .csv and .tsv files, got {suffix or 'no suffix'}.")
    if key is not None and suffix != ".npz":
        raise ValueError(f"{file}: `key` names an array of an .npz file, got {key!r} for {suffix}.")
    _check_size(file.stat().st_size, str(file))
    if suffix in (".csv", ".tsv"):
        return read_text(file, columns, missing, tab=suffix == ".tsv")
    if suffix == ".npy":
        with file.open("rb") as stream:
            array = _read_array(stream, str(file))
    else:
        array = _read_member(file, key)
    return _from_array(array, columns, missing, str(file))


def _read_array(stream: BinaryIO | Any, where: str) -> numpy.ndarray:
    """The array of a .npy stream, whose header is checked before anything is allocated."""
    try:
        version = numpy.lib.format.read_magic(stream)
        read_header = {
            (1, 0): numpy.lib.format.read_array_header_1_0,
            (2, 0): numpy.lib.format.read_array_header_2_0,
        }.get(version)
        if read_header is None:
            raise ValueError(f"version {version} of the format is not known here")
        shape, fortran, dtype = read_header(stream)
    except ValueError as error:
        reason = str(error).split("\n")[0].rstrip(".")
        raise ValueError(f"{where}: this is not a .npy array: {reason}.") from error
    if dtype.hasobject:
        raise ValueError(
            f"{where}: the array holds Python objects, a pickle, which is never loaded. Save it as numbers."
        )
    count = int(numpy.prod(shape, dtype=object))
    _check_size(count * dtype.itemsize, where)
    data = stream.read(count * dtype.itemsize)
    if len(data) != count * dtype.itemsize:
        raise ValueError(f"{where}: the file ends early: its header promises shape {shape} of {dtype}.")
    flat = numpy.frombuffer(data, dtype=dtype)
    return flat.reshape(shape, order="F" if fortran else "C")


def _read_member(file: Path, key: str | None) -> numpy.ndarray:
    try:
        with zipfile.ZipFile(file) as archive:
            members = {
                info.filename.removesuffix(".npy"): info
                for info in archive.infolist()
                if info.filename.endswith(".npy")
            }
            if not members:
                raise ValueError(f"{file}: the archive holds no arrays.")
            if key is None and len(members) > 1:
                raise ValueError(f"{file}: the archive holds {', '.join(members)}. Choose one with `key`.")
            name = next(iter(members)) if key is None else key
            if name not in members:
                raise ValueError(f"{file}: there is no array {name!r}; the archive holds {', '.join(members)}.")
            info = members[name]
            _check_size(info.file_size, f"{file}, {name}")
            with archive.open(info) as stream:
                return _read_array(stream, f"{file}, {name}")
    except zipfile.BadZipFile as error:
        raise ValueError(f"{file}: this is not an .npz archive: {error}.") from error


def _from_array(array: numpy.ndarray, columns: Sequence[str | int] | None, missing: str, where: str) -> Table:
    if array.dtype.names:
        chosen = select_columns(array.dtype.names, columns, where)
        names = tuple(array.dtype.names[i] for i in chosen)
        parts = [_real(array[name], f"{where}, column {name!r}") for name in names]
        if any(part.ndim != 1 for part in parts):
            raise ValueError(f"{where}: a structured array must have shape (n,) and plain fields, got {array.dtype}.")
        return make_table(numpy.stack(parts, axis=1), names, missing, where, where)
    values = _real(array, where)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2:
        raise ValueError(f"{where}: samples must have shape (n,) or (n, d), got {values.shape}. Flatten each to a row.")
    chosen = select_columns(tuple(str(i) for i in range(values.shape[1])), columns, where)
    return make_table(values[:, chosen], tuple(str(i) for i in chosen), missing, where, where)


def _real(array: numpy.ndarray, where: str) -> numpy.ndarray:
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{where}: values must be real numbers, got {array.dtype}.")
    return numpy.asarray(array, dtype=numpy.float64)


def _check_size(size: int, where: str) -> None:
    if size > _LARGEST:
        raise ValueError(
            f"{where}: at most {_LARGEST / 2**30:g} GiB are read, got {size / 2**30:.1f} GiB. Subsample it first."
        )
