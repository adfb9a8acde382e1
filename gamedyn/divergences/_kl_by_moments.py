"""KL between laws of different families on the line: the cross entropy from a few moments, less the entropy.

No two families here share a law, but for limits, so that nothing is lost next to a diagonal: the error is some eps
of the entropy and the cross entropy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gamedyn.backend import Array, float_arrays, special
from gamedyn.distributions import (
    Distribution,
    Exponential,
    Gumbel,
    HalfNormal,
    Laplace,
    Normal,
    Pareto,
    Rayleigh,
    Uniform,
)
from gamedyn.divergences._law_supports import p_sticks_out
from gamedyn.divergences._log_moments import log_decay, log_mean
from gamedyn.divergences._quiet import exponential

__all__ = ["kl_by_moments"]


def kl_by_moments(p: Distribution, q: Distribution) -> Array | None:
    """KL(p, q), inf where p reaches out of the support of q; None where a moment has no closed form."""
    cross = _CROSS_ENTROPIES.get(type(q))
    if cross is None or p.event_shape != () or p.is_discrete:
        return None
    try:
        value, entropy = cross(p, q), p.entropy
    except NotImplementedError:
        return None
    if value is None:
        return None
    xp, value, entropy = float_arrays(value, entropy, names=("cross entropy", "entropy"))
    difference = value - entropy
    # A KL of 0, as of a law with its own limit, is not to round to less.
    difference = xp.where(difference > 0, difference, 0.0)
    sticks_out = p_sticks_out(p, q)
    if isinstance(sticks_out, bool):
        return xp.full_like(difference, math.inf) if sticks_out else difference
    return xp.where(sticks_out, math.inf, difference)


def _second_moment(p: Distribution, about: Array, unit: Array) -> Array:
    """E ((x - about) / unit)^2, inf where there is no variance."""
    xp, mean, variance, about, unit = float_arrays(
        p.mean, p.variance, about, unit, names=("mean", "variance", "q", "q")
    )
    finite = xp.isfinite(mean) & xp.isfinite(variance)
    shift = (xp.where(finite, mean, 0.0) - about) / unit
    return xp.where(finite, xp.where(finite, variance, 0.0) / unit / unit + shift * shift, math.inf)


def _to_normal(p: Distribution, q: Normal) -> Array:
    """log(s sqrt(2 pi)) + E (x - m)^2 / (2 s^2)."""
    xp, second, scale = float_arrays(_second_moment(p, q.loc, q.scale), q.scale, names=("p", "q.scale"))
    return xp.log(scale) + 0.5 * math.log(2 * math.pi) + second / 2


def _to_half_normal(p: Distribution, q: HalfNormal) -> Array:
    """log(s sqrt(pi / 2)) + E x^2 / (2 s^2)."""
    xp, second, scale = float_arrays(_second_moment(p, 0.0 * q.scale, q.scale), q.scale, names=("p", "q.scale"))
    return xp.log(scale) + 0.5 * math.log(math.pi / 2) + second / 2


def _to_rayleigh(p: Distribution, q: Rayleigh) -> Array | None:
    """2 log s - E log x + E x^2 / (2 s^2)."""
    logs = log_mean(p)
    if logs is None:
        return None
    second = _second_moment(p, 0.0 * q.scale, q.scale)
    xp, logs, second, scale = float_arrays(logs, second, q.scale, names=("p", "p", "q.scale"))
    return 2 * xp.log(scale) - logs + second / 2


def _to_exponential(p: Distribution, q: Exponential) -> Array:
    """-log(rate) + rate E x."""
    xp, mean, rate = float_arrays(p.mean, q.rate, names=("p.mean", "q.rate"))
    return rate * mean - xp.log(rate)


def _to_uniform(p: Distribution, q: Uniform) -> Array:
    """log(high - low)."""
    xp, low, high = float_arrays(q.low, q.high, names=("q.low", "q.high"))
    return xp.log(high - low)


def _to_laplace(p: Distribution, q: Laplace) -> Array | None:
    """log(2 b) + E|x - m| / b, of a normal law: that of a folded one."""
    if not isinstance(p, Normal):
        return None
    xp, m1, s, m2, b = float_arrays(p.loc, p.scale, q.loc, q.scale, names=("p.loc", "p.scale", "q.loc", "q.scale"))
    z = (m1 - m2) / s
    folded = math.sqrt(2 / math.pi) * xp.exp(-z * z / 2) + z * special(xp).erf(z / math.sqrt(2))
    return xp.log(2 * b) + s / b * folded


def _to_gumbel(p: Distribution, q: Gumbel) -> Array | None:
    """log b + E (x - m) / b + E e^(-(x - m) / b)."""
    decay = log_decay(p, q.loc, q.scale)
    if decay is None:
        return None
    xp, decay, mean, loc, scale = float_arrays(decay, p.mean, q.loc, q.scale, names=("p", "p.mean", "q.loc", "q.scale"))
    return xp.log(scale) + (mean - loc) / scale + exponential(xp, decay)


def _to_pareto(p: Distribution, q: Pareto) -> Array | None:
    """-log alpha + log m + (alpha + 1) E log(x / m)."""
    logs = log_mean(p)
    if logs is None:
        return None
    xp, logs, scale, alpha = float_arrays(logs, q.scale, q.alpha, names=("p", "q.scale", "q.alpha"))
    return (alpha + 1) * (logs - xp.log(scale)) + xp.log(scale) - xp.log(alpha)


_CROSS_ENTROPIES: dict[type, Callable[[Any, Any], Array | None]] = {
    Exponential: _to_exponential,
    Gumbel: _to_gumbel,
    HalfNormal: _to_half_normal,
    Laplace: _to_laplace,
    Normal: _to_normal,
    Pareto: _to_pareto,
    Rayleigh: _to_rayleigh,
    Uniform: _to_uniform,
}
