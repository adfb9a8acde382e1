"""Weights of samples: validated, and divided by their sum."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, to_host

__all__ = ["check_finite", "check_weights"]


def check_finite(xp: Any, values: Array, name: str) -> None:
    """Raise unless every entry is finite; the message names the first offending index."""
    if not bool(xp.all(xp.isfinite(values))):
        host = to_host(values)
        index = next(zip(*(~(abs(host) < float("inf"))).nonzero(), strict=True))
        place = ", ".join(str(int(i)) for i in index)
        raise ValueError(f"`{name}` must be finite, got {name}[{place}] = {host[index]:g}.")


def check_weights(xp: Any, weights: Array, name: str, axis: int = -1) -> None:
    """Raise unless weights are finite, >= 0 and have a positive sum along `axis`."""
    check_finite(xp, weights, name)
    if bool(xp.any(weights < 0)):
        raise ValueError(f"`{name}` must be >= 0, got a smallest entry of {float(xp.min(weights)):g}.")
    if not bool(xp.all(xp.max(weights, axis=axis) > 0)):
        raise ValueError(f"`{name}` must have a positive sum, got zeros only.")
