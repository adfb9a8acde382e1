"""Networks, objectives, rules and laws as JSON and back: the library's own classes by name, and nothing else."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterable
from typing import Any

import numpy

from gamedyn.backend import to_host

__all__ = ["Opaque", "described", "restored"]

# The packages whose public classes a file may name: making one runs no code but its checks.
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
        parts = [described(part) for part in value]
        return _opaque_in(parts) or {"list" if isinstance(value, list) else "tuple": parts}
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        host = to_host(value)
        if host.dtype.kind in "biuf":
            return {"array": host.ravel().tolist(), "shape": list(host.shape), "dtype": host.dtype.str}
    name = _public_name(value)
    if name is not None:
        fields = {}
        if dataclasses.is_dataclass(value):
            fields = {f.name: described(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}
        return _opaque_in(fields.values()) or {"class": name, "fields": fields}
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


def _opaque_in(forms: Iterable[Any]) -> Any:
    """The first form of what a file cannot hold: what is made of it cannot be held, either."""
    return next((form for form in forms if isinstance(form, dict) and "opaque" in form), None)


def _public_name(value: Any) -> str | None:
    """The package and name of the class, if it is public and its fields, if it has any, are those of a dataclass."""
    kind = type(value)
    root, _, rest = kind.__module__.partition(".")
    package = rest.partition(".")[0]
    if root != "gamedyn" or package not in _PACKAGES or not (dataclasses.is_dataclass(kind) or not vars(value)):
        return None
    public = getattr(importlib.import_module(f"gamedyn.{package}"), kind.__name__, None)
    return f"{package}.{kind.__name__}" if public is kind else None


def _class_of(name: str) -> Any:
    package, _, leaf = name.partition(".")
    module = importlib.import_module(f"gamedyn.{package}") if package in _PACKAGES else None
    kind = getattr(module, leaf, None) if leaf in getattr(module, "__all__", ()) else None
    if not isinstance(kind, type):
        raise ValueError(f"{name!r} is no class that a file may name")
    return kind
