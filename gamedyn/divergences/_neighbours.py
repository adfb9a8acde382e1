"""Divergences from samples by counting nearest neighbours; host-only work."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy

from gamedyn.divergences._kinds import Kind

__all__ = [
    "check_neighbours",
    "neighbour_functional",
    "neighbour_jensen_shannon",
    "neighbour_kl",
    "neighbour_power",
]

_TREE_COLUMNS = 12
"""Above this many columns a k-d tree visits nearly every point, and distances in blocks are faster."""

_BYTES = 2**26
"""Of one block of distances."""

_ROUNDING = 1 + 1e-13
"""The last bits of a distance depend on the way it is computed."""


def check_neighbours(kind: Kind, k: int) -> None:
    """Raise a ValueError unless k neighbours have an estimate of the kind."""
    if kind.functional in ("tv", "le_cam"):
        raise ValueError(f"`method` 'knn' has no estimate of the kind {kind.name!r}. Take another method.")
    if kind.functional == "power" and abs(kind.alpha - 1) >= k:
        raise ValueError(
            f"`k` must be larger than |alpha - 1| = {abs(kind.alpha - 1):g} for the kind {kind.name!r}, and smaller "
            f"than both samples, got {k}."
        )


def neighbour_functional(x: numpy.ndarray, y: numpy.ndarray, kind: Kind, k: int, max_bytes: int) -> float:
    """The estimate of the functional of a kind."""
    if kind.functional == "kl":
        return neighbour_kl(x, y, k, max_bytes)
    if kind.functional == "reverse_kl":
        return neighbour_kl(y, x, k, max_bytes)
    if kind.functional == "jeffreys":
        return neighbour_kl(x, y, k, max_bytes) + neighbour_kl(y, x, k, max_bytes)
    if kind.functional == "power":
        return neighbour_power(x, y, k, kind.alpha, max_bytes)
    return 2 * neighbour_jensen_shannon(x, y, k, max_bytes) - math.log(4)


def neighbour_kl(x: numpy.ndarray, y: numpy.ndarray, k: int, max_bytes: int = _BYTES) -> float:
    """Mean of psi(a) - psi(b) + log(m / (n - 1)) over x: a of x and b of y in the smallest ball that holds k of both.

    The sample of which more than k lie inside has its last neighbour inside, not on the ball: its count is raised by 1.
    With points of intensities p and q nearby, the mean is then log(p / q) without bias, for every ratio.
    """
    from scipy.special import digamma

    count_x, count_y = _counts_in_common_balls(x, y, k, max_bytes)
    return float(numpy.mean(digamma(count_x) - digamma(count_y)) + numpy.log(len(y) / (len(x) - 1)))


def neighbour_power(x: numpy.ndarray, y: numpy.ndarray, k: int, alpha: float, max_bytes: int = _BYTES) -> float:
    """Mean of (p / q)^s over x, s = alpha - 1, by the counts a and b of `neighbour_kl`; k > |s|.

    [m / (n - 1)]^s Gamma(a) / Gamma(a - s) Gamma(b) / Gamma(b + s), whose mean is (p / q)^s for points of intensities p
    and q nearby: the estimate from the two distances to the k-th neighbours, averaged over where inside the ball the
    nearer one can be.
    """
    from scipy.special import gammaln

    s = alpha - 1
    a, b = _counts_in_common_balls(x, y, k, max_bytes)
    logarithm = gammaln(a) - gammaln(a - s) + gammaln(b) - gammaln(b + s) + s * numpy.log(len(y) / (len(x) - 1))
    return float(numpy.mean(numpy.exp(logarithm)))


def neighbour_jensen_shannon(x: numpy.ndarray, y: numpy.ndarray, k: int, max_bytes: int = _BYTES) -> float:
    """The information of the label of a point about its place, for as many x as y.

    Mean over both samples of psi(k) - psi(c) + psi(2n) - psi(n), c the number of points of either sample in the ball
    that reaches to the k-th neighbour of the same label.
    """
    size = min(len(x), len(y))
    longer = x if len(x) > len(y) else y
    blocks = numpy.array_split(longer, max(1, round(len(longer) / size)))
    pairs = [(block, y) if longer is x else (x, block) for block in blocks]
    return float(numpy.mean([_balanced_jensen_shannon(a, b, k, max_bytes) for a, b in pairs]))


def _balanced_jensen_shannon(x: numpy.ndarray, y: numpy.ndarray, k: int, max_bytes: int) -> float:
    from scipy.special import digamma

    size = min(len(x), len(y))
    x, y = x[:size], y[:size]
    halves = []
    for own, other in ((x, y), (y, x)):
        parts = []
        for in_own, in_other in _searches(own, own, other, max_bytes):
            radius = in_own.radii(k + 1)
            same = numpy.maximum(in_own.counts(radius) - 1, k)
            parts.append(digamma(same) - digamma(same + in_other.counts(radius)))
        halves.append(numpy.mean(numpy.concatenate(parts)))
    return float(numpy.mean(halves) + digamma(2 * size) - digamma(size))


def _counts_in_common_balls(
    x: numpy.ndarray, y: numpy.ndarray, k: int, max_bytes: int
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """For every row of x, how many of x, itself left out, and of y its ball holds, as `neighbour_kl` counts them."""
    parts = []
    for in_x, in_y in _searches(x, x, y, max_bytes):
        radius_x, radius_y = in_x.radii(k + 1), in_y.radii(k)
        radius = numpy.maximum(radius_x, radius_y)
        count_x = numpy.maximum(in_x.counts(radius) - 1, k) + (radius_x < radius)
        count_y = numpy.maximum(in_y.counts(radius), k) + (radius_y < radius)
        parts.append((count_x, count_y))
    first, second = (numpy.concatenate(side) for side in zip(*parts, strict=True))
    return first, second


def _searches(
    points: numpy.ndarray, first: numpy.ndarray, second: numpy.ndarray, max_bytes: int
) -> Iterator[tuple[_Tree | _Block, _Tree | _Block]]:
    """Pairs of searches for some of the points in either sample; together they cover all points, in order."""
    if points.shape[1] <= _TREE_COLUMNS:
        yield _Tree(points, first), _Tree(points, second)
        return
    step = max(1, max_bytes // (16 * (len(first) + len(second))))
    for start in range(0, len(points), step):
        block = points[start : start + step]
        yield _Block(block, first), _Block(block, second)


class _Tree:
    """Neighbours of points in a sample, by a k-d tree."""

    def __init__(self, points: numpy.ndarray, sample: numpy.ndarray) -> None:
        from scipy.spatial import cKDTree

        self.points, self.tree = points, cKDTree(sample, balanced_tree=False, leafsize=24)
        self.rank, self.alone = 0, numpy.full(len(points), -1.0)

    def radii(self, rank: int) -> numpy.ndarray:
        """Distance of each point to the sample's point of that rank."""
        found: Any = self.tree.query(self.points, k=[rank, rank + 1])[0]
        # Where the next one is farther, the ball holds `rank` points, and need not be searched.
        self.rank, self.alone = rank, numpy.where(found[:, 1] > found[:, 0] * _ROUNDING, found[:, 0], -1.0)
        return numpy.asarray(found[:, 0])

    def counts(self, radius: numpy.ndarray) -> numpy.ndarray:
        """How many of the sample lie within `radius` of each point, those on the ball included."""
        count = numpy.full(len(self.points), self.rank)
        rest = numpy.flatnonzero(radius != self.alone)
        found = self.tree.query_ball_point(self.points[rest], radius[rest] * _ROUNDING, return_length=True)
        count[rest] = found
        return count


class _Block:
    """Neighbours of some points in a sample, by all distances between them."""

    def __init__(self, points: numpy.ndarray, sample: numpy.ndarray) -> None:
        from scipy.spatial.distance import cdist

        self.distances = cdist(points, sample)

    def radii(self, rank: int) -> numpy.ndarray:
        """As `_Tree.radii`."""
        column: numpy.ndarray = numpy.partition(self.distances, rank - 1, axis=1)[:, rank - 1]
        return column

    def counts(self, radius: numpy.ndarray) -> numpy.ndarray:
        """As `_Tree.counts`."""
        return numpy.asarray((self.distances <= (radius * _ROUNDING)[:, None]).sum(axis=1))
