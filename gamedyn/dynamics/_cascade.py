"""Cycles born at flips: branch switching, and cascades of period doublings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.dynamics._bifurcation import Bifurcation, locate_flip
from gamedyn.dynamics._continuation import Branch, branch_of, follow
from gamedyn.dynamics._cycle_equation import CycleEquation, NoFixedPointError
from gamedyn.updates import StepMap

__all__ = ["Cascade", "continue_cycles", "period_doubling_cascade"]

_Family = Callable[[float], StepMap]

# Of the amplitude that the normal form predicts: in long cycles its coefficient is known to its order only.
_STRETCHES = (1.0, 0.7, 1.4, 0.5, 2.0, 0.35, 2.8, 0.2, 5.0)


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
        If it is no flip, or no cycle is found beside it.
    """
    low, high = (float(value) for value in bounds)
    equation, first = _beside(family, flip, low, high, (high - low) * 1e-3)
    direction = 1.0 if equation.parameter(first) > flip.parameter else -1.0
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
    Distances of flips shrink like 4.67^-k: ten of them leave five digits to the last distance.

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
    low, high = branch.bounds
    equation = CycleEquation(family, branch.period, low, high)
    equation.start(float(branch.parameters[0]), branch.states[0])
    rows = [equation.join(u, a) for u, a in zip(branch.states, branch.parameters, strict=True)]
    flip = next((found for pair in zip(rows, rows[1:], strict=False) if (found := locate_flip(equation, *pair))), None)
    flips: list[Bifurcation] = []
    reason = "the branch has no flip"
    gap = (high - low) * 1e-2
    while flip is not None:
        flips.append(flip)
        reason = "all were found"
        if len(flips) == doublings:
            break
        if len(flips) > 1:
            # The next distance is about 4.67 times smaller, and the start is well within it.
            gap = abs(flips[-1].parameter - flips[-2].parameter) / 20
        try:
            equation, first = _beside(family, flip, low, high, gap)
        except ValueError as error:
            flip, reason = None, str(error)
            continue
        direction = 1.0 if equation.parameter(first) > flip.parameter else -1.0
        flip, reason = _next_flip(equation, first, direction, 2 * gap / (high - low), max_points)
    found = numpy.asarray([one.parameter for one in flips])
    gaps = numpy.diff(found)
    return Cascade(found, gaps[:-1] / gaps[1:], len(flips) == doublings, reason)


def _next_flip(
    equation: CycleEquation, first: numpy.ndarray, direction: float, step: float, max_points: int
) -> tuple[Bifurcation | None, str]:
    """The first flip along the curve from there."""
    seen: list[Bifurcation] = []

    def has_flip(before: numpy.ndarray, after: numpy.ndarray) -> bool:
        one = locate_flip(equation, before, after)
        if one is not None:
            seen.append(one)
        return one is not None

    _, said = follow(equation, first, direction, step, max_points, until=has_flip)
    return (seen[0], "") if seen else (None, f"cycles of period {equation.period} show no flip: {said}")


def _beside(
    family: _Family, flip: Bifurcation, low: float, high: float, gap: float
) -> tuple[CycleEquation, numpy.ndarray]:
    """The equation of twice the period, and its solution at that distance from the flip in the parameter."""
    if flip.kind != "flip":
        raise ValueError(f"`flip` must be a bifurcation of kind 'flip', got {flip.kind!r}.")
    single = CycleEquation(family, flip.period, low, high)
    single.start(flip.parameter, flip.state)
    double = CycleEquation(family, 2 * flip.period, low, high)
    double.start(flip.parameter, flip.state)
    matrix = single.derivative(flip.state, flip.parameter)
    values, vectors = numpy.linalg.eig(matrix)
    q = vectors[:, int(numpy.argmin(numpy.abs(values + 1)))].real
    q = q / numpy.linalg.norm(q)
    for sign in (1.0, -1.0):
        a = flip.parameter + sign * gap
        if not low <= a <= high:
            continue
        try:
            rest = single.state(single.solve_at(flip.state, a))
        except ValueError:
            continue
        near = single.multipliers(rest, a)
        r = float(near[int(numpy.argmin(numpy.abs(near + 1)))].real)
        # x^2 = -(1 + r) / c: cycles are on the side where this is positive.
        square = -(1 + r) / flip.coefficient if flip.coefficient else numpy.nan
        if not square > 0:
            continue
        for stretch in _STRETCHES:
            guess = rest + stretch * float(square) ** 0.5 * q
            try:
                x = double.solve_at(guess, a)
            except (NoFixedPointError, ValueError):
                continue
            if float(numpy.linalg.norm(double.state(x) - rest)) > 0.3 * float(square) ** 0.5:
                return double, x
    raise ValueError(f"no cycle of period {2 * flip.period} was found beside the flip at {flip.parameter:.6g}")
