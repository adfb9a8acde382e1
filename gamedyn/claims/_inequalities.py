"""Claims that bound one divergence by another, and every f-divergence by itself: convexity, data processing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn import divergences
from gamedyn.claims import _oracles
from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import near_pairs, pmf_pairs, pmfs, within_rounding

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_FAMILIES = (
    (divergences.kl_divergence, _oracles.kl),
    (divergences.jensen_shannon_divergence, _oracles.jensen_shannon),
    (divergences.total_variation_distance, _oracles.total_variation),
    (divergences.squared_hellinger_distance, _oracles.squared_hellinger),
    (divergences.pearson_divergence, _oracles.pearson),
)


def _near_and_far(rng: Generator) -> tuple[Any, Any]:
    """Random pairs, and two-outcome pairs around 1/2, where the inequalities are tightest."""
    p, q = (numpy.concatenate(rows) for rows in zip(pmf_pairs(rng), near_pairs(rng), strict=True))
    shift = rng.uniform(1e-3, 5e-2, (25, 1)) * numpy.array([1, -1, 0, 0, 0, 0])
    half = numpy.array([0.5, 0.5, 0, 0, 0, 0])
    return numpy.concatenate([p, half + shift]), numpy.concatenate([q, half - shift])


def _root_size(p: Any, q: Any, root: Any) -> Any:
    """Size of what is rounded in the root of a direct KL: its summands are p |log p/q|, and d sqrt(x) = dx/2sqrt(x)."""
    summands = (p * abs(_oracles.log_ratio(p, q)) + abs(p - q)).sum(-1)
    return root + summands / root


def _pinsker(rng: Generator) -> Evidence:
    """Any p, q. TV <= sqrt(KL / 2) (upper bound, tight to second order at p = q = 1/2)."""
    p, q = _near_and_far(rng)
    bound = numpy.sqrt(_oracles.kl(p, q) / 2)
    return within_rounding(bound, divergences.total_variation_distance(p, q), terms=16, size=_root_size(p, q, bound))


def _pinsker_control(rng: Generator) -> Evidence:
    """The constant is 1/4 instead of 1/2."""
    p, q = _near_and_far(rng)
    bound = numpy.sqrt(_oracles.kl(p, q) / 4)
    return within_rounding(bound, divergences.total_variation_distance(p, q), terms=16, size=_root_size(p, q, bound))


def _bretagnolle_huber(rng: Generator) -> Evidence:
    """Any p, q. TV <= sqrt(1 - exp(-KL)), which stays below 1 where Pinsker's bound does not (upper bound)."""
    p, q = _near_and_far(rng)
    bound = numpy.sqrt(-numpy.expm1(-_oracles.kl(p, q)))
    return within_rounding(bound, divergences.total_variation_distance(p, q), terms=16, size=_root_size(p, q, bound))


def _bretagnolle_huber_control(rng: Generator) -> Evidence:
    """Without the square root."""
    p, q = _near_and_far(rng)
    bound = -numpy.expm1(-_oracles.kl(p, q))
    return within_rounding(bound, divergences.total_variation_distance(p, q), terms=16, size=_root_size(p, q, bound))


def _hellinger(rng: Generator) -> Evidence:
    """Any p, q, H^2 = 1 - sum sqrt(pq). H^2 <= TV <= H sqrt(2 - H^2) (bounds on both sides)."""
    p, q = _near_and_far(rng)
    squared, variation = divergences.squared_hellinger_distance(p, q), _oracles.total_variation(p, q)
    direct = _oracles.squared_hellinger(p, q)
    upper = numpy.sqrt(direct * (2 - direct))
    measured = numpy.stack([squared, divergences.total_variation_distance(p, q)])
    # Differences of square roots of numbers up to 1, whose squares add up to twice the direct value.
    return within_rounding(numpy.stack([variation, upper]), measured, terms=64)


