"""Checkpoints: a model's parameters and the point of its training as one sealed file, read whole or not at all."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy

from gamedyn._archive import read_archive, write_archive
from gamedyn._checks import describe
from gamedyn._files import check_writable
from gamedyn.backend import Array, array_namespace, device_of, to_device, to_host
from gamedyn.models._gan_parts import Shapes
from gamedyn.models._training import TrainingPoint

__all__ = [
    "Checkpoint",
    "CheckpointKind",
    "checkpoint_file",
    "generator_of",
    "like_state",
    "read_checkpoint",
    "write_checkpoint",
]

_FIELDS = ("z", "state", "classes")
# The bit generators whose states a file may hold.
_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


class CheckpointKind(NamedTuple):
    """Of which models a file is."""

    schema: str
    """With a version."""
    what: str
    """For messages: "a checkpoint of a GAN"."""


class Checkpoint(NamedTuple):
    """What a file holds."""

    point: TrainingPoint
    """With NumPy arrays; the state's tuples have the right names and not yet the right classes."""
    parameters: dict[str, Any]
    """As `described`."""
    shapes: Shapes
    classes: Any
    fingerprint: str
    status: int
    model: str = "GAN"
    """The class, which the schema of a GAN does not name."""


def checkpoint_file(path: str | os.PathLike[str]) -> Path:
    """The file of a checkpoint: `path` where it ends in .npz, else checkpoint.npz in the folder of that name."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"a checkpoint must be the path of a file or a folder, got {describe(path)}.")
    given = Path(path)
    return given if given.suffix == ".npz" else given / "checkpoint.npz"


def write_checkpoint(path: str | os.PathLike[str], checkpoint: Checkpoint, kind: CheckpointKind) -> None:
    """Write the file, whole or not at all, over an older one; a folder that is not there is made.

    Parameters
    ----------
    path : path
    checkpoint : Checkpoint
    kind : CheckpointKind
    """
    file, point = checkpoint_file(path), checkpoint.point
    if file != Path(path):
        file.parent.mkdir(parents=True, exist_ok=True)
    check_writable(file, overwrite=True)
    values = {
        "parameters": checkpoint.parameters,
        "shapes": checkpoint.shapes._asdict(),
        "fingerprint": checkpoint.fingerprint,
        "status": checkpoint.status,
        "step": point.step,
        "generator_state": _listed(point.generator_state),
        "records": point.records,
        "stride": point.stride,
        "seconds": point.seconds,
        "model": checkpoint.model,
    }
    write_archive(file, kind.schema, {"z": point.z, "state": point.state, "classes": checkpoint.classes}, values)


def read_checkpoint(path: str | os.PathLike[str], kind: CheckpointKind) -> Checkpoint:
    """What `write_checkpoint` wrote.

    Parameters
    ----------
    path : path
    kind : CheckpointKind

    Raises
    ------
    ValueError
        If the file is no checkpoint, or was cut or changed; the message names the file.
    FileNotFoundError
        If there is no such file.
    """
    file = checkpoint_file(path)
    fields, values = read_archive(file, kind.schema, _FIELDS, kind.what)
    try:
        bits = _unlisted(values["generator_state"])
        if bits["bit_generator"] not in _GENERATORS:
            raise ValueError(f"its random bits are of the kind {bits['bit_generator']!r}")
        point = TrainingPoint(
            step=int(values["step"]),
            z=fields["z"],
            state=fields["state"],
            generator_state=bits,
            records=[dict(record) for record in values["records"]],
            stride=int(values["stride"]),
            seconds=float(values["seconds"]),
        )
        if point.step < 0 or point.stride < 1 or point.z.ndim != 1 or not numpy.isfinite(point.z).all():
            raise ValueError("its point is none of a training")
        shapes = Shapes(**{**values["shapes"], "frequencies": tuple(values["shapes"]["frequencies"])})
        if not math.isfinite(shapes.spread) or shapes.features < 1 or shapes.classes != _length(fields["classes"]):
            raise ValueError("its data are none")
        return Checkpoint(
            point=point,
            parameters=dict(values["parameters"]),
            shapes=shapes,
            classes=fields["classes"],
            fingerprint=str(values["fingerprint"]),
            status=int(values["status"]),
            # Files of GANs may be older than other models.
            model=str(values.get("model", "GAN")),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{file} is not {kind.what} that can be read: {error}.") from error


def generator_of(state: dict[str, Any]) -> Any:
    """A Generator with these random bits."""
    import numpy.random

    bits = getattr(numpy.random, state["bit_generator"])()
    bits.state = state
    return numpy.random.Generator(bits)


def like_state(fresh: Any, saved: Any, example: Array) -> Any:
    """The saved state in the tuples, library and precision of a fresh one.

    Parameters
    ----------
    fresh : None, array or named tuple of such
        What the rule starts with.
    saved : the same, as read
    example : array
        Whose library and device the arrays go to.

    Raises
    ------
    ValueError
        If names, shapes or dtypes differ.
    """
    if fresh is None or saved is None:
        if fresh is not None or saved is not None:
            raise ValueError("the rule's state is not the one of this rule")
        return None
    if isinstance(fresh, tuple):
        names = getattr(fresh, "_fields", None)
        if not isinstance(saved, tuple) or getattr(saved, "_fields", None) != names or len(saved) != len(fresh):
            raise ValueError("the rule's state is not the one of this rule")
        parts = [like_state(a, b, example) for a, b in zip(fresh, saved, strict=True)]
        return type(fresh)(*parts) if names else tuple(parts)
    wanted, saved = to_host(fresh), saved if isinstance(saved, tuple) else to_host(saved)
    if isinstance(saved, tuple) or saved.shape != wanted.shape or saved.dtype != wanted.dtype:
        raise ValueError("the rule's state is not the one of this rule")
    xp = array_namespace(example)
    return to_device(saved, xp, dtype=fresh.dtype, device=device_of(example))


def _length(classes: Any) -> int:
    return 0 if classes is None else len(classes)


def _listed(value: Any) -> Any:
    """A bit generator's state in JSON."""
    if isinstance(value, dict):
        return {name: _listed(part) for name, part in value.items()}
    if isinstance(value, numpy.ndarray):
        return {"array": value.tolist(), "dtype": value.dtype.str}
    return int(value) if isinstance(value, numpy.integer) else value


def _unlisted(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"array", "dtype"}:
            return numpy.array(value["array"], dtype=value["dtype"])
        return {name: _unlisted(part) for name, part in value.items()}
    return value
