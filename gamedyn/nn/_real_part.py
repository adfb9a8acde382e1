"""The part of a number that chooses the piece of a piecewise function."""

from __future__ import annotations

from gamedyn.backend import Array, array_namespace

__all__ = ["real_part"]


def real_part(x: Array) -> Array:
    """Re x; x itself where it is real, since the standard's own `real` takes complex numbers alone."""
    xp = array_namespace(x)
    return xp.real(x) if xp.isdtype(x.dtype, "complex floating") else x
