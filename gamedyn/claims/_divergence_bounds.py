"""Claims that order the relatives of KL and JS: Renyi's orders, Hellinger, Le Cam, Chernoff, and variational bounds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn import divergences
from gamedyn.claims import _oracles
from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import near_pairs, pmf_pairs, within_rounding

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_ORDERS = (0.2, 0.5, 0.9, 1.2, 2.0, 5.0)
_STEP = 1e-6


def _renyi(p: Any, q: Any, order: float) -> Any:
    """log(sum p^a q^(1 - a)) / (a - 1), from its definition."""
    return numpy.log((p**order * q ** (1 - order)).sum(-1)) / (order - 1)


def _renyi_monotone(rng: Generator) -> Evidence:
    """Any p, q > 0. D_a grows with a from 0 to inf, and D_(1 + h) - KL lies in [0, h max (log p/q)^2 / 2] (bounds).

    The slope in a is half a variance of log p/q, under a law between p and q.
    """
    p, q = pmf_pairs(rng)
    kl, steepest = _oracles.kl(p, q), (numpy.log(p / q) ** 2).max(-1) / 2
    around = [divergences.renyi_divergence(p, q, 1 + h) for h in (-_STEP, 0.0, 0.0, _STEP, _STEP)]
    bounds = [kl - _STEP * steepest, kl, -kl, kl, -(kl + _STEP * steepest)]
    signs = numpy.array([1, 1, -1, 1, -1])[:, None]
    above = [divergences.renyi_divergence(p, q, order) for order in (*_ORDERS[1:], math.inf)]
    predicted = numpy.stack([*(_renyi(p, q, order) for order in _ORDERS), *bounds])
    return within_rounding(predicted, numpy.concatenate([above, signs * numpy.stack(around)]), terms=32, size=1 + kl)


def _renyi_monotone_control(rng: Generator) -> Evidence:
    """The orders run down."""
    p, q = pmf_pairs(rng)
    predicted = numpy.stack([_renyi(p, q, order) for order in _ORDERS[1:]])
    measured = numpy.stack([divergences.renyi_divergence(p, q, order) for order in _ORDERS[:-1]])
    return within_rounding(predicted, measured, terms=32, size=1 + predicted)


def _from_equal_to_disjoint(rng: Generator) -> tuple[Any, Any]:
    """Pairs far apart, pairs close to each other, and pairs of disjoint supports, where upper bounds are attained."""
    (p, q), (near_p, near_q), (only_p, only_q) = pmf_pairs(rng), near_pairs(rng), pmf_pairs(rng, 5, 3)
    nothing = numpy.zeros((5, 3))
    p = numpy.concatenate([p, near_p, numpy.concatenate([only_p, nothing], -1)])
    return p, numpy.concatenate([q, near_q, numpy.concatenate([nothing, only_q], -1)])


def _js_hellinger(rng: Generator) -> Evidence:
    """Any p, q, H^2 = 1 - sum sqrt(pq). log 2 H^2 <= JS <= H^2 (bounds on both sides)."""
    p, q = _from_equal_to_disjoint(rng)
    js, squared = _oracles.jensen_shannon(p, q), _oracles.squared_hellinger(p, q)
    found, measured = divergences.jensen_shannon_divergence(p, q), divergences.squared_hellinger_distance(p, q)
    predicted = numpy.stack([js, squared, -js, -math.log(2) * squared])
    return within_rounding(predicted, numpy.stack([math.log(2) * measured, found, -measured, -found]), terms=32)


def _js_hellinger_control(rng: Generator) -> Evidence:
    """The constant of the lower bound in the upper one: right only for disjoint supports."""
    p, q = _from_equal_to_disjoint(rng)
    bound = math.log(2) * _oracles.squared_hellinger(p, q)
    return within_rounding(bound, divergences.jensen_shannon_divergence(p, q), terms=32)


def _le_cam(p: Any, q: Any) -> Any:
    total = p + q
    return ((p - q) ** 2 / numpy.where(total > 0, total, 1.0)).sum(-1)


def _js_le_cam(rng: Generator) -> Evidence:
    """Any p, q, Delta = sum (p - q)^2 / (p + q). Delta / 4 <= JS <= log 2 Delta / 2 (bounds on both sides)."""
    p, q = _from_equal_to_disjoint(rng)
    js, delta, constant = _oracles.jensen_shannon(p, q), _le_cam(p, q), math.log(2) / 2
    found, measured = divergences.jensen_shannon_divergence(p, q), divergences.le_cam_divergence(p, q)
    predicted = numpy.stack([js, constant * delta, -js, -delta / 4])
    return within_rounding(predicted, numpy.stack([measured / 4, found, -constant * measured, -found]), terms=32)


def _js_le_cam_control(rng: Generator) -> Evidence:
    """The constant of the lower bound in the upper one: right only to second order at p = q."""
    p, q = _from_equal_to_disjoint(rng)
    return within_rounding(_le_cam(p, q) / 4, divergences.jensen_shannon_divergence(p, q), terms=32)


def _chernoff(rng: Generator) -> Evidence:
    """Any p, q. B <= C <= min(KL(p, q), KL(q, p)), B = -log sum sqrt(pq); C = B where q is p reversed (bounds)."""
    p, q = pmf_pairs(rng)
    smaller = numpy.minimum(_oracles.kl(p, q), _oracles.kl(q, p))
    mirrored = -numpy.log(numpy.sqrt(p * p[:, ::-1]).sum(-1))
    found, reverse = (divergences.chernoff_information(p, other) for other in (q, p[:, ::-1]))
    predicted = numpy.stack([-numpy.log(numpy.sqrt(p * q).sum(-1)), -smaller, mirrored, -mirrored])
    return within_rounding(predicted, numpy.stack([found, -found, reverse, -reverse]), terms=64, size=1 + smaller)


def _chernoff_control(rng: Generator) -> Evidence:
    """As if s = 1/2 were best for every pair: C <= B."""
    p, q = pmf_pairs(rng)
    bound = numpy.log(numpy.sqrt(p * q).sum(-1))
    return within_rounding(bound, -divergences.chernoff_information(p, q), terms=64)


def _critics(rng: Generator) -> tuple[Any, ...]:
    """p, q, critics that are exact, or off by a constant or a few nats, and Donsker and Varadhan's bound with them."""
    p, q = pmf_pairs(rng)
    noise = rng.normal(size=p.shape)
    noise[:5], noise[5:10] = 0.0, 1.0
    critic = numpy.log(p / q) + noise
    return p, q, critic, (p * critic).sum(-1) - numpy.log((q * numpy.exp(critic)).sum(-1))


