"""find_stationary_point: from a point nearby to a zero of xi."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, device_of, to_device, to_host
from gamedyn.equilibria._point import as_game_and_points, default_tolerance, relative_residual
from gamedyn.games import Game, StochasticGame, player_slices

__all__ = ["StationaryPoint", "find_stationary_point"]


class StationaryPoint(NamedTuple):
    """Where `find_stationary_point` ended."""

    point: Array
    """(d,)"""
    residual: float
    """max_i |xi_i| / (|J_i| (1 + |z|)) there, without units."""
    converged: bool
    """Whether the residual is within the tolerance."""


def find_stationary_point(
    game: Game | StochasticGame, z0: Any, *, steps: int = 50, tolerance: float | None = None
) -> StationaryPoint:
    """A zero of xi near z0, by Newton's method: z <- z - J(z)^+ xi(z), whatever kind of equilibrium it is.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.
    z0 : array_like, shape (d,)
        One point.
    steps : int
        At most this many.
    tolerance : float, optional
        On the relative residual, see `classify`; default 1000 roundoffs, so that spectra taken there keep their digits.

    Returns
    -------
    StationaryPoint
        Not converged is a value: nearby there may be no stationary point.

    Notes
    -----
    Host-only, O(d^3) for each step. J^+ is the pseudo-inverse, so that of a line of equilibria the nearest is found.

    Examples
    --------
    min_x max_y x y - 2 x + 3 y is at rest at (-3, 2).

    >>> from gamedyn.games import Bilinear
    >>> [round(float(c), 12) for c in find_stationary_point(Bilinear([[1.0]], [-2.0], [3.0]), [0.0, 0.0]).point]
    [-3.0, 2.0]
    """
    full, z = as_game_and_points(game, z0)
    if z.ndim != 1:
        raise ValueError(f"`z0` must be one point of shape ({z.shape[-1]},), got {tuple(z.shape)}.")
    check_integer("steps", steps, minimum=0)
    xp, blocks = array_namespace(z), player_slices(full.dims)
    roundoff = float(xp.finfo(z.dtype).eps)
    bound = 1000 * roundoff if tolerance is None else default_tolerance(z, tolerance)
    best = StationaryPoint(z, numpy.inf, False)
    for step in range(steps + 1):
        xi, jacobian, host = (to_host(a) for a in (full.simultaneous_gradient(z), full.jacobian(z), z))
        if not (numpy.all(numpy.isfinite(xi)) and numpy.all(numpy.isfinite(jacobian))):
            break
        residual = relative_residual(xi, jacobian, host, blocks)
        if residual < best.residual:
            best = StationaryPoint(z, residual, residual <= bound)
        if best.converged or step == steps:
            break
        move = numpy.linalg.lstsq(jacobian, xi, rcond=None)[0]
        z = to_device(host - move, xp, dtype=z.dtype, device=device_of(z))
    return best
