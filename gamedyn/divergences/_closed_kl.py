"""Closed forms of KL(p, q) between two laws of known families, from non-negative parts that do not cancel."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gamedyn.backend import Array, array_namespace, float_arrays, special
from gamedyn.distributions import Exponential, Laplace, MultivariateNormal, Normal, Uniform
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._terms import relative_entropy_terms

__all__ = ["CLOSED_KL", "excess", "relative_spectrum"]


def excess(xp: Any, ratio: Array, difference: Array) -> Array:
    """r - 1 - log r >= 0 from r and r - 1, to full relative precision next to r = 1."""
    one = xp.ones_like(ratio)
    return relative_entropy_terms(Pair(xp, one, ratio, given_difference=-difference))


def _exponential_excess(xp: Any, t: Array) -> Array:
    """e^-t - 1 + t for t >= 0."""
    return relative_entropy_terms(Pair.of_logarithms(xp, xp.zeros_like(t), -t))


def _normal_normal(p: Normal, q: Normal) -> Array:
    """(r - 1 - log r) / 2 + (m1 - m2)^2 / (2 s2^2) with r = s1^2 / s2^2."""
    xp, m1, s1, m2, s2 = float_arrays(p.loc, p.scale, q.loc, q.scale, names=("p.loc", "p.scale", "q.loc", "q.scale"))
    ratio, shift = s1 / s2, (m1 - m2) / s2
    return (excess(xp, ratio * ratio, (s1 - s2) / s2 * (ratio + 1)) + shift * shift) / 2


def relative_spectrum(p: MultivariateNormal, q: MultivariateNormal) -> tuple[Any, Array, Array]:
    """The eigenvalues of L2^-1 S1 L2^-T with S2 = L2 L2^T, and |L2^-1 (m1 - m2)|^2."""
    names = ("p.loc", "p.covariance_matrix", "q.loc", "q.covariance_matrix")
    xp, m1, s1, m2, s2 = float_arrays(p.loc, p.covariance_matrix, q.loc, q.covariance_matrix, names=names)
    s1, s2 = xp.broadcast_arrays(s1, s2)
    root = xp.linalg.cholesky(s2)
    # Of S1 - S2, whose entries are exact next to S1 = S2, rather than of S1.
    half = xp.linalg.solve(root, s1 - s2)
    deviation = xp.linalg.solve(root, xp.matrix_transpose(half))
    deviation = (deviation + xp.matrix_transpose(deviation)) / 2
    shift = xp.linalg.solve(root, xp.broadcast_to((m1 - m2)[..., None], (*s2.shape[:-1], 1)))[..., 0]
    return xp, xp.linalg.eigvalsh(deviation), xp.sum(shift * shift, axis=-1)


def _multivariate_normal(p: MultivariateNormal, q: MultivariateNormal) -> Array:
    """[sum (r - 1 - log r) + |L2^-1 (m1 - m2)|^2] / 2 over the eigenvalues r of S2^-1 S1."""
    xp, deviation, shift = relative_spectrum(p, q)
    return (xp.sum(excess(xp, 1 + deviation, deviation), axis=-1) + shift) / 2


def _laplace_laplace(p: Laplace, q: Laplace) -> Array:
    """(r - 1 - log r) + r (t + e^-t - 1) with r = b1 / b2 and t = |m1 - m2| / b1."""
    xp, m1, b1, m2, b2 = float_arrays(p.loc, p.scale, q.loc, q.scale, names=("p.loc", "p.scale", "q.loc", "q.scale"))
    ratio = b1 / b2
    return excess(xp, ratio, (b1 - b2) / b2) + ratio * _exponential_excess(xp, xp.abs(m1 - m2) / b1)


def _exponential_exponential(p: Exponential, q: Exponential) -> Array:
    """r - 1 - log r with r the rate of q over that of p."""
    xp, a, b = float_arrays(p.rate, q.rate, names=("p.rate", "q.rate"))
    return excess(xp, b / a, (b - a) / a)


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


def _never_fits(p: Any, q: Any) -> Array:
    """inf: p has mass where q has none, whatever their parameters."""
    first, second = _parameter(p), _parameter(q)
    xp = array_namespace(first, second)
    return xp.zeros_like(first) * xp.zeros_like(second) + math.inf


def _parameter(law: Any) -> Array:
    return law.low if isinstance(law, Uniform) else law.rate if isinstance(law, Exponential) else law.loc


CLOSED_KL: dict[tuple[type, type], Callable[[Any, Any], Array]] = {
    (Normal, Normal): _normal_normal,
    (MultivariateNormal, MultivariateNormal): _multivariate_normal,
    (Laplace, Laplace): _laplace_laplace,
    (Exponential, Exponential): _exponential_exponential,
    (Uniform, Normal): _uniform_normal,
    (Exponential, Normal): _exponential_normal,
    (Laplace, Normal): _laplace_normal,
    (Normal, Laplace): _normal_laplace,
    (Uniform, Exponential): _uniform_exponential,
    (Normal, Exponential): _never_fits,
    (Normal, Uniform): _never_fits,
    (Laplace, Exponential): _never_fits,
    (Laplace, Uniform): _never_fits,
    (Exponential, Uniform): _never_fits,
}
