"""level_curves: where a function of the plane changes sign, refined along the lines of a grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

__all__ = ["level_curves"]

_HALVINGS = 60


def level_curves(
    function: Callable[[Any, Any], Any], x: Any, y: Any, values: Any = None
) -> tuple[tuple[numpy.ndarray, ...], numpy.ndarray]:
    """The curves function(x, y) = 0, each an array (n, 2) of points in order; closed ones repeat their first point.

    Every point lies on a line of the grid and is found by bisection to neighbouring numbers. What turns twice between
    two neighbours of the grid is not seen.

    Parameters
    ----------
    function : callable
        (x, y), two arrays (n,), -> values (n,); a value that is not finite counts as positive.
    x, y : array_like, shapes (nx,) and (ny,)
        Increasing.
    values : array, shape (ny, nx), optional
        The function's values on the grid, where they are known.

    Returns
    -------
    curves : tuple of arrays, shape (n, 2)
    values : array, shape (ny, nx)

    Examples
    --------
    A circle has points of radius 1:

    >>> curves, _ = level_curves(lambda x, y: x**2 + y**2 - 1, numpy.linspace(-2, 2, 20), numpy.linspace(-2, 2, 20))
    >>> len(curves), bool(abs(numpy.hypot(*curves[0].T) - 1).max() < 1e-15)
    (1, True)
    """
    x, y = numpy.asarray(x, dtype=float), numpy.asarray(y, dtype=float)
    nx, ny = len(x), len(y)
    if values is None:
        grid_x, grid_y = numpy.meshgrid(x, y)
        values = numpy.asarray(function(grid_x.ravel(), grid_y.ravel())).reshape(ny, nx)
    inside = _inside(values)
    rows, columns = numpy.nonzero(inside[:, 1:] != inside[:, :-1])
    up_rows, up_columns = numpy.nonzero(inside[1:] != inside[:-1])
    first = numpy.stack(
        [numpy.concatenate([x[columns], x[up_columns]]), numpy.concatenate([y[rows], y[up_rows]])], axis=-1
    )
    last = numpy.stack(
        [numpy.concatenate([x[columns + 1], x[up_columns]]), numpy.concatenate([y[rows], y[up_rows + 1]])], axis=-1
    )
    starts_inside = numpy.concatenate([inside[rows, columns], inside[up_rows, up_columns]])
    points = _bisect(function, first, last, starts_inside)
    numbers = numpy.concatenate([rows * nx + columns, ny * nx + up_rows * nx + up_columns])
    places = {int(number): k for k, number in enumerate(numbers)}
    segments = _segments(function, inside, x, y, places)
    return tuple(points[chain] for chain in _chains(segments)), numpy.asarray(values)


def _inside(values: Any) -> numpy.ndarray:
    with numpy.errstate(invalid="ignore"):
        return numpy.asarray(values) < 0


def _bisect(
    function: Callable[[Any, Any], Any], first: numpy.ndarray, last: numpy.ndarray, starts_inside: numpy.ndarray
) -> numpy.ndarray:
    """(n, 2): the end of the inner side, between neighbouring numbers."""
    inner = numpy.where(starts_inside[:, None], first, last)
    outer = numpy.where(starts_inside[:, None], last, first)
    for _ in range(_HALVINGS if len(inner) else 0):
        middle = inner + (outer - inner) / 2
        within = _inside(function(middle[:, 0], middle[:, 1]))[:, None]
        inner, outer = numpy.where(within, middle, inner), numpy.where(within, outer, middle)
    return numpy.asarray(inner)


def _segments(
    function: Callable[[Any, Any], Any], inside: numpy.ndarray, x: Any, y: Any, places: dict[int, int]
) -> list[tuple[int, int]]:
    """Pairs of crossings that a cell of the grid joins."""
    ny, nx = inside.shape
    total = inside[:-1, :-1].astype(int) + inside[:-1, 1:] + inside[1:, :-1] + inside[1:, 1:]
    found: list[tuple[int, int]] = []
    for row, column in zip(*numpy.nonzero((total > 0) & (total < 4)), strict=True):
        below = row * nx + column
        left = ny * nx + below
        # Around the cell: below, right, above, left.
        edges = [places.get(int(number)) for number in (below, left + 1, below + nx, left)]
        crossed = [edge for edge in edges if edge is not None]
        if len(crossed) == 2:
            found.append((crossed[0], crossed[1]))
            continue
        middle = function(numpy.asarray([(x[column] + x[column + 1]) / 2]), numpy.asarray([(y[row] + y[row + 1]) / 2]))
        # Two corners across: the middle says whether they are joined, and the curves cut off the other two.
        if bool(_inside(middle)[0]) == bool(inside[row, column]):
            found += [(crossed[0], crossed[1]), (crossed[2], crossed[3])]
        else:
            found += [(crossed[3], crossed[0]), (crossed[1], crossed[2])]
    return found


def _chains(segments: list[tuple[int, int]]) -> list[list[int]]:
    neighbours: dict[int, list[int]] = {}
    for a, b in segments:
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    found, left = [], set(neighbours)
    # Open curves first, from an end.
    for start in sorted(neighbours, key=lambda k: len(neighbours[k])):
        if start not in left:
            continue
        chain, here = [start], start
        left.discard(start)
        while following := [k for k in neighbours[here] if k in left]:
            here = following[0]
            left.discard(here)
            chain.append(here)
        if len(chain) > 2 and start in neighbours[here]:
            chain.append(start)
        found.append(chain)
    return found
