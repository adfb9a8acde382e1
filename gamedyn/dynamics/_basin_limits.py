"""Where many trajectories ended: their limit points told apart, and the cycles among those that never rest."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn.backend import require, to_host
from gamedyn.dynamics._simulate import simulate
from gamedyn.equilibria import classify, find_stationary_point
from gamedyn.games import Game
from gamedyn.updates import UpdateRule

__all__ = ["Limit", "cycles_of", "limit_points_of"]

# Two ends are looked at together when nearer than this, and one limit when Newton leads both to points nearer than
# that, both in units of the starts' extent.
_NEAR, _SAME = 1e-6, 1e-7
# Newton refines what is all but at rest: it does not move it this far.
_NEWTON_MOVES = 1e-3
# At most so many clusters are looked at.
_MOST = 128
# After so many trajectories without a settled set, the rest is left.
_FAILURES = 16
# A recurrent set fills itself up to this share of its diameter, and keeps its extent up to this one.
_FILLS, _KEEPS = 1e-2, 2e-3
# Nearer than this share of a cycle's diameter is on it.
_ON_CYCLE = 5e-3


class Limit(NamedTuple):
    """Where trajectories end."""

    kind: str
    """The word of `classify`, "continuum" for degenerate points, "cycle", or "recurrent set" for wider ones."""
    point: Any
    """(d,): the limit point, or a point of the set."""
    orbit: Any = None
    """(m, d): points of a cycle in the order of steps; None for a limit point."""


def limit_points_of(
    game: Game, ends: numpy.ndarray, extent: numpy.ndarray, tolerance: float
) -> tuple[list[Limit], numpy.ndarray]:
    """The distinct limit points of converged trajectories, and which of them each went to.

    Parameters
    ----------
    game : Game
    ends : array, shape (n, d)
    extent : array, shape (d,)
        Unit of distance in each coordinate.
    tolerance : float
        Residual with which they ended.

    Returns
    -------
    limits : list of Limit
    labels : array of int, shape (n,)
        Their indices; -2 where more clusters were left than are looked at.
    """
    labels = numpy.full(len(ends), -2)
    limits: list[Limit] = []
    scaled = ends / extent
    left = numpy.arange(len(ends))
    for _ in range(_MOST):
        if not len(left):
            break
        k = left[0]
        near = numpy.max(numpy.abs(scaled[left] - scaled[k]), axis=-1) <= _NEAR
        found = _limit_point(game, ends[k], extent, tolerance)
        label = next((i for i, old in enumerate(limits) if _is_same(old, found, extent)), len(limits))
        if label == len(limits):
            limits.append(found)
        labels[left[near]] = label
        left = left[~near]
    if len(left) and any(limit.kind == "continuum" for limit in limits):
        # What is left of a line of equilibria, too long to be looked at point by point.
        points = numpy.asarray([limit.point for limit in limits]) / extent
        nearest = numpy.min(numpy.max(numpy.abs(scaled[left, None] - points), axis=-1), axis=-1)
        isolated = numpy.asarray([limit.kind != "continuum" for limit in limits])
        if not isolated.any() or bool(numpy.all(nearest < 1)):
            labels[left] = next(i for i, limit in enumerate(limits) if limit.kind == "continuum")
    return limits, labels


def _limit_point(game: Game, end: numpy.ndarray, extent: numpy.ndarray, tolerance: float) -> Limit:
    point = end
    refined = find_stationary_point(game, end)
    moved = numpy.max(numpy.abs(to_host(refined.point) - end) / extent)
    if refined.converged and moved <= _NEWTON_MOVES and bool(game.domain.contains(refined.point)):
        point = to_host(refined.point)
    found = classify(game, point, tolerance=max(tolerance, 1e-6))
    return Limit("continuum" if found.degenerate.answer != "no" else str(found.kind), point)


def _is_same(old: Limit, new: Limit, extent: numpy.ndarray) -> bool:
    if old.kind == new.kind == "continuum":
        return True
    return bool(numpy.max(numpy.abs(old.point - new.point) / extent) <= _SAME)


def cycles_of(
    game: Game, rule: UpdateRule, ends: numpy.ndarray, extent: numpy.ndarray, window: int, max_norm: float | None
) -> tuple[list[Limit], numpy.ndarray]:
    """The sets to which bounded trajectories that do not converge come back, and which of them each is on.

    One trajectory is followed for 3 windows: the last two must cover each other and have the same extent. All others
    that are on its set, or come to it when they are followed, get its label: no set is counted twice.

    Parameters
    ----------
    game : Game
    rule : UpdateRule
    ends : array, shape (n, d)
        Where they are after the last step.
    extent : array, shape (d,)
    window : int
        Steps.
    max_norm : float or None
        As for `simulate`.

    Returns
    -------
    limits : list of Limit
    labels : array of int, shape (n,)
        Indices; -2 where nothing is decided.
    """
    tree_of = require("scipy.spatial").cKDTree
    labels = numpy.full(len(ends), -2)
    limits: list[Limit] = []
    trees: list[tuple[Any, float]] = []
    left, failures = numpy.arange(len(ends)), 0
    while len(left) and failures < _FAILURES and len(limits) < _MOST:
        k, left = left[0], left[1:]
        path = to_host(simulate(game, rule, ends[k], 3 * window, max_norm=max_norm).points)[window + 1 :]
        orbit = _settled(path, window, extent, tree_of)
        if orbit is None:
            failures += 1
            continue
        diameter = float(numpy.max(numpy.ptp(orbit / extent, axis=0)))
        label = next((i for i, (tree, size) in enumerate(trees) if _lies_on(orbit / extent, tree, size)), len(limits))
        if label == len(limits):
            limits.append(Limit(_width_word(orbit / extent, diameter), orbit[0], orbit))
            trees.append((tree_of(orbit / extent), diameter))
        labels[k] = label
        if len(left):
            distance, _ = trees[label][0].query(ends[left] / extent)
            on = distance <= _ON_CYCLE * trees[label][1]
            labels[left[on]] = label
            left = left[~on]
    return limits, labels


def _settled(path: numpy.ndarray, window: int, extent: numpy.ndarray, tree_of: Any) -> numpy.ndarray | None:
    """The last window of the path, if it comes back to the window before."""
    first, last = path[:window] / extent, path[window:] / extent
    diameter = float(numpy.max(numpy.ptp(last, axis=0)))
    if not numpy.all(numpy.isfinite(path)) or diameter <= _NEAR:
        return None
    ends = numpy.stack([first.min(0) - last.min(0), first.max(0) - last.max(0)])
    if numpy.max(numpy.abs(ends)) > _KEEPS * diameter:
        return None
    there, back = tree_of(first).query(last)[0].max(), tree_of(last).query(first)[0].max()
    return path[window:] if max(there, back) <= _FILLS * diameter else None


def _lies_on(orbit: numpy.ndarray, tree: Any, diameter: float) -> bool:
    return bool(tree.query(orbit)[0].max() <= _FILLS * diameter)


def _width_word(orbit: numpy.ndarray, diameter: float) -> str:
    """A curve meets twice as many boxes when they are halved, a wider set more."""
    place = (orbit - orbit.min(axis=0)) / diameter
    coarse, fine = (len(numpy.unique(numpy.floor(place * n), axis=0)) for n in (24, 48))
    return "cycle" if fine <= 2.6 * coarse else "recurrent set"
