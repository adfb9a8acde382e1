"""What the supports of two laws alone decide: inf where one has mass that the other lacks, and the supremum."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gamedyn.backend import Array, array_namespace
from gamedyn.distributions import (
    Bernoulli,
    Beta,
    Binomial,
    Cauchy,
    Distribution,
    Exponential,
    Gamma,
    Geometric,
    Gumbel,
    HalfNormal,
    InverseGamma,
    InverseGaussian,
    Laplace,
    LogNormal,
    NegativeBinomial,
    Normal,
    Pareto,
    Poisson,
    Rayleigh,
    StudentT,
    Uniform,
    VonMises,
    Weibull,
)
from gamedyn.divergences._law_values import placed

if TYPE_CHECKING:
    from gamedyn.divergences._base import FDivergence

__all__ = ["by_supports", "ends_of", "p_sticks_out"]

_REAL = (Cauchy, Gumbel, Laplace, Normal, StudentT)
_POSITIVE = (Exponential, Gamma, HalfNormal, InverseGamma, InverseGaussian, LogNormal, Rayleigh, Weibull)


def ends_of(law: Distribution) -> tuple[Any, Any] | None:
    """The ends of the support of each law of the batch, as numbers or arrays; None where they are not known."""
    if isinstance(law, _REAL):
        return -math.inf, math.inf
    if isinstance(law, _POSITIVE):
        return 0.0, math.inf
    if isinstance(law, Uniform):
        return law.low, law.high
    if isinstance(law, Pareto):
        return law.scale, math.inf
    if isinstance(law, Beta):
        return 0.0, 1.0
    if isinstance(law, VonMises):
        return -math.pi, math.pi
    return _ends_of_counts(law)


def _ends_of_counts(law: Any) -> tuple[Any, Any] | None:
    """Of laws of counts, each of which may be a constant."""
    if isinstance(law, Poisson):
        return 0.0, _endless_unless(law.rate == 0, law.rate)
    if isinstance(law, Geometric):
        return 0.0, _endless_unless(law.probs == 1, law.probs)
    if isinstance(law, NegativeBinomial):
        return 0.0, _endless_unless(law.probs == 0, law.probs)
    if isinstance(law, (Bernoulli, Binomial)):
        xp = array_namespace(law.probs)
        most = law.total_count if isinstance(law, Binomial) else xp.ones_like(law.probs)
        zero = 0.0 * law.probs
        return xp.where(law.probs == 1, most, zero), xp.where(law.probs == 0, zero, most)
    return None


def _endless_unless(constant: Array, parameter: Array) -> Array:
    return array_namespace(parameter).where(constant, 0.0 * parameter, math.inf)


def by_supports(divergence: FDivergence, p: Distribution, q: Distribution) -> Array | None:
    """The divergence, if the supports decide it for every pair of the batch, else None."""
    if p.is_discrete is not q.is_discrete:
        # Mutually singular: atoms have no density, and a density has no atoms.
        return placed(p, q, divergence.supremum)
    of_p, of_q = ends_of(p), ends_of(q)
    if of_p is None or of_q is None:
        return None
    (low_p, high_p), (low_q, high_q) = of_p, of_q
    # Intervals that meet in one point share no mass unless it is an atom.
    apart = (high_p < low_q) | (high_q < low_p)
    if not p.is_discrete:
        apart = apart | (high_p == low_q) | (high_q == low_p)
    if _everywhere(apart):
        return placed(p, q, divergence.supremum)
    p_alone = p_sticks_out(p, q) if math.isinf(divergence.slope_at_infinity) else False
    q_alone = p_sticks_out(q, p) if math.isinf(divergence.slope_at_zero) else False
    return placed(p, q, math.inf) if _everywhere(p_alone | q_alone) else None


def p_sticks_out(p: Distribution, q: Distribution) -> Any:
    """Where p has mass beyond the ends of q, for laws whose ends are known."""
    of_p, of_q = ends_of(p), ends_of(q)
    if of_p is None or of_q is None:
        return False
    return (of_p[0] < of_q[0]) | (of_p[1] > of_q[1])


def _everywhere(condition: Any) -> bool:
    return condition if isinstance(condition, bool) else bool(array_namespace(condition).all(condition))
