"""LimitSet: what a trajectory tends to, with the evidence, and whether two trajectories tend to the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.dynamics._periodic_orbit import PeriodicOrbit

__all__ = ["LimitSet"]


@dataclass(frozen=True)
class LimitSet:
    """The set that a trajectory nears.

    Parameters
    ----------
    kind : {"point", "cycle", "torus", "chaos", "divergence", "undecided"}
        "torus" is motion without a period and without chaos: of a map on closed curves (or tori), of a flow on tori.
    points : NumPy array, shape (n, d)
        The point; the points of the cycle, see `PeriodicOrbit`; a sample of the torus or of the chaotic set; else the
        last point seen.
    period : int or float
        Minimal: steps of a map, 1 for a point; time of a flow's cycle; nan otherwise.
    orbit : PeriodicOrbit or None
        Of a map's point or cycle, or a flow's cycle; None where the map has no derivative there.
    evidence : mapping of str to float
        The numbers that decided.
    reason : str
        One sentence.
    is_flow : bool
    """

    kind: str
    points: Any
    period: Any
    orbit: PeriodicOrbit | None
    evidence: Mapping[str, float]
    reason: str
    is_flow: bool

    def same_as(self, other: LimitSet, *, tolerance: float = 1e-5) -> bool:
        """Whether both are the same set, wherever on it they were met.

        Points are compared by distance, over 1 + their size. Cycles are the same if their periods agree and they share
        a point, for only one orbit passes through a point. Samples of tori and of chaotic sets are compared by the
        distances of each to the other: 90 in 100 must be within three times the sample's own spacing. Two divergences
        count as the same; undecided ones are the same as nothing.

        Parameters
        ----------
        other : LimitSet
        tolerance : float
        """
        if self.kind != other.kind or self.is_flow != other.is_flow or self.kind == "undecided":
            return False
        if self.kind == "divergence":
            return True
        if self.points.shape[1] != other.points.shape[1]:
            return False
        scale = 1 + max(float(numpy.max(numpy.abs(self.points))), float(numpy.max(numpy.abs(other.points))))
        if self.kind in ("torus", "chaos"):
            return _cover(self.points, other.points) and _cover(other.points, self.points)
        if self.kind == "point" or not self.is_flow:
            if self.kind == "cycle" and self.period != other.period:
                return False
            gaps = numpy.max(numpy.abs(other.points - self.points[0]), axis=-1)
            return float(numpy.min(gaps)) <= tolerance * scale
        if abs(self.period - other.period) > tolerance * max(self.period, other.period):
            return False
        return _distance_to_curve(self.points[0], other.points) <= tolerance * scale

    def __str__(self) -> str:
        head = {
            "point": lambda: "point (" + ", ".join(f"{x:.6g}" for x in self.points[0]) + ")",
            "cycle": lambda: f"cycle of period {self.period}" if self.orbit is None else str(self.orbit),
        }.get(self.kind, lambda: self.kind)()
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in self.evidence.items())
        return f"{head}: {self.reason}" + (f" [{numbers}]" if numbers else "")


def _distance_to_curve(point: numpy.ndarray, samples: numpy.ndarray) -> float:
    """To the closed curve through samples at equal times, by a periodic cubic spline."""
    from scipy.interpolate import CubicSpline
    from scipy.optimize import minimize_scalar

    n = len(samples)
    curve = CubicSpline(numpy.arange(n + 1), numpy.vstack([samples, samples[:1]]), bc_type="periodic")
    near = int(numpy.argmin(numpy.linalg.norm(samples - point, axis=1)))

    def distance(t: float) -> float:
        return float(numpy.linalg.norm(curve(t % n) - point))

    found = minimize_scalar(distance, bounds=(near - 1.0, near + 1.0), method="bounded", options={"xatol": 1e-9})
    return min(float(found.fun), distance(near))


def _cover(points: numpy.ndarray, sample: numpy.ndarray) -> bool:
    """Whether 90 in 100 of the points are as near to the sample as its own points are to each other, times three."""
    from scipy.spatial import cKDTree

    tree = cKDTree(sample)
    spacing = float(numpy.quantile(tree.query(sample, k=2)[0][:, 1], 0.9))
    gaps = tree.query(points)[0]
    floor = 1e-9 * (1 + float(numpy.max(numpy.abs(sample))))
    return math.isfinite(spacing) and float(numpy.quantile(gaps, 0.9)) <= 3 * spacing + floor
