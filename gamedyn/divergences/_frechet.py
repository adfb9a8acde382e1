"""The squared Frechet distance between Gaussian fits of two samples, and its value at infinite size; host-only work."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import array_namespace, as_generator, device_of, float_arrays, to_device
from gamedyn.divergences._discrepancy import LEVEL, QUANTILE
from gamedyn.divergences._samples import check_spread, samples_on_host
from gamedyn.numerics import Estimate, squared_bures_of_factors

__all__ = ["frechet_distance"]

_SPLITS = 10


def frechet_distance(
    x: Any, y: Any, *, extrapolate: bool = False, root: bool = False, return_estimate: bool = False, rng: Any = None
) -> Any:
    """|m_x - m_y|^2 + tr(A + B - 2 (A^1/2 B A^1/2)^1/2), with the means and covariances of two samples.

    The squared W_2 between the Gaussian laws of these moments: on features of an Inception network, the FID. It sees
    means and covariances only.

    Parameters
    ----------
    x, y : array_like, shape (n, d) and (m, d), or (n,) and (m,)
        Independent samples, at least 2 rows. Fewer rows than columns are served.
    extrapolate : bool
        Whether to take off the bias of O(1 / n), by which the value is too large, from the values of random halves:
        linear in 1 / n, as in FID_infinity, from n and n / 2. It may then be negative, and takes at least 4 rows.
    root : bool
        Whether to return the square root; not of an extrapolated value.
    return_estimate : bool
        Whether to return an Estimate; not for the root. Its interval lies about the extrapolated value.
    rng : None, int or numpy.random.Generator
        Draws ten splits into halves, for the extrapolation.

    Returns
    -------
    array of shape (), in the library and precision of the samples, or Estimate
        The interval covers the distance of the laws at 95 % where n and m are large against d; the standard error is
        nan unless both exceed d.

    Raises
    ------
    ValueError
        If samples do not fit, are too small, or hold NaN or infinite entries.

    Notes
    -----
    Covariances are over n - 1 and never formed: the factors are triangles of QR decompositions of the centred samples,
    or these themselves where n <= d, and the Bures term is |L - M Q|_F^2 by `squared_bures_of_factors`: never complex,
    negative or nan, as the trace formula with a matrix square root may be. Costs O((n + m) d min(n, d)).

    The standard error is that of the linear part, the variance of the optimal transport's potential
    |x|^2 - x^T T x over each sample, and of the choice of splits.

    References
    ----------
    Dowson and Landau (1982), The Frechet distance between multivariate normal distributions.
    Heusel, Ramsauer, Unterthiner, Nessler and Hochreiter (2017), GANs trained by a two time-scale update rule converge
    to a local Nash equilibrium.
    Chong and Forsyth (2020), Effectively unbiased FID and Inception score and where to find them.

    Examples
    --------
    >>> float(frechet_distance([-1.0, 1.0], [2.0, 6.0]))  # means 0 and 4, deviations sqrt 2 and sqrt 8: 16 + 2
    18.0
    """
    if root and (extrapolate or return_estimate):
        raise ValueError("`root` needs extrapolate=False and return_estimate=False.")
    halved = extrapolate or return_estimate
    xp, *given = float_arrays(x, y, names=("x", "y"))
    first, second = samples_on_host(x, y, at_least=4 if halved else 2)
    check_spread(first, second)
    whole = _Fit.of(first, second)
    value, error = whole.value(), math.nan
    if halved:
        centre, spread = _extrapolated(first, second, value, as_generator(rng))
        error = math.hypot(whole.standard_error(), spread)
    chosen = centre if extrapolate else value
    if return_estimate:
        lower, upper = (max(centre + side * QUANTILE * error, 0.0) if error == error else error for side in (-1, 1))
        definition = "|m_x - m_y|^2 + tr(A + B - 2 (A^1/2 B A^1/2)^1/2), the squared W_2 of Gaussian fits"
        method = f"{'' if extrapolate else 'plug-in, interval about the value '}extrapolated from {_SPLITS} halvings"
        return Estimate(chosen, error, lower, upper, LEVEL, method, (len(first), len(second)), definition)
    result = math.sqrt(chosen) if root else chosen
    if xp is numpy:
        return array_namespace(given[0]).asarray(result, dtype=given[0].dtype)[()]
    return to_device(result, xp, dtype=given[0].dtype, device=device_of(given[0]))


@dataclass(frozen=True)
class _Fit:
    """Centred samples, the difference of their means, and factors of their covariances."""

    rows: tuple[numpy.ndarray, numpy.ndarray]
    between: numpy.ndarray
    factors: tuple[numpy.ndarray, numpy.ndarray]

    @classmethod
    def of(cls, x: numpy.ndarray, y: numpy.ndarray) -> _Fit:
        # Off a common origin first: means far from 0 would take the digits of their difference.
        origin = x[0]
        x, y = x - origin, y - origin
        means = x.mean(axis=0), y.mean(axis=0)
        rows = x - means[0], y - means[1]
        return cls(rows, means[0] - means[1], (_factor(rows[0]), _factor(rows[1])))

    def value(self) -> float:
        return float(self.between @ self.between) + float(squared_bures_of_factors(*self.factors))

    def standard_error(self) -> float:
        """The root of the summed variances of potentials over sizes; nan unless both samples have more rows than d."""
        (x, y), (left, right) = self.rows, self.factors
        if min(len(x), len(y)) <= x.shape[1]:
            return math.nan
        u, s, vh = numpy.linalg.svd(right.T @ left)
        variance = 0.0
        # With x = L z, the map T to the other law has x^T T x = z^T V S V^T z.
        for rows, factor, basis, side in ((x, left, vh, 1.0), (y, right, u.T, -1.0)):
            z = rows @ (numpy.linalg.pinv(factor).T @ basis.T)
            potential = 2 * side * (rows @ self.between) + numpy.sum(rows * rows, axis=1) - (z * z) @ s
            variance += float(numpy.var(potential)) / len(rows)
        return math.sqrt(variance)


def _factor(rows: numpy.ndarray) -> numpy.ndarray:
    """L with L L^T the covariance over n - 1."""
    n, d = rows.shape
    triangle: Any = numpy.linalg.qr(rows, mode="r") if n > d else rows
    factor: numpy.ndarray = triangle.T / math.sqrt(n - 1)
    return factor


def _extrapolated(x: numpy.ndarray, y: numpy.ndarray, value: float, rng: Any) -> tuple[float, float]:
    """The value at 1 / n = 0 of the line through the whole and the mean of halves, and the error by the splits."""
    n, m = len(x) // 2, len(y) // 2
    means = []
    for _ in range(_SPLITS):
        x, y = rng.permutation(x), rng.permutation(y)
        halves = ((x[:n], y[:m]), (x[n : 2 * n], y[m : 2 * m]))
        means.append(sum(_Fit.of(*half).value() for half in halves) / 2)
    ratio = (1 / n + 1 / m) / (1 / len(x) + 1 / len(y))
    centre = (ratio * value - float(numpy.mean(means))) / (ratio - 1)
    return centre, float(numpy.std(means, ddof=1)) / math.sqrt(_SPLITS) / (ratio - 1)
