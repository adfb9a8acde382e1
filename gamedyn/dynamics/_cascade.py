"""Cycles born at flips: branch switching, and cascades of period doublings."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.dynamics._bifurcation import Bifurcation
from gamedyn.dynamics._bifurcation_search import locate_flip
from gamedyn.dynamics._continuation import Branch, branch_of, checked_bounds, follow
from gamedyn.dynamics._cycle_equation import CycleEquation, NoFixedPointError
from gamedyn.dynamics._shooting import DoubledCycle
from gamedyn.updates import StepMap

__all__ = ["Cascade", "continue_cycles", "period_doubling_cascade"]

_Family = Callable[[float], StepMap]

# The multiplier of a new cycle leaves 1 by about this much where its branch is begun.
_BEGIN = 0.01
_GROWTH, _SMALLEST_GROWTH = 1.25, 1.0001


@dataclass(frozen=True, eq=False)
class Cascade:
    """Successive flips of a fixed point, of the cycle of period 2 born there, of the one of period 4, ...

    Parameters
    ----------
    parameters : NumPy array, shape (k,)
    ratios : NumPy array, shape (k - 2,)
        (a_i - a_{i-1}) / (a_{i+1} - a_i), which tend to Feigenbaum's 4.6692 for maps with a quadratic extremum.
    complete : bool
        Whether all doublings that were asked for were found.
    reason : str
    """

    parameters: Any
    ratios: Any
    complete: bool
    reason: str

    def __str__(self) -> str:
        flips = ", ".join(f"{a:.10g}" for a in self.parameters)
        ratios = ", ".join(f"{r:.6g}" for r in self.ratios)
        return f"flips at {flips}; ratios of distances {ratios or 'none'}; {self.reason}"


def continue_cycles(
    family: _Family,
    flip: Bifurcation,
    bounds: tuple[float, float],
    *,
    step: float = 0.02,
    max_points: int = 2000,
) -> Branch:
    """The branch of cycles of twice the period that is born at a flip.

    Parameters
    ----------
    family : callable
        a -> StepMap.
    flip : Bifurcation
        Of kind "flip", from `find_bifurcations`.
    bounds : (float, float)
    step, max_points
        As for `continue_fixed_points`.

    Raises
    ------
    ValueError
        If it is no flip of one multiplier, no cycle is found beside it, or the bounds do not hold that cycle.
    """
    low, high = checked_bounds(bounds)
    _, points, a = _begun(family, flip)
    if not low <= a <= high:
        raise ValueError(f"`bounds` must hold the parameter {a:.6g}, where cycles beside the flip begin.")
    equation = CycleEquation(family, 2 * flip.period, low, high)
    equation.start(a, points[0])
    first = equation.solve_at(points[0], a)
    direction = 1.0 if a > flip.parameter else -1.0
    rows, said = follow(equation, first, direction, step, max_points)
    return branch_of(equation, rows, complete=said in ("it reaches a bound", "it closes"), reason=said)


def period_doubling_cascade(family: _Family, branch: Branch, *, doublings: int = 6, max_points: int = 400) -> Cascade:
    """Follow a branch to its first flip, the doubled cycle to its first flip, and so on.

    Parameters
    ----------
    family : callable
        a -> StepMap.
    branch : Branch
        Of fixed points, with a flip on it.
    doublings : int
        How many flips to find, >= 1.
    max_points : int
        The budget of each branch.

    Returns
    -------
    Cascade
        With `complete` False, and the reason, where fewer were found.

    Notes
    -----
    Each cycle is solved for all of its points at once, of order (2 p D)^3, and followed by its amplitude. Distances of
    flips shrink like 4.67^-k: ten of them leave five digits to the last distance.

    Examples
    --------
    The logistic map doubles at 3 and at 1 + sqrt(6).

    >>> from gamedyn.dynamics import continue_fixed_points
    >>> from gamedyn.games import FunctionGame
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> def family(r):
    ...     cubic = FunctionGame([lambda x: (1 - r) * x**2 / 2 + r * x**3 / 3], (1,))
    ...     return StepMap(SimultaneousGradientDescent(1.0), cubic)
    >>> branch = continue_fixed_points(family, [0.6], (2.5, 3.6))
    >>> [round(float(a), 9) for a in period_doubling_cascade(family, branch, doublings=2).parameters]
    [3.0, 3.449489743]
    """
    check_integer("doublings", doublings, minimum=1)
    check_integer("max_points", max_points, minimum=2)
    low, high = branch.bounds
    equation = CycleEquation(family, branch.period, low, high)
    equation.start(float(branch.parameters[0]), branch.states[0])
    rows = [equation.join(u, a) for u, a in zip(branch.states, branch.parameters, strict=True)]
    flip = next((found for pair in itertools.pairwise(rows) if (found := locate_flip(equation, *pair))), None)
    if flip is None:
        return Cascade(numpy.zeros(0), numpy.zeros(0), False, "the branch has no flip")
    flips, reason = [flip.parameter], "all were found"
    orbit, a = equation.orbit(flip.state, flip.parameter)[:-1], flip.parameter
    while len(flips) < doublings:
        try:
            orbit, a = _next_flip(DoubledCycle(family, orbit, a), low, high, max_points)
        except ValueError as error:
            reason = f"cycles of period {2 * len(orbit)} show no flip: {error}"
            break
        flips.append(a)
    parameters = numpy.asarray(flips)
    gaps = numpy.diff(parameters)
    return Cascade(parameters, gaps[:-1] / gaps[1:], len(flips) == doublings, reason)


def _next_flip(doubled: DoubledCycle, low: float, high: float, max_points: int) -> tuple[numpy.ndarray, float]:
    """The points (2 p, D) and the parameter of the doubled cycle at its own flip."""
    from scipy.optimize import brentq

    known = _begin(doubled)
    born = doubled.distance(known[1], known[2], -1.0)
    # At the flip the multiplier has gone from 1 to -1, nearly like the square of the amplitude.
    growth, why = _GROWTH, ""
    for _ in range(max_points):
        s = growth * known[0]
        try:
            points, a = doubled.solve(s, *doubled.guess(s, known))
            if doubled.distance(points, a, -1.0) * born <= 0:
                break
            if low <= a <= high:
                known = (s, points, a)
                continue
            why = "they reach a bound"
        except ValueError as error:
            why = str(error)
        growth **= 0.5
        if growth < _SMALLEST_GROWTH:
            raise NoFixedPointError(why)
    else:
        raise NoFixedPointError("the budget ran out")
    start = known

    def test(share: float) -> float:
        return doubled.distance(*doubled.solve(share, *doubled.guess(share, start)), -1.0)

    s = brentq(test, known[0], s, xtol=1e-16, rtol=1e-14)
    points, a = doubled.solve(s, *doubled.guess(s, start))
    if abs(doubled.distance(points, a, -1.0)) > 1e-6 * abs(born):
        raise NoFixedPointError("multipliers jump there")
    if not low <= a <= high:
        raise NoFixedPointError("they reach a bound")
    return points, a


def _begun(family: _Family, flip: Bifurcation) -> tuple[float, numpy.ndarray, float]:
    if flip.kind != "flip":
        raise ValueError(f"`flip` must be a bifurcation of kind 'flip', got {flip.kind!r}.")
    if flip.multiplicity > 1:
        raise ValueError(f"`flip` must be of one multiplier, got {flip.multiplicity} at {flip.parameter:.6g}.")
    single = CycleEquation(family, flip.period, flip.parameter - 1, flip.parameter + 1)
    single.start(flip.parameter, flip.state)
    doubled = DoubledCycle(family, single.orbit(flip.state, flip.parameter)[:-1], flip.parameter)
    try:
        return _begin(doubled)
    except NoFixedPointError as error:
        raise ValueError(
            f"`flip` must have a cycle of period {2 * flip.period} beside it at {flip.parameter:.6g}: {error}."
        ) from None


def _begin(doubled: DoubledCycle) -> tuple[float, numpy.ndarray, float]:
    """An amplitude, its cycle and parameter, for which the multiplier that is 1 at the flip has left 1 a little."""
    s = 1e-3 * (1 + float(numpy.max(numpy.abs(doubled.rest))))
    known: tuple[float, numpy.ndarray, float] | None = None
    for _ in range(30):
        try:
            points, a = doubled.solve(s, *doubled.guess(s, known))
        except NoFixedPointError:
            s, known = s / 8, None
            continue
        # About 1 - r for a multiplier r between 1 and -1.
        near, far = (abs(doubled.distance(points, a, multiplier)) for multiplier in (1.0, -1.0))
        gone = 2 * near / (near + far)
        if _BEGIN / 8 <= gone <= 2 * _BEGIN:
            return s, points, a
        known = (s, points, a)
        s *= min(max((_BEGIN / max(gone, 1e-300)) ** 0.5, 1 / 8), 8.0)
    raise NoFixedPointError("no cycle of small amplitude is found")
