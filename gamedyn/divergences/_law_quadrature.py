"""A divergence of two laws with densities by adaptive quadrature, on the line and on the plane."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, to_device, to_host
from gamedyn.distributions import Distribution
from gamedyn.divergences._law_values import batch_of, definition_of, pair_at, placed, probe
from gamedyn.divergences._normal_mixtures import is_normal_mixture, normal_mixtures
from gamedyn.divergences._pair import Pair
from gamedyn.numerics import Estimate, integrate, integrate_2d

if TYPE_CHECKING:
    from gamedyn.divergences._base import FDivergence

__all__ = ["by_quadrature", "on_plane"]

_DIVERGENT = 1e250
# In units of a component's deviation: close enough for its peak, and out to where little is left.
_STEPS = numpy.array([-8.0, -3.0, 0.0, 3.0, 8.0])
_TOLERANCE_ON_PLANE = 1e-7
_MOST_ON_PLANE = 3_000_000


def by_quadrature(divergence: FDivergence, p: Distribution, q: Distribution) -> Estimate:
    """The integral of the terms, which are non-negative, so that a small divergence keeps its digits."""
    batch = batch_of(p, q)
    everything = numpy.arange(math.prod(batch))
    over = _over_line(p, q) if p.event_shape == () else _over_plane(p, q)
    double = all(array_namespace(x).float64 == x.dtype for x in (probe(p), probe(q)))
    variation = over(lambda pair: pair.xp.abs(pair.difference) / 2, everything, 1e-2).value
    # A log density carries a rounding of some eps: next to the diagonal, that share of a log-ratio of the size of the
    # total variation is noise, which no refinement removes. One run for each decade of it.
    noise = (1e-14 if double else 1e-5) / numpy.where(variation > 0, variation, 1.0)
    least = 1e-12 if p.event_shape == () else _TOLERANCE_ON_PLANE
    decade = numpy.ceil(numpy.log10(numpy.clip(noise, least, 0.1)))
    parts = numpy.empty((4, len(everything)))
    evaluations, method = 0, ""
    for exponent in numpy.unique(decade):
        chosen = numpy.flatnonzero(decade == exponent)
        part = over(divergence.terms, chosen, 10.0**exponent)
        parts[:, chosen] = part.value, part.standard_error, part.lower, part.upper
        evaluations, method = evaluations + part.n, part.method
    value, error, lower, upper = (placed(p, q, row.reshape(batch)) for row in parts)
    definition = definition_of(divergence, "integral of")
    return Estimate(value, error, lower, upper, math.nan, method, evaluations, definition)


_Integral = Callable[[Callable[[Pair], Array], numpy.ndarray, float], Estimate]


def _summand(p: Distribution, q: Distribution) -> Callable[..., numpy.ndarray]:
    """(terms, points (n,) + event, chosen entries of the flattened batch) -> (n, chosen), on the host."""
    depth, first = len(batch_of(p, q)), probe(p)
    xp, device = array_namespace(first), device_of(first)

    def summand(terms: Callable[[Pair], Array], x: numpy.ndarray, chosen: numpy.ndarray) -> numpy.ndarray:
        points = to_device(x.reshape(len(x), *(1,) * depth, *p.event_shape), xp, device=device)
        values = to_host(terms(_without_overflow(pair_at(p, q, points))))
        # On its way to infinity the integrand of a divergent integral must not overflow when weighted.
        values = numpy.where(values > _DIVERGENT, numpy.inf, values)
        return numpy.broadcast_to(values, (len(x), *batch_of(p, q))).reshape(len(x), -1)[:, chosen]

    return summand


def _without_overflow(pair: Any) -> Pair:
    """The pair, empty where one density is far below the smallest number and the other's logarithm has overflowed.

    A density like exp(-e^-x) does so; only a support that ends takes a density to 0 where the other is not faint.
    """
    xp, log_p, log_q = pair.xp, pair.log_p, pair.log_q
    faint = 2 * math.log(float(xp.finfo(pair.p.dtype).smallest_normal))
    empty = ((log_q == -math.inf) & (log_p < faint)) | ((log_p == -math.inf) & (log_q < faint))
    return Pair.of_logarithms(xp, xp.where(empty, -math.inf, log_p), xp.where(empty, -math.inf, log_q))


def _over_line(p: Distribution, q: Distribution) -> _Integral:
    summand = _summand(p, q)
    (low_p, high_p), (low_q, high_q) = p.support_bounds, q.support_bounds
    points = sorted({*p.quadrature_points(), *q.quadrature_points()})

    def over_line(terms: Callable[[Pair], Array], chosen: numpy.ndarray, tolerance: float) -> Estimate:
        return integrate(
            lambda x: summand(terms, x, chosen),
            min(low_p, low_q),
            max(high_p, high_q),
            breakpoints=points,
            tolerance=tolerance,
        )

    return over_line


def on_plane(law: Distribution) -> bool:
    """Whether a law in two dimensions is known well enough for a quadrature: normal, or a mixture of such."""
    return law.event_shape == (2,) and is_normal_mixture(law)


def _over_plane(p: Distribution, q: Distribution) -> _Integral:
    """In coordinates z, x = L z with L L^T the mean covariance of the components, so that none is a thin ridge."""
    summand = _summand(p, q)
    mixtures = [mixture for law in (p, q) for mixture in normal_mixtures(law, batch_of(p, q))]
    means = numpy.concatenate([mixture.means for mixture in mixtures])
    covariances = numpy.concatenate([mixture.covariances for mixture in mixtures])
    root = numpy.linalg.cholesky(covariances.mean(axis=0))
    whitened = numpy.linalg.solve(root, numpy.linalg.solve(root, covariances).swapaxes(-1, -2))
    centres = numpy.linalg.solve(root, means[..., None])[..., 0]
    deviations = numpy.sqrt(numpy.diagonal(whitened, axis1=-2, axis2=-1))
    determinant = float(root[0, 0] * root[1, 1])
    x_points, y_points = (_spread(centres[:, k], deviations[:, k]) for k in (0, 1))
    line = (-math.inf, math.inf)

    def over_plane(terms: Callable[[Pair], Array], chosen: numpy.ndarray, tolerance: float) -> Estimate:
        return integrate_2d(
            lambda x, y: determinant * summand(terms, numpy.stack([x, y], axis=-1) @ root.T, chosen),
            line,
            line,
            x_breakpoints=x_points,
            y_breakpoints=y_points,
            tolerance=tolerance,
            max_evaluations=_MOST_ON_PLANE,
        )

    return over_plane


def _spread(centres: numpy.ndarray, deviations: numpy.ndarray) -> list[float]:
    """Cuts at steps around each centre, no two closer than the smallest deviation."""
    kept: list[float] = []
    for point in numpy.unique(centres[:, None] + deviations[:, None] * _STEPS).tolist():
        if not kept or point - kept[-1] > float(deviations.min()):
            kept.append(point)
    return kept
