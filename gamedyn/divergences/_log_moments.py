"""E log x, log E x^k and log E e^(-(x - m) / b) of the laws that have them in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, float_arrays, special
from gamedyn.distributions import (
    Beta,
    Distribution,
    Exponential,
    Gamma,
    Gumbel,
    HalfNormal,
    InverseGamma,
    Laplace,
    LogNormal,
    Normal,
    Pareto,
    Rayleigh,
    Uniform,
    Weibull,
)
from gamedyn.divergences._excess import log_ratio
from gamedyn.numerics import digamma_difference, gammaln_difference

__all__ = ["log_decay", "log_mean", "log_power_mean"]

_GAMMA = float(numpy.euler_gamma)


def log_mean(p: Distribution) -> Array | None:
    """E log x; nan or meaningless where p reaches below 0, None where it is not known."""
    formula = _LOG_MEANS.get(type(p))
    return None if formula is None else formula(p)


def log_decay(p: Distribution, loc: Array, scale: Array) -> Array | None:
    """log E e^(-(x - loc) / scale), inf where it diverges; None where it is not known."""
    formula = _LOG_DECAYS.get(type(p))
    if formula is None:
        return None
    return formula(p, loc, scale)


def log_power_mean(p: Distribution, power: Array) -> Array | None:
    """log E x^power, inf where it diverges; None where it is not known."""
    formula = _LOG_POWER_MEANS.get(type(p))
    return None if formula is None else formula(p, power)


def _log(x: Array) -> Array:
    return array_namespace(x).log(x)


def _uniform(p: Uniform) -> Array:
    """log h - 1 + l log(h / l) / (h - l) on [l, h], l >= 0."""
    xp, low, high = float_arrays(p.low, p.high, names=("low", "high"))
    positive = low > 0
    low, high = xp.where(positive, low, 0.5), xp.where(high > 0, high, 1.0)
    high_ = xp.where(positive, high, 1.0)
    inner = xp.where(positive, low * log_ratio(xp, high_, low) / (high_ - low), 0.0)
    return xp.log(high) - 1 + inner


def _digamma(x: Array) -> Array:
    return special(array_namespace(x)).digamma(x)


_LOG_MEANS: dict[type, Callable[[Any], Array]] = {
    Beta: lambda p: -digamma_difference(p.concentration1, p.concentration0),
    Exponential: lambda p: -_log(p.rate) - _GAMMA,
    Gamma: lambda p: _digamma(p.concentration) - _log(p.rate),
    HalfNormal: lambda p: _log(p.scale) - (_GAMMA + math.log(2)) / 2,
    InverseGamma: lambda p: _log(p.rate) - _digamma(p.concentration),
    LogNormal: lambda p: p.loc,
    Pareto: lambda p: _log(p.scale) + 1 / p.alpha,
    Rayleigh: lambda p: _log(p.scale) + (math.log(2) - _GAMMA) / 2,
    Uniform: _uniform,
    Weibull: lambda p: _log(p.scale) - _GAMMA / p.concentration,
}


def _gamma_power(shape: Any, scale: Array, step: Any, power: Array) -> Array:
    """step-th power mean of a gamma law of that shape, and scale^power: inf where shape + step <= 0."""
    xp, shape, scale, step, power = float_arrays(shape, scale, step, power, names=("p", "p.scale", "q", "q"))
    shape, step = xp.broadcast_arrays(shape, step)
    finite = shape + step > 0
    value = gammaln_difference(shape, xp.where(finite, step, 0.0)) + power * xp.log(scale)
    return xp.where(finite, value, math.inf)


def _beta_power(p: Beta, power: Array) -> Array:
    a, b = p.concentration1, p.concentration0
    own = _gamma_power(a, 1.0 + 0.0 * a, power, 0.0 * power)
    return own - gammaln_difference(a + b, power)


def _log_normal_power(p: LogNormal, power: Array) -> Array:
    _, loc, scale, power = float_arrays(p.loc, p.scale, power, names=("p.loc", "p.scale", "q"))
    spread = power * scale
    return power * loc + spread * spread / 2


def _pareto_power(p: Pareto, power: Array) -> Array:
    xp, scale, alpha, power = float_arrays(p.scale, p.alpha, power, names=("p.scale", "p.alpha", "q"))
    share = power / alpha
    finite = share < 1
    return xp.where(finite, power * xp.log(scale) - xp.log1p(-xp.where(finite, share, 0.0)), math.inf)


_LOG_POWER_MEANS: dict[type, Callable[[Any, Array], Array]] = {
    Beta: _beta_power,
    Exponential: lambda p, k: _gamma_power(1.0, 1 / p.rate, k, k),
    Gamma: lambda p, k: _gamma_power(p.concentration, 1 / p.rate, k, k),
    HalfNormal: lambda p, k: _gamma_power(0.5, math.sqrt(2) * p.scale, k / 2, k),
    InverseGamma: lambda p, k: _gamma_power(p.concentration, p.rate, -k, k),
    LogNormal: _log_normal_power,
    Pareto: _pareto_power,
    Rayleigh: lambda p, k: _gamma_power(1.0, math.sqrt(2) * p.scale, k / 2, k),
    Weibull: lambda p, k: _gamma_power(1.0, p.scale, k / p.concentration, k),
}


def _exponential_decay(p: Exponential, loc: Array, scale: Array) -> Array:
    xp, rate, loc, scale = float_arrays(p.rate, loc, scale, names=("p.rate", "q.loc", "q.scale"))
    return loc / scale - xp.log1p(1 / (rate * scale))


def _gamma_decay(p: Gamma, loc: Array, scale: Array) -> Array:
    names = ("p.concentration", "p.rate", "q.loc", "q.scale")
    xp, shape, rate, loc, scale = float_arrays(p.concentration, p.rate, loc, scale, names=names)
    return loc / scale - shape * xp.log1p(1 / (rate * scale))


def _laplace_decay(p: Laplace, loc: Array, scale: Array) -> Array:
    names = ("p.loc", "p.scale", "q.loc", "q.scale")
    xp, m, b, loc, scale = float_arrays(p.loc, p.scale, loc, scale, names=names)
    share = b / scale
    finite = share < 1
    return xp.where(finite, (loc - m) / scale - xp.log1p(-xp.where(finite, share * share, 0.0)), math.inf)


def _normal_decay(p: Normal, loc: Array, scale: Array) -> Array:
    names = ("p.loc", "p.scale", "q.loc", "q.scale")
    _, m, s, loc, scale = float_arrays(p.loc, p.scale, loc, scale, names=names)
    spread = s / scale
    return (loc - m) / scale + spread * spread / 2


def _uniform_decay(p: Uniform, loc: Array, scale: Array) -> Array:
    """e^(-(low - loc) / scale) (1 - e^-y) / y with y the width in units of the scale."""
    xp, low, high, loc, scale = float_arrays(p.low, p.high, loc, scale, names=("p.low", "p.high", "q.loc", "q.scale"))
    width = (high - low) / scale
    return (loc - low) / scale + xp.log(-xp.expm1(-width) / width)


def _gumbel_decay(p: Gumbel, loc: Array, scale: Array) -> Array:
    names = ("p.loc", "p.scale", "q.loc", "q.scale")
    _, m, b, loc, scale = float_arrays(p.loc, p.scale, loc, scale, names=names)
    return (loc - m) / scale + gammaln_difference(1.0, b / scale)


_LOG_DECAYS: dict[type, Callable[[Any, Array, Array], Array]] = {
    Exponential: _exponential_decay,
    Gamma: _gamma_decay,
    Gumbel: _gumbel_decay,
    Laplace: _laplace_decay,
    Normal: _normal_decay,
    Uniform: _uniform_decay,
}
