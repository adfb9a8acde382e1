"""Which two laws belong to one exponential family, and the segment between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn.backend import array_namespace, float_arrays
from gamedyn.distributions import (
    Beta,
    Dirichlet,
    Distribution,
    Exponential,
    Gamma,
    Geometric,
    Gumbel,
    HalfNormal,
    InverseGamma,
    InverseGaussian,
    LogNormal,
    LowRankMultivariateNormal,
    MultivariateNormal,
    NegativeBinomial,
    Normal,
    Poisson,
    Rayleigh,
    VonMises,
    Weibull,
)
from gamedyn.divergences._excess import log_ratio
from gamedyn.divergences._segment import Segment
from gamedyn.divergences._segments_counts import FailureSegment, between_failures, between_poissons
from gamedyn.divergences._segments_gamma import (
    DirichletSegment,
    GammaSegment,
    RateSegment,
    between_dirichlets,
    between_gammas,
    between_rates,
)
from gamedyn.divergences._segments_normal import between_multivariate_normals, between_normals
from gamedyn.divergences._segments_others import between_inverse_gaussians, between_von_mises
from gamedyn.numerics import log_sigmoid

__all__ = ["segment_between"]


def segment_between(p: Distribution, q: Distribution) -> Segment | None:
    """The segment from p to q, None where they share no exponential family that is known here."""
    make = _SEGMENTS.get((type(p), type(q)))
    return None if make is None else make(p, q)


def _equal(a: Any, b: Any) -> bool:
    xp, a, b = float_arrays(a, b, names=("p", "q"))
    return bool(xp.all(a == b))


def _by_scales(p: Any, q: Any, weight: float) -> RateSegment:
    """Of laws of x^2 over a squared scale: the rate is proportional to 1 / scale^2."""
    xp, a, b = float_arrays(p.scale, q.scale, names=("p.scale", "q.scale"))
    ratio = a / b
    return RateSegment(xp, ratio * ratio, (a - b) / b * (ratio + 1), weight)


def _by_log_rates(xp: Any, change: Any) -> RateSegment:
    return RateSegment(xp, xp.exp(change), xp.expm1(change))


def _gumbels(p: Gumbel, q: Gumbel) -> RateSegment | None:
    """Of one scale b, exponential in e^(-x / b) with rate e^(loc / b)."""
    if not _equal(p.scale, q.scale):
        return None
    xp, m1, m2, scale = float_arrays(p.loc, q.loc, q.scale, names=("p.loc", "q.loc", "q.scale"))
    return _by_log_rates(xp, (m2 - m1) / scale)


def _weibulls(p: Weibull, q: Weibull) -> RateSegment | None:
    """Of one shape k, exponential in x^k with rate scale^-k."""
    if not _equal(p.concentration, q.concentration):
        return None
    names = ("p.scale", "q.scale", "q.concentration")
    xp, l1, l2, shape = float_arrays(p.scale, q.scale, q.concentration, names=names)
    return _by_log_rates(xp, shape * log_ratio(xp, l1, l2))


def _geometrics(p: Geometric, q: Geometric) -> FailureSegment:
    return between_failures(_failure(p), _failure(q))


def _failure(law: Geometric) -> tuple[Any, Any, Any]:
    """The chance of a failure, its logarithm, and the chance of success."""
    xp = array_namespace(law.probs)
    rare = law.probs < 0.5
    log_failure = xp.where(rare, xp.log1p(-xp.where(rare, law.probs, 0.0)), log_sigmoid(-law.logits))
    return 1 - law.probs, log_failure, law.probs


def _negative_binomials(p: NegativeBinomial, q: NegativeBinomial) -> FailureSegment | None:
    """Of one number of failures."""
    if not _equal(p.total_count, q.total_count):
        return None
    first, second = ((law.probs, log_sigmoid(law.logits), 1 - law.probs) for law in (p, q))
    return between_failures(first, second, q.total_count)


def _shape_and_rate(law: Any) -> tuple[Any, Any]:
    return (1.0 + 0.0 * law.rate if isinstance(law, Exponential) else law.concentration), law.rate


def _gammas(p: Any, q: Any) -> GammaSegment:
    return between_gammas(*_shape_and_rate(p), *_shape_and_rate(q))


def _betas(p: Beta, q: Beta) -> DirichletSegment:
    return between_dirichlets(*(_shapes(law) for law in (p, q)))


def _shapes(law: Beta) -> Any:
    return array_namespace(law.concentration1).stack([law.concentration1, law.concentration0], axis=-1)


_SEGMENTS: dict[tuple[type, type], Callable[[Any, Any], Segment | None]] = {
    (Beta, Beta): _betas,
    (Dirichlet, Dirichlet): lambda p, q: between_dirichlets(p.concentration, q.concentration),
    (Exponential, Exponential): lambda p, q: between_rates(p.rate, q.rate),
    (Exponential, Gamma): _gammas,
    (Gamma, Exponential): _gammas,
    (Gamma, Gamma): _gammas,
    (Geometric, Geometric): _geometrics,
    (Gumbel, Gumbel): _gumbels,
    (HalfNormal, HalfNormal): lambda p, q: _by_scales(p, q, 0.5),
    (InverseGamma, InverseGamma): _gammas,
    (InverseGaussian, InverseGaussian): between_inverse_gaussians,
    (LogNormal, LogNormal): between_normals,
    (LowRankMultivariateNormal, LowRankMultivariateNormal): between_multivariate_normals,
    (LowRankMultivariateNormal, MultivariateNormal): between_multivariate_normals,
    (MultivariateNormal, LowRankMultivariateNormal): between_multivariate_normals,
    (MultivariateNormal, MultivariateNormal): between_multivariate_normals,
    (NegativeBinomial, NegativeBinomial): _negative_binomials,
    (Normal, Normal): between_normals,
    (Poisson, Poisson): between_poissons,
    (Rayleigh, Rayleigh): lambda p, q: _by_scales(p, q, 1.0),
    (VonMises, VonMises): between_von_mises,
    (Weibull, Weibull): _weibulls,
}
