"""The entropic transport problem solved from a high temperature down to the one asked for."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace
from gamedyn.transport._cost import Cost, MatrixCost, PointCost
from gamedyn.transport._sinkhorn_ascent import Ascent, Margins, ascend, ascend_symmetric
from gamedyn.transport._sinkhorn_hot import HotMargins
from gamedyn.transport._sinkhorn_kernel import KernelMargins
from gamedyn.transport._sinkhorn_log import LogMargins
from gamedyn.transport._sinkhorn_newton import newton

__all__ = ["Budget", "Placement", "Solution", "is_hot", "placed", "solve", "solve_symmetric"]

_COOLING = 6.0
"""Factor between two temperatures."""
_HOT = 1e3
"""Temperatures in units of the largest cost from which on a logarithm of margins near 1 would round the costs away."""
_SINGLE = 5e-6
"""L1 error of margins down to which products in single precision serve."""


@dataclass(frozen=True)
class Budget:
    """What a solver may take: L1 marginal error (None: 1e-6), sweeps, bytes for cost and kernel, and whom to tell."""

    tolerance: float | None
    max_iterations: int
    max_bytes: int
    tick: Callable[[float], None] | None = None


@dataclass(frozen=True, eq=False)
class Solution:
    """Potentials (f, g) of an entropic problem, and how well its row margins are met; its column margins are met."""

    cost: Cost
    f: Array
    g: Array
    error: float
    tolerance: float
    iterations: int
    method: str
    entries: int

    @property
    def converged(self) -> bool:
        """Whether the error is within the tolerance."""
        return self.error <= self.tolerance


def solve(
    cost: Cost,
    a: Array,
    b: Array,
    epsilon: float,
    penalties: tuple[float, float],
    budget: Budget,
) -> Solution:
    """max over (f, g) of the dual of min <P, c> + eps KL(P | a b^T) + penalties on the margins.

    Parameters
    ----------
    cost : Cost
        Of shape (n, m).
    a, b : array, shapes (n,) and (m,)
        Masses.
    epsilon : float
        The temperature.
    penalties : tuple of float
        tau of each margin, inf for an equation.
    budget : Budget
        Tolerance, relative to the mass of a, sweeps and memory.

    Notes
    -----
    At a temperature of the size of the costs two sweeps suffice, and every lower one starts from the potentials of the
    one above, whose kernel neither over- nor underflows. Where it does so none the less, as with masses of 1e-100, the
    log domain serves.
    """
    xp: Any = array_namespace(a)
    place, mass = placed(cost, a, epsilon, budget), float(xp.sum(a))
    f, g = xp.zeros_like(a), xp.zeros_like(b)
    if is_hot(place.largest, epsilon) and max(abs(mass - 1), abs(float(xp.sum(b)) - 1)) < 64 * place.unit:
        hot = HotMargins(place.cost, a, b, epsilon, place.entries, budget.tick)
        softness = epsilon / penalties[0], epsilon / penalties[1]
        steps: dict[str, Any] = {"tolerance": place.tolerance, "max_iterations": budget.max_iterations}
        found = ascend(hot, a, b, f, g, softness=softness, **steps)
        f, g = found.phi * epsilon, found.psi * epsilon
        return Solution(place.cost, f, g, found.error, place.tolerance, found.iterations, hot.method, place.entries)
    temperature = epsilon if 40 * epsilon > place.largest else place.largest / 8
    used = 0
    while True:
        left = budget.max_iterations - used
        if temperature < 2 * epsilon or left <= 1:
            temperature = epsilon
        last = temperature == epsilon
        options: dict[str, Any] = {
            "a": a,
            "b": b,
            "phi": f / temperature,
            "psi": g / temperature,
            "softness": (temperature / penalties[0], temperature / penalties[1]),
        }
        if not last:
            found, _ = _rough(place, options, temperature, 1e-2 * mass, min(100, left - 1), budget)
            f, g, used = found.phi * temperature, found.psi * temperature, used + found.iterations
            temperature /= _COOLING
            continue
        tolerance, omega = mass * place.tolerance, 1.0
        if place.single and left > 1 and place.tolerance < _SINGLE:
            found, _ = _rough(place, options, temperature, _SINGLE * mass, left - 1, budget)
            options["phi"], options["psi"], omega = found.phi, found.psi, found.omega
            left, used = left - found.iterations, used + found.iterations
        run = functools.partial(_finish, tolerance=tolerance, max_iterations=left, omega=omega, **options)
        found, method = _ascend(run, place, (a, b, temperature, options["phi"], options["psi"]), budget)
        f, g, used = found.phi * temperature, found.psi * temperature, used + found.iterations
        return Solution(place.cost, f, g, found.error, tolerance, used, method, place.entries)


def solve_symmetric(cost: Cost, a: Array, epsilon: float, budget: Budget) -> Solution:
    """The same from a set to itself, with one potential; the kernel has ones on its diagonal, so that none underflows.

    Parameters
    ----------
    cost, a, epsilon, budget
        As in `solve`; the cost is symmetric, with a diagonal of 0.
    """
    xp: Any = array_namespace(a)
    place, phi = placed(cost, a, epsilon, budget), xp.zeros_like(a)
    if is_hot(place.largest, epsilon):
        both = solve(cost, a, a, epsilon, (math.inf, math.inf), budget)
        return replace(both, f=(both.f + both.g) / 2, g=(both.f + both.g) / 2)
    run = functools.partial(
        ascend_symmetric, a=a, phi=phi, tolerance=place.tolerance, max_iterations=budget.max_iterations
    )
    found, method = _ascend(run, place, (a, a, epsilon, phi, phi), budget)
    f = found.phi * epsilon
    return Solution(place.cost, f, f, found.error, place.tolerance, found.iterations, method, place.entries)


def is_hot(largest: float, epsilon: float) -> bool:
    """Whether a temperature is so far above the largest cost that what the costs do is near rounding of the margins."""
    return epsilon > _HOT * largest > 0


def _rough(
    place: Placement, options: dict[str, Any], temperature: float, tolerance: float, most: int, budget: Budget
) -> tuple[Ascent, str]:
    """Steps to a low accuracy, in single precision where that pays; from where they started if it cannot hold them."""
    steps: dict[str, Any] = {"tolerance": tolerance, "max_iterations": most, "rough": True, "impatient": True}
    run = functools.partial(ascend, **steps, **options)
    problem = (options["a"], options["b"], temperature, options["phi"], options["psi"])
    return _ascend(run, place, problem, budget, single=place.single)


def _finish(margins: Margins, a: Array, b: Array, *, max_iterations: int, **options: Any) -> Ascent:
    """Relaxed steps; where they crawl and a kernel is at hand, Newton steps; and relaxed steps to what is left."""
    if not isinstance(margins, KernelMargins):
        return ascend(margins, a, b, max_iterations=max_iterations, **options)
    found = ascend(margins, a, b, max_iterations=max_iterations, impatient=True, **options)
    left = max_iterations - found.iterations
    if left == 0 or not found.finite or found.error <= options["tolerance"]:
        return found
    del options["phi"], options["psi"], options["omega"]
    phi, psi, error, used = newton(margins, a, b, found.phi, found.psi, max_iterations=left, **options)
    if error <= options["tolerance"]:
        return Ascent(phi, psi, error, found.iterations + used)
    again = ascend(margins, a, b, phi, psi, max_iterations=max(left - used, 0), **options)
    return Ascent(again.phi, again.psi, again.error, found.iterations + used + again.iterations)


def _ascend(
    run: Callable[[Margins], Ascent],
    place: Placement,
    problem: tuple[Any, ...],
    budget: Budget,
    *,
    single: bool = False,
) -> tuple[Ascent, str]:
    a, b, temperature, phi, psi = problem
    margins: Margins
    # Overflow shows as an error that is not finite, and is dealt with.
    with numpy.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        if place.stored and isinstance(place.cost, MatrixCost):
            for precision in (True, False) if single else (False,):
                margins = KernelMargins(
                    place.cost, a, b, temperature, phi, psi, budget.tick, single=precision, room=place.room
                )
                found = run(margins)
                if found.finite:
                    return found, margins.method
        margins = LogMargins(place.cost, a, b, temperature, place.entries, budget.tick)
        return run(margins), margins.method


@dataclass(frozen=True, eq=False)
class Placement:
    """Where a cost is held, and what can be told of a plan.

    Parameters
    ----------
    cost : Cost
        Stored where memory allows.
    stored : bool
        Whether a kernel may be stored too.
    single : bool
        Whether a kernel in single precision is worth its making before one in double precision.
    entries : int
        How many numbers a block may hold.
    largest : float
        A bound of the costs.
    tolerance : float
        What was asked for, or what the dtype can tell.
    unit : float
        Spacing of the dtype's numbers at 1.
    room : array or None
        Memory that the kernels of all temperatures share, where NumPy writes them in place.
    """

    cost: Cost
    stored: bool
    single: bool
    entries: int
    largest: float
    tolerance: float
    unit: float
    room: Array | None = None


def placed(cost: Cost, a: Array, epsilon: float, budget: Budget) -> Placement:
    """The placement of a cost, or an error where the dtype cannot tell anything at this temperature.

    Parameters
    ----------
    cost, a, epsilon, budget
        As in `solve`.
    """
    xp: Any = array_namespace(a)
    largest = cost.largest()
    if not math.isfinite(largest):
        raise ValueError("the cost must be finite, got points so far apart that it overflows. Scale them down.")
    unit = float(xp.finfo(a.dtype).eps)
    # Exponents (f + g - c) / eps are rounded by a few units of the largest cost, and masses by the exponential of it.
    reachable = 4 * unit * largest / epsilon
    if reachable > 1e-2:
        raise ValueError(
            f"`epsilon` must be at least {400 * unit * largest:.1g} for costs up to {largest:.3g} in "
            f"{str(a.dtype).rpartition('.')[2]}, got {epsilon:g}. Use wasserstein_distance, which is exact"
            f"{', or float64.' if unit > 1e-10 else '.'}"
        )
    tiny = float(xp.finfo(a.dtype).smallest_normal)
    if largest > tiny / unit and epsilon > largest / tiny:
        raise ValueError(
            f"`epsilon` must be at most {largest / tiny:.1g}, where c / epsilon underflows, for costs up to "
            f"{largest:.3g} in {str(a.dtype).rpartition('.')[2]}, got {epsilon:g}."
        )
    n, m = cost.shape
    matrices = 2 if isinstance(cost, PointCost) else 1
    stored = matrices * n * m * (4 if "32" in str(a.dtype) else 8) <= budget.max_bytes
    if stored and isinstance(cost, PointCost):
        cost = cost.stored()
    # NumPy wants blocks that fit a cache; a device wants few and large ones, of which it holds some copies.
    on_host = isinstance(a, numpy.ndarray)
    entries = 65_536 if on_host else max(m, min(n * m, budget.max_bytes // 64))
    wanted = 1e-6 if budget.tolerance is None else budget.tolerance
    single = stored and unit < 1e-10 and n * m > 40_000
    room = numpy.empty((n, m), dtype=a.dtype) if stored and on_host else None
    return Placement(cost, stored, single, entries, largest, max(wanted, reachable), unit, room)
