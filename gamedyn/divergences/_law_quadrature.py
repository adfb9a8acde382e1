"""A divergence of two laws with densities by adaptive quadrature, on the line and on the plane."""

from __future__ import annotations

import dataclasses
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

_DIVERGENT, _FAINT = 1e250, -1e5
# In units of a component's deviation: close enough for its peak, and out to where little is left.
_STEPS = numpy.array([-8.0, -3.0, 0.0, 3.0, 8.0])
_TOLERANCE_ON_PLANE = 1e-7
_MOST_ON_PLANE = 3_000_000


def by_quadrature(divergence: FDivergence, p: Distribution, q: Distribution) -> Estimate:
    """The integral of the terms, which are non-negative, so that a small divergence keeps its digits.

    The error holds the quadrature's own estimate, the rounding of log densities, and what the mass that the nodes did
    not find could add: some of a density that is infinite at an end of its support.
    """
    batch = batch_of(p, q)
    everything = numpy.arange(math.prod(batch))
    on_line = p.event_shape == ()
    over = _over_line(p, q) if on_line else _over_plane(p, q)
    double = all(array_namespace(x).float64 == x.dtype for x in (probe(p), probe(q)))
    coarse = 1e-2 if not on_line else 1e-7 if double else 1e-4
    survey = over(_survey, everything, coarse)
    variation, rounding, *masses = survey.value.reshape(4, -1)
    # A log density carries a rounding of some eps: next to the diagonal, that share of a log-ratio of the size of the
    # total variation is noise, which no refinement removes. One run for each decade of it.
    noise = (1e-14 if double else 1e-5) / numpy.where(variation > 0, variation, 1.0)
    decade = numpy.ceil(numpy.log10(numpy.clip(noise, 1e-12 if on_line else _TOLERANCE_ON_PLANE, 0.1)))
    value, error = numpy.empty((2, len(everything)))
    evaluations, method = survey.n, survey.method
    for exponent in numpy.unique(decade):
        chosen = numpy.flatnonzero(decade == exponent)
        part = over(lambda pair: (divergence.terms(pair),), chosen, 10.0**exponent)
        value[chosen], error[chosen] = part.value, part.standard_error
        evaluations += part.n
    finite = numpy.isfinite(value)
    error = numpy.where(finite, error + 8 * (2.0**-52 if double else 2.0**-23) * rounding, 0.0)
    lost = sum(numpy.where(abs(1 - mass) > 10 * coarse, abs(1 - mass), 0.0) for mass in masses)
    missing = finite & (lost > 0)
    above = error + numpy.where(missing, lost, 0.0) * numpy.where(missing, divergence.supremum, 0.0)
    parts = (value, numpy.maximum(error, above), value - error, value + above)
    found, spread, lower, upper = (placed(p, q, row.reshape(batch)) for row in parts)
    definition = definition_of(divergence, "integral of")
    return Estimate(found, spread, lower, upper, math.nan, method, evaluations, definition)


_Terms = Callable[[Any], tuple[Array, ...]]
_Integral = Callable[[_Terms, numpy.ndarray, float], Estimate]


def _survey(pair: Any) -> tuple[Array, ...]:
    """Total variation, what roundings of the log densities are multiplied by, and both densities."""
    xp = pair.xp
    size = xp.zeros_like(pair.p)
    for log in (pair.log_p, pair.log_q):
        # A logarithm below all floats may grow faster than the other density decays.
        size = size + xp.where(xp.isfinite(log), xp.where(log < _FAINT, -_FAINT, xp.abs(log)), 0.0)
    difference = xp.abs(pair.difference)
    return difference / 2, difference * (1 + size), pair.p, pair.q


