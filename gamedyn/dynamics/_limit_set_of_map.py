"""What the orbit of a rule's map tends to."""

from __future__ import annotations

import itertools

import numpy

from gamedyn.dynamics._limit_set import LimitSet
from gamedyn.dynamics._limit_set_witnesses import question
from gamedyn.dynamics._lyapunov import lyapunov_of
from gamedyn.dynamics._orbit import MapSystem, tangent_basis
from gamedyn.dynamics._periodic_orbit import PeriodicOrbit
from gamedyn.dynamics._periodic_orbit_search import periodic_orbit_of

__all__ = ["FAR", "limit_of_map", "nears"]

_NEAREST = 3
_SAMPLE = 2048
_STILL = 1e-15
FAR = 0.3


def limit_of_map(
    system: MapSystem,
    u: numpy.ndarray,
    steps: int,
    transient: int,
    tolerance: float,
    max_period: int,
    bound: float,
) -> LimitSet:
    """Recurrences first, then Newton's method where the orbit comes close to itself, then the witnesses for chaos."""
    path = system.follow(u, transient + steps)
    sizes = numpy.max(numpy.abs(path), axis=1)
    over = numpy.flatnonzero(sizes > bound)
    d = system.d
    if len(over) or len(path) <= transient + steps:
        step = int(over[0]) if len(over) else len(path)
        text = (
            f"the orbit is farther out than {bound:.3g} at step {step}" if len(over) else f"not finite at step {step}"
        )
        return LimitSet("divergence", path[-1:, :d], numpy.nan, None, {"step": float(step)}, text, False)
    window = path[transient:]
    scale = 1 + float(numpy.max(numpy.abs(window[-1])))
    for period, gap in _candidates(window, max_period, tolerance * scale):
        orbit = periodic_orbit_of(system, window[-1 - period], period, 1e-10)
        if not orbit.converged:
            if (
                gap <= _STILL * scale
                and float(numpy.max(numpy.abs(window[-1] - window[-1 - period]))) <= _STILL * scale
            ):
                # Where a step has no derivative, as at a corner of a simplex, recurrence to rounding must do.
                kind, text = "point" if period == 1 else "cycle", f"its points recur to rounding, but {orbit.reason}"
                return LimitSet(kind, window[-period:, :d], period, None, {"gap": gap}, text, False)
            continue
        distances = _distances(window[:, :d], orbit)
        arrived = float(distances[-1]) <= 100 * max(tolerance, 1e-12) * scale and gap <= tolerance * scale
        if arrived or (not orbit.stable.is_no and nears(distances) and _leads_there(system, window[-1], orbit)):
            how = "its points recur" if arrived else "distances to it fall, and Newton's method finds it"
            evidence = {"gap": gap, "distance": float(distances[-1])}
            kind = "point" if orbit.period == 1 else "cycle"
            return LimitSet(kind, orbit.points, orbit.period, orbit, evidence, how, False)
    if float(numpy.max(numpy.ptp(window, axis=0))) <= 1e-6 * scale:
        return _undecided(window[-1:, :d], "the orbit hardly moves, but no resting point is near")
    try:
        spectrum = lyapunov_of(system, window[0], steps - steps // 10, 1, steps // 10, 1e-9)
    except (RuntimeError, numpy.linalg.LinAlgError) as error:
        return _undecided(window[-1:, :d], f"no Lyapunov exponent: {error}")
    verdict = question(spectrum, window[:, :d], float(steps), tangent_basis(system, len(u)).shape[1])
    shown = window[-_SAMPLE:, :d] if verdict.kind != "undecided" else window[-1:, :d]
    return LimitSet(verdict.kind, shown, numpy.nan, None, verdict.evidence, verdict.reason, False)


def nears(distances: numpy.ndarray) -> bool:
    """Whether the largest distance falls from each quarter to the next."""
    tops = [float(numpy.max(part)) for part in numpy.array_split(distances, 4) if len(part)]
    return len(tops) == 4 and all(b <= 0.98 * a for a, b in itertools.pairwise(tops))


def _candidates(window: numpy.ndarray, max_period: int, close: float) -> list[tuple[int, float]]:
    """Periods to try: the first whose whole tail recurs, then those of the closest returns of the last point."""
    tail = window[-min(len(window), 4 * max_period) :]
    longest = min(max_period, len(tail) // 2)
    recurring = []
    for p in range(1, longest + 1):
        gap = float(numpy.max(numpy.abs(tail[p:] - tail[:-p])))
        if gap <= close:
            recurring.append((p, gap))
            break
    gaps = numpy.max(numpy.abs(tail[-1] - tail[-2 : -longest - 2 : -1]), axis=1)
    extent = float(numpy.max(numpy.ptp(tail, axis=0)))
    near = [int(i) for i in numpy.argsort(gaps, kind="stable")[:_NEAREST] if gaps[i] <= 0.1 * extent]
    # A point that is spiralled into may be far from a close return: 1 is always tried.
    tried = dict.fromkeys([*(i + 1 for i in near), 1])
    return recurring + [(p, float(gaps[p - 1])) for p in tried]


def _distances(window: numpy.ndarray, orbit: PeriodicOrbit) -> numpy.ndarray:
    gaps = numpy.full(len(window), numpy.inf)
    for point in orbit.points:
        gaps = numpy.minimum(gaps, numpy.max(numpy.abs(window - point), axis=1))
    return gaps


def _leads_there(system: MapSystem, u: numpy.ndarray, orbit: PeriodicOrbit) -> bool:
    """Whether one step of Newton's method from u goes most of the way: then u moves as the cycle's derivative says.

    Where gradients fade, far from any rest, whole regions look stationary to rounding.
    """
    points = system.follow(u, int(orbit.period))
    product = numpy.eye(len(u))
    for slope in system.jacobian(points[:-1]):
        product = slope @ product
    step = numpy.linalg.lstsq(product - numpy.eye(len(u)), u - points[-1], rcond=1e-10)[0]
    gaps = numpy.linalg.norm(orbit.points - u[: system.d], axis=1)
    target = orbit.points[int(numpy.argmin(gaps))]
    miss = float(numpy.linalg.norm(u[: system.d] + step[: system.d] - target))
    return miss <= FAR * float(numpy.min(gaps))


def _undecided(points: numpy.ndarray, reason: str) -> LimitSet:
    return LimitSet("undecided", points, numpy.nan, None, {}, reason, False)
