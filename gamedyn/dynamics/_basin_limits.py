"""Where many trajectories ended: their limit points told apart, and the cycles among those that never rest."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn.backend import require, to_host
from gamedyn.dynamics._basin_capture import Ball, Tube
from gamedyn.dynamics._limit_set_detect import detect_limit_set
from gamedyn.dynamics._simulate import simulate
from gamedyn.equilibria import classify, find_stationary_point
from gamedyn.games import Game
from gamedyn.updates import StepMap, UpdateRule

__all__ = ["Limit", "Limits"]

# Two ends are looked at together when nearer than this, and one limit when Newton leads both to points nearer than
# that, both in units of the starts' extent.
_NEAR, _SAME = 1e-6, 1e-7
# Singular points are found to few digits.
_SAME_SINGULAR = 1e-2
# Newton refines what is all but at rest: it does not move it this far.
_NEWTON_MOVES = 1e-3
# A line of equilibria is felt for this far to both sides.
_REACH = 1e-2
# At most so many clusters are looked at.
_MOST = 128
# After so many trajectories without a settled set that attracts, the rest is left.
_FAILURES = 16
# A recurrent set fills itself up to this share of its diameter, and keeps its extent up to this one.
_FILLS, _KEEPS = 4e-2, 2e-3


class Limit(NamedTuple):
    """Where trajectories end."""

    kind: str
    """The word of `classify`, "continuum" for lines of equilibria, "cycle", "chaos", or "recurrent set" if wide."""
    point: Any
    """(d,): the limit point, or a point of the set."""
    orbit: Any = None
    """(m, d): points of a cycle in the order of steps; None for a limit point."""


class Limits:
    """The limits that are known, each with the neighbourhood that it is known to attract.

    Parameters
    ----------
    game : Game
    rule : UpdateRule
    extent : array, shape (d,)
        Unit of distance in each coordinate.
    tolerance : float
        Residual with which trajectories have converged.
    window : int
        Steps for which recurrent sets are watched, twice.
    max_norm : float
    """

    def __init__(
        self, game: Game, rule: UpdateRule, extent: numpy.ndarray, tolerance: float, window: int, max_norm: float
    ) -> None:
        self.game, self.rule, self.extent, self.tolerance = game, rule, extent, tolerance
        self.window, self.max_norm = window, max_norm
        self.found: list[Limit] = []
        self.catchers: list[Ball | Tube | None] = []
        self.d = sum(game.dims)
        self.failures = 0
        # Where the step changes with time, no neighbourhood is known to attract.
        self.step = StepMap(rule, game) if rule.is_time_invariant else None

    def of_resting(self, ends: numpy.ndarray) -> numpy.ndarray:
        """(n,): the limits to which converged trajectories went, by their ends (n, d); -2 where too many are left."""
        labels = numpy.full(len(ends), -2)
        scaled = ends / self.extent
        left = numpy.arange(len(ends))
        for _ in range(_MOST):
            if not len(left):
                break
            k = left[0]
            near = numpy.max(numpy.abs(scaled[left] - scaled[k]), axis=-1) <= _NEAR
            labels[left[near]] = self._label_of(self._limit_point(ends[k]))
            left = left[~near]
        if len(left) and any(limit.kind == "continuum" for limit in self.found):
            # What is left of a line of equilibria, too long to be looked at point by point.
            resting = [k for k, limit in enumerate(self.found) if limit.orbit is None]
            points = numpy.asarray([self.found[k].point for k in resting]) / self.extent
            nearest = numpy.min(numpy.max(numpy.abs(scaled[left, None] - points), axis=-1), axis=-1)
            isolated = any(self.found[k].kind != "continuum" for k in resting)
            if not isolated or bool(numpy.all(nearest < 1)):
                labels[left] = next(k for k in resting if self.found[k].kind == "continuum")
        return labels

    def of_moving(self, states: numpy.ndarray) -> numpy.ndarray:
        """(n,): the limits that bounded trajectories near without resting, by their states (n, D); -2 where undecided.

        Those in the neighbourhood of a known limit have its label. Of the others, one after the other is led to rest by
        Newton's method, if the neighbourhood of that point holds it, or is followed for 3 windows: the last two must
        cover each other and have the same extent.
        """
        labels = numpy.full(len(states), -2)
        left = self._catch(states, labels, numpy.arange(len(states)), range(len(self.found)))
        while len(left) and self.failures < _FAILURES and len(self.found) < _MOST:
            k = left[0]
            label = self._attractor_of(states[k])
            if label is None:
                label = self._cycle_of(states[k, : self.d])
            if label is None:
                self.failures += 1
                left = left[1:]
                continue
            labels[k] = label
            left = self._catch(states, labels, left[1:], [label])
        return labels

    def _catch(self, states: numpy.ndarray, labels: numpy.ndarray, left: numpy.ndarray, which: Any) -> numpy.ndarray:
        """Label those of `left` that are in the neighbourhoods of these limits; the rest of `left`."""
        for label in which:
            catcher = self.catchers[label]
            if catcher is not None and len(left):
                inside = catcher.holds(states[left])
                labels[left[inside]] = label
                left = left[~inside]
        return left

    def _label_of(self, limit: Limit) -> int:
        label = next((k for k, old in enumerate(self.found) if self._is_same(old, limit)), len(self.found))
        if label == len(self.found):
            self.found.append(limit)
            isolated = limit.kind not in ("continuum", "marginal", "undecided")
            self.catchers.append(Ball(self.step, limit.point, self.extent) if self.step and isolated else None)
        return label

    def _limit_point(self, end: numpy.ndarray) -> Limit:
        refined = find_stationary_point(self.game, end)
        point = to_host(refined.point)
        moved = numpy.max(numpy.abs(point - end) / self.extent)
        if refined.converged and moved <= _SAME_SINGULAR and bool(self.game.domain.contains(refined.point)):
            limit = self._judged(point)
            if moved <= _NEWTON_MOVES or limit.kind in ("continuum", "marginal", "undecided"):
                return limit
        return self._judged(end)

    def _judged(self, point: numpy.ndarray) -> Limit:
        found = classify(self.game, point, tolerance=max(self.tolerance, 1e-6))
        if found.degenerate.answer != "no" and self._is_on_line(point):
            return Limit("continuum", point)
        return Limit(str(found.kind), point)

    def _is_on_line(self, point: numpy.ndarray) -> bool:
        """Whether Newton's method, started to a side along the null direction of J, ends at another singular point."""
        slope = to_host(self.game.jacobian(point))
        if not numpy.all(numpy.isfinite(slope)):
            return False
        null = numpy.linalg.svd(slope)[2][-1]
        reach = _REACH * float(numpy.min(self.extent))
        for side in (-reach, reach):
            start = point + side * null
            if not bool(self.game.domain.contains(start)):
                continue
            other = find_stationary_point(self.game, start)
            moved = float(numpy.linalg.norm(to_host(other.point) - point))
            if other.converged and reach / 2 <= moved <= 2 * reach:
                return bool(classify(self.game, other.point, tolerance=1e-6).degenerate.answer != "no")
        return False

    def _is_same(self, old: Limit, new: Limit) -> bool:
        if old.orbit is not None:
            return False
        if old.kind == new.kind == "continuum":
            return True
        singular = old.kind == new.kind and new.kind in ("marginal", "undecided")
        bound = _SAME_SINGULAR if singular else _SAME
        return bool(numpy.max(numpy.abs(old.point - new.point) / self.extent) <= bound)

    def _attractor_of(self, state: numpy.ndarray) -> int | None:
        """The label of the point to which Newton's method leads, if its neighbourhood holds the state."""
        if self.step is None:
            return None
        refined = find_stationary_point(self.game, state[: self.d])
        if not (refined.converged and bool(self.game.domain.contains(refined.point))):
            return None
        point = to_host(refined.point)
        if not bool(Ball(self.step, point, self.extent).holds(state[None])[0]):
            return None
        return self._label_of(self._judged(point))

    def _cycle_of(self, z: numpy.ndarray) -> int | None:
        """The label of the recurrent set that a trajectory comes to; None where it settles on none."""
        path = simulate(self.game, self.rule, z, 3 * self.window, max_norm=self.max_norm)
        orbit = self._settled(to_host(path.points)[self.window + 1 :])
        if orbit is None:
            return None
        for label, catcher in enumerate(self.catchers):
            if isinstance(catcher, Tube) and bool(numpy.all(catcher.distance(orbit) <= catcher.radius)):
                catcher.add(orbit)
                return label
        word = self._word(orbit)
        tube = Tube(orbit, self.extent, word == "cycle")
        tube.measure(self.game, self.rule, self.window, self.max_norm)
        # Circles around a centre are as many as there are starts.
        self.failures += 0 if tube.attracts else 2
        self.found.append(Limit(word, orbit[0], orbit))
        self.catchers.append(tube)
        return len(self.found) - 1

    def _word(self, orbit: numpy.ndarray) -> str:
        """Chaos on a line is as thin as a cycle: another witness tells."""
        if self.step is not None:
            seen = detect_limit_set(
                self.game, self.rule, orbit[-1], steps=max(200, min(self.window, 2000)), transient=0
            )
            if seen.kind == "chaos":
                return "chaos"
        return _width_word(orbit / self.extent)

    def _settled(self, path: numpy.ndarray) -> numpy.ndarray | None:
        """The last window of the path, if it comes back to the window before."""
        tree_of = require("scipy.spatial").cKDTree
        first, last = path[: self.window] / self.extent, path[self.window :] / self.extent
        if not numpy.all(numpy.isfinite(path)):
            return None
        diameter = float(numpy.max(numpy.ptp(last, axis=0)))
        ends = numpy.stack([first.min(0) - last.min(0), first.max(0) - last.max(0)])
        if diameter <= _NEAR or numpy.max(numpy.abs(ends)) > _KEEPS * diameter:
            return None
        there, back = tree_of(first).query(last)[0].max(), tree_of(last).query(first)[0].max()
        return path[self.window :] if max(there, back) <= _FILLS * diameter else None


def _width_word(orbit: numpy.ndarray) -> str:
    """A curve meets twice as many boxes when they are halved, a wider set more."""
    place = (orbit - orbit.min(axis=0)) / float(numpy.max(numpy.ptp(orbit, axis=0)))
    coarse, fine = (len(numpy.unique(numpy.floor(place * n), axis=0)) for n in (12, 24))
    return "cycle" if fine <= 2.6 * coarse else "recurrent set"
