"""Estimators of E k(X, X') + E k(Y, Y') - 2 E k(X, Y) from two samples, and their standard errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import Array
from gamedyn.divergences._pairwise import Tile, matrix_forms, matrix_products
from gamedyn.numerics import Estimate

__all__ = [
    "ESTIMATORS",
    "LEVEL",
    "QUANTILE",
    "PairSums",
    "biased_value",
    "discrepancy_of_arrays",
    "linear_terms",
    "mean_estimate",
    "pair_sums",
    "signed_weights",
]

ESTIMATORS = ("biased", "unbiased", "linear")
LEVEL = 0.95
QUANTILE = 1.959963984540054
"""The 97.5 % quantile of the normal law."""

_NATIVE_ENTRIES = 2**22


def signed_weights(weights: tuple[numpy.ndarray, ...]) -> numpy.ndarray:
    """One column: the weights of x, and minus those of y."""
    x_weights, y_weights = weights
    return numpy.concatenate([x_weights, -y_weights])[:, None]


def biased_value(tile: Tile, weights: tuple[numpy.ndarray, ...], *, max_bytes: int, progress: bool = False) -> float:
    """The V-statistic: the discrepancy between the weighted samples themselves."""
    return float(matrix_forms(tile, signed_weights(weights), max_bytes=max_bytes, progress=progress)[0])


@dataclass(frozen=True)
class PairSums:
    """The sums of k between every row and each sample.

    Parameters
    ----------
    to_x, to_y : array, shape (n + m,)
        sum_j k(z_i, x_j) and sum_j k(z_i, y_j) for the rows of x, then of y.
    diagonal : array, shape (n + m,)
        k(z_i, z_i).
    n : int
        Rows of x.
    """

    to_x: numpy.ndarray
    to_y: numpy.ndarray
    diagonal: numpy.ndarray
    n: int

    def biased(self) -> float:
        """The mean over all pairs, each row with itself too."""
        n, m = self.n, len(self.to_x) - self.n
        own_x, own_y, cross = self.to_x[:n].sum(), self.to_y[n:].sum(), self.to_y[:n].sum()
        return float(own_x / n**2 + own_y / m**2 - 2 * cross / (n * m))

    def unbiased(self) -> float:
        """The mean over pairs of different rows: the U-statistic, which may be negative."""
        n, m = self.n, len(self.to_x) - self.n
        own_x, own_y, cross = self._own(slice(0, n)), self._own(slice(n, n + m)), self.to_y[:n].sum()
        return float(own_x.sum() / (n * (n - 1)) + own_y.sum() / (m * (m - 1)) - 2 * cross / (n * m))

    def standard_error(self) -> float:
        """The jackknife's, of the U-statistic: its change as one row is left out is read off the sums of that row.

        nan below three rows in a sample.
        """
        n, m = self.n, len(self.to_x) - self.n
        if min(n, m) < 3:
            return math.nan
        variance = 0.0
        for rows, size, other, cross in ((slice(0, n), n, m, self.to_y), (slice(n, n + m), m, n, self.to_x)):
            change = 2 * cross[rows] / ((size - 1) * other) - 2 * self._own(rows) / ((size - 1) * (size - 2))
            variance += (size - 1) * float(numpy.var(change))
        return math.sqrt(variance)

    def _own(self, rows: slice) -> numpy.ndarray:
        own: numpy.ndarray = (self.to_x if rows.start == 0 else self.to_y)[rows] - self.diagonal[rows]
        return own

    def estimate(self, estimator: str, definition: str, *, floor: float) -> Estimate:
        """The biased or unbiased value with the jackknife's error; the interval is that around the unbiased value."""
        centre, error = self.unbiased(), self.standard_error()
        value = max(self.biased(), 0.0) if estimator == "biased" else centre
        lower, upper = (max(centre + side * QUANTILE * error, floor) for side in (-1, 1))
        kind = "V-statistic, interval about the U-statistic" if estimator == "biased" else "U-statistic"
        method = f"{kind}, standard error by jackknife"
        return Estimate(value, error, lower, upper, LEVEL, method, (self.n, len(self.to_x) - self.n), definition)


def pair_sums(tile: Tile, n: int, m: int, *, max_bytes: int, progress: bool = False) -> PairSums:
    """All sums in one pass over the pairs."""
    members = numpy.zeros((n + m, 2))
    members[:n, 0] = members[n:, 1] = 1.0
    totals, diagonal = matrix_products(tile, members, max_bytes=max_bytes, progress=progress)
    return PairSums(totals[:, 0], totals[:, 1], diagonal, n)


def discrepancy_of_arrays(
    xp: Any,
    kernel: Callable[[Array, Array], Array],
    by_row: Callable[[Array, Array], Array],
    x: Array,
    y: Array,
    weights: tuple[Array, Array],
    estimator: str,
) -> Array:
    """The V- or U-statistic by plain array operations, through which gradients flow.

    `kernel` gives the matrix k(x_i, y_j), `by_row` the values k(x_i, y_i).
    """
    n, m = x.shape[0], y.shape[0]
    x_weights, y_weights = weights
    own_x, own_y = (_mean_of_pairs(xp, kernel, z, z, w, w) for z, w in ((x, x_weights), (y, y_weights)))
    cross = _mean_of_pairs(xp, kernel, x, y, x_weights, y_weights)
    if estimator == "unbiased":
        # sum over i != j, over n (n - 1)
        own_x, own_y = (
            (own * size - xp.mean(by_row(z, z))) / (size - 1) for own, z, size in ((own_x, x, n), (own_y, y, m))
        )
    return own_x + own_y - 2 * cross


def _mean_of_pairs(
    xp: Any, kernel: Callable[[Array, Array], Array], x: Array, y: Array, x_weights: Array, y_weights: Array
) -> Array:
    step = max(1, _NATIVE_ENTRIES // y.shape[0])
    parts = []
    for start in range(0, x.shape[0], step):
        rows = slice(start, min(start + step, x.shape[0]))
        parts.append(xp.sum(x_weights[rows] * (kernel(x[rows, :], y) @ y_weights)))
    return sum(parts[1:], parts[0])


def linear_terms(by_row: Callable[[Array, Array], Array], x: Array, y: Array) -> Array:
    """k(x, x') + k(y, y') - k(x, y') - k(x', y) for disjoint pairs of consecutive rows, (min(n, m) // 2,)."""
    pairs = min(x.shape[0], y.shape[0]) // 2
    x0, x1, y0, y1 = (z[start : 2 * pairs : 2, :] for z in (x, y) for start in (0, 1))
    return by_row(x0, x1) + by_row(y0, y1) - by_row(x0, y1) - by_row(x1, y0)


def mean_estimate(terms: numpy.ndarray, method: str, n: tuple[int, int], definition: str, *, floor: float) -> Estimate:
    """The mean of independent terms, with its standard error."""
    value = float(numpy.mean(terms))
    error = float(numpy.std(terms, ddof=1)) / math.sqrt(len(terms)) if len(terms) > 1 else math.nan
    lower, upper = (max(value + side * QUANTILE * error, floor) for side in (-1, 1))
    return Estimate(value, error, lower, upper, LEVEL, method, n, definition)
