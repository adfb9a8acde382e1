"""Laws that are a few masses: on common cells p / q is constant, and every divergence a sum over the cells."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.distributions import Bernoulli, Categorical, Distribution, Uniform
from gamedyn.divergences._pair import Pair

__all__ = ["as_masses"]


def as_masses(p: Distribution, q: Distribution) -> Pair | None:
    """Two laws as masses on common cells, on each of which p / q is constant, along a new last axis."""
    if isinstance(p, Categorical) and isinstance(q, Categorical) and p.probs.shape[-1] == q.probs.shape[-1]:
        xp, a, b, log_a, log_b = _together(p.probs, q.probs, p.logits, q.logits)
        return Pair(xp, a, b, log_a, log_b, a - b)
    if isinstance(p, Bernoulli) and isinstance(q, Bernoulli):
        logs = (p.log_prob(1.0), q.log_prob(1.0), p.log_prob(0.0), q.log_prob(0.0))
        xp, a, b, log_a1, log_b1, log_a0, log_b0 = _together(p.probs, q.probs, *logs)
        log_a, log_b = xp.stack([log_a0, log_a1], axis=-1), xp.stack([log_b0, log_b1], axis=-1)
        # The difference of P(0) is that of P(1), which is exact next to the diagonal.
        return Pair(xp, xp.exp(log_a), xp.exp(log_b), log_a, log_b, xp.stack([b - a, a - b], axis=-1))
    if isinstance(p, Uniform) and isinstance(q, Uniform):
        return _overlap(*_together(p.low, p.high, q.low, q.high))
    return None


def _together(*arrays: Array) -> tuple[Any, ...]:
    xp, *cast = float_arrays(*arrays, names=tuple(f"parameter {i}" for i in range(len(arrays))))
    return (xp, *xp.broadcast_arrays(*cast))


def _overlap(xp: Any, low_p: Array, high_p: Array, low_q: Array, high_q: Array) -> Pair:
    """The masses of two uniform laws outside the other's interval, and on the common part."""

    def positive(x: Array) -> Array:
        return xp.where(x > 0, x, 0.0)

    width_p, width_q = high_p - low_p, high_q - low_q
    common = positive(xp.where(high_p < high_q, high_p, high_q) - xp.where(low_p > low_q, low_p, low_q))
    outside_p = xp.where(common > 0, positive(low_q - low_p) + positive(high_p - high_q), width_p) / width_p
    outside_q = xp.where(common > 0, positive(low_p - low_q) + positive(high_q - high_p), width_q) / width_q
    zero = xp.zeros_like(common)
    masses_p = xp.stack([outside_p, common / width_p, zero], axis=-1)
    return Pair(xp, masses_p, xp.stack([zero, common / width_q, outside_q], axis=-1))
