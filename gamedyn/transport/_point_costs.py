"""The matrix of costs between two host point sets, with a bound of its rounding."""

from __future__ import annotations

import numpy

__all__ = ["power_costs"]

_EXPANDED = 8  # dimensions; above, a matrix product is faster than differences
_NEAR = 0.01  # of the largest sum of squared norms: what is less has lost digits in the product
_SHARE = 0.02  # of the pairs that may be near; with more, differences are faster


def power_costs(x: numpy.ndarray, y: numpy.ndarray, order: float) -> tuple[numpy.ndarray, float, float]:
    """(costs, unit, rounding): (|x_i - y_j| / unit)^p with its relative rounding error.

    Parameters
    ----------
    x, y : array, shapes (n, d) and (m, d)
        Float64, in units such that squares neither over- nor underflow.
    order : float
        p >= 1.

    Notes
    -----
    The unit is 1 up to p = 2; above, the largest distance, since powers might overflow.
    """
    d = x.shape[1]
    squares, lost = _squares(x, y)
    largest = float(numpy.sqrt(numpy.max(squares)))
    # d squares, a root and a power.
    rounding = 2.0**-52 * (order + 1) * (d + 4) * lost
    if order == 2:
        return squares, 1.0, rounding
    distance = numpy.sqrt(squares, out=squares)
    if order <= 2:
        return distance if order == 1 else distance**order, 1.0, rounding
    unit = largest or 1.0
    distance /= unit
    distance **= order
    return distance, unit, rounding


def _squares(x: numpy.ndarray, y: numpy.ndarray) -> tuple[numpy.ndarray, float]:
    """|x_i - y_j|^2, and by what factor its rounding exceeds that of d squares."""
    from scipy.spatial.distance import cdist

    if x.shape[1] <= _EXPANDED:
        return numpy.asarray(cdist(x, y, "sqeuclidean")), 1.0
    center = (numpy.mean(x, axis=0) + numpy.mean(y, axis=0)) / 2
    u, v = x - center, y - center
    by_x, by_y = numpy.einsum("ij,ij->i", u, u), numpy.einsum("ij,ij->i", v, v)
    squares = u @ (-2 * v.T)
    squares += by_x[:, None]
    squares += by_y
    near = squares < _NEAR * float(numpy.max(by_x) + numpy.max(by_y))
    count = int(numpy.count_nonzero(near))
    if count > _SHARE * near.size:
        return numpy.asarray(cdist(x, y, "sqeuclidean")), 1.0
    if count:
        i, j = numpy.nonzero(near)
        gaps = x[i] - y[j]
        squares[i, j] = numpy.einsum("ij,ij->i", gaps, gaps)
    return squares, 1 / _NEAR
