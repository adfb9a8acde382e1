"""Gradient tapes: whether an array is on one, and the array off it."""

from __future__ import annotations

import sys
from typing import Any

from gamedyn.backend._namespace import Array, library_of

__all__ = ["off_tape", "on_tape"]


def on_tape(array: Any) -> bool:
    """Whether a library differentiates what is computed from `array`.

    Parameters
    ----------
    array : array_like
        Of any library.
    """
    # The library of an array has been imported already.
    library = library_of(array)
    if library == "torch":
        return bool(array.requires_grad) and bool(sys.modules["torch"].is_grad_enabled())
    return library == "jax" and isinstance(array, sys.modules["jax"].core.Tracer)


def off_tape(array: Array) -> Array:
    """The same values as a constant: nothing computed from them is differentiated.

    Parameters
    ----------
    array : array
        Of any library; what is on no tape comes back as it is.
    """
    library = library_of(array)
    if library == "torch":
        return array.detach()
    return sys.modules["jax"].lax.stop_gradient(array) if library == "jax" else array
