"""Chernoff information, the largest of -log sum p^(1 - s) q^s over 0 <= s <= 1."""

from __future__ import annotations

import math
from typing import Any

from gamedyn.backend import Array
from gamedyn.divergences._evaluate import is_law, pair_of_masses
from gamedyn.divergences._masses import unit_factor
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._quiet import logarithm
from gamedyn.divergences._terms import log_ratio, relative_entropy_terms
from gamedyn.numerics import logsumexp

__all__ = ["chernoff_information"]


def chernoff_information(
    p: Any,
    q: Any,
    *,
    axis: int = -1,
    base: float | None = None,
    keepdims: bool = False,
    normalize: bool = False,
    log: bool = False,
    check: bool = True,
) -> Array:
    """C(p, q) = max over 0 <= s <= 1 of -log sum p^(1 - s) q^s, in nats: KL of the law in the middle to p, and to q.

    The rate at which the error of the best test between p and q decays, per observation. Symmetric; inf for disjoint
    supports, and between the Bhattacharyya distance and both of KL(p, q) and KL(q, p).

    Parameters
    ----------
    p, q : array_like or Distribution
        Of one shape along `axis`, or two laws of one exponential family, or of a few masses.
    axis, base, keepdims, log, check : see `FDivergence.__call__`
    normalize : bool
        Whether p and q are divided by their sums; else those must be 1.

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError
        See `FDivergence.__call__`; for two laws that share no exponential family.
    TypeError
        See `FDivergence.__call__`.

    Notes
    -----
    The place s of the maximum by bisection on the slope, which moves the value by its square only; the value from
    non-negative terms, so that it keeps its digits next to p = q.

    References
    ----------
    Chernoff (1952), A measure of asymptotic efficiency for tests of a hypothesis based on the sum of observations.

    Examples
    --------
    >>> from gamedyn.distributions import Normal
    >>> round(float(chernoff_information(Normal(0.0, 1.0), Normal(2.0, 1.0))), 12)  # 2^2 / 8
    0.5
    """
    factor = unit_factor(base)
    if is_law(p) or is_law(q):
        return _between_laws(p, q) * factor
    pair = pair_of_masses(p, q, axis=axis, normalize=normalize, log=log, check=check)
    value = _of_masses(pair) * factor
    return pair.xp.expand_dims(value, axis=axis) if keepdims else value


def _between_laws(p: Any, q: Any) -> Array:
    # Here, not above: divergences of pmfs do without the laws.
    from gamedyn.divergences._exponential_families import segment_between
    from gamedyn.divergences._laws import check_laws
    from gamedyn.divergences._laws_of_masses import as_masses, as_trials
    from gamedyn.divergences._segment import chernoff

    check_laws(p, q)
    pair = as_masses(p, q)
    if pair is not None:
        return _of_masses(pair)
    trials = as_trials(p, q)
    if trials is not None:
        count, pair = trials
        return count * _of_masses(pair)
    segment = segment_between(p, q)
    if segment is None:
        kinds = f"{type(p).__name__} and {type(q).__name__}"
        raise ValueError(f"`p` and `q` must be pmfs, or laws of one exponential family, got {kinds}.")
    return chernoff(segment)


def _of_masses(pair: Pair) -> Array:
    xp, v = pair.xp, log_ratio(pair)
    both = pair.p_positive & pair.q_positive
    log_p = logarithm(xp, pair.p) if pair.log_p is None else pair.log_p
    log_p = xp.where(both, log_p, -math.inf)
    meets = xp.any(both, axis=-1)
    divergence = xp.sum(relative_entropy_terms(pair), axis=-1)
    # Close masses on one support, where the sum of p v would cancel.
    close = xp.all((pair.p_positive == pair.q_positive) & (xp.abs(v) < 1), axis=-1)
    lower = 0.0 * xp.sum(pair.p, axis=-1)
    upper = lower + 1.0
    # The maximum is flat: 40 halvings leave an error of its second order.
    for _ in range(40 if lower.dtype == xp.float64 else 24):
        s = (lower + upper) / 2
        bend = xp.sum(pair.p * v * xp.expm1(-s[..., None] * xp.where(close[..., None], v, 0.0)), axis=-1)
        rising = xp.where(close, divergence + bend, _slope(xp, log_p, v, s, meets)) > 0
        lower, upper = xp.where(rising, s, lower), xp.where(rising, upper, s)
    # At an end of its range the maximum is not flat.
    s = xp.where(lower == 0, 0.0, xp.where(upper == 1, 1.0, (lower + upper) / 2))[..., None]
    return xp.where(meets, _exponent(pair, log_p, v, s, both), math.inf)


def _slope(xp: Any, log_p: Array, v: Array, s: Array, meets: Array) -> Array:
    """A positive multiple of the derivative of -log sum p^(1 - s) q^s, the mean of log p / q under p^(1 - s) q^s."""
    exponents = log_p - s[..., None] * v
    peak = xp.where(meets, xp.max(exponents, axis=-1), 0.0)
    return xp.sum(xp.exp(exponents - peak[..., None]) * v, axis=-1)


def _exponent(pair: Pair, log_p: Array, v: Array, s: Array, both: Array) -> Array:
    """-log sum n, n = p^(1 - s) q^s, for s with a last axis of length 1.

    1 - sum n is the sum of (1 - s) p + s q - n = (1 - s) KL(n, p) + s KL(n, q), term by term, KL with its masses.
    """
    xp = pair.xp
    log_n = xp.where(both, log_p, 0.0) - s * v
    n = xp.where(both, xp.exp(log_n), 0.0)
    close = both & (xp.abs(v) < 1)
    small = xp.where(close, v, 0.0)
    to_p = xp.where(close, pair.p * xp.expm1(-s * small), n - pair.p)
    to_q = xp.where(close, pair.q * xp.expm1((1 - s) * small), n - pair.q)
    gap = (1 - s) * relative_entropy_terms(Pair(xp, n, pair.p, given_difference=to_p))
    gap = gap + s * relative_entropy_terms(Pair(xp, n, pair.q, given_difference=to_q))
    # Where one mass is 0 so is n, and a power 0 of that mass adds nothing.
    gap = xp.sum(xp.where(both, gap, (1 - s) * pair.p + s * pair.q), axis=-1)
    near = gap < 0.5
    far = -logsumexp(xp.where(both, log_n, -math.inf), axis=-1)
    return xp.where(near, -xp.log1p(-xp.where(near, gap, 0.0)), far)
