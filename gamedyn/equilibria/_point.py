"""What every check of a point starts from: the game there, on the host, and a residual without units."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, array_namespace, device_of, float_arrays, real_dtype, to_device, to_host
from gamedyn.games import FunctionGame, Game, Reals, StochasticGame, player_slices

__all__ = [
    "LocalGames",
    "accuracy_of",
    "as_game_and_points",
    "default_tolerance",
    "exact_derivatives",
    "norm_of",
    "norms_of",
    "relative_residual",
    "relative_residuals",
    "roundoff_of",
    "row_norms",
    "view_locally",
]


class LocalGames(NamedTuple):
    """A game to first order at N points, on the host."""

    z: numpy.ndarray
    """(N, d)"""
    xi: numpy.ndarray
    """(N, d)"""
    jacobian: numpy.ndarray
    """(N, d, d)"""
    blocks: tuple[slice, ...]
    residual: numpy.ndarray
    """(N,)"""
    uncertainties: numpy.ndarray
    """(N, n): bounds on the error of each player's rows of J, as the Jacobian at the stationary point nearby."""

    def at(self, index: Any) -> LocalGames:
        """The same at some of the points, or in another order."""
        arrays = {name: getattr(self, name)[index] for name in self._fields if name != "blocks"}
        return self._replace(**arrays)


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


def norms_of(values: numpy.ndarray) -> numpy.ndarray:
    """(N,): the Euclidean norms of N arrays (N, ...), also where squares overflow or vanish."""
    flat = values.reshape(len(values), -1)
    if not flat.shape[-1]:
        return numpy.zeros(len(flat))
    scale = numpy.max(numpy.abs(flat), axis=-1)
    sums = numpy.sum((flat / numpy.where(scale > 0, scale, 1)[:, None]) ** 2, axis=-1)
    return scale * numpy.sqrt(sums)  # type: ignore[no-any-return]


def relative_residuals(residual: numpy.ndarray, sizes: numpy.ndarray, z: numpy.ndarray, blocks: Any) -> numpy.ndarray:
    """(N,): as `relative_residual` at N points, from the norms (N, n) of the players' rows of J."""
    worst = numpy.zeros(len(z))
    scale = 1 + norms_of(z)
    for i, block in enumerate(blocks):
        size, slope = norms_of(residual[:, block]), sizes[:, i]
        quotient = numpy.where(slope > 0, size / numpy.where(slope > 0, slope, 1) / scale, numpy.inf)
        worst = numpy.maximum(worst, numpy.where(size > 0, quotient, 0.0))
    return worst


def row_norms(jacobian: numpy.ndarray, blocks: Any) -> numpy.ndarray:
    """(N, n): Frobenius norms of the players' rows of J (N, d, d)."""
    return numpy.stack([norms_of(jacobian[:, block]) for block in blocks], axis=-1)


def view_locally(game: Game, z: Array) -> LocalGames:
    """The game to first order at every point of z (..., d), in C order of the batch."""
    d, blocks = z.shape[-1], player_slices(game.dims)
    points = to_host(z).reshape(-1, d)
    fields = to_host(game.simultaneous_gradient(z)).reshape(-1, d)
    jacobians = to_host(game.jacobian(z)).reshape(-1, d, d)
    if not (numpy.all(numpy.isfinite(fields)) and numpy.all(numpy.isfinite(jacobians))):
        raise ValueError("`game` must have finite first and second derivatives at `z`, got infinite or NaN values.")
    # Newton's step, of least length, estimates where the stationary point is; J there would be exact for a quadratic
    # game.
    roundoff = float(numpy.finfo(jacobians.dtype).eps)
    with numpy.errstate(over="ignore", invalid="ignore"):
        steps = numpy.matmul(numpy.linalg.pinv(jacobians, rcond=d * roundoff), fields[..., None])[..., 0]
    nearby = to_device((points - steps).reshape(z.shape), array_namespace(z), dtype=z.dtype, device=device_of(z))
    with numpy.errstate(over="ignore", invalid="ignore"):
        changes = to_host(game.jacobian(nearby)).reshape(-1, d, d) - jacobians
    sizes = row_norms(jacobians, blocks)
    # Where J is not finite a step away, nothing is known: a bound as large as J itself leaves all open.
    known = numpy.stack([numpy.all(numpy.isfinite(changes[:, block]), axis=(1, 2)) for block in blocks], axis=-1)
    far = 4 * row_norms(numpy.where(numpy.isfinite(changes), changes, 0), blocks)
    uncertainties = accuracy_of(game, z) * sizes + numpy.where(known, far, sizes)
    return LocalGames(
        points, fields, jacobians, blocks, relative_residuals(fields, sizes, points, blocks), uncertainties
    )


def accuracy_of(game: Game, z: Array) -> float:
    """The relative accuracy of J: analytic derivatives are good to some tens of roundoffs, differences to half of them.

    Parameters
    ----------
    game : Game
    z : array
        For its precision.
    """
    roundoff = roundoff_of(z)
    return 64 * roundoff if exact_derivatives(game) == 2 else math.sqrt(roundoff)


def exact_derivatives(game: Game) -> int:
    """How many derivatives of the losses are exact to rounding, 0 to 2; complex step serves one, then differences."""
    inner = getattr(game, "game", None)
    if isinstance(inner, Game):
        return exact_derivatives(inner)
    if isinstance(game, FunctionGame):
        return game.exact_derivatives
    names = ("loss_gradients", "simultaneous_gradient", "jvp", "jacobian")
    return 1 if all(getattr(type(game), name) is getattr(Game, name) for name in names) else 2
