"""Which divergences of two laws have a closed form: laws of a few masses, formulas of a pair, exponential families."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gamedyn.backend import Array, array_namespace
from gamedyn.distributions import (
    Bernoulli,
    Cauchy,
    Distribution,
    Exponential,
    Gumbel,
    Laplace,
    Pareto,
    Poisson,
    Rayleigh,
    Weibull,
)
from gamedyn.divergences._cauchy_pair import (
    jensen_shannon_between_cauchys,
    kl_between_cauchys,
    pearson_between_cauchys,
    total_variation_between_cauchys,
)
from gamedyn.divergences._closed_others import CLOSED_TOTAL_VARIATION
from gamedyn.divergences._exponential_families import segment_between
from gamedyn.divergences._extreme_value_pair import kl_between_gumbels, kl_between_weibulls
from gamedyn.divergences._kl_by_moments import kl_by_moments
from gamedyn.divergences._laplace_pair import kl_between_laplaces, renyi_between_laplaces
from gamedyn.divergences._laws_of_masses import as_masses, as_trials, kl_to_poisson, renyi_of_masses
from gamedyn.divergences._pareto_pair import renyi_between_paretos
from gamedyn.divergences._quiet import exponential
from gamedyn.divergences._segment import renyi, renyi_of_small_order

if TYPE_CHECKING:
    from gamedyn.divergences._base import FDivergence

__all__ = ["closed_form", "closed_renyi"]

# The same divergence with its arguments exchanged.
_REVERSED = {"ReverseKullbackLeibler": "KullbackLeibler", "Neyman": "Pearson"}
_Formulas = Mapping[tuple[type, type], Callable[[Any, Any], Array | None]]
_WEIBULL = (Exponential, Rayleigh, Weibull)
_KL: _Formulas = {
    (Bernoulli, Poisson): kl_to_poisson,
    (Cauchy, Cauchy): kl_between_cauchys,
    (Gumbel, Gumbel): kl_between_gumbels,
    (Laplace, Laplace): kl_between_laplaces,
    **{(first, second): kl_between_weibulls for first in _WEIBULL for second in _WEIBULL if Weibull in (first, second)},
}
_FORMULAS: dict[str, _Formulas] = {
    "JensenShannon": {(Cauchy, Cauchy): jensen_shannon_between_cauchys},
    "Pearson": {(Cauchy, Cauchy): pearson_between_cauchys},
    "TotalVariation": {**CLOSED_TOTAL_VARIATION, (Cauchy, Cauchy): total_variation_between_cauchys},
}
_RENYI: dict[tuple[type, type], Callable[[Any, Any, float], Array]] = {
    (Laplace, Laplace): renyi_between_laplaces,
    (Pareto, Pareto): renyi_between_paretos,
}


def closed_form(divergence: FDivergence, p: Distribution, q: Distribution) -> Array | None:
    """The divergence of two laws where there is a closed form, else None; shape of the batch."""
    pair = as_masses(p, q)
    if pair is not None:
        return pair.xp.sum(divergence.terms(pair), axis=-1)
    kind = type(divergence).__name__
    if kind in _REVERSED:
        kind, p, q = _REVERSED[kind], q, p
    formula = _FORMULAS.get(kind, {}).get((type(p), type(q)))
    value = None if formula is None else formula(p, q)
    return value if value is not None else _from_renyi(kind, getattr(divergence, "alpha", None), p, q)


def closed_renyi(p: Distribution, q: Distribution, alpha: float) -> Array | None:
    """log(integral p^alpha q^(1 - alpha)) / (alpha - 1) for 0 < alpha < inf, KL at 1; None without a closed form."""
    kinds = (type(p), type(q))
    if alpha == 1 and kinds in _KL:
        return _KL[kinds](p, q)
    if kinds in _RENYI:
        return _RENYI[kinds](p, q, alpha)
    trials = as_trials(p, q)
    if trials is not None:
        count, pair = trials
        return _times(count, renyi_of_masses(pair, alpha))
    segment = segment_between(p, q) if alpha > 0.5 else segment_between(q, p)
    if segment is not None:
        return renyi(segment, alpha) if alpha > 0.5 else renyi_of_small_order(segment, alpha)
    return kl_by_moments(p, q) if alpha == 1 else None


def _times(count: Array, value: Array) -> Array:
    """count value, 0 for no trial."""
    xp = array_namespace(value)
    count, value = xp.broadcast_arrays(count, value)
    return count * xp.where(count > 0, value, 0.0)


def _from_renyi(kind: str, alpha: float | None, p: Distribution, q: Distribution) -> Array | None:
    """The divergences that are functions of integral p^a q^(1 - a), from its logarithm."""
    if kind == "KullbackLeibler":
        return closed_renyi(p, q, 1.0)
    if kind == "Jeffreys":
        forth, back = closed_renyi(p, q, 1.0), closed_renyi(q, p, 1.0)
        return None if forth is None or back is None else forth + back
    if kind == "AlphaDivergence" and alpha is not None:
        if alpha <= 0:
            alpha, p, q = 1 - alpha, q, p
        value = closed_renyi(p, q, alpha)
        return value if value is None or alpha == 1 else _expm1((alpha - 1) * value) / (alpha * (alpha - 1))
    order = {"SquaredHellinger": 0.5, "Pearson": 2.0}.get(kind)
    value = None if order is None else closed_renyi(p, q, order)
    if value is None:
        return None
    return -_expm1(-value / 2) if order == 0.5 else _expm1(value)


def _expm1(x: Array) -> Array:
    """e^x - 1, inf where it overflows."""
    xp = array_namespace(x)
    small = x < 1
    return xp.where(small, xp.expm1(xp.where(small, x, 0.0)), exponential(xp, x) - 1)
