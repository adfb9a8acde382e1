"""Renyi's divergence, log(sum p^alpha q^(1 - alpha)) / (alpha - 1), with its limits at 0, 1 and infinity."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace
from gamedyn.divergences._alpha import AlphaDivergence, check_alpha
from gamedyn.divergences._blocks import summed
from gamedyn.divergences._evaluate import evaluate, finished, in_unit, is_law, masses_of
from gamedyn.divergences._mapped import mapped
from gamedyn.divergences._masses import unit_factor
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._power_terms import affinity_terms, mean_gap_terms
from gamedyn.divergences._quiet import logarithm
from gamedyn.divergences._terms import log_ratio, relative_entropy_terms
from gamedyn.numerics import Estimate, logsumexp

__all__ = ["log_affinity", "log_quotients", "renyi_divergence"]


def renyi_divergence(
    p: Any,
    q: Any,
    alpha: float,
    *,
    axis: int = -1,
    base: float | None = None,
    keepdims: bool = False,
    normalize: bool | None = False,
    log: bool = False,
    check: bool = True,
    method: str = "auto",
    return_estimate: bool = False,
    n: int = 100_000,
    rng: Any = None,
) -> Any:
    """R_alpha(p, q) = log(sum p^alpha q^(1 - alpha)) / (alpha - 1), in nats; increasing in alpha.

    The limits are -log q(p > 0) at alpha = 0, KL(p, q) at 1 and log max p / q at infinity. inf where the supports are
    disjoint, and for alpha >= 1 where p > 0 = q in some outcome.

    Parameters
    ----------
    p, q : array_like or Distribution
        Of one shape along `axis`, or two laws of one event shape.
    alpha : float
        The order, from 0 to inf; inf for Distributions whose largest ratio of densities has a closed form. Negative
        orders, which are negative multiples of the order 1 - alpha with p and q exchanged, are refused.
    axis, base, keepdims, log, check, method, return_estimate, n, rng : see `FDivergence.__call__`
    normalize : bool or None
        False or True as there. None: for masses of any sum, log(sum p^alpha q^(1 - alpha) / sum p) / (alpha - 1), which
        has either sign.

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError, TypeError
        See `FDivergence.__call__`; if `alpha` is no number in [0, inf].

    Notes
    -----
    log1p of a sum of non-negative terms where the sum of powers is near 1, so that nothing cancels next to p = q and
    next to alpha = 1; the logarithm of the sum itself where it is not. For Distributions a function of the alpha
    divergence, by the same methods.

    References
    ----------
    van Erven and Harremoes (2014), Renyi divergence and Kullback-Leibler divergence.

    Examples
    --------
    >>> round(float(renyi_divergence([0.5, 0.5], [0.25, 0.75], 2.0)), 12)  # log(4/3)
    0.287682072452
    >>> round(float(renyi_divergence([0.5, 0.5, 0.0], [0.25, 0.25, 0.5], 0.0, base=2)), 12)
    1.0
    """
    alpha = check_alpha(alpha, minimum=0.0, infinite=True)
    factor = unit_factor(base)
    if is_law(p) or is_law(q):
        estimate = in_unit(_between_laws(alpha, p, q, method=method, n=n, rng=rng), factor)
        return estimate if return_estimate else estimate.value
    xp, arrays, make = masses_of(p, q, axis=axis, normalize=normalize, log=log, check=check)
    if alpha == math.inf:
        value = xp.max(log_quotients(make(*arrays)), axis=-1)
        value = value if normalize is None else xp.where(value > 0, value, 0.0)
    elif alpha == 1:
        value = summed(xp, lambda *block: relative_entropy_terms(make(*block)), arrays)
        if normalize is None:
            total, excess = _sums(make(*arrays))
            value = (value + excess) / total
    else:
        value = log_affinity(xp, arrays, make, alpha, normalize is None) / (alpha - 1)
    value = xp.expand_dims(value, axis=axis) if keepdims else value
    return finished(xp, value, factor, f"{_formula(alpha)}, in nats", arrays[0].shape[-1], return_estimate)


def log_affinity(xp: Any, arrays: tuple[Array, ...], make: Any, alpha: float, unnormalised: bool) -> Array:
    """log sum p^alpha q^(1 - alpha); for unnormalised masses, that sum divided by sum p."""
    # Finite powers may have a sum that overflows: inf, which the logarithms below resolve.
    with numpy.errstate(over="ignore"):
        gap = summed(xp, lambda *block: mean_gap_terms(make(*block), alpha), arrays)
        power = summed(xp, lambda *block: affinity_terms(make(*block), alpha), arrays)
    if unnormalised:
        # sum p^a q^(1 - a) = sum p - (1 - a) (sum p - sum q) - gap
        total, excess = _sums(make(*arrays))
        gap, power = (gap + (1 - alpha) * excess) / total, power / total
    near = xp.abs(gap) < 0.5
    close = xp.log1p(-xp.where(near, gap, 0.0))
    limit = float(xp.finfo(gap.dtype).max)
    fits = (power > 1 / limit) & (power < limit)
    far = logarithm(xp, xp.where(fits, power, 1.0))
    # The rare rest needs a pass of its own, which NumPy can do without: it knows the values.
    if xp is not numpy or not bool(xp.all(near | fits)):
        far = xp.where(fits, far, _log_sum(xp, make(*arrays), alpha, unnormalised))
    return xp.where(near, close, far)


def _log_sum(xp: Any, pair: Pair, alpha: float, unnormalised: bool) -> Array:
    """The logarithm of a sum of powers that under- or overflows, from the logarithms of the masses."""
    both = pair.p_positive & pair.q_positive
    log_p, log_q = (
        logarithm(xp, mass) if given is None else given for mass, given in ((pair.p, pair.log_p), (pair.q, pair.log_q))
    )
    exponents = alpha * xp.where(both, log_p, 0.0) + (1 - alpha) * xp.where(both, log_q, 0.0)
    value = logsumexp(xp.where(both, exponents, -math.inf), axis=-1)
    if alpha > 1:
        value = xp.where(xp.any(pair.p_positive & ~pair.q_positive, axis=-1), math.inf, value)
    return value - logarithm(xp, xp.sum(pair.p, axis=-1)) if unnormalised else value


def log_quotients(pair: Pair) -> Array:
    """log(p / q), inf where q = 0 < p and -inf where p = 0."""
    xp = pair.xp
    alone = xp.where(pair.p_positive, math.inf, xp.zeros_like(pair.p) - math.inf)
    return xp.where(pair.p_positive & pair.q_positive, log_ratio(pair), alone)


def _sums(pair: Pair) -> tuple[Array, Array]:
    """sum p, and sum p - sum q."""
    xp = pair.xp
    return xp.sum(pair.p, axis=-1), xp.sum(pair.difference, axis=-1)


def _formula(alpha: float, total: str = "sum") -> str:
    if alpha == math.inf:
        return "log max p / q"
    if alpha == 1:
        return f"{total} p log(p / q)"
    return f"log({total} p^a q^(1 - a)) / (a - 1), a = {alpha:g}"


class _Affinity(AlphaDivergence):
    """sum p^alpha q^(1 - alpha) in the place of a divergence: 0 for disjoint supports."""

    name = "the sum of p^alpha q^(1 - alpha)"
    slope_at_infinity = 0.0
    slope_at_zero = 0.0

    def terms(self, pair: Pair) -> Array:
        return affinity_terms(pair, self.alpha)


class _MassOutside(AlphaDivergence):
    """q(p = 0), the f-divergence of f(0) = 1 and f(u) = 0 for u > 0."""

    name = "the mass of q where p = 0"
    slope_at_infinity = 0.0
    slope_at_zero = 1.0

    def terms(self, pair: Pair) -> Array:
        return pair.xp.where(pair.p_positive, 0.0 * pair.q, pair.q)


def _between_laws(alpha: float, p: Any, q: Any, **options: Any) -> Estimate:
    """R_alpha of two Distributions, from the alpha divergence D: log1p(alpha (alpha - 1) D) / (alpha - 1)."""
    definition = f"{_formula(alpha, 'integral of')}, in nats"
    if alpha == math.inf:
        return _of_order_infinity(p, q, options["method"], definition)
    if alpha > 0 and options["method"] in ("auto", "closed"):
        from gamedyn.divergences._closed import closed_renyi
        from gamedyn.divergences._law_values import exact
        from gamedyn.divergences._laws import check_laws

        check_laws(p, q)
        closed = closed_renyi(p, q, alpha)
        if closed is not None:
            return dataclasses.replace(exact(AlphaDivergence(alpha), closed, "closed form", 0), definition=definition)
    if alpha == 1:
        from gamedyn.divergences._kullback_leibler import KullbackLeibler

        found: Estimate = evaluate(KullbackLeibler(), p, q, return_estimate=True, **options)
        return found
    if alpha == 0:
        outside = evaluate(_MassOutside(0.0), p, q, return_estimate=True, **options)
        return mapped(outside, lambda m: -_log_rest(m), lambda m: 1 / (1 - _below_one(m)), definition)
    divergence: Estimate = evaluate(AlphaDivergence(alpha), p, q, return_estimate=True, **options)
    scale = alpha * (1 - alpha)
    near = mapped(
        divergence,
        lambda d: _log_rest(scale * d) / (alpha - 1),
        lambda d: alpha / (1 - _below_one(scale * d)),
        definition,
    )
    xp = array_namespace(divergence.value)
    apart = scale * divergence.value >= 0.5
    if not bool(xp.any(apart)):
        return near
    # Where 1 - alpha (1 - alpha) D would have no digits left, the integral of the powers itself is found.
    affinity: Estimate = evaluate(_Affinity(alpha), p, q, return_estimate=True, **options)
    far = mapped(
        affinity,
        lambda s: logarithm(xp, s) / (alpha - 1),
        lambda s: 1 / ((1 - alpha) * xp.where(s > 0, s, math.inf)),
        definition,
    )
    chosen = {
        name: xp.where(apart, getattr(far, name), getattr(near, name))
        for name in ("value", "standard_error", "lower", "upper")
    }
    return dataclasses.replace(near, **chosen)


def _of_order_infinity(p: Any, q: Any, method: str, definition: str) -> Estimate:
    from gamedyn.divergences._largest_ratio import largest_log_ratio
    from gamedyn.divergences._law_values import exact
    from gamedyn.divergences._laws import check_laws

    check_laws(p, q)
    value = largest_log_ratio(p, q) if method in ("auto", "closed") else None
    if value is None:
        pair = f"{type(p).__name__} and {type(q).__name__} by method={method!r}"
        raise ValueError(
            "`alpha` may be inf for laws whose largest ratio of densities has a closed form, "
            f"got {pair}. Pass a large `alpha`."
        )
    return dataclasses.replace(exact(AlphaDivergence(2.0), value, "closed form", 0), definition=definition)


def _below_one(x: Array) -> Array:
    """x, less than 1 by a rounding at least."""
    xp = array_namespace(x)
    limit = 1 - float(xp.finfo(x.dtype).eps) / 2
    return xp.where(x < limit, x, limit)


def _log_rest(x: Array) -> Array:
    """log(1 - x), -inf from 1 on."""
    xp = array_namespace(x)
    inside = x < 1
    return xp.where(inside, xp.log1p(-xp.where(inside, x, 0.0)), -math.inf)