def _hellinger_control(rng: Generator) -> Evidence:
    """The two sides exchanged: TV <= H^2."""
    p, q = _near_and_far(rng)
    bound = _oracles.squared_hellinger(p, q)
    return within_rounding(bound, divergences.total_variation_distance(p, q), terms=64)


def _convexity(rng: Generator) -> Evidence:
    """Two pairs and a weight. D at the mixed pair <= the mixed D, for five f (upper bound)."""
    (p, q), (r, s), w = pmf_pairs(rng), pmf_pairs(rng), rng.uniform(0, 1, (50, 1))
    predicted = [w[:, 0] * direct(p, q) + (1 - w[:, 0]) * direct(r, s) for _, direct in _FAMILIES]
    measured = [function(w * p + (1 - w) * r, w * q + (1 - w) * s) for function, _ in _FAMILIES]
    return within_rounding(numpy.stack(predicted), numpy.stack(measured), terms=64, size=1 + numpy.stack(predicted))


def _convexity_control(rng: Generator) -> Evidence:
    """D at each end, not at the mixture, against the mean of both."""
    (p, q), (r, s) = pmf_pairs(rng), pmf_pairs(rng)
    predicted = [(direct(p, q) + direct(r, s)) / 2 for _, direct in _FAMILIES]
    measured = [numpy.maximum(function(p, q), function(r, s)) for function, _ in _FAMILIES]
    return within_rounding(numpy.stack(predicted), numpy.stack(measured), terms=64, size=1 + numpy.stack(predicted))


def _data_processing(rng: Generator) -> Evidence:
    """Any channel K with 6 inputs and 4 outputs. D(pK, qK) <= D(p, q), for five f (upper bound)."""
    (p, q), channel = pmf_pairs(rng), pmfs(rng, 6, 4)
    predicted = numpy.stack([direct(p, q) for _, direct in _FAMILIES])
    measured = numpy.stack([function(p @ channel, q @ channel) for function, _ in _FAMILIES])
    return within_rounding(predicted, measured, terms=64, size=1 + predicted)


def _data_processing_control(rng: Generator) -> Evidence:
    """Input and output exchanged."""
    (p, q), channel = pmf_pairs(rng), pmfs(rng, 6, 4)
    predicted = numpy.stack([direct(p @ channel, q @ channel) for _, direct in _FAMILIES])
    return within_rounding(predicted, numpy.stack([f(p, q) for f, _ in _FAMILIES]), terms=64, size=1 + predicted)


CLAIMS = (
    Claim(
        id="div.joint-convexity",
        statement="D(w p + (1-w) r, w q + (1-w) s) <= w D(p, q) + (1-w) D(r, s) for five f",
        source="Csiszar 1967",
        relation="<=",
        check=_convexity,
        control=_convexity_control,
    ),
    Claim(
        id="div.data-processing",
        statement="D(pK, qK) <= D(p, q) for every channel K and every f-divergence",
        source="Csiszar 1967",
        relation="<=",
        check=_data_processing,
        control=_data_processing_control,
    ),
    Claim(
        id="div.pinsker",
        statement="TV(p, q) <= sqrt(KL(p, q) / 2)",
        source="Pinsker 1960; Csiszar 1967",
        relation="<=",
        check=_pinsker,
        control=_pinsker_control,
    ),
    Claim(
        id="div.bretagnolle-huber",
        statement="TV(p, q) <= sqrt(1 - exp(-KL(p, q)))",
        source="Bretagnolle & Huber 1979",
        relation="<=",
        check=_bretagnolle_huber,
        control=_bretagnolle_huber_control,
    ),
    Claim(
        id="div.hellinger-tv",
        statement="H^2 <= TV <= H sqrt(2 - H^2), H^2 = 1 - sum sqrt(p q)",
        source="Le Cam 1973; Tsybakov 2009",
        relation="<=",
        check=_hellinger,
        control=_hellinger_control,
    ),
)
