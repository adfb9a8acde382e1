"""Log-ratios at the rows of two samples by Gaussian kernel densities, each row left out of its own; host-only work."""

from __future__ import annotations

import math

import numpy

from gamedyn._checks import check_choice, check_positive
from gamedyn.divergences._cross_fit import mean_difference
from gamedyn.divergences._kinds import Kind

__all__ = ["BANDWIDTHS", "check_bandwidth", "check_kernels", "kernel_log_ratios", "resubstitution"]

BANDWIDTHS = ("scott", "silverman", "likelihood")
"""Names of rules for the bandwidth."""

_FACTORS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
"""Multiples of Scott's rule that the likelihood chooses from."""
_JUDGED = 1500
"""Rows that the likelihood is computed on."""
_BLOCK = 64
"""Rows of a block whose products with all columns stay in the cache."""


def check_bandwidth(bandwidth: float | str) -> None:
    """Raise unless `bandwidth` is the name of a rule or a positive number."""
    if isinstance(bandwidth, str):
        check_choice("bandwidth", bandwidth, BANDWIDTHS)
    else:
        check_positive("bandwidth", bandwidth)


def check_kernels(kind: Kind) -> None:
    """Raise a ValueError unless kernel densities have an estimate of the kind."""
    if kind.functional == "power" and not 0 < kind.alpha < 1:
        raise ValueError(
            f"`method` 'kde' has no estimate of the kind {kind.name!r}: at order {kind.alpha:g}, outside (0, 1), the "
            "tails of kernels rule. Take another method."
        )


def kernel_log_ratios(
    x: numpy.ndarray, y: numpy.ndarray, bandwidth: float | str, max_bytes: int
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """log(p / q) at the rows of x and of y, the kernel of a row left out of the density of its own sample.

    The covariance of a kernel is h^2 times that of its sample, h the bandwidth: n^(-1 / (d + 4)) by Scott's rule,
    [n (d + 2) / 4]^(-1 / (d + 4)) by Silverman's, or the multiple of Scott's under which the left-out rows are most
    likely. A ratio beyond the number of rows of the smaller sample, which no sample of that size shows but which tails
    of kernels have, is cut to it.
    """
    densities = [_Density(sample, name, bandwidth, max_bytes) for sample, name in ((x, "x"), (y, "y"))]
    p, q = densities
    at_x = p.log_density(x, itself=True) - q.log_density(x, itself=False)
    at_y = p.log_density(y, itself=False) - q.log_density(y, itself=True)
    most = numpy.log(min(len(x), len(y)))
    return numpy.clip(at_x, -most, most), numpy.clip(at_y, -most, most)


def resubstitution(kind: Kind, v_x: numpy.ndarray, v_y: numpy.ndarray) -> tuple[float, float]:
    """The functional of a kind and its standard error, from log(p / q) at the rows of x and of y.

    For KL either way the plug-in, the mean of the log-ratio, with the variances of its influence functions v and e^v;
    that of e^v under q is E_p e^v - 1, which the rows of x show better than those of y, where kernel densities have
    their largest errors. For Jeffreys the deviations are added, an upper bound. For other kinds the variational form.
    """
    if kind.functional not in ("kl", "reverse_kl", "jeffreys"):
        return mean_difference(*kind.contributions(v_x, v_y))
    value, deviations = 0.0, numpy.zeros(2)
    if kind.functional != "reverse_kl":
        value += float(v_x.mean())
        deviations += v_x.std(ddof=1), math.sqrt(max(float(numpy.exp(v_x).mean()) - 1, 0.0))
    if kind.functional != "kl":
        value -= float(v_y.mean())
        deviations += math.sqrt(max(float(numpy.exp(-v_y).mean()) - 1, 0.0)), v_y.std(ddof=1)
    return value, math.hypot(deviations[0] / math.sqrt(len(v_x)), deviations[1] / math.sqrt(len(v_y)))


class _Density:
    """The kernel density of one sample, in coordinates in which its kernel is the standard normal law times h."""

    def __init__(self, sample: numpy.ndarray, name: str, bandwidth: float | str, max_bytes: int) -> None:
        self.n, d = sample.shape
        self.centre = sample.mean(axis=0)
        covariance = numpy.atleast_2d(numpy.cov(sample, rowvar=False))
        deviation = numpy.sqrt(numpy.diagonal(covariance))
        correlation = covariance / numpy.outer(deviation, deviation) if numpy.all(deviation > 0) else None
        if correlation is None or numpy.linalg.eigvalsh(correlation)[0] < 1e-12:
            raise ValueError(
                f"`{name}` must vary in every direction for a kernel density, got rows on a plane or a constant column."
            )
        # Rows of L^-1 (z - mean) have unit covariance.
        self.whiten = numpy.linalg.inv(numpy.linalg.cholesky(covariance)).T
        self.step = max(1, min(_BLOCK, max_bytes // (8 * 4 * self.n)))
        self.points = (sample - self.centre) @ self.whiten
        self.h = self._width(bandwidth, d)
        self.constant = d * numpy.log(self.h) + d / 2 * numpy.log(2 * numpy.pi)
        self.constant -= float(numpy.log(numpy.diagonal(self.whiten)).sum())

    def _width(self, bandwidth: float | str, d: int) -> float:
        if not isinstance(bandwidth, str):
            return float(bandwidth)
        scott = float(self.n ** (-1 / (d + 4)))
        if bandwidth == "silverman":
            return float(scott * (4 / (d + 2)) ** (1 / (d + 4)))
        if bandwidth == "likelihood":
            # The best multiple of the rule is that of a part of the rows too.
            part = self.points[:: -(-self.n // _JUDGED)]
            widths = [factor * len(part) ** (-1 / (d + 4)) for factor in _FACTORS]
            scores = [numpy.mean(self._log_sums(part, part, h, itself=True)) - d * numpy.log(h) for h in widths]
            return scott * _FACTORS[int(numpy.argmax(scores))]
        return scott

    def log_density(self, rows: numpy.ndarray, *, itself: bool) -> numpy.ndarray:
        """The logarithm of the density at rows, or of that of the other rows where the rows are the sample itself."""
        points = self.points if itself else (rows - self.centre) @ self.whiten
        count = self.n - 1 if itself else self.n
        sums = self._log_sums(points, self.points, self.h, itself=itself)
        return numpy.asarray(sums - numpy.log(count) - self.constant)

    def _log_sums(self, rows: numpy.ndarray, points: numpy.ndarray, h: float, *, itself: bool) -> numpy.ndarray:
        """log sum exp(-|row - point|^2 / (2 h^2)) over the points, each row without itself where they are the same."""
        scaled = points.T / h
        squares = numpy.einsum("ij,ij->j", scaled, scaled) / 2
        sums = numpy.empty(len(rows))
        for start in range(0, len(rows), self.step):
            block = rows[start : start + self.step] / h
            # Of -|a - b|^2 / 2 = a b - |b|^2 / 2 - |a|^2 / 2 the last is the same for all points.
            exponent = block @ scaled
            exponent -= squares
            if itself:
                index = numpy.arange(len(block))
                exponent[index, start + index] = -numpy.inf
            highest = exponent.max(axis=1)
            exponent -= highest[:, None]
            total = numpy.exp(exponent, out=exponent).sum(axis=1)
            sums[start : start + self.step] = highest + numpy.log(total) - numpy.einsum("ij,ij->i", block, block) / 2
        return sums
