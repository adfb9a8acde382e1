"""Instances that claims draw: rows of probabilities, pairs of them, and values summed with a rounding tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Evidence

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["density_on_grid", "near_pairs", "pmf_pairs", "pmfs", "pmfs_with_gaps", "within_rounding"]

_EPS = float(numpy.finfo(float).eps)


def pmfs(rng: Generator, count: int, outcomes: int) -> Any:
    """`count` rows of `outcomes` probabilities, from nearly uniform to nearly concentrated, none below 1e-3 / outcomes.

    The floor keeps logs of ratios below about 10, so that direct formulas lose no more than a few ulp.
    """
    shape = 10.0 ** rng.uniform(-0.7, 1.0, (count, 1))
    weights = rng.gamma(shape, size=(count, outcomes)) + 1e-300
    rows = 0.999 * weights / weights.sum(-1, keepdims=True) + 0.001 / outcomes
    return rows / rows.sum(-1, keepdims=True)


def pmf_pairs(rng: Generator, count: int = 50, outcomes: int = 6) -> tuple[Any, Any]:
    """Two independent arrays of `pmfs`."""
    return pmfs(rng, count, outcomes), pmfs(rng, count, outcomes)


def near_pairs(rng: Generator, count: int = 50, outcomes: int = 6) -> tuple[Any, Any]:
    """Pairs whose ratio is between 1e-6 and 1e-1 away from one: where bounds are tight and direct sums cancel."""
    p = pmfs(rng, count, outcomes)
    size = 10.0 ** rng.uniform(-6, -1, (count, 1))
    q = p * (1 + size * rng.uniform(-1, 1, p.shape))
    return p, q / q.sum(-1, keepdims=True)


def pmfs_with_gaps(rng: Generator, count: int = 50, outcomes: int = 6) -> tuple[Any, Any]:
    """Pairs with a bin that only p fills, one that only q fills, and one that both leave empty."""
    p, q = pmf_pairs(rng, count, outcomes)
    zero = numpy.zeros((count, 1))
    only_p, only_q = rng.uniform(0.05, 0.5, (2, count, 1))
    p = numpy.concatenate([p * (1 - only_p), only_p, zero, zero], -1)
    q = numpy.concatenate([q * (1 - only_q), zero, only_q, zero], -1)
    return p, q


def density_on_grid(law: Any, x: Any) -> Any:
    """Weights of the rectangle rule for a law at the equally spaced points x: a pmf up to tails and spectral error."""
    spacing = (x[-1] - x[0]) / (len(x) - 1)  # x[1] - x[0] would lose digits
    return numpy.exp(law.log_prob(x)) * spacing


def within_rounding(predicted: Any, measured: Any, *, terms: int, size: Any = 1.0) -> Evidence:
    """Evidence whose tolerance is rounding: `terms` ulp of `size`, a bound on the summands."""
    return Evidence(predicted, measured, terms * _EPS * numpy.asarray(size), f"rounding: {terms} ulp of the summands")
