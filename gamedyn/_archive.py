"""Results on disk: an uncompressed .npz of plain arrays with a JSON member that says what they are."""

from __future__ import annotations

import collections
import hashlib
import json
import os
import zipfile
from typing import Any

import numpy

from gamedyn._files import write_atomically
from gamedyn.backend import to_host

__all__ = ["read_archive", "read_schema", "write_archive"]

_HEADER = "header"
_MOST_BYTES = 2**34


def write_archive(
    path: str | os.PathLike[str], schema: str, fields: dict[str, Any], values: dict[str, Any] | None = None
) -> None:
    """Write nested dictionaries and (named) tuples of arrays, and plain values, atomically.

    Parameters
    ----------
    path : path
    schema : str
        What the file is, with a version.
    fields : dict
        Name -> array, None, or a tuple, named tuple or dictionary of such.
    values : dict, optional
        What JSON holds: numbers, strings, lists and dictionaries.
    """
    arrays: dict[str, numpy.ndarray] = {}
    tree = {name: _flatten(value, name, arrays) for name, value in fields.items()}
    header = {
        "schema": schema,
        "tree": tree,
        "values": values or {},
        "sha256": {name: _digest(array) for name, array in arrays.items()},
    }
    text = json.dumps({**header, "seal": _seal(header)})
    arrays[_HEADER] = numpy.frombuffer(text.encode(), dtype=numpy.uint8)
    write_atomically(path, lambda file: numpy.savez(file, allow_pickle=False, **arrays))


def read_archive(
    path: str | os.PathLike[str], schema: str, names: tuple[str, ...], what: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields and values that `write_archive` wrote; anything off is one ValueError naming the file.

    Parameters
    ----------
    path : path
    schema : str
    names : tuple of str
        The fields that must be there, no more and no fewer.
    what : str
        What the file should be, for the message: "a trajectory".
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            # Stored members are as large as the file itself, so a small file cannot ask for a large memory.
            if any(member.compress_type != zipfile.ZIP_STORED for member in members):
                raise ValueError("its members are compressed")
            if sum(member.file_size for member in members) > _MOST_BYTES:
                raise ValueError(f"it is larger than {_MOST_BYTES} bytes")
            damaged = archive.testzip()
            if damaged is not None:
                raise ValueError(f"{damaged} is damaged")
            for member in members:
                _check_declared_size(archive, member)
        with numpy.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays.pop(_HEADER).tobytes())
        if header["schema"] != schema:
            raise ValueError(f"its schema is {header['schema']!r}, not {schema!r}")
        if header.pop("seal", None) != _seal(header):
            raise ValueError("its header was changed")
        if {name: _digest(array) for name, array in arrays.items()} != header["sha256"]:
            raise ValueError("a checksum does not fit")
        if set(header["tree"]) != set(names):
            raise ValueError(f"its fields are {sorted(header['tree'])}")
        return {name: _unflatten(header["tree"][name], arrays) for name in names}, header["values"]
    except FileNotFoundError:
        raise
    except Exception as error:
        # The parsers of a damaged zip, array or header may raise nearly anything.
        raise ValueError(f"{os.fspath(path)} is not {what} that can be read: {error}.") from error


def read_schema(path: str | os.PathLike[str]) -> str:
    """The schema that a file names, unchecked; empty where it is no such file.

    Parameters
    ----------
    path : path
    """
    try:
        with zipfile.ZipFile(path) as archive:
            member = archive.getinfo(f"{_HEADER}.npy")
            if member.compress_type != zipfile.ZIP_STORED:
                return ""
            _check_declared_size(archive, member)
        with numpy.load(path, allow_pickle=False) as file:
            return str(json.loads(file[_HEADER].tobytes())["schema"])
    except FileNotFoundError:
        raise
    except Exception:
        # What is wrong is said by `read_archive`.
        return ""


def _seal(header: dict[str, Any]) -> str:
    """A checksum of the header itself, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(header, sort_keys=True).encode()).hexdigest()


def _check_declared_size(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Raise where an array's own header promises another size than the member has."""
    with archive.open(member) as stream:
        version = numpy.lib.format.read_magic(stream)
        if version != (1, 0):
            raise ValueError(f"{member.filename} has format {version}")
        shape, _, dtype = numpy.lib.format.read_array_header_1_0(stream)
        count = 1
        for size in shape:
            count *= size
        if dtype.hasobject or count * dtype.itemsize != member.file_size - stream.tell():
            raise ValueError(f"{member.filename} is not as large as it says")


def _digest(array: numpy.ndarray) -> str:
    kind = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(kind + numpy.ascontiguousarray(array).tobytes()).hexdigest()


def _flatten(value: Any, name: str, arrays: dict[str, numpy.ndarray]) -> Any:
    """A description of `value` in JSON; its arrays go into `arrays` under dotted names."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {"dict": {key: _flatten(part, f"{name}.{key}", arrays) for key, part in value.items()}}
    if isinstance(value, tuple):
        keys = getattr(value, "_fields", tuple(str(i) for i in range(len(value))))
        parts = [[key, _flatten(part, f"{name}.{key}", arrays)] for key, part in zip(keys, value, strict=True)]
        return {"tuple": type(value).__name__, "parts": parts}
    arrays[name] = to_host(value)
    return name


def _unflatten(tree: Any, arrays: dict[str, numpy.ndarray]) -> Any:
    if tree is None:
        return None
    if isinstance(tree, str):
        return arrays[tree]
    if "dict" in tree:
        return {key: _unflatten(part, arrays) for key, part in tree["dict"].items()}
    values = [_unflatten(part, arrays) for _, part in tree["parts"]]
    if tree["tuple"] == "tuple":
        return tuple(values)
    return collections.namedtuple(tree["tuple"], [key for key, _ in tree["parts"]])(*values)
