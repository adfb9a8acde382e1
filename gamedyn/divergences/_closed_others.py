"""Closed forms of the Hellinger, total variation and Pearson divergences between two laws of known families."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gamedyn.backend import Array, float_arrays, special
from gamedyn.distributions import Exponential, Laplace, MultivariateNormal, Normal
from gamedyn.divergences._closed_kl import relative_spectrum
from gamedyn.divergences._quiet import exponential

__all__ = ["CLOSED_HELLINGER", "CLOSED_PEARSON", "CLOSED_TOTAL_VARIATION"]


def _scales(p: Any, q: Any) -> tuple[Any, ...]:
    return float_arrays(p.loc, p.scale, q.loc, q.scale, names=("p.loc", "p.scale", "q.loc", "q.scale"))


def _hellinger_normal(p: Normal, q: Normal) -> Array:
    """1 - sqrt(2 s1 s2 / (s1^2 + s2^2)) e^(-(m1 - m2)^2 / (4 (s1^2 + s2^2)))."""
    xp, m1, s1, m2, s2 = _scales(p, q)
    size = xp.sqrt(s1 * s1 + s2 * s2)
    spread, shift = (s1 - s2) / size, (m1 - m2) / size
    # 2 s1 s2 = s1^2 + s2^2 - (s1 - s2)^2
    return -xp.expm1(xp.log1p(-spread * spread) / 2 - shift * shift / 4)


def _hellinger_multivariate_normal(p: MultivariateNormal, q: MultivariateNormal) -> Array:
    """1 - prod (2 sqrt r / (1 + r))^(1/2) e^(-d^T (S1 + S2)^-1 d / 4), d = m1 - m2, r the eigenvalues of S2^-1 S1."""
    xp, deviation, _ = relative_spectrum(p, q)
    names = ("p.loc", "p.covariance_matrix", "q.loc", "q.covariance_matrix")
    xp, m1, s1, m2, s2 = float_arrays(p.loc, p.covariance_matrix, q.loc, q.covariance_matrix, names=names)
    both = s1 + s2
    shift = xp.broadcast_to((m1 - m2)[..., None], (*both.shape[:-1], 1))
    form = xp.sum(shift * xp.linalg.solve(both, shift), axis=(-2, -1))
    # (1 + r) / (2 sqrt r) = 1 + (sqrt r - 1)^2 / (2 sqrt r), and sqrt r - 1 = (r - 1) / (sqrt r + 1)
    root = xp.sqrt(1 + deviation)
    step = deviation / (root + 1)
    return -xp.expm1(-xp.sum(xp.log1p(step * step / (2 * root)), axis=-1) / 2 - form / 4)


def _hellinger_exponential(p: Exponential, q: Exponential) -> Array:
    """(sqrt a - sqrt b)^2 / (a + b)."""
    xp, a, b = float_arrays(p.rate, q.rate, names=("p.rate", "q.rate"))
    step = (a - b) / (xp.sqrt(a) + xp.sqrt(b))
    return step * step / (a + b)


def _total_variation_normal(p: Normal, q: Normal) -> Array | None:
    """erf(|m1 - m2| / (2 sqrt(2) s)) for equal scales."""
    xp, m1, s1, m2, s2 = _scales(p, q)
    if not bool(xp.all(s1 == s2)):
        return None
    return special(xp).erf(xp.abs(m1 - m2) / (math.sqrt(8) * s1))


def _total_variation_laplace(p: Laplace, q: Laplace) -> Array | None:
    """1 - e^(-|m1 - m2| / (2 b)) for equal scales."""
    xp, m1, b1, m2, b2 = _scales(p, q)
    if not bool(xp.all(b1 == b2)):
        return None
    return -xp.expm1(-xp.abs(m1 - m2) / (2 * b1))


def _total_variation_exponential(p: Exponential, q: Exponential) -> Array:
    """(1 - r) r^(r / (1 - r)), r the smaller rate over the larger: the densities cross where e^((a - b) x) = a / b."""
    xp, a, b = float_arrays(p.rate, q.rate, names=("p.rate", "q.rate"))
    a, b = xp.broadcast_arrays(a, b)
    larger = xp.where(a < b, b, a)
    gap = xp.abs(a - b) / larger
    safe = xp.where(gap > 0, gap, 0.5)
    return xp.where(gap > 0, gap * xp.exp((1 - safe) * xp.log1p(-safe) / safe), 0.0)


def _pearson_normal(p: Normal, q: Normal) -> Array:
    """(r (2 - r))^(-1/2) e^((m1 - m2)^2 / (2 s2^2 - s1^2)) - 1 with r = s1^2 / s2^2; inf for r >= 2."""
    xp, m1, s1, m2, s2 = _scales(p, q)
    ratio, shift = s1 / s2, (m1 - m2) / s2
    square = ratio * ratio
    finite = square < 2
    away = (ratio - 1) * (ratio + 1)  # r (2 - r) = 1 - (r - 1)^2
    away = xp.where(finite, away, 0.0)
    exponent = shift * shift / xp.where(finite, 2 - square, 1.0) - xp.log1p(-away * away) / 2
    small = exponent < 1
    value = xp.where(small, xp.expm1(xp.where(small, exponent, 0.0)), exponential(xp, exponent) - 1)
    return xp.where(finite, value, math.inf)


def _pearson_exponential(p: Exponential, q: Exponential) -> Array:
    """(a - b)^2 / (b (2a - b)), inf for 2a <= b."""
    xp, a, b = float_arrays(p.rate, q.rate, names=("p.rate", "q.rate"))
    rest = 2 * a - b
    finite = rest > 0
    return xp.where(finite, (a - b) / b * ((a - b) / xp.where(finite, rest, 1.0)), math.inf)


CLOSED_HELLINGER: dict[tuple[type, type], Callable[[Any, Any], Array | None]] = {
    (Normal, Normal): _hellinger_normal,
    (MultivariateNormal, MultivariateNormal): _hellinger_multivariate_normal,
    (Exponential, Exponential): _hellinger_exponential,
}
CLOSED_TOTAL_VARIATION: dict[tuple[type, type], Callable[[Any, Any], Array | None]] = {
    (Normal, Normal): _total_variation_normal,
    (Laplace, Laplace): _total_variation_laplace,
    (Exponential, Exponential): _total_variation_exponential,
}
CLOSED_PEARSON: dict[tuple[type, type], Callable[[Any, Any], Array | None]] = {
    (Normal, Normal): _pearson_normal,
    (Exponential, Exponential): _pearson_exponential,
}
