"""Networks, objectives, rules and laws as JSON and back: the library's own dataclasses by name, and nothing else."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any

import numpy

from gamedyn.backend import to_host

__all__ = ["Opaque", "described", "restored"]

# The packages whose public frozen dataclasses a file may name: making one runs no code but its checks.
_PACKAGES = ("nn", "objectives", "divergences", "updates", "distributions")


@dataclasses.dataclass(frozen=True)
class Opaque:
    """What a file cannot hold: an object of a class that is not the library's.

    Parameters
    ----------
    text : str
        Its representation.
    """

    text: str


def described(value: Any) -> Any:
    """A form of `value` that JSON holds without loss, or the text of what it cannot hold."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, numpy.generic):
        return described(value.item())
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, (tuple, list)):
        return {type(value).__name__ if type(value) in (tuple, list) else "tuple": [described(part) for part in value]}
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        host = to_host(value)
        if host.dtype.kind in "biuf":
            return {"array": host.ravel().tolist(), "shape": list(host.shape), "dtype": host.dtype.str}
    name = _public_name(type(value))
    if name is not None:
        fields = {f.name: described(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}
        return {"class": name, "fields": fields}
    return {"opaque": f"{type(value).__module__}.{type(value).__qualname__}"}


def restored(form: Any) -> Any:
    """What `described` described; `Opaque` in the place of what it could not.

    Raises
    ------
    ValueError
        If the form is none of those.
    """
    if not isinstance(form, dict):
        return form
    if "tuple" in form:
        return tuple(restored(part) for part in form["tuple"])
    if "list" in form:
        return [restored(part) for part in form["list"]]
    if "array" in form:
        return numpy.array(form["array"], dtype=form["dtype"]).reshape(form["shape"])
    if "class" in form:
        return _class_of(form["class"])(**{name: restored(part) for name, part in form["fields"].items()})
    if "opaque" in form:
        return Opaque(form["opaque"])
    raise ValueError(f"a description must have a kind, got the keys {sorted(form)}")


def _public_name(kind: type) -> str | None:
    """ "package.Name" of a public dataclass of the library, else None."""
    root, _, rest = kind.__module__.partition(".")
    package = rest.partition(".")[0]
    if root != "gamedyn" or package not in _PACKAGES or not dataclasses.is_dataclass(kind):
        return None
    public = getattr(importlib.import_module(f"gamedyn.{package}"), kind.__name__, None)
    return f"{package}.{kind.__name__}" if public is kind else None


def _class_of(name: str) -> Any:
    package, _, leaf = name.partition(".")
    module = importlib.import_module(f"gamedyn.{package}") if package in _PACKAGES else None
    kind = getattr(module, leaf, None) if leaf in getattr(module, "__all__", ()) else None
    if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)):
        raise ValueError(f"{name!r} is no class that a file may name")
    return kind
