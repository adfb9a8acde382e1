"""Claims on the Jensen-Shannon divergence: symmetric and bounded, an entropy difference, the square of a metric."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import pmf_pairs, pmfs, pmfs_with_gaps, within_rounding
from gamedyn.claims._oracles import entropy, jensen_shannon, kl, summed_logs, total_variation
from gamedyn.divergences import jensen_shannon_distance, jensen_shannon_divergence

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _symmetric(rng: Generator) -> Evidence:
    """Any p, q. JS(p, q) = JS(q, p) <= log 2 TV(p, q) <= log 2, reached by disjoint supports (upper bounds)."""
    p, q = pmfs_with_gaps(rng)
    there, back = jensen_shannon_divergence(p, q), jensen_shannon_divergence(q, p)
    width = p.shape[-1]
    disjoint = jensen_shannon_divergence(numpy.pad(p, ((0, 0), (0, width))), numpy.pad(q, ((0, 0), (width, 0))))
    bound = math.log(2) * total_variation(p, q)
    measured = numpy.stack([there, there - back, back - there, math.log(2) - disjoint])
    return within_rounding(numpy.stack([bound, *numpy.zeros((3, len(p)))]), measured, terms=2 * width)


def _symmetric_control(rng: Generator) -> Evidence:
    """The mixture takes 9/10 of p: no symmetry; half the bound by TV fails too, and overlap does not reach log 2."""
    p, q = pmfs_with_gaps(rng)
    there, back = (0.5 * kl(a, 0.9 * a + 0.1 * b) + 0.5 * kl(b, 0.9 * a + 0.1 * b) for a, b in ((p, q), (q, p)))
    js, half = jensen_shannon_divergence(p, q), math.log(2) * total_variation(p, q) / 2
    margins = [abs(there - back).max(), (js - half).max(), (math.log(2) - js).max()]
    # Every clause of the claim must break: the least broken one decides.
    return within_rounding(0.0, numpy.array(min(margins)), terms=2 * p.shape[-1])


def _as_entropies(rng: Generator) -> Evidence:
    """Any p, q. JS = H(m) - (H(p) + H(q)) / 2 with m = (p + q) / 2 (equality)."""
    p, q = pmfs_with_gaps(rng)
    predicted = entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2
    return within_rounding(predicted, jensen_shannon_divergence(p, q), terms=32, size=summed_logs(p, q))


def _as_entropies_control(rng: Generator) -> Evidence:
    """The mixture is weighted 3 : 1."""
    p, q = pmfs_with_gaps(rng)
    predicted = entropy(0.75 * p + 0.25 * q) - (entropy(p) + entropy(q)) / 2
    return within_rounding(predicted, jensen_shannon_divergence(p, q), terms=32, size=summed_logs(p, q))


def _triples(rng: Generator) -> tuple[Any, Any, Any]:
    """(p, q, r); in half of the triples q is the midpoint of p and r, where the triangle is nearly flat."""
    p, r = pmf_pairs(rng)
    q = pmfs(rng, *p.shape)
    q[::2] = (p + r)[::2] / 2
    return p, q, r


def _triangle(rng: Generator) -> Evidence:
    """Any p, q, r. sqrt JS(p, r) <= sqrt JS(p, q) + sqrt JS(q, r) (upper bound)."""
    p, q, r = _triples(rng)
    predicted = numpy.sqrt(jensen_shannon(p, q)) + numpy.sqrt(jensen_shannon(q, r))
    return within_rounding(predicted, jensen_shannon_distance(p, r), terms=256)


def _triangle_control(rng: Generator) -> Evidence:
    """Without the square root a detour through the midpoint is shorter than the way."""
    p, q, r = _triples(rng)
    predicted = jensen_shannon(p, q) + jensen_shannon(q, r)
    return within_rounding(predicted, jensen_shannon_divergence(p, r), terms=256)


CLAIMS = (
    Claim(
        id="div.js-symmetric",
        statement="JS(p, q) = JS(q, p) <= log 2 TV(p, q) <= log 2, with equality for disjoint supports",
        source="Lin 1991",
        relation="<=",
        check=_symmetric,
        control=_symmetric_control,
    ),
    Claim(
        id="div.js-entropy",
        statement="JS(p, q) = H((p + q)/2) - (H(p) + H(q))/2",
        source="Lin 1991",
        relation="==",
        check=_as_entropies,
        control=_as_entropies_control,
    ),
    Claim(
        id="div.js-sqrt-metric",
        statement="sqrt JS(p, r) <= sqrt JS(p, q) + sqrt JS(q, r)",
        source="Endres & Schindelin 2003",
        relation="<=",
        check=_triangle,
        control=_triangle_control,
    ),
)
