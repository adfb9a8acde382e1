"""E log x, and log E e^(-(x - m) / b), of the laws that have them in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, float_arrays
from gamedyn.distributions import (
    Distribution,
    Exponential,
    Gumbel,
    HalfNormal,
    Laplace,
    LogNormal,
    Normal,
    Pareto,
    Rayleigh,
    Uniform,
    Weibull,
)
from gamedyn.divergences._excess import log_ratio
from gamedyn.numerics import gammaln_difference

__all__ = ["log_decay", "log_mean"]

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


_LOG_MEANS: dict[type, Callable[[Any], Array]] = {
    Exponential: lambda p: -_log(p.rate) - _GAMMA,
    HalfNormal: lambda p: _log(p.scale) - (_GAMMA + math.log(2)) / 2,
    LogNormal: lambda p: p.loc,
    Pareto: lambda p: _log(p.scale) + 1 / p.alpha,
    Rayleigh: lambda p: _log(p.scale) + (math.log(2) - _GAMMA) / 2,
    Uniform: _uniform,
    Weibull: lambda p: _log(p.scale) - _GAMMA / p.concentration,
}


def _exponential_decay(p: Exponential, loc: Array, scale: Array) -> Array:
    xp, rate, loc, scale = float_arrays(p.rate, loc, scale, names=("p.rate", "q.loc", "q.scale"))
    return loc / scale - xp.log1p(1 / (rate * scale))


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
    Gumbel: _gumbel_decay,
    Laplace: _laplace_decay,
    Normal: _normal_decay,
    Uniform: _uniform_decay,
}
