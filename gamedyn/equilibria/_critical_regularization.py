"""critical_regularization: how strong a regulariser must be for a point to attract."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer
from gamedyn.backend import to_host
from gamedyn.equilibria._point import as_game_and_points
from gamedyn.equilibria._spectrum import spectral_radius
from gamedyn.equilibria._two_by_two import eigenvalues

__all__ = ["CriticalRegularization", "critical_regularization"]

# Of |J|: real parts, and 1 - radius, that near to 0 are 0; imaginary parts of double roots have half of the digits.
_MARGIN, _ROTATION = 1e-13, 1e-7
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class CriticalRegularization:
    """Where, between two strengths, a point attracts.

    Parameters
    ----------
    value : float
        The smallest strength from which on it attracts; the lower bound where it does so already, inf where it never
        does.
    crossings : tuple of float
        All strengths at which it begins or ceases to, sorted.
    intervals : tuple of (float, float)
        The ranges in which it attracts.
    """

    value: float
    crossings: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]

    def __str__(self) -> str:
        """One sentence."""
        if not self.intervals:
            return "at no strength between the bounds"
        where = " and ".join(f"({lower:.8g}, {upper:.8g})" for lower, upper in self.intervals)
        return f"from {self.value:.8g} on; in {where}"


def critical_regularization(
    game_of: Callable[[float], Any],
    z: Any,
    bounds: tuple[float, float],
    *,
    rule: Any = None,
    property: str = "attracting",
    count: int = 65,
) -> CriticalRegularization:
    """The smallest strength g at which z attracts the flow of `game_of(g)`, and all at which that changes.

    The smallest real part of the eigenvalues of J is followed in g. With a rule, 1 minus the spectral radius of its
    step; a regulariser that is part of the rule is varied by a callable g -> rule. With `property` "real", whether all
    eigenvalues are real, so that nothing turns.

    Parameters
    ----------
    game_of : callable
        g -> Game, for instance ``lambda g: Regularized(DiracGAN(), r1=g)``.
    z : array_like, shape (d,), or callable
        The point, or g -> point where it moves.
    bounds : (float, float)
        Of g, the lower one first.
    rule : UpdateRule or callable, optional
        What converges in the place of the flow, or g -> rule.
    property : {"attracting", "real"}
        Of the eigenvalues of J; "real" takes no rule.
    count : int
        Strengths tried at first, equally spaced; at least 3.

    Returns
    -------
    CriticalRegularization

    Raises
    ------
    TypeError
        If `game_of` is not callable, or makes no game.
    ValueError
        If the bounds are no interval; or as for `spectral_radius`, with a rule.

    Notes
    -----
    Host-only. Every change of sign between neighbours is bisected until 1e-12 of the bounds' distance or better. Where
    three neighbours turn towards 0 without a change, the turning point is sought between them, so that a pair of
    crossings is missed only where the quantity has several turning points between three neighbours: raise `count`.
    Double eigenvalues have half of the digits in their imaginary parts, but change from real to complex where they
    should to nearly all.

    References
    ----------
    Mescheder, Geiger and Nowozin (2018), Which training methods for GANs do actually converge?

    Examples
    --------
    R1 of weight g makes the Dirac-GAN's J = [[0, c], [-c, g]], c = 1/2 for minimax: it attracts for g > 0, and no
    longer turns from g = 2 c = 1 on.

    >>> from gamedyn.games import DiracGAN, Regularized
    >>> def game_of(g):
    ...     return Regularized(DiracGAN(), r1=g)
    >>> critical_regularization(game_of, [0.0, 0.0], (0.0, 3.0)).value < 1e-11
    True
    >>> round(critical_regularization(game_of, [0.0, 0.0], (0.0, 3.0), property="real").value, 10)
    1.0
    """
    if not callable(game_of):
        raise TypeError(f"`game_of` must be a callable from a strength to a game, got {type(game_of).__name__}.")
    check_choice("property", property, ("attracting", "real"))
    check_integer("count", count, minimum=3)
    low, high = (float(bound) for bound in bounds)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"`bounds` must be finite with the lower one first, got ({low:g}, {high:g}).")
    if rule is not None and property == "real":
        raise ValueError('`rule` must be left out with `property` "real", which is about the eigenvalues of J.')
    measure = _measure(game_of, z, rule, property)
    strengths = [float(g) for g in numpy.linspace(low, high, count)]
    values = [measure(g) for g in strengths]
    strengths, values = _with_turning_points(measure, strengths, values)
    crossings = [
        _bisect(measure, strengths[k], strengths[k + 1], values[k] > 0, 1e-13 * (high - low))
        for k in range(len(strengths) - 1)
        if (values[k] > 0) != (values[k + 1] > 0)
    ]
    edges = [low, *crossings, high]
    holds = values[0] > 0
    intervals = [(edges[k], edges[k + 1]) for k in range(len(edges) - 1) if (k % 2 == 0) == holds]
    return CriticalRegularization(intervals[0][0] if intervals else math.inf, tuple(crossings), tuple(intervals))


def _measure(game_of: Callable[[float], Any], z: Any, rule: Any, wanted: str) -> Callable[[float], float]:
    """g -> a number that is positive where the property holds."""

    def measure(strength: float) -> float:
        game, points = as_game_and_points(game_of(strength), z(strength) if callable(z) else z)
        if points.ndim != 1:
            raise ValueError(f"`z` must be one point of shape ({points.shape[-1]},), got shape {tuple(points.shape)}.")
        if rule is not None:
            played = rule(strength) if callable(rule) else rule
            return 1 - float(spectral_radius(played, game, points)) - _MARGIN
        jacobian = to_host(game.jacobian(points)).astype(float)
        size = float(numpy.max(numpy.abs(jacobian)))
        if not math.isfinite(size):
            raise ValueError(f"`game_of` must have a finite Jacobian at `z`, got none at the strength {strength:g}.")
        found = eigenvalues(jacobian)
        if wanted == "real":
            return _ROTATION * size - float(numpy.max(numpy.abs(found.imag)))
        return float(numpy.min(found.real)) - _MARGIN * size

    return measure


def _with_turning_points(measure: Callable[[float], float], strengths: Any, values: Any) -> tuple[Any, Any]:
    """With the turning points between neighbours of one sign, where the quantity comes nearer to 0."""
    added = []
    for k in range(1, len(values) - 1):
        sign = 1.0 if values[k] > 0 else -1.0
        left, middle, right = (sign * value for value in values[k - 1 : k + 2])
        if left > 0 and right > 0 and middle <= left and middle <= right and not left == middle == right:
            added.append(_turning_point(measure, strengths[k - 1], strengths[k + 1], sign))
    pairs = sorted({*zip(strengths, values, strict=True), *added})
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _turning_point(measure: Callable[[float], float], lower: float, upper: float, sign: float) -> tuple[float, float]:
    """(strength, value) where sign * value is least, or already negative, by golden sections."""
    inner = [upper - _GOLDEN * (upper - lower), lower + _GOLDEN * (upper - lower)]
    found = [measure(g) for g in inner]
    for _ in range(60):
        if min(sign * value for value in found) < 0 or upper - lower <= 1e-14 * max(abs(lower), abs(upper)):
            break
        if sign * found[0] < sign * found[1]:
            upper = inner[1]
            inner = [upper - _GOLDEN * (upper - lower), inner[0]]
            found = [measure(inner[0]), found[0]]
        else:
            lower = inner[0]
            inner = [inner[1], lower + _GOLDEN * (upper - lower)]
            found = [found[1], measure(inner[1])]
    k = 0 if sign * found[0] < sign * found[1] else 1
    return inner[k], found[k]


def _bisect(measure: Callable[[float], float], lower: float, upper: float, holds_below: bool, width: float) -> float:
    while True:
        middle = (lower + upper) / 2
        if not lower < middle < upper or upper - lower <= min(width, 1e-12 * abs(middle)):
            return middle
        if (measure(middle) > 0) == holds_below:
            lower = middle
        else:
            upper = middle
