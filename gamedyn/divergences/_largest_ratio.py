"""The logarithm of the largest ratio of two densities, Renyi's divergence of order infinity between laws."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.distributions import Distribution, Exponential, Laplace, LogNormal, Normal, Poisson
from gamedyn.divergences._excess import log_ratio
from gamedyn.divergences._kullback_leibler import KullbackLeibler
from gamedyn.divergences._law_supports import by_supports
from gamedyn.divergences._laws_of_masses import as_masses, as_trials
from gamedyn.divergences._renyi import log_quotients

__all__ = ["largest_log_ratio"]


def largest_log_ratio(p: Distribution, q: Distribution) -> Array | None:
    """The essential supremum of log p / q; inf where it has no bound, None where it is not known."""
    pair = as_masses(p, q)
    if pair is not None:
        return pair.xp.max(log_quotients(pair), axis=-1)
    trials = as_trials(p, q)
    if trials is not None:
        count, pair = trials
        most = pair.xp.max(log_quotients(pair), axis=-1)
        return pair.xp.where(count > 0, count * pair.xp.where(count > 0, most, 0.0), 0.0)
    formula = _FORMULAS.get((type(p), type(q)))
    # Where p has mass that q lacks KL is inf, and so is the ratio.
    return by_supports(KullbackLeibler(), p, q) if formula is None else formula(p, q)


def _normals(p: Any, q: Any) -> Array:
    """log(s2 / s1) + (m1 - m2)^2 / (2 (s2^2 - s1^2)) for s1 < s2."""
    xp, m1, s1, m2, s2 = float_arrays(p.loc, p.scale, q.loc, q.scale, names=("p.loc", "p.scale", "q.loc", "q.scale"))
    m1, s1, m2, s2 = xp.broadcast_arrays(m1, s1, m2, s2)
    wider = s1 < s2
    gap = xp.where(wider, s2 - s1, s1)
    shift = m1 - m2
    value = log_ratio(xp, s2, s1) + shift / gap * (shift / (s1 + s2)) / 2
    return xp.where(wider, value, xp.where((s1 == s2) & (m1 == m2), 0.0 * gap, math.inf))


def _exponentials(p: Exponential, q: Exponential) -> Array:
    """log(a / b), at 0, for rates a >= b."""
    xp, a, b = float_arrays(p.rate, q.rate, names=("p.rate", "q.rate"))
    a, b = xp.broadcast_arrays(a, b)
    return xp.where(a < b, math.inf, log_ratio(xp, a, b))


def _laplaces(p: Laplace, q: Laplace) -> Array:
    """log(b2 / b1) + |m1 - m2| / b2, at m1, for b1 <= b2."""
    xp, m1, b1, m2, b2 = float_arrays(p.loc, p.scale, q.loc, q.scale, names=("p.loc", "p.scale", "q.loc", "q.scale"))
    m1, b1, m2, b2 = xp.broadcast_arrays(m1, b1, m2, b2)
    return xp.where(b1 > b2, math.inf, log_ratio(xp, b2, b1) + xp.abs(m1 - m2) / b2)


def _poissons(p: Poisson, q: Poisson) -> Array:
    """b - a, at 0, for rates a <= b."""
    xp, a, b = float_arrays(p.rate, q.rate, names=("p.rate", "q.rate"))
    a, b = xp.broadcast_arrays(a, b)
    return xp.where(a > b, math.inf, b - a)


_FORMULAS: dict[tuple[type, type], Callable[[Any, Any], Array]] = {
    (Exponential, Exponential): _exponentials,
    (Laplace, Laplace): _laplaces,
    (LogNormal, LogNormal): _normals,
    (Normal, Normal): _normals,
    (Poisson, Poisson): _poissons,
}
