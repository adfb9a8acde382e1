"""Laws that are a few masses: on common cells p / q is constant, and every divergence a sum over the cells."""

from __future__ import annotations

import functools
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.distributions import Bernoulli, Binomial, Categorical, Distribution, Poisson, Uniform
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._renyi import log_affinity
from gamedyn.divergences._terms import relative_entropy_terms
from gamedyn.numerics import log_sigmoid, xlogy

__all__ = ["as_masses", "as_trials", "kl_to_poisson", "renyi_of_masses"]


def as_masses(p: Distribution, q: Distribution) -> Pair | None:
    """Two laws as masses on common cells, on each of which p / q is constant, along a new last axis."""
    if isinstance(p, Categorical) and isinstance(q, Categorical) and p.probs.shape[-1] == q.probs.shape[-1]:
        xp, a, b, log_a, log_b = _together(p.probs, q.probs, p.logits, q.logits)
        return Pair(xp, a, b, log_a, log_b, a - b)
    if isinstance(p, Bernoulli) and isinstance(q, Bernoulli):
        return _one_trial(p, q)
    if isinstance(p, Uniform) and isinstance(q, Uniform):
        return _overlap(*_together(p.low, p.high, q.low, q.high))
    return None


def as_trials(p: Distribution, q: Distribution) -> tuple[Array, Pair] | None:
    """The number of trials and the masses of one of them, for two binomial laws of one number of trials."""
    if not (isinstance(p, Binomial) and isinstance(q, Binomial)):
        return None
    xp, n, other = float_arrays(p.total_count, q.total_count, names=("p.total_count", "q.total_count"))
    return (n, _one_trial(p, q)) if bool(xp.all(n == other)) else None


def _one_trial(p: Bernoulli | Binomial, q: Bernoulli | Binomial) -> Pair:
    xp, a, b, log_a1, log_a0, log_b1, log_b0 = _together(p.probs, q.probs, *_log_chances(p), *_log_chances(q))
    log_a, log_b = xp.stack([log_a0, log_a1], axis=-1), xp.stack([log_b0, log_b1], axis=-1)
    # The difference of P(0) is that of P(1), which is exact next to the diagonal.
    return Pair(xp, xp.exp(log_a), xp.exp(log_b), log_a, log_b, xp.stack([b - a, a - b], axis=-1))


def _log_chances(law: Bernoulli | Binomial) -> tuple[Array, Array]:
    if isinstance(law, Bernoulli):
        return law.log_prob(1.0), law.log_prob(0.0)
    return log_sigmoid(law.logits), log_sigmoid(-law.logits)


def renyi_of_masses(pair: Pair, alpha: float) -> Array:
    """log(sum p^alpha q^(1 - alpha)) / (alpha - 1) for 0 < alpha < inf, KL at 1."""
    xp = pair.xp
    if alpha == 1:
        return xp.sum(relative_entropy_terms(pair), axis=-1)
    arrays = (pair.p, pair.q, pair.log_p, pair.log_q, pair.difference)
    return log_affinity(xp, arrays, functools.partial(Pair, xp), alpha, False) / (alpha - 1)


def kl_to_poisson(p: Bernoulli, q: Poisson) -> Array:
    """The terms at 0 and 1, and those at more counts, which p has not: the mass 1 - (1 + r) e^-r of q there."""
    xp, rate, log_p1, log_p0 = float_arrays(q.rate, *_log_chances(p), names=("q.rate", "p.probs", "p.probs"))
    rate, log_p1, log_p0 = xp.broadcast_arrays(rate, log_p1, log_p0)
    log_p = xp.stack([log_p0, log_p1], axis=-1)
    log_q = xp.stack([-rate, xlogy(xp.ones_like(rate), rate) - rate], axis=-1)
    counted = xp.sum(relative_entropy_terms(Pair.of_logarithms(xp, log_p, log_q)), axis=-1)
    # e^-r log(e^-r / 1) - e^-r + 1
    return counted + relative_entropy_terms(Pair.of_logarithms(xp, -rate, xp.zeros_like(rate)))


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
