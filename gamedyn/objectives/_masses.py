"""Checks of pmfs at the public border of this package."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, to_host

__all__ = ["check_masses"]


def check_masses(xp: Any, values: Array, name: str) -> None:
    """Raise unless every entry is a finite number >= 0; the message names the first offending index."""
    # nan fails both comparisons.
    valid = (values >= 0) & (values < xp.inf)
    if bool(xp.all(valid)):
        return
    host = to_host(values)
    index = next(zip(*(~((host >= 0) & (host < float("inf")))).nonzero(), strict=True))
    place = "[" + ", ".join(str(int(i)) for i in index) + "]" if index else ""
    raise ValueError(f"`{name}` must hold probabilities, finite and >= 0, got {name}{place} = {host[index]:g}.")
