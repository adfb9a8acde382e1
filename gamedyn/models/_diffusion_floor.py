"""The error of the best denoiser, E tr Cov[x_0 | x_t]: by formula, by quadrature, or by samples."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.models._noised_mixture import NoisedMixture
from gamedyn.numerics import Estimate, integrate, integrate_2d

__all__ = ["denoising_error", "expectation"]

_NORMAL_95 = 1.959963984540054
# Components beyond which a quadrature in the plane takes longer than samples.
_COMPONENTS_IN_PLANE = 8
# In standard deviations: beyond 12 of a Gaussian lie 4e-33.
_CUTS = numpy.array([-12.0, -6.0, -3.0, -1.0, 0.0, 1.0, 3.0, 6.0, 12.0])
_CUTS_IN_PLANE = _CUTS[::2]


def denoising_error(noised: NoisedMixture, a: Any, v: Any, n: int, rng: numpy.random.Generator) -> Estimate:
    """E tr Cov[x_0 | x] for x = a x_0 + sqrt(v) eps, at every a and v.

    Parameters
    ----------
    noised : NoisedMixture
    a, v : array, of one shape
        v > 0.
    n : int
        Samples, where they are needed.
    rng : numpy.random.Generator
    """
    a, v = numpy.broadcast_arrays(numpy.asarray(a, dtype=numpy.float64), numpy.asarray(v, dtype=numpy.float64))
    definition = "E tr Cov[x_0 | x_t]"
    if len(noised.weights) == 1:
        spreads = noised.spreads[0]
        value = (spreads * v[..., None] / ((a * a)[..., None] * spreads + v[..., None])).sum(-1)
        return Estimate(value, numpy.zeros_like(value), value, value, math.nan, "closed form", 0, definition)
    found = [
        expectation(noised, float(scale), float(variance), noised.posterior_variance, n, rng)
        for scale, variance in zip(a.ravel(), v.ravel(), strict=True)
    ]
    value = numpy.array([float(each.value) for each in found]).reshape(a.shape)
    error = numpy.array([float(each.standard_error) for each in found]).reshape(a.shape)
    half = error if math.isnan(found[0].level) else _NORMAL_95 * error
    count = sum(int(each.n) for each in found)
    return Estimate(value, error, value - half, value + half, found[0].level, found[0].method, count, definition)


def expectation(
    noised: NoisedMixture,
    a: float,
    v: float,
    f: Callable[[Any, Any, Any], Any],
    n: int,
    rng: numpy.random.Generator,
) -> Estimate:
    """E f(x, a, v) for x = a x_0 + sqrt(v) eps, f of rows (m, d): by quadrature on the line and in the plane.

    Parameters
    ----------
    noised : NoisedMixture
    a, v : float
    f : callable
        Gives an array (m,).
    n : int
        Samples beyond the plane, or for more than 8 components in it.
    rng : numpy.random.Generator
    """
    scale, variance = numpy.float64(a), numpy.float64(v)

    def weighted(*columns: Any) -> Any:
        rows = numpy.stack(columns, axis=-1)
        return f(rows, scale, variance) * numpy.exp(noised.log_density(rows, scale, variance))

    if noised.dimension == 1:
        cuts = _cuts(noised, 0, a, v)
        return integrate(weighted, cuts[0], cuts[-1], breakpoints=cuts, tolerance=1e-11)
    if noised.dimension == 2 and len(noised.weights) <= _COMPONENTS_IN_PLANE:
        xs, ys = _cuts(noised, 0, a, v), _cuts(noised, 1, a, v)
        limits = ((xs[0], xs[-1]), (ys[0], ys[-1]))
        return integrate_2d(weighted, *limits, x_breakpoints=xs, y_breakpoints=ys, tolerance=1e-8)
    clean, noise = noised.draws(n, rng)
    values = f(a * clean + math.sqrt(v) * noise, scale, variance)
    value, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(n)
    half = _NORMAL_95 * error
    return Estimate(value, error, value - half, value + half, 0.95, "samples", n, "E f(x_t)")


def _cuts(noised: NoisedMixture, axis: int, a: float, v: float) -> list[float]:
    """Where the axis is cut: multiples of each component's deviation, without those that crowd."""
    cuts = _CUTS if noised.dimension == 1 else _CUTS_IN_PLANE
    deviations = numpy.sqrt(a * a * noised.axis_variances()[:, axis] + v)
    points = numpy.sort((a * noised.means[:, axis, None] + deviations[:, None] * cuts).ravel())
    # One in each half of the smallest deviation is enough; the ends stay.
    cell = numpy.floor((points - points[0]) / (0.5 * deviations.min()))
    kept = numpy.concatenate([[True], cell[1:] != cell[:-1]])
    kept[-1] = True
    return [float(x) for x in points[kept]]
