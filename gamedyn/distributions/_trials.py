"""What laws that count independent trials share: both chances, and the binomial distribution function."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, special
from gamedyn.numerics import sigmoid

__all__ = ["at_most", "chances"]


def chances(law: Any, given: str) -> tuple[Array, Array]:
    """(probs, 1 - probs), both to full relative accuracy, from whichever of `probs` and `logits` was given."""
    return law.probs, sigmoid(-law.logits) if given == "logits" else 1 - law.probs


def at_most(xp: Any, k: Array, rest: Array, p: Array, q: Array) -> Array:
    """I_q(rest, k + 1), q = 1 - p: the chance of at most k successes, by whichever of p and q is not next to 1.

    Before the (rest)-th failure, for real rest > 0; or in n = k + rest trials. Arrays of one shape.
    """
    functions, small, half = special(xp), p < 0.5, xp.full_like(p, 0.5)
    by_p = functions.betaincc(k + 1, rest, xp.where(small, p, half))
    by_q = functions.betainc(rest, k + 1, xp.where(small, half, q))
    return xp.where(small, by_p, by_q)
