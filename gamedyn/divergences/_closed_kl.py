"""Closed forms of KL(p, q) between two laws of known families, from non-negative parts that do not cancel."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gamedyn.backend import Array, float_arrays, special
from gamedyn.distributions import Exponential, Laplace, Normal, Uniform
from gamedyn.divergences._laplace_pair import kl_between_laplaces

__all__ = ["CLOSED_KL"]


def _uniform_normal(p: Uniform, q: Normal) -> Array:
    """log(s sqrt(2 pi) / w) + (w^2 / 12 + (c - m)^2) / (2 s^2), w the width and c the centre of p."""
    xp, low, high, m, s = float_arrays(p.low, p.high, q.loc, q.scale, names=("p.low", "p.high", "q.loc", "q.scale"))
    width, shift = (high - low) / s, (0.5 * low + 0.5 * high - m) / s
    return 0.5 * math.log(2 * math.pi) - xp.log(width) + (width * width / 12 + shift * shift) / 2


def _exponential_normal(p: Exponential, q: Normal) -> Array:
    """log(rate s sqrt(2 pi)) - 1 + (1 / rate^2 + (1 / rate - m)^2) / (2 s^2)."""
    xp, rate, m, s = float_arrays(p.rate, q.loc, q.scale, names=("p.rate", "q.loc", "q.scale"))
    spread, shift = 1 / (rate * s), (1 / rate - m) / s
    return 0.5 * math.log(2 * math.pi) - 1 - xp.log(spread) + (spread * spread + shift * shift) / 2


def _laplace_normal(p: Laplace, q: Normal) -> Array:
    """log(s sqrt(2 pi) / (2 b)) - 1 + (2 b^2 + (m1 - m2)^2) / (2 s^2)."""
    xp, m1, b, m2, s = float_arrays(p.loc, p.scale, q.loc, q.scale, names=("p.loc", "p.scale", "q.loc", "q.scale"))
    spread, shift = b / s, (m1 - m2) / s
    return 0.5 * math.log(math.pi / 2) - 1 - xp.log(spread) + spread * spread + shift * shift / 2


def _normal_laplace(p: Normal, q: Laplace) -> Array:
    """log(2 b / (s sqrt(2 pi e))) + E|X - m2| / b, the mean of a folded normal."""
    xp, m1, s, m2, b = float_arrays(p.loc, p.scale, q.loc, q.scale, names=("p.loc", "p.scale", "q.loc", "q.scale"))
    z = (m1 - m2) / s
    folded = math.sqrt(2 / math.pi) * xp.exp(-z * z / 2) + z * special(xp).erf(z / math.sqrt(2))
    return math.log(2) - 0.5 * math.log(2 * math.pi * math.e) - xp.log(s / b) + s / b * folded


def _uniform_exponential(p: Uniform, q: Exponential) -> Array:
    """-log(rate w) + rate c, w the width and c the centre of p; inf if p reaches below 0."""
    xp, low, high, rate = float_arrays(p.low, p.high, q.rate, names=("p.low", "p.high", "q.rate"))
    return xp.where(low >= 0, rate * (0.5 * low + 0.5 * high) - xp.log(rate * (high - low)), math.inf)


CLOSED_KL: dict[tuple[type, type], Callable[[Any, Any], Array]] = {
    (Laplace, Laplace): kl_between_laplaces,
    (Uniform, Normal): _uniform_normal,
    (Exponential, Normal): _exponential_normal,
    (Laplace, Normal): _laplace_normal,
    (Normal, Laplace): _normal_laplace,
    (Uniform, Exponential): _uniform_exponential,
}
