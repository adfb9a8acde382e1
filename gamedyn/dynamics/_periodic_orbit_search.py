"""find_periodic_orbit: Newton's method on all points of a cycle at once, for rules and for flows."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.dynamics._orbit import FlowSystem, MapSystem, System, system_of, tangent_basis
from gamedyn.dynamics._periodic_orbit import PeriodicOrbit
from gamedyn.dynamics._periodic_orbit_flow import flow_cycle, guess_period
from gamedyn.dynamics._periodic_orbit_stability import failed, judge, sorted_multipliers

__all__ = ["find_periodic_orbit", "periodic_orbit_of"]


def find_periodic_orbit(
    game: Any,
    rule_or_field: Any,
    z0: Any,
    *,
    period: float | None = None,
    tolerance: float = 1e-11,
    max_iterations: int = 30,
) -> PeriodicOrbit:
    """The cycle near z0, stable or not: u = F^p(u) for rules, z(T) = z(0) with unknown T for flows.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.
    rule_or_field : UpdateRule, callable or None
        A rule is a map of [z, memories]; field(game, z) gives a velocity; None is the gradient flow -xi.
    z0 : array_like, shape (d,)
        Near the cycle.
    period : int, or float for a flow, optional
        A guess for a flow, exact or a multiple for a map. By default the time of the first close return.
    tolerance : float
        On the residual.
    max_iterations : int

    Returns
    -------
    PeriodicOrbit
        With `converged` False where none was found.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, shape or range.
    NotImplementedError
        If the rule's step changes with time.

    Notes
    -----
    Host-only. Multiple shooting: no stretch is longer than a step of a map, or a twelfth of a flow's period, so that
    strongly unstable cycles are found, too. Newton's equations are solved in the least-squares sense; where cycles come
    in families, one near z0 is found. The divisors of a period are tried, so that `period` is minimal.

    Examples
    --------
    The flow of `hamiltonian_game` turns with angular velocity 1.

    >>> from gamedyn.games import hamiltonian_game
    >>> orbit = find_periodic_orbit(hamiltonian_game(), None, [1.0, 0.0], period=6.0)
    >>> round(orbit.period, 9), orbit.stable.answer
    (6.283185307, 'undecided')
    """
    system, u = system_of(game, rule_or_field, z0)
    check_positive("tolerance", tolerance)
    check_integer("max_iterations", max_iterations, minimum=1)
    if period is not None:
        check_positive("period", period)
        if not system.is_flow:
            check_integer("period", period, minimum=1)
    return periodic_orbit_of(system, u, period, tolerance, max_iterations)


def periodic_orbit_of(
    system: System, u: numpy.ndarray, period: float | None, tolerance: float, max_iterations: int = 30
) -> PeriodicOrbit:
    """The cycle near the state u; the arguments are checked."""
    if isinstance(system, FlowSystem):
        guess = guess_period(system, u) if period is None else float(period)
        if guess is None:
            return failed(u[None], "the flow from `z0` does not come back: give a `period`")
        return flow_cycle(system, u, guess, tolerance, max_iterations)
    p = _close_return(system, u) if period is None else int(period)
    if p is None:
        return failed(u[None, : system.d], "no return within 256 steps: give a `period`")
    return _map_cycle(system, u, p, tolerance, max_iterations)


def _close_return(system: MapSystem, u: numpy.ndarray) -> int | None:
    path = system.follow(u, 256)
    if len(path) < 3:
        return None
    gaps = numpy.max(numpy.abs(path[1:] - u), axis=-1)
    spread = float(numpy.max(numpy.ptp(path, axis=0)))
    near = numpy.flatnonzero(gaps <= 0.05 * spread)
    return int(near[0]) + 1 if len(near) else (1 if spread == 0 else None)


def _map_cycle(
    system: MapSystem, u: numpy.ndarray, period: int, tolerance: float, max_iterations: int
) -> PeriodicOrbit:
    points = system.follow(u, period - 1)
    if len(points) < period:
        return failed(u[None, : system.d], f"the orbit from `z0` is not finite for {period} steps")
    points, residual, trouble = _refined(system, points, tolerance, max_iterations)
    if trouble:
        return failed(points[:, : system.d], trouble, residual)
    points = points[: _minimal(points)]
    points = numpy.roll(points, -int(numpy.argmax(points[:, 0])), axis=0)
    # The product of the steps, along the directions that count.
    basis = tangent_basis(system, points.shape[1])
    product = numpy.eye(basis.shape[1])
    for slope in system.jacobian(points):
        product = basis.T @ slope @ basis @ product
    if not numpy.all(numpy.isfinite(product)):
        return failed(points[:, : system.d], "the step has no derivative there", residual)
    multipliers = sorted_multipliers(product)
    verdict = judge(multipliers, 1e-9 * (1 + float(numpy.linalg.norm(product))))
    shown = points[:, : system.d]
    reason = f"Newton's method converged to {len(points)} distinct points"
    amplitude = numpy.ptp(shown, axis=0) / 2
    return PeriodicOrbit(shown, len(points), amplitude, multipliers, 0.0, verdict, residual, True, reason)


def _refined(
    system: MapSystem, points: numpy.ndarray, tolerance: float, max_iterations: int
) -> tuple[numpy.ndarray, float, str]:
    """Newton's method on F(u_i) = u_{i+1}: the points, their residual, and what went wrong, if anything."""
    period, size = points.shape
    index = numpy.arange(period)
    previous = residual = numpy.inf
    for _ in range(max_iterations):
        misses = system.evaluate(points) - numpy.roll(points, -1, axis=0)
        residual = float(numpy.max(numpy.abs(misses)) / (1 + numpy.max(numpy.abs(points))))
        if not numpy.isfinite(residual):
            return points, residual, "Newton's method left the numbers"
        if residual == 0 or (residual <= tolerance and residual >= previous / 2):
            return points, residual, ""
        previous = residual
        slopes = system.jacobian(points)
        if not numpy.all(numpy.isfinite(slopes)):
            return points, residual, "the step has no derivative there"
        # Row i: D F(u_i) du_i - du_{i+1} = -miss_i.
        matrix = numpy.zeros((period, size, period, size))
        matrix[index, :, index, :] += slopes
        matrix[index, :, (index + 1) % period, :] -= numpy.eye(size)
        step = numpy.linalg.lstsq(matrix.reshape(period * size, -1), -misses.ravel(), rcond=None)[0]
        points = points + step.reshape(points.shape)
    if residual <= tolerance:
        return points, residual, ""
    return points, residual, f"Newton's method did not converge in {max_iterations} iterations, residual {residual:.1e}"


def _minimal(points: numpy.ndarray) -> int:
    """The smallest divisor q of the period with u_{i+q} = u_i, up to the errors of Newton's method."""
    period = len(points)
    scale = 1 + float(numpy.max(numpy.abs(points)))
    for q in range(1, period):
        if period % q == 0 and numpy.max(numpy.abs(numpy.roll(points, -q, axis=0) - points)) <= 1e-7 * scale:
            return q
    return period
