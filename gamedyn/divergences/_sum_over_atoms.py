"""A divergence of two discrete laws as a sum over the atoms of both, with what is left out of an endless one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.backend import Array, device_of, to_device, to_host
from gamedyn.backend import array_namespace as namespace_of
from gamedyn.distributions import Distribution
from gamedyn.divergences._law_values import batch_of, definition_of, pair_at, placed
from gamedyn.numerics import Estimate

if TYPE_CHECKING:
    from gamedyn.divergences._base import FDivergence

__all__ = ["sum_over_atoms"]

_NEGLIGIBLE = 1e-200
_EXTENSIONS, _FACTOR, _MOST = 3, 4, 4_000_000


def sum_over_atoms(divergence: FDivergence, p: Distribution, q: Distribution) -> Estimate:
    """The sum of the terms, which are non-negative, along a new first axis.

    Atoms without end stop where both laws have masses below 1e-300. The rest is that of the geometric series with the
    last two terms; where those do not decrease, the sum goes on to some times as many atoms, and then diverges.
    """
    example = p.support_points()
    flat = [to_host(points).reshape(-1, *p.event_shape) for points in (example, q.support_points())]
    atoms = numpy.unique(numpy.concatenate(flat), axis=0)
    endless = "naturals" in (p.support, q.support)
    value, error, rest = _sum(divergence, p, q, atoms, example, endless)
    for _ in range(_EXTENSIONS if endless else 0):
        if numpy.isfinite(rest).all() or _FACTOR * len(atoms) > _MOST:
            break
        atoms = numpy.arange(_FACTOR * len(atoms)).astype(atoms.dtype)
        value, error, rest = _sum(divergence, p, q, atoms, example, endless)
    diverges = ~numpy.isfinite(rest) | ~numpy.isfinite(to_host(value))
    error = numpy.where(diverges, 0.0, error + numpy.where(diverges, 0.0, rest))
    value, error = value + placed(p, q, numpy.where(diverges, math.inf, 0.0)), placed(p, q, error)
    level = math.nan if endless else 1.0
    definition = definition_of(divergence, "sum")
    return Estimate(value, error, value - error, value + error, level, "sum over atoms", len(atoms), definition)


def _sum(
    divergence: FDivergence, p: Distribution, q: Distribution, atoms: numpy.ndarray, example: Array, endless: bool
) -> tuple[Array, numpy.ndarray, numpy.ndarray]:
    """The sum, its rounding, and the rest."""
    batch = batch_of(p, q)
    xp = namespace_of(example)
    points = atoms.reshape(len(atoms), *(1,) * len(batch), *p.event_shape)
    pair = pair_at(p, q, to_device(points, xp, dtype=example.dtype, device=device_of(example)))
    terms = pair.xp.broadcast_to(divergence.terms(pair), (len(atoms), *batch))
    # Their sum must not overflow on its way to infinity.
    most = float(pair.xp.finfo(terms.dtype).max) / (2 * len(atoms))
    value = pair.xp.sum(pair.xp.where(terms > most, math.inf, terms), axis=0)
    rounding = numpy.broadcast_to(_rounding(pair), batch)
    if not endless:
        return value, rounding, numpy.zeros(batch)
    return value, rounding, _rest(*(to_host(terms[k, ...]).astype("float64") for k in (-2, -1)))


def _rest(before: numpy.ndarray, last: numpy.ndarray) -> numpy.ndarray:
    """The sum of the terms after the last one, if they go on as a geometric series; inf if it diverges.

    Terms that diverge do not get small; among the smallest numbers the ratio of two is rounding.
    """
    large = (last > _NEGLIGIBLE) & (before > 0) & numpy.isfinite(last) & numpy.isfinite(before)
    ratio = numpy.where(large, last / numpy.where(large, before, 1.0), 0.5)
    below = ratio < 1
    return numpy.where(below, last * ratio / numpy.where(below, 1 - ratio, 1.0), math.inf)


def _rounding(pair: Any) -> Array:
    """A log mass carries a rounding of some eps of itself, which a term multiplies by at most about |p - q|."""
    xp = pair.xp
    size = xp.where(pair.p_positive, xp.abs(pair.log_p), 0.0) + xp.where(pair.q_positive, xp.abs(pair.log_q), 0.0)
    size = xp.where(xp.isfinite(size), size, 0.0)
    eps = float(xp.finfo(pair.p.dtype).eps)
    return 4 * eps * to_host(xp.sum(xp.abs(pair.difference) * (1 + size), axis=0)).astype("float64")
