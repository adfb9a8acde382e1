"""Claims on variational forms: the Fenchel dual of every f-divergence, and Donsker and Varadhan's formula for KL."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn import divergences
from gamedyn.claims import _oracles
from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import pmf_pairs, pmfs, within_rounding

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_DIRECT = (
    (divergences.KullbackLeibler(), _oracles.kl),
    (divergences.ReverseKullbackLeibler(), lambda p, q: _oracles.kl(q, p)),
    (divergences.JensenShannon(), _oracles.jensen_shannon),
    (divergences.TotalVariation(), _oracles.total_variation),
    (divergences.SquaredHellinger(), _oracles.squared_hellinger),
    (divergences.Pearson(), _oracles.pearson),
    (divergences.GANDivergence(), lambda p, q: 2 * _oracles.jensen_shannon(p, q) - math.log(4)),
)


def _bounds(p: Any, q: Any, logit: Any) -> Evidence:
    """E_p T - E_q f*(T) at T = f'(e^logit), and D_f itself, against the direct formula of each divergence."""
    predicted = numpy.stack([direct(p, q) for _, direct in _DIRECT])
    measured = [(p * f.critic_from_logit(logit) - q * f.conjugate_from_logit(logit)).sum(-1) for f, _ in _DIRECT]
    size = (_oracles.summed_logs(p, q) + (p**2 / q + q**2 / p).sum(-1)) * numpy.ones_like(predicted)
    return within_rounding(predicted, numpy.stack([measured, [f(p, q) for f, _ in _DIRECT]]), terms=64, size=size)


def _tight(rng: Generator) -> Evidence:
    """Any p, q > 0. sup over T of E_p T - E_q f*(T) is D_f, attained at T* = f'(p/q), for every f (equality)."""
    p, q = pmf_pairs(rng)
    return _bounds(p, q, numpy.log(p / q))


def _tight_control(rng: Generator) -> Evidence:
    """The critic of the exchanged pair."""
    p, q = pmf_pairs(rng)
    return _bounds(p, q, numpy.log(q / p))


def _maximised(p: Any, q: Any, *, with_log: bool) -> tuple[float, float]:
    """The largest E_p T - log E_q e^T (or - E_q e^T), found numerically, and a bound on what it misses.

    At T the value misses KL(p, r), r = q e^T / E_q e^T, and KL(p, r) <= sum (p - r)^2 / r.
    """
    from scipy.optimize import minimize

    def negative(t: Any) -> tuple[float, Any]:
        mass = (q * numpy.exp(t)).sum()
        tilted = q * numpy.exp(t) / (mass if with_log else 1.0)
        return float((math.log(mass) if with_log else mass) - p @ t), tilted - p

    found = minimize(negative, numpy.zeros(len(p)), jac=True, method="BFGS", options={"gtol": 1e-9})
    tilted = negative(found.x)[1] + p
    return -float(found.fun), float(((p - tilted) ** 2 / tilted).sum())


def _donsker_varadhan(rng: Generator) -> Evidence:
    """Any p, q > 0. KL(p, q) = sup over T of E_p T - log E_q e^T; the supremum is found by an optimiser (equality)."""
    p, q = pmfs(rng, 2, 5)
    predicted, missed = _maximised(p, q, with_log=True)
    source = "chi^2 bound on what the optimiser misses, and 64 ulp"
    return Evidence(predicted, divergences.kl_divergence(p, q), missed + 64 * 2.3e-16 * (1 + predicted), source)


def _donsker_varadhan_control(rng: Generator) -> Evidence:
    """Without the logarithm the supremum is KL - 1."""
    p, q = pmfs(rng, 2, 5)
    predicted, missed = _maximised(p, q, with_log=False)
    return Evidence(predicted, divergences.kl_divergence(p, q), missed + 1e-9, "as above")


CLAIMS = (
    Claim(
        id="div.fdual-tight",
        statement="D_f(p, q) = E_p T* - E_q f*(T*) at T* = f'(p/q), for every f",
        source="Nguyen, Wainwright & Jordan 2010",
        relation="==",
        check=_tight,
        control=_tight_control,
    ),
    Claim(
        id="div.donsker-varadhan",
        statement="KL(p, q) = sup over T of E_p T - log E_q e^T",
        source="Donsker & Varadhan 1975",
        relation="==",
        check=_donsker_varadhan,
        control=_donsker_varadhan_control,
    ),
)
