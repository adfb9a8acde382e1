"""Closed forms of the total variation and Jensen-Shannon divergence between two laws of known families."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.distributions import Exponential, Laplace, LogNormal, Normal
from gamedyn.divergences._laplace_pair import total_variation_between_laplaces
from gamedyn.divergences._normal_pair import total_variation_between_normals

__all__ = ["CLOSED_TOTAL_VARIATION"]


def _total_variation_exponential(p: Exponential, q: Exponential) -> Array:
    """(1 - r) r^(r / (1 - r)), r the smaller rate over the larger: the densities cross where e^((a - b) x) = a / b."""
    xp, a, b = float_arrays(p.rate, q.rate, names=("p.rate", "q.rate"))
    a, b = xp.broadcast_arrays(a, b)
    larger = xp.where(a < b, b, a)
    gap = xp.abs(a - b) / larger
    safe = xp.where(gap > 0, gap, 0.5)
    return xp.where(gap > 0, gap * xp.exp((1 - safe) * xp.log1p(-safe) / safe), 0.0)


CLOSED_TOTAL_VARIATION: dict[tuple[type, type], Callable[[Any, Any], Array | None]] = {
    (Normal, Normal): total_variation_between_normals,
    (LogNormal, LogNormal): total_variation_between_normals,
    (Laplace, Laplace): total_variation_between_laplaces,
    (Exponential, Exponential): _total_variation_exponential,
}
