"""KL between laws of different families on the line: the cross entropy from a few moments, less the entropy.

No two families here share a law, but for limits, so that nothing is lost next to a diagonal: the error is some eps
of the entropy and the cross entropy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gamedyn.backend import Array, array_namespace, float_arrays, special
from gamedyn.distributions import (
    Beta,
    Distribution,
    Exponential,
    Gamma,
    Gumbel,
    HalfNormal,
    InverseGamma,
    InverseGaussian,
    Laplace,
    Normal,
    Pareto,
    Rayleigh,
    Uniform,
    Weibull,
)
from gamedyn.divergences._law_supports import p_sticks_out
from gamedyn.divergences._log_moments import log_decay, log_mean, log_power_mean
from gamedyn.divergences._quiet import exponential
from gamedyn.numerics import betaln

__all__ = ["kl_by_moments"]


def kl_by_moments(p: Distribution, q: Distribution) -> Array | None:
    """KL(p, q), inf where p reaches out of the support of q; None where a moment has no closed form."""
    cross = _CROSS_ENTROPIES.get(type(q))
    # The moments of an angle are those of a point on the circle, not of a number on the line.
    if cross is None or p.event_shape != () or p.is_discrete or p.support == "circle":
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


def _to_gamma(p: Distribution, q: Gamma) -> Array | None:
    """log Gamma(a) - a log(rate) - (a - 1) E log x + rate E x."""
    logs = log_mean(p)
    if logs is None:
        return None
    names = ("p", "p.mean", "q.concentration", "q.rate")
    xp, logs, mean, shape, rate = float_arrays(logs, p.mean, q.concentration, q.rate, names=names)
    # E log(rate x), of the size of the logarithm of the ratio of units.
    logs = logs + xp.log(rate)
    return special(xp).gammaln(shape) - xp.log(rate) - (shape - 1) * logs + rate * mean


def _to_inverse_gamma(p: Distribution, q: InverseGamma) -> Array | None:
    """log Gamma(a) - a log(rate) + (a + 1) E log x + rate E 1 / x."""
    logs, inverse = log_mean(p), log_power_mean(p, 0.0 * q.rate - 1)
    if logs is None or inverse is None:
        return None
    names = ("p", "p", "q.concentration", "q.rate")
    xp, logs, inverse, shape, rate = float_arrays(logs, inverse, q.concentration, q.rate, names=names)
    unit = xp.log(rate)
    return special(xp).gammaln(shape) + unit + (shape + 1) * (logs - unit) + exponential(xp, inverse + unit)


def _to_inverse_gaussian(p: Distribution, q: InverseGaussian) -> Array | None:
    """log(2 pi / c) / 2 + 3/2 E log x + c (E x / m - 2 + m E 1 / x) / (2 m)."""
    logs, inverse = log_mean(p), log_power_mean(p, 0.0 * q.loc - 1)
    if logs is None or inverse is None:
        return None
    names = ("p", "p", "p.mean", "q.loc", "q.concentration")
    xp, logs, inverse, mean, loc, shape = float_arrays(logs, inverse, p.mean, q.loc, q.concentration, names=names)
    ends = mean / loc - 2 + exponential(xp, inverse + xp.log(loc))
    return (math.log(2 * math.pi) - xp.log(shape) + 3 * logs + shape / loc * ends) / 2


def _to_weibull(p: Distribution, q: Weibull) -> Array | None:
    """-log(k / l) - (k - 1) E log(x / l) + E (x / l)^k."""
    logs, power = log_mean(p), log_power_mean(p, q.concentration)
    if logs is None or power is None:
        return None
    names = ("p", "p", "q.scale", "q.concentration")
    xp, logs, power, scale, shape = float_arrays(logs, power, q.scale, q.concentration, names=names)
    unit = xp.log(scale)
    return unit - xp.log(shape) - (shape - 1) * (logs - unit) + exponential(xp, power - shape * unit)


def _to_beta(p: Distribution, q: Beta) -> Array | None:
    """log B(a, b) - (a - 1) E log x - (b - 1) E log(1 - x), of a uniform law."""
    if not isinstance(p, Uniform):
        return None
    low, high = 1 - p.high, 1 - p.low
    # Where p leaves [0, 1] the value does not count.
    xp = array_namespace(low)
    inside = (p.low >= 0) & (p.high <= 1)
    mirrored = Uniform(xp.where(inside, low, 0.0), xp.where(inside, high, 1.0), check=False)
    names = ("p", "p", "q.concentration1", "q.concentration0")
    logs, others = log_mean(p), log_mean(mirrored)
    _, logs, others, a, b = float_arrays(logs, others, q.concentration1, q.concentration0, names=names)
    return betaln(a, b) - (a - 1) * logs - (b - 1) * others


_CROSS_ENTROPIES: dict[type, Callable[[Any, Any], Array | None]] = {
    Beta: _to_beta,
    Exponential: _to_exponential,
    Gamma: _to_gamma,
    Gumbel: _to_gumbel,
    HalfNormal: _to_half_normal,
    InverseGamma: _to_inverse_gamma,
    InverseGaussian: _to_inverse_gaussian,
    Laplace: _to_laplace,
    Normal: _to_normal,
    Pareto: _to_pareto,
    Rayleigh: _to_rayleigh,
    Uniform: _to_uniform,
    Weibull: _to_weibull,
}
