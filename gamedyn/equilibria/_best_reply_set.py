"""The set that one player chooses from: a box, of which blocks may have to sum to 1."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy

from gamedyn.backend import to_host
from gamedyn.equilibria._search_box import as_search_box
from gamedyn.games import Box, Domain, Game, Product, Reals, Simplex, player_slices

__all__ = ["OwnSet", "own_set"]


class OwnSet(NamedTuple):
    """{v : low <= v <= high, and sum v = 1 over every block of `sums`}."""

    low: numpy.ndarray
    """(k,), minus infinity where open"""
    high: numpy.ndarray
    """(k,)"""
    sums: tuple[slice, ...]

    @property
    def is_bounded(self) -> bool:
        """Whether no side is open."""
        return bool(numpy.all(numpy.isfinite(self.high - self.low)))

    def project(self, points: numpy.ndarray) -> numpy.ndarray:
        """The nearest points of the set, (..., k)."""
        result = numpy.clip(points, self.low, self.high)
        for block in self.sums:
            result[..., block] = _project_to_sum(points[..., block], self.low[block], self.high[block])
        return numpy.asarray(result)

    def least_linear(self, slope: numpy.ndarray) -> numpy.ndarray:
        """A point of the set where <slope, v> is least, (k,); infinite where there is none."""
        best = numpy.where(slope > 0, self.low, numpy.where(slope < 0, self.high, self._anywhere()))
        for block in self.sums:
            low, high = self.low[block], self.high[block]
            filled, rest = low.copy(), 1.0 - float(numpy.sum(low))
            for k in numpy.argsort(slope[block], kind="stable"):
                filled[k] += min(rest, high[k] - low[k])
                rest -= min(rest, float(high[k] - low[k]))
            best[block] = filled
        return numpy.asarray(best)

    def around(self, centre: numpy.ndarray, radius: float) -> OwnSet:
        """Its points within `radius` of the centre in every coordinate."""
        low, high = numpy.maximum(self.low, centre - radius), numpy.minimum(self.high, centre + radius)
        return OwnSet(low, high, self.sums)

    def sample(self, count: int, around: numpy.ndarray, rng: Any) -> numpy.ndarray:
        """(count, k): random points, of which sides that are open are drawn near `around`."""
        low = numpy.where(numpy.isfinite(self.low), self.low, around - 1 - numpy.abs(around))
        high = numpy.where(numpy.isfinite(self.high), self.high, around + 1 + numpy.abs(around))
        points = low + (high - low) * rng.random((count, len(low)))
        for block in self.sums:
            points[:, block] = rng.dirichlet(numpy.ones(block.stop - block.start), count)
        return numpy.asarray(self.project(points))

    def _anywhere(self) -> numpy.ndarray:
        return numpy.asarray(numpy.clip(numpy.zeros_like(self.low), self.low, self.high))


def own_set(game: Game, player: int, box: Any) -> OwnSet:
    """What the player chooses from: its part of the domain, cut down to its rows of `box`.

    Parameters
    ----------
    game : Game
    player : int
    box : array_like or None
        Rows (low, high) of all of z.

    Raises
    ------
    TypeError
        If the domain is made of other sets than boxes, simplices and R^d.
    ValueError
        If the box is none, or has no point of the domain.
    """
    d, block = sum(game.dims), player_slices(game.dims)[player]
    low, high, sums = _bounds(game.domain, d)
    if box is not None:
        given = as_search_box(box, d)
        low, high = numpy.maximum(low, given.low), numpy.minimum(high, given.high)
        if numpy.any(low > high):
            raise ValueError(f"`box` must meet the domain {game.domain!r}, got one that lies outside of it.")
    own = [slice(s.start - block.start, s.stop - block.start) for s in sums if block.start <= s.start < block.stop]
    return OwnSet(low[block].astype(float), high[block].astype(float), tuple(own))


def _bounds(domain: Domain, d: int) -> tuple[numpy.ndarray, numpy.ndarray, list[slice]]:
    """(low, high, blocks that sum to 1) of a joint point."""
    if isinstance(domain, Box):
        low, high = (numpy.broadcast_to(to_host(side), (d,)).astype(float) for side in (domain.lower, domain.upper))
        return low, high, []
    if isinstance(domain, Simplex):
        return numpy.zeros(d), numpy.ones(d), [slice(0, d)]
    if isinstance(domain, Product):
        low, high, sums = numpy.empty(d), numpy.empty(d), []
        for part, block in zip(domain.domains, player_slices(domain.sizes), strict=True):
            low[block], high[block], inner = _bounds(part, block.stop - block.start)
            sums += [slice(block.start + s.start, block.start + s.stop) for s in inner]
        return low, high, sums
    if type(domain) is Reals:
        return numpy.full(d, -math.inf), numpy.full(d, math.inf), []
    raise TypeError(f"`game` must be played on boxes, simplices or R^d, got the domain {domain!r}.")


def _project_to_sum(points: numpy.ndarray, low: numpy.ndarray, high: numpy.ndarray) -> numpy.ndarray:
    """clip(v - tau, low, high) with tau such that it sums to 1, by bisection."""
    below = numpy.min(points - high, axis=-1, keepdims=True)
    above = numpy.max(points - low, axis=-1, keepdims=True)
    for _ in range(64):
        middle = (below + above) / 2
        too_much = numpy.sum(numpy.clip(points - middle, low, high), axis=-1, keepdims=True) > 1
        below, above = numpy.where(too_much, middle, below), numpy.where(too_much, above, middle)
    inside = numpy.clip(points - (below + above) / 2, low, high)
    for _ in range(2):
        # Far points lose the sum to rounding: what is missing goes where there is room.
        missing = 1 - numpy.sum(inside, axis=-1, keepdims=True)
        room = numpy.where(missing > 0, high - inside, inside - low)
        total = numpy.sum(room, axis=-1, keepdims=True)
        inside = numpy.clip(inside + missing * room / numpy.where(total > 0, total, 1.0), low, high)
    return numpy.asarray(inside)
