"""Neighbourhoods of known limits that trajectories do not leave: whoever is inside is decided before it has arrived."""

from __future__ import annotations

import warnings

import numpy

from gamedyn.backend import require, to_host
from gamedyn.dynamics._simulate import simulate
from gamedyn.games import Game
from gamedyn.updates import StepMap, UpdateRule

__all__ = ["Ball", "Tube"]

# Shells of a ball, each this much smaller than the one before, and points on a shell for each coordinate.
_SHELLS, _SHRINK, _POINTS = 24, 0.8, 64
# Larger states are not sampled.
_MOST_COORDINATES = 16
# Radii of tubes that are tried, in diameters of the set; points of the set whose neighbours are played.
_RADII, _NEIGHBOURS = tuple(5e-3 / 2**k for k in range(6)), 64
# Between points of a curve that are less than this share of its diameter apart its tangent is followed. Points of a
# wide set are as far apart as that.
_GAP, _WIDE, _PATCH = 1e-2, 4e-2, 4


class Ball:
    """|L^T (u - centre)| <= radius for the extended state u, where each step brings samples nearer to the centre.

    A discrete Lyapunov equation gives the norm in which the linearisation contracts; on shells of 64 points per
    coordinate the step itself must contract, on all shells down to the linearisation's.
    """

    def __init__(self, step: StepMap, point: numpy.ndarray, extent: numpy.ndarray) -> None:
        self.centre = numpy.asarray(step.start(point), dtype=float)
        self.root = numpy.eye(len(self.centre))
        self.radius = 0.0
        size = len(self.centre)
        if size > _MOST_COORDINATES or not numpy.allclose(step(self.centre), self.centre, rtol=0, atol=1e-9):
            return
        slope = numpy.asarray(step.jacobian(self.centre), dtype=float)
        if not numpy.all(numpy.isfinite(slope)):
            return
        spectral = float(numpy.max(numpy.abs(numpy.linalg.eigvals(slope))))
        if spectral >= 1 - 1e-6:
            return
        scaled = slope / ((1 + spectral) / 2)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                p = require("scipy.linalg").solve_discrete_lyapunov(scaled.T, numpy.eye(size))
                root = numpy.linalg.cholesky((p + p.T) / 2)
            except (RuntimeWarning, numpy.linalg.LinAlgError):
                return
        self.root = root / numpy.linalg.norm(root, 2)
        self.radius = self._sampled(step, float(numpy.min(extent)) / 2)

    def _sampled(self, step: StepMap, largest: float) -> float:
        size = len(self.centre)
        directions = numpy.random.default_rng(0).standard_normal((_POINTS * size, size))
        directions /= numpy.linalg.norm(directions, axis=-1, keepdims=True)
        along = numpy.linalg.solve(self.root.T, directions.T).T
        found = 0.0
        # Within the smallest shell it is the linearisation that tells.
        for k in reversed(range(_SHELLS)):
            radius = largest * _SHRINK**k
            with numpy.errstate(all="ignore"):
                after = self._size(numpy.asarray(step(self.centre + radius * along), dtype=float))
            if not numpy.all(after < radius):
                break
            found = radius
        # Samples leave gaps: one shell is kept back.
        return found * _SHRINK

    def _size(self, u: numpy.ndarray) -> numpy.ndarray:
        return numpy.asarray(numpy.linalg.norm((u - self.centre) @ self.root, axis=-1))

    def holds(self, u: numpy.ndarray) -> numpy.ndarray:
        """(n,): which of the states (n, D) are inside."""
        if self.radius == 0 or u.shape[-1] != len(self.centre):
            return numpy.zeros(len(u), dtype=bool)
        return numpy.asarray(self._size(u) <= self.radius)


class Tube:
    """All points as near to a recurrent set as those neighbours of it that come back to it.

    Parameters
    ----------
    orbit : array, shape (m, d)
        Points of the set.
    extent : array, shape (d,)
        Unit of distance in each coordinate.
    is_curve : bool
        Whether it is thin: else nearer than 4 % of its diameter is on it.
    """

    def __init__(self, orbit: numpy.ndarray, extent: numpy.ndarray, is_curve: bool) -> None:
        self.extent, self.is_curve = extent, is_curve
        self.points = orbit / extent
        self.diameter = float(numpy.max(numpy.ptp(self.points, axis=0)))
        self.tree = require("scipy.spatial").cKDTree(self.points)
        self.attracts = True
        self.radius = _WIDE * self.diameter

    def measure(self, game: Game, rule: UpdateRule, steps: int, max_norm: float | None) -> None:
        """Find the largest of six radii whose neighbours, on all sides, come back to within a quarter of it."""
        if not self.is_curve:
            return
        generator = numpy.random.default_rng(0)
        some = self.points[generator.permutation(len(self.points))[:_NEIGHBOURS]]
        sides = generator.standard_normal((2 * len(some), some.shape[1]))
        sides /= numpy.linalg.norm(sides, axis=-1, keepdims=True)
        for share in _RADII:
            self.radius = share * self.diameter
            starts = (numpy.repeat(some, 2, axis=0) + self.radius * sides) * self.extent
            inside = to_host(game.domain.contains(starts))
            path = simulate(
                game, rule, starts[inside], steps, record_every=steps, record_points=False, max_norm=max_norm
            )
            if bool(numpy.all(self.distance(to_host(path.final)) <= self.radius / 4)):
                return
        self.attracts = False

    def add(self, orbit: numpy.ndarray) -> None:
        """More points of the same set: where motion on it is slow, one orbit leaves gaps."""
        self.points = numpy.concatenate([self.points, orbit / self.extent])
        self.tree = require("scipy.spatial").cKDTree(self.points)

    def distance(self, z: numpy.ndarray) -> numpy.ndarray:
        """(n,): of points (n, d) from the set; between neighbours on a curve, from its tangent."""
        q = z / self.extent
        if not len(q):
            return numpy.zeros(0)
        distance = numpy.asarray(self.tree.query(q)[0])
        near = numpy.flatnonzero((distance > self.radius / 8) & (distance <= _GAP * self.diameter))
        if self.is_curve and len(near) and len(self.points) >= _PATCH:
            index = self.tree.query(q[near], k=_PATCH)[1]
            patch = self.points[index]
            spread = patch - patch.mean(axis=1, keepdims=True)
            _, sizes, axes = numpy.linalg.svd(spread, full_matrices=False)
            offset = q[near] - patch[:, 0]
            normal = offset - numpy.sum(offset * axes[:, 0], axis=-1, keepdims=True) * axes[:, 0]
            # Equal points have no tangent.
            thin = sizes[:, 0] > 1e-9 * self.diameter
            distance[near[thin]] = numpy.linalg.norm(normal[thin], axis=-1)
        return distance

    def holds(self, u: numpy.ndarray) -> numpy.ndarray:
        """(n,): which of the states (n, D) have their points inside."""
        return numpy.asarray(self.distance(u[:, : self.points.shape[1]]) <= self.radius)
