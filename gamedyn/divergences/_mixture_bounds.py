"""Bounds of KL, and of what is made of it, between mixtures of normal laws."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy

from gamedyn.distributions import Distribution
from gamedyn.divergences._law_values import batch_of, definition_of, placed
from gamedyn.divergences._mixture_bounds_on_line import kl_bounds_on_line
from gamedyn.divergences._normal_mixtures import NormalMixture, is_normal_mixture, normal_mixtures
from gamedyn.numerics import Estimate

if TYPE_CHECKING:
    from gamedyn.divergences._base import FDivergence

__all__ = ["by_bounds", "kl_bounds"]

_ROUNDS = 200
# Widening for rounding: sums of some hundreds of terms of the size of the log densities.
_ROUNDING = 1e-12

_Bracket = tuple[float, float]


def by_bounds(divergence: FDivergence, p: Distribution, q: Distribution) -> Estimate:
    """A guaranteed bracket: `value` is its middle and `standard_error` half its width, level 1. On the host."""
    kind = type(divergence).__name__
    if kind not in _KINDS:
        served = ", ".join(sorted(_KINDS))
        raise ValueError(f"method='bounds' serves {served}, got {kind}. Pass 'quadrature' or 'monte_carlo'.")
    if not (is_normal_mixture(p) and is_normal_mixture(q)):
        kinds = f"{type(p).__name__} and {type(q).__name__}"
        raise ValueError(f"method='bounds' serves normal laws and their mixtures, got {kinds}. Pass 'quadrature'.")
    batch = batch_of(p, q)
    pairs = zip(normal_mixtures(p, batch), normal_mixtures(q, batch), strict=True)
    brackets = numpy.array([_KINDS[kind](first, second) for first, second in pairs])
    lower, upper = brackets[:, 0].reshape(batch), brackets[:, 1].reshape(batch)
    # With an upper bound of inf the lower one is all that is known.
    middle = numpy.where(numpy.isfinite(upper), (lower + upper) / 2, lower)
    value, error, lower, upper = (placed(p, q, x) for x in (middle, (upper - lower) / 2, lower, upper))
    definition = definition_of(divergence, "integral of")
    return Estimate(value, error, lower, upper, 1.0, "bounds of normal mixtures", 0, definition)


def kl_bounds(p: NormalMixture, q: NormalMixture) -> _Bracket:
    """The best of all bounds."""
    brackets = [(0.0, _variational_upper_bound(p, q)), _product_bounds(p, q)]
    if len(p.weights) == len(q.weights) == 1:
        value = float(_kl_between_components(p, q)[0, 0])
        brackets.append((value, value))
    elif p.means.shape[-1] == 1:
        brackets.append(kl_bounds_on_line(p, q))
    lower, upper = max(low for low, _ in brackets), min(high for _, high in brackets)
    size = 1 + abs(upper) if math.isfinite(upper) else 1 + abs(lower)
    return max(lower - _ROUNDING * size, 0.0), upper + _ROUNDING * size


def _jensen_shannon(p: NormalMixture, q: NormalMixture) -> _Bracket:
    middle = p.mixed_with(q)
    (low_p, high_p), (low_q, high_q) = kl_bounds(p, middle), kl_bounds(q, middle)
    return (low_p + low_q) / 2, min((high_p + high_q) / 2, math.log(2))


def _jeffreys(p: NormalMixture, q: NormalMixture) -> _Bracket:
    (low_p, high_p), (low_q, high_q) = kl_bounds(p, q), kl_bounds(q, p)
    return low_p + low_q, high_p + high_q


def _gan(p: NormalMixture, q: NormalMixture) -> _Bracket:
    lower, upper = _jensen_shannon(p, q)
    return 2 * lower - math.log(4), 2 * upper - math.log(4)


_KINDS: dict[str, Callable[[NormalMixture, NormalMixture], _Bracket]] = {
    "KullbackLeibler": kl_bounds,
    "ReverseKullbackLeibler": lambda p, q: kl_bounds(q, p),
    "JensenShannon": _jensen_shannon,
    "Jeffreys": _jeffreys,
    "GANDivergence": _gan,
}


def _kl_between_components(p: NormalMixture, q: NormalMixture) -> numpy.ndarray:
    """KL(p_i, q_j), shape (k, l)."""
    d = p.means.shape[-1]
    trace = numpy.trace(numpy.linalg.solve(q.covariances, p.covariances[:, None]), axis1=-2, axis2=-1)
    shift = p.means[:, None] - q.means
    form = numpy.einsum("ijk,ijk->ij", shift, numpy.linalg.solve(q.covariances, shift[..., None])[..., 0])
    kl = (trace + form - d + _log_det(q.covariances) - _log_det(p.covariances)[:, None]) / 2
    clipped: numpy.ndarray = numpy.maximum(kl, 0.0)
    return clipped


def _log_product_integrals(p: NormalMixture, q: NormalMixture) -> numpy.ndarray:
    """log integral p_i q_j, the density of N(0, S_i + S_j) at m_i - m_j, shape (k, l)."""
    covariance = p.covariances[:, None] + q.covariances
    shift = p.means[:, None] - q.means
    form = numpy.einsum("ijk,ijk->ij", shift, numpy.linalg.solve(covariance, shift[..., None])[..., 0])
    logs: numpy.ndarray = -(form + _log_det(covariance) + p.means.shape[-1] * math.log(2 * math.pi)) / 2
    return logs


def _log_det(covariances: numpy.ndarray) -> numpy.ndarray:
    logs: numpy.ndarray = numpy.linalg.slogdet(covariances)[1]
    return logs


def _log_sum(exponents: numpy.ndarray, weights: numpy.ndarray) -> numpy.ndarray:
    """log sum_j weights[j] e^exponents[..., j]."""
    exponents = exponents + numpy.log(weights)
    peak = exponents.max(axis=-1)
    total: numpy.ndarray = peak + numpy.log(numpy.exp(exponents - peak[..., None]).sum(axis=-1))
    return total


def _product_bounds(p: NormalMixture, q: NormalMixture) -> _Bracket:
    """Durrieu, Thiran and Kelly (2012): Jensen's inequality on both sides of E log p and E log q.

    Under p_i, log sum_j w_j e^-KL(p_i, r_j) - H(p_i) <= E log r <= log sum_j w_j integral p_i r_j for r = p and q.
    """
    entropies = (_log_det(p.covariances) + p.means.shape[-1] * (1 + math.log(2 * math.pi))) / 2
    lower, upper = [], []
    for r in (p, q):
        lower.append(_log_sum(-_kl_between_components(p, r), r.weights) - entropies)
        upper.append(_log_sum(_log_product_integrals(p, r), r.weights))
    return float(p.weights @ (lower[0] - upper[1])), float(p.weights @ (upper[0] - lower[1]))


def _variational_upper_bound(p: NormalMixture, q: NormalMixture) -> float:
    """Hershey and Olsen (2007): p = sum phi_ij p_i and q = sum psi_ij q_j, matched pair by pair.

    KL(p, q) <= sum phi_ij [log(phi_ij / psi_ij) + KL(p_i, q_j)] for all phi and psi with the right sums, each of which
    is optimal in turn. Logarithms, so that pairs far apart do not underflow.
    """
    kl = _kl_between_components(p, q)
    log_p, log_q = numpy.log(p.weights)[:, None], numpy.log(q.weights)
    log_psi = log_q - math.log(len(p.weights)) + numpy.zeros_like(kl)
    best = math.inf
    for _ in range(_ROUNDS):
        tilted = log_psi - kl
        log_phi = log_p + tilted - _log_sum(tilted, numpy.ones(tilted.shape[-1]))[:, None]
        log_psi = log_q + log_phi - _log_sum(log_phi.T, numpy.ones(len(log_phi)))
        value = float((numpy.exp(log_phi) * (log_phi - log_psi + kl)).sum())
        if not value < best * (1 - 1e-10):
            break
        best = value
    return min(best, value)
