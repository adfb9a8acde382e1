"""Whether a game is twice differentiable at a point, by slopes of xi on both sides of it, from afar and from near."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn.backend import Array, array_namespace, device_of, to_device, to_host
from gamedyn.equilibria._point import (
    LocalGames,
    exact_derivatives,
    norms_of,
    relative_residuals,
    roundoff_of,
    row_norms,
)
from gamedyn.games import Game

__all__ = ["Kinks", "find_kinks"]

# Entries of the largest array of one call: some megabytes, which a cache holds.
_LARGEST_BLOCK = 2**18


class Kinks(NamedTuple):
    """Where slopes of xi on the two sides of a point disagree, at N points."""

    bent: numpy.ndarray
    """(N,): J is not continuous there, or xi is not defined on one side."""
    jumps: numpy.ndarray
    """(N,): xi is not continuous, or not known."""
    coordinate: numpy.ndarray
    """(N,): the direction along which that is plainest."""
    residual: numpy.ndarray
    """(N,): what of xi kinks cannot take away, as a relative residual; 0 where that is not known."""


def find_kinks(
    game: Game,
    z: Array,
    local: LocalGames,
    directions: numpy.ndarray,
    *,
    straight: numpy.ndarray | None = None,
    sizes: numpy.ndarray | None = None,
) -> Kinks:
    """Look for kinks at N points along each of the directions.

    Parameters
    ----------
    game : Game
    z : array
        Any, for its library, device and precision.
    local : LocalGames
        At the N points.
    directions : array, shape (m, d)
        Of length one.
    straight : array, shape (m, N, d), optional
        J times the directions, and
    sizes : array, shape (N, n), optional
        the norms of the players' rows of J, where J itself is not known.

    Notes
    -----
    (xi(z + h v) - xi(z)) / h - J v falls like h where J is smooth, and stays where it jumps. From three distances h, a
    factor of 4 apart, the part that falls like h is taken out twice; what is left falls again, or stays.

    Across several kinks at once jumps of xi add: each entry of xi is taken to be as much nearer to 0 as twice its
    largest jump along one direction.
    """
    count, d = local.z.shape
    found = Kinks(
        numpy.zeros(count, dtype=bool),
        numpy.zeros(count, dtype=bool),
        numpy.zeros(count, dtype=int),
        local.residual.astype(float),
    )
    if game.is_affine or not len(directions):
        return found
    roundoff = roundoff_of(z)
    # Differences of a game's own, of fourth order and 2 eps^(1/5) wide, smear a kink as far as they reach.
    reach = 64 * roundoff**0.2 if exact_derivatives(game) < 2 else roundoff ** (1 / 3)
    scale = reach * (1 + norms_of(local.z))
    sizes = row_norms(local.jacobian, local.blocks) if sizes is None else sizes
    if straight is None:
        straight = numpy.moveaxis(numpy.matmul(local.jacobian, directions.T), -1, 0)
    per_point = max(1, _LARGEST_BLOCK // (6 * _working_size(game, d) * len(directions)))
    for start in range(0, count, per_point):
        part = slice(start, start + per_point)
        some = Kinks(*(each[part] for each in found))
        _look(game, z, local.at(part), directions, straight[:, part], sizes[part], scale[part], some)
    return found


def _working_size(game: Game, d: int) -> int:
    """Entries of the largest array that xi at one point needs, as far as the game says: of networks, by its rows."""
    inner: Any = game
    while isinstance(inner, Game):
        size = getattr(inner, "working_size", None)
        if size is not None:
            return max(d, int(size))
        inner = getattr(inner, "game", None)
    return d


def _look(
    game: Game,
    z: Array,
    local: LocalGames,
    directions: numpy.ndarray,
    straight: numpy.ndarray,
    sizes: numpy.ndarray,
    scale: numpy.ndarray,
    found: Kinks,
) -> None:
    """Fill in what is found at some of the points."""
    worst = numpy.zeros(len(local.z))
    per_call = max(1, _LARGEST_BLOCK // (6 * len(local.z) * _working_size(game, local.z.shape[-1])))
    taken = numpy.zeros(local.z.shape)
    values = norms_of(local.xi)
    roundoff, nearest = roundoff_of(z), scale / 16
    # Below this the disagreement of slopes is rounding, or next to nothing.
    floors = [
        numpy.maximum(1e-5, 1e3 * roundoff / nearest) * sizes[:, i] + 64 * roundoff / nearest * values
        for i in range(len(local.blocks))
    ]
    for start in range(0, len(directions), per_call):
        some = directions[start : start + per_call]
        # (distance, side, direction, point, coordinate)
        distances = numpy.stack([scale, scale / 4, scale / 16])[:, None, None, :, None]
        sides = numpy.stack([some, -some])[None, :, :, None, :]
        places = to_device(local.z + distances * sides, array_namespace(z), dtype=z.dtype, device=device_of(z))
        with numpy.errstate(all="ignore"):
            ends = to_host(game.simultaneous_gradient(places)).astype(float)
        lengths = distances * numpy.array([1.0, -1.0])[None, :, None, None, None]
        with numpy.errstate(invalid="ignore", over="ignore"):
            slopes = (ends - local.xi) / lengths - straight[start : start + per_call]
            gaps = numpy.max(numpy.abs(ends[:, 0] - ends[:, 1]), axis=-1)
        defined = numpy.all(numpy.isfinite(slopes), axis=(0, 1, 4))
        bent = numpy.zeros(defined.shape, dtype=bool)
        # What is left of the slopes for h = 0, from the two larger distances and from the two smaller ones.
        slopes = numpy.where(defined[..., None], slopes, 0)
        numpy.maximum(taken, numpy.max(numpy.abs(slopes * lengths), axis=(0, 1, 2)), out=taken)
        taken[~defined.all(axis=0)] = numpy.inf
        limits = (4 * slopes[1:] - slopes[:-1]) / 3
        for i, block in enumerate(local.blocks):
            if block.stop > block.start:
                off = numpy.max(numpy.abs(limits[..., block]), axis=(1, -1))
                bent |= (off[1] > floors[i]) & (off[1] > 0.6 * off[0])
        bent |= ~defined
        # Of a field that is a difference itself, next to a kink, nothing is known.
        jumps = bent & ((gaps[2] > gaps[0] / 5) | (exact_derivatives(game) == 0))
        strength = numpy.where(bent, numpy.where(defined, gaps[2], numpy.inf), -1.0)
        index = numpy.argmax(strength, axis=0)
        top = strength[index, numpy.arange(strength.shape[1])]
        better = bent.any(axis=0) & (top >= worst)
        found.coordinate[better] = start + index[better]
        worst[:] = numpy.maximum(worst, top)
        found.bent[:] |= bent.any(axis=0)
        found.jumps[:] |= jumps.any(axis=0)
    if exact_derivatives(game) == 0:
        taken[:] = numpy.inf
    least = numpy.maximum(numpy.abs(local.xi) - 2 * taken, 0.0)
    found.residual[:] = relative_residuals(least, sizes, local.z, local.blocks)