def _variational_order(rng: Generator) -> Evidence:
    """Any critic T. E_p T - E_q e^T + 1 <= E_p T - log E_q e^T <= KL(p, q) (upper bounds)."""
    p, q, critic, donsker_varadhan = _critics(rng)
    measured = [divergences.KullbackLeibler().bound(p, q, critic), -divergences.kl_divergence(p, q)]
    size = _oracles.summed_logs(p, q) + abs(critic).max(-1) + (q * numpy.exp(critic)).sum(-1)
    return within_rounding([donsker_varadhan, -donsker_varadhan], numpy.stack(measured), terms=32, size=size)


def _variational_order_control(rng: Generator) -> Evidence:
    """The two bounds exchanged."""
    p, q, critic, donsker_varadhan = _critics(rng)
    bound = divergences.KullbackLeibler().bound(p, q, critic)
    return within_rounding(-donsker_varadhan, -bound, terms=32, size=1 + abs(critic).max(-1))


CLAIMS = (
    Claim(
        id="div.renyi-monotone",
        statement="Renyi's D_a(p, q) grows with a from 0 to inf, and tends to KL at a = 1",
        source="van Erven & Harremoes 2014",
        relation=">=",
        check=_renyi_monotone,
        control=_renyi_monotone_control,
    ),
    Claim(
        id="div.js-hellinger",
        statement="log 2 H^2 <= JS <= H^2, H^2 = 1 - sum sqrt(p q); lower bound attained by disjoint supports",
        source="derived: quotient of the generators",
        relation="<=",
        check=_js_hellinger,
        control=_js_hellinger_control,
    ),
    Claim(
        id="div.js-le-cam",
        statement="Delta/4 <= JS <= log 2 Delta/2, Delta = sum (p - q)^2 / (p + q)",
        source="Topsoe 2000",
        relation="<=",
        check=_js_le_cam,
        control=_js_le_cam_control,
    ),
    Claim(
        id="div.chernoff-information",
        statement="Bhattacharyya <= Chernoff <= min(KL(p, q), KL(q, p)); the first is equal where q is p reversed",
        source="Chernoff 1952; Cover & Thomas 2006",
        relation=">=",
        check=_chernoff,
        control=_chernoff_control,
    ),
    Claim(
        id="div.variational-order",
        statement="E_p T - E_q e^T + 1 <= E_p T - log E_q e^T <= KL(p, q) for every critic T",
        source="Nguyen et al. 2010; Poole et al. 2019",
        relation="<=",
        check=_variational_order,
        control=_variational_order_control,
    ),
)
