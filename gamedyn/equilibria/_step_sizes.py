"""stable_step_sizes: the step sizes at which a rule contracts around a stationary point, and the best of them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import like, to_host
from gamedyn.equilibria._point import as_game_and_points, default_tolerance
from gamedyn.equilibria._spectrum import check_rule_at, has_declared_matrix, matrix_at, no_finite_matrix
from gamedyn.games import Game, StochasticGame
from gamedyn.updates import LinearUpdateRule, UpdateRule, takes_step_size

__all__ = ["StepSizes", "stable_step_sizes"]

# Radii within this of 1 are taken for 1: a rule that only conserves a distance is not stable.
_MARGIN = 1e-11
# Step sizes tried, in units of 1 / |J|: a window of stability narrower than a factor 1.16 may be missed.
_DECADES, _PER_DECADE = 4, 16
# Every round looks at 17 points between two neighbours: a factor 16, or 8 about a minimum.
_ZOOM, _ROUNDS = 17, 14


@dataclasses.dataclass(frozen=True)
class StepSizes:
    """Where a rule is stable at a stationary point, as a function of its step size.

    Parameters
    ----------
    intervals : tuple of (float, float)
        The step sizes with a spectral radius below 1, as open intervals; (0.0, inf) for all. A rule that takes step
        sizes up to some limit ends there.
    best : float
        The step size of the smallest radius: nan where none is stable, inf where the radius still falls at the largest
        step tried.
    radius : float
        The smallest radius: the factor per step by which distances shrink, in the long run.
    """

    intervals: tuple[tuple[float, float], ...]
    best: float
    radius: float

    @property
    def largest(self) -> float:
        """The supremum of the stable step sizes; 0 where there is none."""
        return self.intervals[-1][1] if self.intervals else 0.0

    @property
    def rate(self) -> float:
        """-log radius: the decay per step at the best step size."""
        return -math.log(self.radius) if self.radius > 0 else math.inf

    def __str__(self) -> str:
        """One sentence."""
        if not self.intervals:
            return f"no step size is stable; the smallest radius found is {self.radius:.8g}"
        where = " and ".join(f"({lower:.8g}, {upper:.8g})" for lower, upper in self.intervals)
        return f"stable in {where}; best {self.best:.8g} with radius {self.radius:.8g}"


def stable_step_sizes(
    rule: UpdateRule, game: Game | StochasticGame, z: Any, *, tolerance: float | None = None
) -> StepSizes:
    """The step sizes with a spectral radius below 1 at z, and the one with the smallest radius.

    Only `step_size` varies; whatever else the rule sets (an extrapolation step that is given, a momentum) stays.

    Parameters
    ----------
    rule : UpdateRule
        With numbers as hyper-parameters, and a step size, whose value does not matter.
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.
    z : array_like, shape (d,)
        One point where the rule rests.
    tolerance : float, optional
        On the relative residual at z, as for `iteration_matrix`.

    Returns
    -------
    StepSizes

    Raises
    ------
    TypeError
        If the rule has no step size.
    NotImplementedError
        If the rule has no matrix there, as for `iteration_matrix`.
    ValueError
        If z is not one stationary point, the message names the residual; if J = 0 there; or as for `iteration_matrix`.

    Notes
    -----
    Host-only. Radii are found on a grid of 16 step sizes per decade, from 1e-4 to 1e4 in units of 1 / |J|, and refined
    at its ends and at its least entry to twelve digits; where the radius is flat about its minimum (a smooth one),
    the best step has half of them and the radius all. The radii come from the symbol where the rule has one, else
    from eigenvalues of its matrix, O(D^3) each.

    Examples
    --------
    Descent on x^2 / 2 multiplies distances by 1 - h: stable below 2, and done in one step at 1.

    >>> from gamedyn.games import Quadratic
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> found = stable_step_sizes(SimultaneousGradientDescent(), Quadratic.from_jacobian([[1.0]], (1,)), [0.0])
    >>> round(found.largest, 9), round(found.best, 9)
    (2.0, 1.0)
    """
    full, point = as_game_and_points(game, z)
    if point.ndim != 1:
        raise ValueError(f"`z` must be one point, shape ({point.shape[-1]},), got {tuple(point.shape)}.")
    check_rule_at(rule, full, point)
    if not hasattr(rule, "step_size"):
        raise TypeError(f"`rule` must have a step size, got {type(rule).__name__}.")
    bound = default_tolerance(point, tolerance)
    # The rule as it is: an error about the point comes from here.
    matrix_at(rule, full, point, bound)
    size = float(numpy.linalg.norm(to_host(full.jacobian(point)), 2))
    if size == 0:
        raise ValueError("`game` must have a Jacobian other than 0 at `z`: it is the unit of step sizes.")
    radius = _radius_function(rule, full, point, bound)
    steps, limit = _tried(rule, numpy.logspace(-_DECADES, _DECADES, 2 * _DECADES * _PER_DECADE + 1) / size)
    radii = radius(steps)
    if not numpy.any(numpy.isfinite(radii)):
        raise no_finite_matrix(rule)
    stable = radii < 1 - _MARGIN
    best, smallest = _minimise(radius, steps, radii)
    if not numpy.any(stable):
        return StepSizes((), math.nan, smallest)
    edges = numpy.flatnonzero(stable[1:] != stable[:-1])
    ends = [_edge(radius, steps[i], steps[i + 1], bool(stable[i])) for i in edges]
    if stable[0]:
        ends.insert(0, 0.0)
    if stable[-1]:
        ends.append(limit)
    return StepSizes(tuple(zip(ends[::2], ends[1::2], strict=True)), min(best, limit), smallest)


def _tried(rule: UpdateRule, steps: numpy.ndarray) -> tuple[numpy.ndarray, float]:
    """The step sizes that the rule takes, and its limit, which is then the last of them; infinite for most rules."""
    allowed = numpy.asarray([takes_step_size(rule, float(step)) for step in steps])
    if allowed.all():
        return steps, math.inf
    count = int(numpy.argmin(allowed))
    lower, upper = float(steps[count - 1]) if count else 0.0, float(steps[count])
    while (middle := (lower + upper) / 2) not in (lower, upper):
        lower, upper = (middle, upper) if takes_step_size(rule, middle) else (lower, middle)
    return numpy.append(steps[:count], lower), lower


def _radius_function(rule: UpdateRule, game: Game, z: Any, tolerance: float) -> Callable[[Any], numpy.ndarray]:
    """Step sizes (K,) -> spectral radii (K,)."""
    if isinstance(rule, LinearUpdateRule) and has_declared_matrix(rule, game, z):
        eigenvalues = numpy.linalg.eigvals(to_host(game.jacobian(z)))
        try:
            with numpy.errstate(all="ignore"):
                rule.symbol(eigenvalues)
        except NotImplementedError:
            pass
        else:

            def by_symbol(steps: Any) -> numpy.ndarray:
                shape = (len(steps), len(eigenvalues))
                with numpy.errstate(all="ignore"):
                    multipliers = to_host(
                        rule.with_step_size(steps).symbol(numpy.broadcast_to(eigenvalues, shape))  # type: ignore
                    )
                return _finite(numpy.abs(multipliers).max(axis=(-2, -1)))

            return by_symbol

    def by_matrix(steps: Any) -> numpy.ndarray:
        xp_steps = like(steps, z)
        points = z + 0 * xp_steps[:, None]
        # Far out a step of a curved game bends too much for differences: such steps are not stable.
        matrices = to_host(matrix_at(rule.with_step_size(xp_steps), game, points, tolerance, strict=False))
        good = numpy.all(numpy.isfinite(matrices), axis=(-2, -1))
        radii = numpy.full(len(steps), math.inf)
        radii[good] = numpy.abs(numpy.linalg.eigvals(matrices[good])).max(axis=-1)
        return radii

    return by_matrix


def _finite(radii: numpy.ndarray) -> numpy.ndarray:
    """A step that is not defined is not stable."""
    return numpy.where(numpy.isfinite(radii), radii, math.inf)


def _edge(radius: Callable[[Any], numpy.ndarray], lower: float, upper: float, stable_below: bool) -> float:
    """Where stability changes between two step sizes that differ in it."""
    for _ in range(_ROUNDS):
        steps = numpy.linspace(lower, upper, _ZOOM)
        inside = radius(steps) < 1 - _MARGIN
        changed = numpy.flatnonzero(inside != stable_below)
        # Rounding may leave the ends undecided once they are neighbours.
        k = int(changed[0]) if len(changed) and changed[0] > 0 else len(steps) - 1
        lower, upper = float(steps[k - 1]), float(steps[k])
    return (lower + upper) / 2


def _minimise(radius: Callable[[Any], numpy.ndarray], steps: Any, radii: Any) -> tuple[float, float]:
    """(step, radius) at the least radius; inf where it still falls at the last step."""
    k = int(numpy.argmin(radii))
    if k == len(steps) - 1:
        return math.inf, float(radii[k])
    lower, upper = float(steps[max(k - 1, 0)]), float(steps[k + 1])
    best, smallest = float(steps[k]), float(radii[k])
    for _ in range(_ROUNDS):
        fine = numpy.linspace(lower, upper, _ZOOM)
        found = radius(fine)
        k = int(numpy.argmin(found))
        if found[k] <= smallest:
            best, smallest = float(fine[k]), float(found[k])
        lower, upper = float(fine[max(k - 1, 0)]), float(fine[min(k + 1, _ZOOM - 1)])
    return best, smallest
