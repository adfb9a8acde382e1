"""Claims on what transport sees and divergences do not: shifts of disjoint laws, Gaussians, and critics' gradients."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.claims._oracles import matched
from gamedyn.divergences import jensen_shannon_divergence, kl_divergence, total_variation_distance
from gamedyn.transport import gaussian_wasserstein, wasserstein_distance

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_SHIFTS = (1e-6, 0.1, 1.0, -3.0)


def _lines(rng: Generator) -> Any:
    """Rows (JS, TV, KL, W1) for the uniform law on 8 points of a line and the same line moved sideways by a shift."""
    heights = rng.uniform(0, 1, 8)
    rows = []
    for shift in _SHIFTS:
        x, y = (numpy.stack([numpy.full(8, s), heights], -1) for s in (0.0, shift))
        atoms, place = numpy.unique(numpy.concatenate([x, y]), axis=0, return_inverse=True)
        p, q = (
            numpy.bincount(part, minlength=len(atoms)) / 8 for part in (place.reshape(-1)[:8], place.reshape(-1)[8:])
        )
        apart = [jensen_shannon_divergence(p, q), total_variation_distance(p, q), kl_divergence(p, q)]
        rows.append([*map(float, apart), float(wasserstein_distance(x, y))])
    return numpy.array(rows)


def _parallel_lines(rng: Generator) -> Evidence:
    """Two parallel lines a shift apart. JS = log 2, TV = 1, KL = inf for every shift, but W1 = |shift| (equality)."""
    predicted = [[math.log(2), 1.0, math.inf, abs(shift)] for shift in _SHIFTS]
    return within_rounding(predicted, _lines(rng), terms=64)


def _parallel_lines_control(rng: Generator) -> Evidence:
    """As if JS grew with the shift."""
    predicted = [min(abs(shift), 1.0) * math.log(2) for shift in _SHIFTS]
    return within_rounding(predicted, _lines(rng)[:, 0], terms=64)


def _gaussians(rng: Generator) -> tuple[Any, ...]:
    """Means and covariances in three dimensions, with eigenvalues between about 0.1 and 10."""
    means = rng.normal(size=(2, 3))
    factors = rng.normal(size=(2, 3, 5))
    return *means, *(factors @ factors.transpose(0, 2, 1) / 5 + 0.1 * numpy.eye(3))


def _bures(rng: Generator) -> Evidence:
    """Normal laws. W2^2 = |m - n|^2 + tr A + tr B - 2 sum of the roots of the eigenvalues of AB (equality)."""
    m, n, a, b = _gaussians(rng)
    roots = numpy.sqrt(numpy.linalg.eigvals(a @ b).real).sum()
    predicted = math.sqrt(((m - n) ** 2).sum() + a.trace() + b.trace() - 2 * roots)
    return within_rounding(predicted, gaussian_wasserstein(m, a, n, b), terms=4096, size=a.trace() + b.trace())


def _bures_control(rng: Generator) -> Evidence:
    """The Frobenius distance of the square roots, right only where A and B commute."""
    m, n, a, b = _gaussians(rng)
    (u, e), (v, f) = (numpy.linalg.eigh(each)[::-1] for each in (a, b))
    difference = (u * numpy.sqrt(e)) @ u.T - (v * numpy.sqrt(f)) @ v.T
    predicted = math.sqrt(((m - n) ** 2).sum() + (difference**2).sum())
    return within_rounding(predicted, gaussian_wasserstein(m, a, n, b), terms=4096, size=a.trace() + b.trace())


def _slopes(rng: Generator, *, shuffled: bool) -> Evidence:
    """The critic's slope along the segments from each x to its partner, at a random place of each segment."""
    x, y = rng.normal(size=(12, 2)), rng.normal(size=(12, 2)) + 1.0
    partner = matched(x, y)
    if shuffled:
        partner = numpy.roll(partner, 1, axis=0)
    ray = (x - partner) / numpy.sqrt(((x - partner) ** 2).sum(-1, keepdims=True))
    t = rng.uniform(0.1, 0.9, (12, 1))
    critic = wasserstein_distance(x, y, return_result=True).critic
    return within_rounding(1.0, (critic.gradient((1 - t) * x + t * partner) * ray).sum(-1), terms=1024)


def _critic(rng: Generator) -> Evidence:
    """Points in the plane. On each segment of the best plan the optimal critic climbs with slope 1 (equality)."""
    return _slopes(rng, shuffled=False)


def _critic_control(rng: Generator) -> Evidence:
    """Segments to the partner of another point."""
    return _slopes(rng, shuffled=True)


CLAIMS = (
    Claim(
        id="ot.parallel-lines",
        statement="lines a shift s apart: JS = log 2, TV = 1, KL = inf for every s, but W1 = |s|",
        source="Arjovsky, Chintala & Bottou 2017",
        relation="==",
        check=_parallel_lines,
        control=_parallel_lines_control,
    ),
    Claim(
        id="ot.gaussian-bures",
        statement="W2^2 of Gaussians = |m - n|^2 + tr A + tr B - 2 sum sqrt(eigenvalues of AB)",
        source="Dowson & Landau 1982",
        relation="==",
        check=_bures,
        control=_bures_control,
    ),
    Claim(
        id="ot.critic-gradient-norm",
        statement="the optimal critic has unit slope along the segments of the optimal plan",
        source="Gulrajani et al. 2017",
        relation="==",
        check=_critic,
        control=_critic_control,
    ),
)
