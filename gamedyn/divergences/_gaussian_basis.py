"""Gaussian basis functions around rows of a sample, in pooled deviations; host-only work."""

from __future__ import annotations

import numpy

from gamedyn.divergences._median_distance import median_distance

__all__ = ["GaussianBasis"]


class GaussianBasis:
    """exp(-|z - c|^2 / (2 width^2)) for centres c among the rows of x, in columns divided by the pooled deviation.

    Parameters
    ----------
    x, y : array, shapes (n, d) and (m, d)
    count : int
        At most so many centres.
    rng : numpy.random.Generator
        Draws them.

    Attributes
    ----------
    median : float
        The median distance of two rows.
    """

    def __init__(self, x: numpy.ndarray, y: numpy.ndarray, count: int, rng: numpy.random.Generator) -> None:
        both = numpy.concatenate([x, y])
        deviation = both.std(axis=0)
        self.centre, self.scale = both.mean(axis=0), numpy.where(deviation > 0, deviation, 1.0)
        chosen = x if len(x) <= count else x[rng.choice(len(x), count, replace=False)]
        self.centres = self.standardized(chosen)
        self.median = float(median_distance(numpy, self.standardized(x), self.standardized(y)))

    def standardized(self, rows: numpy.ndarray) -> numpy.ndarray:
        """The rows in pooled deviations from the pooled mean."""
        return numpy.asarray((rows - self.centre) / self.scale)

    def squares(self, rows: numpy.ndarray) -> numpy.ndarray:
        """|z - c|^2, shape (n, centres)."""
        from scipy.spatial.distance import cdist

        return numpy.asarray(cdist(self.standardized(rows), self.centres, "sqeuclidean"))

    def features(self, squares: numpy.ndarray, width: float) -> numpy.ndarray:
        """The basis functions at rows with these squared distances, shape (n, centres)."""
        return numpy.asarray(numpy.exp(squares * (-0.5 / width**2)))
