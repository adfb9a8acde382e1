"""Bounds on mu and L for all Jacobians of a game in a box, by branch and bound over enclosures."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy

from gamedyn.backend import require
from gamedyn.equilibria._certified_expressions import LeavesDomain
from gamedyn.equilibria._certified_game import interval_game
from gamedyn.equilibria._certified_matrices import float_above, float_below
from gamedyn.equilibria._point import norm_of
from gamedyn.games import Game
from gamedyn.numerics import is_positive_definite

__all__ = ["BoxConstants", "constants_on_box"]

_EPS = float(numpy.finfo(float).eps)


class BoxConstants(NamedTuple):
    """What holds at every point of a box, and what was seen at some of its points."""

    mu: float
    """A lower bound on the smallest eigenvalue of (J + J^T) / 2."""
    lipschitz: float
    """An upper bound on the largest singular value of J."""
    mu_seen: float
    lipschitz_seen: float
    complete: bool
    """Whether both are within the gap of what was seen."""


def constants_on_box(game: Game, low: numpy.ndarray, high: numpy.ndarray, gap: float, max_boxes: int) -> BoxConstants:
    """The bounds, by halving the box that holds the worst one until it is within a relative gap of a point's value.

    Parameters
    ----------
    game : Game
        One that can be certified, see `certify`.
    low, high : array, shape (d,)
    gap : float
        Relative to the value, and to a thousandth of L where that is small.
    max_boxes : int
        The budget for each of the two.

    Raises
    ------
    TypeError
        If the game has no enclosures.

    Notes
    -----
    On a box with J within R of its midpoint, entry by entry, (J + J^T) / 2 >= c I is proved by Rump's test of the
    midpoint's less c I and less the row sums of R's on the diagonal; L >= |J| by that of [[L I, J], [J^T, L I]].
    """
    enclose = _enclosures(game)
    mu, mu_seen, first = _search(enclose, low, high, _least_stretch, gap, max_boxes)
    negative, seen, second = _search(enclose, low, high, _largest_norm, gap, max_boxes)
    return BoxConstants(mu, -negative, mu_seen, -seen, first and second)


def _enclosures(game: Game) -> Callable[[numpy.ndarray, numpy.ndarray], tuple[numpy.ndarray, numpy.ndarray] | None]:
    """(low, high) -> midpoint and radius, (d, d) each, of all J there; None where J is not defined everywhere."""
    flint = require("flint")
    interval = interval_game(game)

    def enclose(low: numpy.ndarray, high: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray] | None:
        box = [flint.arb(float(a)).union(flint.arb(float(b))) for a, b in zip(low, high, strict=True)]
        try:
            lower, upper = _as_floats(interval.jacobian(box))
            if numpy.any(high > low):
                # The mean value form gains on narrow boxes, for its excess falls with the square of their widths.
                centre = [flint.arb(float(c)) for c in (low + high) / 2]
                moves = [x - c for x, c in zip(box, centre, strict=True)]
                rows, slopes = interval.jacobian(centre), interval.jacobian_slopes(box)
                d = len(rows)
                centred = [
                    [rows[i][j] + sum((slopes[k][i][j] * moves[k] for k in range(d)), flint.arb(0)) for j in range(d)]
                    for i in range(d)
                ]
                nearer_lower, nearer_upper = _as_floats(centred)
                lower, upper = numpy.maximum(lower, nearer_lower), numpy.minimum(upper, nearer_upper)
        except LeavesDomain:
            return None
        middle = (lower + upper) / 2
        radius = numpy.nextafter(numpy.maximum(upper - middle, middle - lower), numpy.inf)
        return (middle, radius) if numpy.all(numpy.isfinite(middle)) else None

    return enclose


def _as_floats(rows: Sequence[Sequence[Any]]) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Floats below and above all entries."""
    lower, upper = ([[end(value) for value in row] for row in rows] for end in (float_below, float_above))
    return numpy.asarray(lower), numpy.asarray(upper)


def _least_stretch(middle: numpy.ndarray, radius: numpy.ndarray) -> float:
    """A proved c with (J + J^T) / 2 >= c I for all J within the radius; -inf where none was proved."""
    return _proved_floor((middle + middle.T) / 2, (radius + radius.T) / 2)


def _largest_norm(middle: numpy.ndarray, radius: numpy.ndarray) -> float:
    """-L for a proved L >= |J|: minus the floor of [[0, J], [J^T, 0]]."""
    d = len(middle)
    doubled, spread = numpy.zeros((2 * d, 2 * d)), numpy.zeros((2 * d, 2 * d))
    doubled[:d, d:], doubled[d:, :d] = middle, middle.T
    spread[:d, d:], spread[d:, :d] = radius, radius.T
    return _proved_floor(doubled, spread)


def _proved_floor(symmetric: numpy.ndarray, spread: numpy.ndarray) -> float:
    """c with A + E >= c I for all symmetric E with |E| <= R entry by entry: E >= -diag(R 1)."""
    d = len(symmetric)
    lowered = symmetric - numpy.diag(numpy.sum(spread, axis=-1) * (1 + d * _EPS))
    size = norm_of(symmetric) + norm_of(spread) + norm_of(lowered)
    for slack in (1e-12, 1e-10, 1e-6):
        c = float(numpy.linalg.eigvalsh(lowered)[0]) - slack * size
        # Roundings: of the mean of two entries, and twice of the diagonal.
        if is_positive_definite(lowered - c * numpy.eye(d), error_bound=4 * _EPS * (size + abs(c))).is_yes:
            return c
    return -numpy.inf


def _search(
    enclose: Callable[[numpy.ndarray, numpy.ndarray], tuple[numpy.ndarray, numpy.ndarray] | None],
    low: numpy.ndarray,
    high: numpy.ndarray,
    floor: Callable[[numpy.ndarray, numpy.ndarray], float],
    gap: float,
    max_boxes: int,
) -> tuple[float, float, bool]:
    """The minimum over the box of a function of J: a proved lower bound, the least seen, whether they are near."""
    seen, counter = numpy.inf, 0
    heap: list[tuple[float, int, numpy.ndarray, numpy.ndarray]] = []

    def add(a: numpy.ndarray, b: numpy.ndarray) -> None:
        nonlocal seen, counter
        found = enclose(a, b)
        bound = -numpy.inf if found is None else floor(*found)
        if bound < seen:
            for point in ((a + b) / 2, a, b):
                there = enclose(point, point)
                if there is not None:
                    seen = min(seen, floor(*there))
        heapq.heappush(heap, (bound, counter, a, b))
        counter += 1

    add(low, high)
    while True:
        bound, _, a, b = heap[0]
        if seen - bound <= gap * max(abs(seen), 1e-12):
            return bound, seen, True
        if counter >= max_boxes:
            return bound, seen, False
        heapq.heappop(heap)
        k = int(numpy.argmax((b - a) / (high - low)))
        middle = (a[k] + b[k]) / 2
        left, right = b.copy(), a.copy()
        left[k], right[k] = middle, middle
        add(a, left)
        add(right, b)
