"""Fixed points and cycles of a rule, followed through a hyper-parameter and around folds by arclength."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import to_host
from gamedyn.dynamics._cycle_equation import CycleEquation, NoFixedPointError
from gamedyn.games import Game, StochasticGame
from gamedyn.updates import StepMap, UpdateRule

__all__ = ["Branch", "branch_of", "checked_bounds", "continue_fixed_points", "follow", "rule_family"]

_Family = Callable[[float], StepMap]

# Steps shrink to this share of the first before the branch is given up.
_SMALLEST = 1e-6
_ROUNDING = 1e-12
_SAME = 1e-10


@dataclass(frozen=True, eq=False)
class Branch:
    """A curve of fixed points, or of cycles of one period, in order along the curve.

    Parameters
    ----------
    parameters : NumPy array, shape (n,)
        The hyper-parameter; it turns back at folds.
    states : NumPy array, shape (n, D)
        u = [z, memories], of a cycle its first point.
    points : NumPy array, shape (n, d)
        z.
    orbits : NumPy array, shape (n, p, d)
        z at all points of the cycles.
    multipliers : NumPy array of complex, shape (n, D)
        Eigenvalues of the derivative of F^p, largest modulus first.
    stable : NumPy array of bool, shape (n,)
        Whether all lie inside the unit circle, by more than 1e-12.
    period : int
        p.
    bounds : (float, float)
        Of the hyper-parameter.
    complete : bool
        Whether the curve was followed to the bounds, or closed, at both ends.
    reason : str
        How its two ends came about.
    """

    parameters: Any
    states: Any
    points: Any
    orbits: Any
    multipliers: Any
    stable: Any
    period: int
    bounds: tuple[float, float]
    complete: bool
    reason: str

    def __str__(self) -> str:
        what = "fixed points" if self.period == 1 else f"cycles of period {self.period}"
        low, high = float(numpy.min(self.parameters)), float(numpy.max(self.parameters))
        return (
            f"{len(self.parameters)} {what} for parameters from {low:.8g} to {high:.8g}, "
            f"{int(numpy.sum(self.stable))} of them stable; {self.reason}"
        )


def rule_family(rule: UpdateRule, game: Game | StochasticGame, parameter: str = "step_size") -> _Family:
    """value -> the step of `rule` with that value of one of its hyper-parameters.

    For parameters of games, or several at once, write ``lambda value: StepMap(rule_of(value), game_of(value))``.

    Parameters
    ----------
    rule : UpdateRule
    game : Game or StochasticGame
    parameter : str
        The name of a field of the rule.

    Raises
    ------
    ValueError
        If the rule has no such field.

    Examples
    --------
    >>> from gamedyn.games import Quadratic
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> bowl = Quadratic([[[1.0]]], dims=(1,))
    >>> family = rule_family(SimultaneousGradientDescent(0.1), bowl)
    >>> [float(r) for r in family(0.5).jacobian(family(0.5).start([1.0]))[0]]
    [0.5]
    """
    names: list[str] = [field.name for field in dataclasses.fields(rule)] if dataclasses.is_dataclass(rule) else []
    if parameter not in names:
        raise ValueError(f"`parameter` must be one of {', '.join(names)} of {type(rule).__name__}, got {parameter!r}.")
    frozen: Any = rule
    return lambda value: StepMap(dataclasses.replace(frozen, **{parameter: float(value)}), game)


def continue_fixed_points(
    family: _Family,
    z: Any,
    bounds: tuple[float, float],
    *,
    start: float | None = None,
    period: int = 1,
    step: float = 0.02,
    max_points: int = 2000,
) -> Branch:
    """The curve of solutions of F_a^p(u) = u through the one near z, in both directions of the parameter a.

    Parameters
    ----------
    family : callable
        a -> StepMap, see `rule_family`.
    z : array_like, shape (d,) or (D,)
        Near a fixed point, or near a point of a cycle of that period, for the parameter `start`; with the memories,
        or without: then they are what the rule starts with.
    bounds : (float, float)
        Where a is followed.
    start : float, optional
        Default the lower bound.
    period : int
        p: 1 for fixed points.
    step : float
        Largest step along the curve, in units of the bounds' distance and of 1 + |z|.
    max_points : int
        The budget of each direction.

    Returns
    -------
    Branch
        An end before the bounds (no convergence, a parameter that the rule refuses, the budget) is told in `reason`,
        with `complete` False.

    Raises
    ------
    ValueError
        If the bounds do not increase, `start` lies outside, or no fixed point is found near z.

    Notes
    -----
    Host-only, O(D^3) for each point. Multipliers come from `StepMap.jacobian`, exact to rounding for analytic steps.

    Examples
    --------
    Descent on the double well (x^2 - 1)^2 / 4 rests at 1, with the multiplier 1 - 2 h.

    >>> from gamedyn.games import FunctionGame
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> well = FunctionGame([lambda x: (x**2 - 1) ** 2 / 4], (1,))
    >>> branch = continue_fixed_points(rule_family(SimultaneousGradientDescent(0.1), well), [1.1], (0.5, 1.5))
    >>> bool(numpy.all(branch.stable == (branch.parameters < 1)))
    True
    """
    low, high = checked_bounds(bounds)
    first = low if start is None else float(start)
    if not low <= first <= high:
        raise ValueError(f"`start` must lie in the bounds [{low:g}, {high:g}], got {first:g}.")
    check_integer("period", period, minimum=1)
    check_positive("step", step)
    check_integer("max_points", max_points, minimum=2)
    equation = CycleEquation(family, period, low, high)
    origin = equation.solve_at(equation.start(first, numpy.asarray(to_host(z), dtype=float)), first)
    ahead, said_ahead = follow(equation, origin, +1.0, step, max_points)
    behind, said_behind = follow(equation, origin, -1.0, step, max_points)
    # A curve that closed was followed once round already.
    rows = ahead if said_ahead == "it closes" else [*reversed(behind[1:]), *ahead]
    reasons = {said_behind, said_ahead}
    return branch_of(equation, rows, complete=reasons <= {"it reaches a bound", "it closes"}, reason=_told(reasons))


def follow(
    equation: CycleEquation,
    origin: numpy.ndarray,
    direction: float,
    step: float,
    max_points: int,
    until: Callable[[numpy.ndarray, numpy.ndarray], bool] | None = None,
) -> tuple[list[numpy.ndarray], str]:
    """Points (D + 1,) of the curve from `origin` on, first towards larger (direction 1) or smaller parameters.

    Parameters
    ----------
    equation : CycleEquation
    origin : array, shape (D + 1,)
    direction : float
    step : float
    max_points : int
    until : callable, optional
        until(previous, point) -> whether to stop there.
    """
    rows, length, largest = [origin], step / 4, step
    try:
        tangent = equation.tangent(origin, None)
    except ValueError as error:
        return rows, f"it ends at {equation.parameter(origin):.6g}: {error}"
    tangent = tangent * (direction * (1.0 if tangent[-1] >= 0 else -1.0))
    while len(rows) <= max_points:
        try:
            new = equation.correct(rows[-1] + length * tangent, tangent)
            turned = equation.tangent(new, tangent)
        except (NoFixedPointError, ValueError) as error:
            length /= 2
            if length < _SMALLEST * step:
                return rows, f"it ends at {equation.parameter(rows[-1]):.6g}: {error}"
            continue
        # Corners of the curve are taken in small steps, so that none is cut.
        if float(turned @ tangent) < 0.9 and length > _SMALLEST * step:
            length /= 2
            continue
        if not 0 <= new[-1] <= 1:
            end = equation.at_bound(rows[-1], new)
            # A start on the bound is its own end.
            if end is not None and float(numpy.linalg.norm(end - rows[-1])) > _SAME:
                rows.append(end)
            return rows, "it reaches a bound"
        rows.append(new)
        if until is not None and until(rows[-2], new):
            return rows, "it was stopped"
        if len(rows) > 5 and float(numpy.linalg.norm(new - origin)) < 0.6 * length and float(turned @ tangent) > 0:
            return rows, "it closes"
        tangent, length = turned, min(1.5 * length, largest)
    return rows, "the budget ran out"


def branch_of(equation: CycleEquation, rows: list[numpy.ndarray], *, complete: bool, reason: str) -> Branch:
    """The rows (D + 1,) of scaled unknowns as a Branch."""
    states = [equation.state(row) for row in rows]
    parameters = [equation.parameter(row) for row in rows]
    multipliers = [equation.multipliers(state, parameter) for state, parameter in zip(states, parameters, strict=True)]
    orbits = [equation.orbit(state, parameter)[:-1] for state, parameter in zip(states, parameters, strict=True)]
    moduli = numpy.abs(numpy.stack(multipliers))
    return Branch(
        parameters=numpy.asarray(parameters),
        states=numpy.stack(states),
        points=numpy.stack(states)[:, : equation.dimension],
        orbits=numpy.stack(orbits)[..., : equation.dimension],
        multipliers=numpy.stack(multipliers),
        stable=numpy.max(moduli, axis=-1) < 1 - _ROUNDING,
        period=equation.period,
        bounds=(equation.low, equation.high),
        complete=complete,
        reason=reason,
    )


def checked_bounds(bounds: Any) -> tuple[float, float]:
    """Both as floats.

    Raises
    ------
    ValueError
        If they are not finite or do not increase.
    """
    low, high = (float(value) for value in bounds)
    if not (numpy.isfinite(low) and numpy.isfinite(high) and low < high):
        raise ValueError(f"`bounds` must be finite and increase, got ({low:g}, {high:g}).")
    return low, high


def _told(reasons: set[str]) -> str:
    return "; ".join(sorted(reasons))
