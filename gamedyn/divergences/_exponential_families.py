"""Which two laws belong to one exponential family, and the segment between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn.distributions import Distribution, Exponential, MultivariateNormal, Normal
from gamedyn.divergences._segment import Segment
from gamedyn.divergences._segments_gamma import between_rates
from gamedyn.divergences._segments_normal import between_multivariate_normals, between_normals

__all__ = ["segment_between"]

_SEGMENTS: dict[tuple[type, type], Callable[[Any, Any], Segment]] = {
    (Normal, Normal): between_normals,
    (MultivariateNormal, MultivariateNormal): between_multivariate_normals,
    (Exponential, Exponential): lambda p, q: between_rates(p.rate, q.rate),
}


def segment_between(p: Distribution, q: Distribution) -> Segment | None:
    """The segment from p to q, None where they share no exponential family that is known here."""
    make = _SEGMENTS.get((type(p), type(q)))
    return None if make is None else make(p, q)
