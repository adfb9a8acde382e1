"""Cycles of flows: multiple shooting with a phase condition and unknown period."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.dynamics._orbit import FlowSystem, tangent_basis
from gamedyn.dynamics._periodic_orbit import PeriodicOrbit
from gamedyn.dynamics._periodic_orbit_stability import failed, judge, sorted_multipliers
from gamedyn.dynamics._variational import propagators, refined_times, variational_times

__all__ = ["flow_cycle", "guess_period"]

_SEGMENTS = 12
_LOCAL = 1e-12
_SAMPLES = 256


def guess_period(system: FlowSystem, z: numpy.ndarray) -> float | None:
    """The time of the first return near z, in the direction of the velocity there; None within 100 turns."""
    velocity = system.evaluate(z)
    speed = float(numpy.linalg.norm(velocity))
    if speed == 0:
        return None
    # Eigenvalues tell how fast the flow turns or moves near z.
    fastest = float(numpy.max(numpy.abs(numpy.linalg.eigvals(system.jacobian(z)))))
    bound = 1e6 * (1 + float(numpy.max(numpy.abs(z))))
    for turns in (4, 20, 100):
        solution = system.solve(z, turns * 2 * numpy.pi / max(fastest, 1e-6), 1e-8, bound=bound)
        times = refined_times(solution, 4)
        points = solution.sol(times).T
        ahead = (points - z) @ velocity / speed
        gaps = numpy.linalg.norm(points - z, axis=-1)
        crossings = numpy.flatnonzero((ahead[:-1] < 0) & (ahead[1:] >= 0)) + 1
        near = crossings[numpy.minimum(gaps[crossings], gaps[crossings - 1]) <= 0.25 * numpy.max(gaps)]
        if len(near):
            return float(times[near[0]])
    return None


def flow_cycle(
    system: FlowSystem, z: numpy.ndarray, period: float, tolerance: float, max_iterations: int
) -> PeriodicOrbit:
    """Newton's method on the shooting points and the period."""
    d = system.d
    start = system.solve(z, period, _LOCAL)
    if not start.success:
        return failed(z[None], f"the flow from `z0` could not be followed for a period: {start.message}")
    points = start.sol(numpy.arange(_SEGMENTS) * period / _SEGMENTS).T
    anchor, phase = points[0], system.evaluate(points[0])
    longest, previous = 20 * period, numpy.inf
    for _ in range(max_iterations):
        shots = _shoot(system, points, period / _SEGMENTS)
        if shots is None or not 0 < period < longest:
            return failed(points, "Newton's method left the numbers or the range of periods")
        ends, slopes = shots
        misses = ends - numpy.roll(points, -1, axis=0)
        residual = float(numpy.max(numpy.abs(misses)) / (1 + numpy.max(numpy.abs(points))))
        if residual <= tolerance and residual >= previous / 4:
            break
        previous = residual
        # Unknowns: the points, and the period last; the last equation is the phase condition.
        matrix = numpy.zeros((_SEGMENTS * d + 1, _SEGMENTS * d + 1))
        blocks = matrix[:-1, :-1].reshape(_SEGMENTS, d, _SEGMENTS, d)
        index = numpy.arange(_SEGMENTS)
        blocks[index, :, index, :] += slopes
        blocks[index, :, (index + 1) % _SEGMENTS, :] -= numpy.eye(d)
        matrix[:-1, -1] = system.evaluate(ends).ravel() / _SEGMENTS
        matrix[-1, :d] = phase
        right = numpy.append(-misses.ravel(), -(points[0] - anchor) @ phase)
        # Damping that vanishes with the residual: where cycles fill a region it keeps near, and does not slow Newton.
        damping = min(1.0, float(numpy.linalg.norm(right)) ** 1.5)
        matrix = numpy.vstack([matrix, damping * numpy.eye(len(right))])
        step = numpy.linalg.lstsq(matrix, numpy.append(right, numpy.zeros(len(right))), rcond=1e-10)[0]
        points, period = points + step[:-1].reshape(points.shape), period + float(step[-1])
    else:
        if residual > tolerance:
            text = f"Newton's method did not converge in {max_iterations} iterations, residual {residual:.1e}"
            return failed(points, text, residual)
    if numpy.max(numpy.ptp(points, axis=0)) <= 1e-6 * (1 + numpy.max(numpy.abs(points))):
        return failed(points, "Newton's method converged to a resting point", residual)
    return _describe(system, points[0], period, residual)


def _shoot(system: FlowSystem, points: numpy.ndarray, time: float) -> tuple[numpy.ndarray, numpy.ndarray] | None:
    """Where every stretch ends, and its derivative."""
    if not (numpy.all(numpy.isfinite(points)) and time > 0):
        return None
    solution = system.solve(points, time, _LOCAL, bound=1e3 * (1 + float(numpy.max(numpy.abs(points)))))
    if solution.status != 0:
        return None
    return solution.y[:, -1].reshape(points.shape), _derivative(system, solution)


def _derivative(system: FlowSystem, solution: Any) -> numpy.ndarray:
    product = numpy.eye(system.d)
    # Of a batch, every product at once.
    for matrix in propagators(system, solution, variational_times(system, solution, 4, 0.15)):
        product = matrix @ product
    return product


def _describe(system: FlowSystem, z: numpy.ndarray, period: float, residual: float) -> PeriodicOrbit:
    solution = system.solve(z, period, _LOCAL)
    sizes = float(numpy.max(numpy.ptp(solution.y, axis=1)))
    # The same cycle run through q times has a period q times as long.
    for q in range(12, 1, -1):
        if numpy.max(numpy.abs(solution.sol(period / q) - z)) <= 1e-7 * sizes:
            return _describe(system, z, period / q, residual)
    tops = [_extreme(solution, period, i, 1.0) for i in range(system.d)]
    bottoms = [_extreme(solution, period, i, -1.0) for i in range(system.d)]
    amplitude = numpy.asarray([(top[1] - low[1]) / 2 for top, low in zip(tops, bottoms, strict=True)])
    times = (tops[0][0] + numpy.arange(_SAMPLES) * period / _SAMPLES) % period
    basis = tangent_basis(system, system.d)
    values = sorted_multipliers(basis.T @ _derivative(system, solution) @ basis)
    trivial = int(numpy.argmin(numpy.abs(values - 1)))
    error = float(abs(values[trivial] - 1))
    others = numpy.delete(values, trivial)
    # A double multiplier 1 moves by the root of the errors.
    verdict = judge(others, 10 * error + 1e-8)
    reason = "Newton's method converged"
    return PeriodicOrbit(solution.sol(times).T, period, amplitude, others, error, verdict, residual, True, reason)


def _extreme(solution: Any, period: float, i: int, sign: float) -> tuple[float, float]:
    """(time, value) of the largest or smallest value of a coordinate."""
    from scipy.optimize import minimize_scalar

    grid = numpy.linspace(0, period, 513)
    best = float(grid[numpy.argmax(sign * solution.sol(grid)[i])])
    width = period / 512

    def height(t: float) -> float:
        return -sign * float(solution.sol(t % period)[i])

    found = minimize_scalar(height, bounds=(best - width, best + width), method="bounded", options={"xatol": 1e-12})
    return float(found.x), -sign * float(found.fun)
