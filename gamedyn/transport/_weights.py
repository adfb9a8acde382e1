"""Weights of samples: validated, and divided by their sum."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, device_of, float_arrays, off_tape, to_host

__all__ = ["check_finite", "check_weights", "shares_of"]


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


def shares_of(xp: Any, weights: Any, like_this: Array, count: int, name: str, things: str) -> Array:
    """`count` weights, checked and divided by their sum, in the library and precision of an array; equal where None."""
    if weights is None:
        return xp.full((count,), 1 / count, dtype=like_this.dtype, device=device_of(like_this))
    _, weights, _ = float_arrays(weights, like_this, names=(name, things))
    if weights.shape != (count,):
        raise ValueError(f"`{name}` must have one weight for each of {count} {things}, got {tuple(weights.shape)}.")
    check_weights(xp, off_tape(weights), name)
    # In units of the largest no sum overflows.
    weights = weights / xp.max(weights)
    return weights / xp.sum(weights)
