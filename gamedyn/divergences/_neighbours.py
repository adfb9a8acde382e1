"""KL and JS from samples by counting nearest neighbours; host-only work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

__all__ = ["neighbour_jensen_shannon", "neighbour_kl"]

_TREE_COLUMNS = 12
"""Above this many columns a k-d tree visits nearly every point, and distances in blocks are faster."""

_BLOCK = 2**22
"""Entries of one block of distances, 32 MB."""


def neighbour_kl(x: numpy.ndarray, y: numpy.ndarray, k: int) -> float:
    """Mean of psi(a) - psi(b) + log(m / (n - 1)) over x: a of x and b of y in the smallest ball that holds k of both.

    The sample of which more than k lie inside has its last neighbour inside, not on the ball: its count is raised by 1.
    With points of intensities p and q nearby, the mean is then log(p / q) without bias, for every ratio.
    """
    from scipy.special import digamma

    radius_x, radius_y = _radii(x, x, k, itself=True), _radii(x, y, k, itself=False)
    radius = numpy.maximum(radius_x, radius_y)
    count_x = numpy.maximum(_counts_within(x, x, radius) - 1, k) + (radius_x < radius)
    count_y = numpy.maximum(_counts_within(x, y, radius), k) + (radius_y < radius)
    return float(numpy.mean(digamma(count_x) - digamma(count_y)) + numpy.log(len(y) / (len(x) - 1)))


def neighbour_jensen_shannon(x: numpy.ndarray, y: numpy.ndarray, k: int) -> float:
    """The information of the label of a point about its place, for as many x as y.

    Mean over both samples of psi(k) - psi(c) + psi(2n) - psi(n), c the number of points of either sample in the ball
    that reaches to the k-th neighbour of the same label.
    """
    size = min(len(x), len(y))
    longer = x if len(x) > len(y) else y
    blocks = numpy.array_split(longer, max(1, round(len(longer) / size)))
    pairs = [(block, y) if longer is x else (x, block) for block in blocks]
    return float(numpy.mean([_balanced_jensen_shannon(a, b, k) for a, b in pairs]))


def _balanced_jensen_shannon(x: numpy.ndarray, y: numpy.ndarray, k: int) -> float:
    from scipy.special import digamma

    size = min(len(x), len(y))
    x, y = x[:size], y[:size]
    halves = []
    for own, other in ((x, y), (y, x)):
        radius = _radii(own, own, k, itself=True)
        same = numpy.maximum(_counts_within(own, own, radius) - 1, k)
        halves.append(numpy.mean(digamma(same) - digamma(same + _counts_within(own, other, radius))))
    return float(numpy.mean(halves) + digamma(2 * size) - digamma(size))


def _radii(points: numpy.ndarray, sample: numpy.ndarray, k: int, *, itself: bool) -> numpy.ndarray:
    """Distance of each point to its k-th neighbour in the sample, not counting itself where it is of the sample."""
    rank = k + 1 if itself else k
    if points.shape[1] <= _TREE_COLUMNS:
        from scipy.spatial import cKDTree

        distances: Any = cKDTree(sample).query(points, k=[rank])[0]
        return numpy.asarray(distances[:, 0])
    return _by_blocks(points, sample, lambda block, rows: numpy.partition(block, rank - 1, axis=1)[:, rank - 1])


def _counts_within(points: numpy.ndarray, sample: numpy.ndarray, radius: numpy.ndarray) -> numpy.ndarray:
    """How many of the sample lie within `radius` of each point, those on the ball included."""
    # The last bits of a distance depend on the way it is computed.
    radius = radius * (1 + 1e-13)
    if points.shape[1] <= _TREE_COLUMNS:
        from scipy.spatial import cKDTree

        return numpy.asarray(cKDTree(sample).query_ball_point(points, radius, return_length=True))
    return _by_blocks(points, sample, lambda block, rows: (block <= radius[rows, None]).sum(axis=1))


def _by_blocks(
    points: numpy.ndarray, sample: numpy.ndarray, function: Callable[[numpy.ndarray, slice], numpy.ndarray]
) -> numpy.ndarray:
    """function(distances of some rows to the sample, those rows), for all rows."""
    from scipy.spatial.distance import cdist

    step = max(1, _BLOCK // len(sample))
    parts = []
    for start in range(0, len(points), step):
        rows = slice(start, start + step)
        parts.append(function(cdist(points[rows], sample), rows))
    return numpy.concatenate(parts)
