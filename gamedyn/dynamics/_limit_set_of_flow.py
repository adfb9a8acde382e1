"""What a solution of a flow tends to: a resting point, or what its returns to a plane tell."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.dynamics._limit_set import LimitSet
from gamedyn.dynamics._limit_set_of_map import FAR, nears
from gamedyn.dynamics._limit_set_witnesses import question
from gamedyn.dynamics._lyapunov import lyapunov_of
from gamedyn.dynamics._orbit import FlowSystem, tangent_basis
from gamedyn.dynamics._periodic_orbit_flow import flow_cycle
from gamedyn.dynamics._variational import refined_times

__all__ = ["limit_of_flow"]

_LOCAL = 1e-10
_SAMPLE = 4096


def limit_of_flow(
    system: FlowSystem,
    z: numpy.ndarray,
    time: float,
    transient: float,
    tolerance: float,
    max_period: int,
    bound: float,
) -> LimitSet:
    """A resting point that is neared, a cycle of the return map, or the witnesses for chaos."""
    if transient > 0:
        approach = system.solve(z, transient, _LOCAL, bound)
        if approach.status != 0:
            return _diverged(approach, 0.0, bound)
        z = approach.y[:, -1]
    solution = system.solve(z, time, _LOCAL, bound)
    if solution.status != 0:
        return _diverged(solution, transient, bound)
    samples = solution.sol(numpy.linspace(0, time, _SAMPLE)).T
    rest = _resting_point(system, samples, tolerance)
    if rest is not None:
        return rest
    times, returns = _returns(solution, samples)
    if len(times) < 6:
        return _undecided(samples, f"{len(times)} returns to a plane within time {time:.6g}: more are needed")
    cycle = _cycle(system, times, returns, samples, tolerance, max_period)
    if cycle is not None:
        return cycle
    directions = tangent_basis(system, system.d).shape[1]
    if directions <= 2:
        return _undecided(samples, "in two dimensions only points and cycles attract: more time is needed to near one")
    spectrum = lyapunov_of(system, z, 0.9 * time, 1, 0.1 * time, 1e-9)
    verdict = question(spectrum, samples, float(len(times)), directions)
    if verdict.kind == "undecided":
        return _undecided(samples, verdict.reason, verdict.evidence)
    return LimitSet(verdict.kind, samples, numpy.nan, None, verdict.evidence, verdict.reason, True)


def _diverged(solution: Any, before: float, bound: float) -> LimitSet:
    time = before + float(solution.t[-1])
    text = f"the flow is farther out than {bound:.3g} at time {time:.6g}"
    if solution.status < 0:
        text = f"the flow cannot be followed past time {time:.6g}: {solution.message}"
    return LimitSet("divergence", solution.y[:, -1][None], numpy.nan, None, {"time": time}, text, True)


def _undecided(samples: numpy.ndarray, reason: str, evidence: dict[str, float] | None = None) -> LimitSet:
    return LimitSet("undecided", samples[-1:], numpy.nan, None, evidence or {}, reason, True)


def _resting_point(system: FlowSystem, samples: numpy.ndarray, tolerance: float) -> LimitSet | None:
    """By Newton's method from the end, if the solution nears what it finds."""
    point = samples[-1]
    first = None
    basis = tangent_basis(system, system.d)
    for _ in range(20):
        slope = basis.T @ system.jacobian(point) @ basis
        step = basis @ numpy.linalg.lstsq(slope, -basis.T @ system.evaluate(point), rcond=1e-12)[0]
        point = point + step
        first = point if first is None else first
        if not numpy.all(numpy.isfinite(point)):
            return None
        if numpy.max(numpy.abs(step)) <= 1e-13 * (1 + numpy.max(numpy.abs(point))):
            break
    scale = 1 + float(numpy.max(numpy.abs(point)))
    speed = float(numpy.max(numpy.abs(system.evaluate(point))))
    distances = numpy.max(numpy.abs(samples - point), axis=1)
    last = float(numpy.max(distances[-len(samples) // 4 :]))
    rates = numpy.linalg.eigvals(basis.T @ system.jacobian(point) @ basis).real
    top = float(numpy.max(rates)) if len(rates) else 0.0
    repels = top > 1e-9 * (1 + float(numpy.max(numpy.abs(rates))))
    arrived = last <= tolerance * scale
    if speed > 1e-9 * scale or not (arrived or (nears(distances) and not repels)):
        return None
    # One step of Newton's method must go most of the way: where gradients fade, whole regions seem to rest.
    if not arrived and numpy.linalg.norm(first - point) > FAR * numpy.linalg.norm(samples[-1] - point):
        return None
    how = "the solution rests there" if arrived else "distances to it fall, and Newton's method finds it"
    evidence = {"distance": float(distances[-1]), "largest real part": top}
    return LimitSet("point", point[None], numpy.nan, None, evidence, how, True)


def _returns(solution: Any, samples: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Times and points of crossing the plane through the mean, across the longest axis, in one direction."""
    from scipy.optimize import brentq

    late = samples[len(samples) // 2 :]
    centre = (numpy.max(late, axis=0) + numpy.min(late, axis=0)) / 2
    normal = numpy.linalg.svd(late - numpy.mean(late, axis=0), full_matrices=False)[2][0]
    grid = refined_times(solution, 4)
    heights = (solution.sol(grid).T - centre) @ normal
    found = []
    for i in numpy.flatnonzero((heights[:-1] < 0) & (heights[1:] >= 0)):
        found.append(
            brentq(lambda t: float((solution.sol(t) - centre) @ normal), grid[i], grid[i + 1], xtol=1e-14, rtol=1e-14)
        )
    times = numpy.asarray(found)
    return times, solution.sol(times).T if len(times) else numpy.empty((0, len(centre)))


def _cycle(
    system: FlowSystem,
    times: numpy.ndarray,
    returns: numpy.ndarray,
    samples: numpy.ndarray,
    tolerance: float,
    max_period: int,
) -> LimitSet | None:
    """The cycle of the return map that the last returns are closest to, if they near it."""
    longest = min(max_period, len(times) // 3)
    gaps = numpy.max(numpy.abs(returns[-2 : -longest - 2 : -1] - returns[-1]), axis=1)
    extent = float(numpy.max(numpy.ptp(samples, axis=0)))
    scale = 1 + float(numpy.max(numpy.abs(samples)))
    recurring = numpy.flatnonzero(gaps <= 1e-6 * extent)[:1]
    close = [int(i) for i in numpy.argsort(gaps, kind="stable")[:3] if gaps[i] <= 0.1 * extent]
    for i in dict.fromkeys([*(int(k) for k in recurring), *close]):
        p = i + 1
        orbit = flow_cycle(system, returns[-1], float(times[-1] - times[-1 - p]), 1e-10, 15)
        if not orbit.converged:
            continue
        # Where the cycle crosses is where the last return would end up: nearest points of its curve.
        steps = numpy.max(numpy.abs(returns[p:] - returns[:-p]), axis=1)
        off = float(numpy.min(numpy.max(numpy.abs(orbit.points - returns[-1]), axis=1)))
        near = off <= 0.1 * extent
        arrived = float(numpy.max(steps[-p:])) <= max(tolerance, 1e-7) * scale
        if near and (arrived or (not orbit.stable.is_no and nears(steps))):
            how = "its returns recur" if arrived else "returns near it, and Newton's method finds it"
            evidence = {"gap": float(steps[-1]), "returns": float(len(times))}
            return LimitSet("cycle", orbit.points, orbit.period, orbit, evidence, how, True)
    return None
