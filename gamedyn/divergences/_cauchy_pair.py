"""Divergences between two Cauchy laws: all of them are functions of Pearson's."""

from __future__ import annotations

import math
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.distributions import Cauchy

__all__ = [
    "jensen_shannon_between_cauchys",
    "kl_between_cauchys",
    "pearson_between_cauchys",
    "total_variation_between_cauchys",
]


def _parameters(p: Cauchy, q: Cauchy) -> tuple[Any, ...]:
    """The namespace, and Pearson's divergence, [(m1 - m2)^2 + (s1 - s2)^2] / (2 s1 s2)."""
    xp, m1, s1, m2, s2 = float_arrays(p.loc, p.scale, q.loc, q.scale, names=("p.loc", "p.scale", "q.loc", "q.scale"))
    shift, spread = m1 - m2, s1 - s2
    return xp, (shift / s1 * (shift / s2) + spread / s1 * (spread / s2)) / 2


def pearson_between_cauchys(p: Cauchy, q: Cauchy) -> Array:
    """[(m1 - m2)^2 + (s1 - s2)^2] / (2 s1 s2), symmetric."""
    return _parameters(p, q)[1]


def kl_between_cauchys(p: Cauchy, q: Cauchy) -> Array:
    """log([(s1 + s2)^2 + (m1 - m2)^2] / (4 s1 s2)) = log(1 + X / 2), X Pearson's divergence; symmetric.

    Chyzak and Nielsen (2019), A closed-form formula for the Kullback-Leibler divergence between Cauchy distributions.
    """
    xp, chi = _parameters(p, q)
    return xp.log1p(chi / 2)


def jensen_shannon_between_cauchys(p: Cauchy, q: Cauchy) -> Array:
    """log(2 / (1 + R^-1/2)) with R = 1 + X / 2, X Pearson's divergence.

    Nielsen and Okamura (2021), On f-divergences between Cauchy distributions.
    """
    xp, chi = _parameters(p, q)
    root = xp.sqrt(1 + chi / 2)
    # 2 sqrt R / (sqrt R + 1) - 1 = (sqrt R - 1) / (sqrt R + 1), and sqrt R - 1 = X / 2 / (sqrt R + 1)
    return xp.log1p(chi / 2 / (root + 1) ** 2)


def total_variation_between_cauchys(p: Cauchy, q: Cauchy) -> Array:
    """(2 / pi) arctan(sqrt(X / 2)), X Pearson's divergence: that of equal scales, to which every pair can be mapped."""
    xp, chi = _parameters(p, q)
    return xp.atan(xp.sqrt(chi / 2)) * (2 / math.pi)
