"""Quantiles of upper tails, inf {x : P(X > x) <= t}, where `icdf(1 - t)` would round t away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn import distributions
from gamedyn.backend import Array, array_namespace
from gamedyn.distributions import Distribution

__all__ = ["has_upper_quantile", "upper_quantile"]


def _mirrored(law: Any, t: Array) -> Array:
    return 2 * law.loc - law.icdf(t)


def _log(t: Array) -> Array:
    return array_namespace(t).log(t)


def _gumbel(law: Any, t: Array) -> Array:
    return law.loc - law.scale * _log(-array_namespace(t).log1p(-t))


def _log_normal(law: Any, t: Array) -> Array:
    xp = array_namespace(t)
    return xp.exp(2 * law.loc - xp.log(law.icdf(t)))


def _gamma(law: Any, t: Array) -> Array:
    # 1 / X is large where X is small.
    return 1 / distributions.InverseGamma(law.concentration, law.rate).icdf(t)


_FORMS: dict[type[Distribution], Callable[[Any, Array], Array]] = {
    distributions.Normal: _mirrored,
    distributions.Laplace: _mirrored,
    distributions.Cauchy: _mirrored,
    distributions.StudentT: _mirrored,
    distributions.Uniform: lambda law, t: law.high - (law.high - law.low) * t,
    distributions.Gumbel: _gumbel,
    distributions.Exponential: lambda law, t: -_log(t) / law.rate,
    distributions.Weibull: lambda law, t: law.scale * (-_log(t)) ** (1 / law.concentration),
    distributions.Rayleigh: lambda law, t: law.scale * (-2 * _log(t)) ** 0.5,
    distributions.HalfNormal: lambda law, t: -distributions.Normal(0 * law.scale, law.scale).icdf(t / 2),
    distributions.LogNormal: _log_normal,
    distributions.Pareto: lambda law, t: law.scale * t ** (-1 / law.alpha),
    distributions.Gamma: _gamma,
    distributions.InverseGamma: lambda law, t: 1 / distributions.Gamma(law.concentration, law.rate).icdf(t),
    distributions.Beta: lambda law, t: 1 - distributions.Beta(law.concentration0, law.concentration1).icdf(t),
}


def has_upper_quantile(law: Distribution) -> bool:
    """Whether `upper_quantile` resolves the tail of a law however small t is."""
    return type(law) in _FORMS


def upper_quantile(law: Distribution, t: Array) -> Array:
    """inf {x : P(X > x) <= t}; for laws without a form of their own, icdf(1 - t).

    Parameters
    ----------
    law : Distribution
    t : array
        In (0, 1/2], broadcast against the batch shape.
    """
    form = _FORMS.get(type(law))
    return law.icdf(1 - t) if form is None else form(law, t)
