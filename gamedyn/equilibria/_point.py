"""What every check of a point starts from: the game there, on the host, and a residual without units."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, array_namespace, device_of, float_arrays, real_dtype, to_device, to_host
from gamedyn.games import Game, Reals, StochasticGame, player_slices

__all__ = [
    "LocalGame",
    "as_game_and_points",
    "default_tolerance",
    "norm_of",
    "relative_residual",
    "roundoff_of",
    "view_locally",
]


class LocalGame(NamedTuple):
    """A game to first order at one point, on the host."""

    z: numpy.ndarray
    """(d,)"""
    xi: numpy.ndarray
    """(d,)"""
    jacobian: numpy.ndarray
    """(d, d)"""
    blocks: tuple[slice, ...]
    residual: float
    uncertainties: numpy.ndarray
    """(n,): bounds on the error of each player's rows of J, as the Jacobian at the stationary point nearby."""


def as_game_and_points(game: Any, z: Any) -> tuple[Game, Array]:
    """The game on all data, and z as a floating array that fits it."""
    if not isinstance(game, (Game, StochasticGame)):
        hint = " Call it to make one." if isinstance(game, type) else ""
        raise TypeError(f"`game` must be a Game or a StochasticGame, got {type(game).__name__}.{hint}")
    xp, points = float_arrays(z, names=("z",))
    d = sum(game.dims)
    if points.ndim == 0 or points.shape[-1] != d:
        raise ValueError(
            f"`z` must have shape (..., {d}) for players of sizes {tuple(game.dims)}, got {tuple(points.shape)}."
        )
    if not bool(xp.all(xp.isfinite(points))):
        raise ValueError("`z` must be finite, got infinite or NaN entries.")
    full = game.full()
    # All of R^d holds every finite point.
    if type(full.domain) is not Reals and not bool(xp.all(full.domain.contains(points))):
        raise ValueError("`z` must lie in the game's domain.")
    return full, points


def default_tolerance(z: Array, tolerance: float | None) -> float:
    """`tolerance` after a check, or the square root of the roundoff of z's precision."""
    if tolerance is None:
        return math.sqrt(roundoff_of(z))
    check_positive("tolerance", tolerance)
    return tolerance


def roundoff_of(z: Array) -> float:
    """The spacing of 1 in the precision of z."""
    return float(array_namespace(z).finfo(real_dtype(z)).eps)


def relative_residual(residual: numpy.ndarray, jacobian: numpy.ndarray, z: numpy.ndarray, blocks: Any) -> float:
    """max_i |xi_i| / (|J_i| (1 + |z|)) over the players' blocks, J_i their rows of J in Frobenius norm.

    Multiplying any player's loss by a constant leaves it as it is. By linearisation no zero of xi is nearer than
    (1 + |z|) times this.
    """
    worst = 0.0
    for block in blocks:
        size, slope = norm_of(residual[block]), norm_of(jacobian[block])
        if size > 0:
            worst = max(worst, size / slope / (1 + norm_of(z)) if slope > 0 else math.inf)
    return worst


def norm_of(values: numpy.ndarray) -> float:
    """The Euclidean norm, also where squares overflow or vanish."""
    scale = float(numpy.max(numpy.abs(values)))
    return scale * float(numpy.linalg.norm(values / scale)) if scale > 0 else 0.0


def view_locally(game: Game, z: Array) -> list[LocalGame]:
    """The game to first order at every point of z (..., d), in C order of the batch."""
    d, blocks = z.shape[-1], player_slices(game.dims)
    points = to_host(z).reshape(-1, d)
    fields = to_host(game.simultaneous_gradient(z)).reshape(-1, d)
    jacobians = to_host(game.jacobian(z)).reshape(-1, d, d)
    if not (numpy.all(numpy.isfinite(fields)) and numpy.all(numpy.isfinite(jacobians))):
        raise ValueError("`game` must have finite first and second derivatives at `z`, got infinite or NaN values.")
    # Newton's step estimates where the stationary point is; J there would be exact for a quadratic game.
    steps = [numpy.linalg.lstsq(j, xi, rcond=None)[0] for j, xi in zip(jacobians, fields, strict=True)]
    nearby = to_device((points - steps).reshape(z.shape), array_namespace(z), dtype=z.dtype, device=device_of(z))
    with numpy.errstate(over="ignore", invalid="ignore"):
        changes = to_host(game.jacobian(nearby)).reshape(-1, d, d) - jacobians
    roundoff = roundoff_of(z)
    # Analytic derivatives are good to some tens of roundoffs, differences to more than half of the digits.
    accuracy = math.sqrt(roundoff) if _takes_differences(game) else 64 * roundoff
    return [
        LocalGame(
            p,
            xi,
            jacobian,
            blocks,
            relative_residual(xi, jacobian, p, blocks),
            _bound(jacobian, change, blocks, accuracy),
        )
        for p, xi, jacobian, change in zip(points, fields, jacobians, changes, strict=True)
    ]


def _bound(jacobian: numpy.ndarray, change: numpy.ndarray, blocks: Any, accuracy: float) -> numpy.ndarray:
    """(n,): errors of evaluation, and four times the change of J over a Newton step, for each player's rows."""
    bounds = []
    for block in blocks:
        size = norm_of(jacobian[block])
        # Where J is not finite a step away, nothing is known: a bound as large as J itself leaves all open.
        far = 4 * norm_of(change[block]) if numpy.all(numpy.isfinite(change[block])) else size
        bounds.append(accuracy * size + far)
    return numpy.asarray(bounds)


def _takes_differences(game: Game) -> bool:
    """Whether J comes from losses alone: complex step serves one derivative exactly, the second is a difference."""
    inner = getattr(game, "game", None)
    if isinstance(inner, Game):
        return _takes_differences(inner)
    names = ("loss_gradients", "simultaneous_gradient", "jvp", "jacobian")
    return all(getattr(type(game), name) is getattr(Game, name) for name in names)