def _summand(p: Distribution, q: Distribution) -> Callable[..., numpy.ndarray]:
    """(terms, points (n,) + event, chosen entries of the flattened batch, log dx / dy) -> (n, terms * chosen)."""
    depth, first = len(batch_of(p, q)), probe(p)
    xp, device = array_namespace(first), device_of(first)

    def summand(terms: _Terms, x: numpy.ndarray, chosen: numpy.ndarray, weight: Any = 0.0) -> numpy.ndarray:
        points = to_device(x.reshape(len(x), *(1,) * depth, *p.event_shape), xp, device=device)
        weight = to_device(numpy.broadcast_to(weight, len(x)).reshape(len(x), *(1,) * depth), xp, device=device)
        columns = []
        for term in terms(_bounded(pair_at(p, q, points), weight)):
            values = to_host(term)
            # On its way to infinity the integrand of a divergent integral must not overflow when weighted.
            values = numpy.where(values > _DIVERGENT, numpy.inf, values)
            columns.append(numpy.broadcast_to(values, (len(x), *batch_of(p, q))).reshape(len(x), -1)[:, chosen])
        return numpy.concatenate(columns, axis=1)

    return summand


def _bounded(pair: Any, weight: Array) -> Pair:
    """The pair times e^weight; empty where a density is infinite, and where its logarithm has overflowed.

    That is where one density is far below the smallest number and the other's logarithm is -inf, as that of
    exp(-e^-x) is: only a support that ends takes a density to 0 where the other is not faint.
    """
    xp = pair.xp
    log_p, log_q = pair.log_p + xp.astype(weight, pair.p.dtype), pair.log_q + xp.astype(weight, pair.p.dtype)
    faint = 2 * math.log(float(xp.finfo(pair.p.dtype).smallest_normal))
    empty = ((log_q == -math.inf) & (log_p < faint)) | ((log_p == -math.inf) & (log_q < faint))
    # Where both are this faint, what a divergent integral is made of has been met long before.
    empty = empty | (log_p == math.inf) | (log_q == math.inf) | ((log_p < _FAINT) & (log_q < _FAINT))
    return Pair.of_logarithms(xp, xp.where(empty, -math.inf, log_p), xp.where(empty, -math.inf, log_q))


def _over_line(p: Distribution, q: Distribution) -> _Integral:
    summand = _summand(p, q)
    (low_p, high_p), (low_q, high_q) = p.support_bounds, q.support_bounds
    low, high = min(low_p, low_q), max(high_p, high_q)
    points = sorted({*p.quadrature_points(), *q.quadrature_points()})
    if low != 0:

        def over_line(terms: _Terms, chosen: numpy.ndarray, tolerance: float) -> Estimate:
            return integrate(lambda x: summand(terms, x, chosen), low, high, breakpoints=points, tolerance=tolerance)

        return over_line

    # From 0 on, where densities may be infinite or fall off like powers: over y = log(x / c), on a bounded interval
    # for its lower half.
    first = probe(p)
    limits = numpy.finfo("float64" if first.dtype == array_namespace(first).float64 else "float32")
    middle = 1.0 if high == math.inf else high / 2
    # Not to the largest number, whose multiples overflow.
    ends = math.log(float(limits.tiny)), 0.9 * math.log(float(limits.max)) if high == math.inf else 1.0
    cuts = [0.0, *(_log_coordinate(x, middle, high) for x in points if x > 0)]

    def over_logarithm(terms: _Terms, chosen: numpy.ndarray, tolerance: float) -> Estimate:
        def integrand(y: numpy.ndarray) -> numpy.ndarray:
            straight = (y > 0) & (high < math.inf)
            grown = middle * numpy.exp(numpy.where(straight, 0.0, y))
            x = numpy.where(straight, middle * (1 + y), grown)
            return summand(terms, x, chosen, numpy.log(numpy.where(straight, middle, grown)))

        found = integrate(integrand, *ends, breakpoints=cuts, tolerance=tolerance)
        # Towards 0 and infinity x f(x) falls if the integral converges, like a power where f does.
        value = found.value
        for end in ends if high == math.inf else ends[:1]:
            last, before = integrand(numpy.array([0.99 * end, 0.9 * end]))
            value = numpy.where((last >= before) & (before > 0), math.inf, value)
        return dataclasses.replace(found, value=value)

    return over_logarithm


def _log_coordinate(x: float, middle: float, high: float) -> float:
    """log(x / middle), beyond the middle of a bounded interval x / middle - 1."""
    return x / middle - 1 if x > middle and high < math.inf else math.log(x / middle)


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

    def over_plane(terms: _Terms, chosen: numpy.ndarray, tolerance: float) -> Estimate:
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
