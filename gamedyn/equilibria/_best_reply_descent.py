"""One player's loss as a function of its own block, and projected descent on it from many starts."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, to_device, to_host
from gamedyn.equilibria._best_reply_set import OwnSet
from gamedyn.games import Game, player_slices

__all__ = ["OwnLoss", "descend", "starts_for"]


class OwnLoss:
    """v -> L_i(v, z_-i) with its gradient, on the host.

    Parameters
    ----------
    game : Game
    z : array, shape (d,)
        The others' strategies, and the library in which the game is evaluated.
    player : int
    """

    def __init__(self, game: Game, z: Array, player: int) -> None:
        self.game, self.player, self.z = game, player, z
        self.block = player_slices(game.dims)[player]
        self._host = to_host(z).astype(float)
        self.start = self._host[self.block]
        self.eps = float(array_namespace(z).finfo(z.dtype).eps)

    def joint(self, own: numpy.ndarray) -> Array:
        """(..., d): z with the player's block replaced, in the library of z."""
        points = numpy.broadcast_to(self._host, (*own.shape[:-1], len(self._host))).copy()
        points[..., self.block] = own
        sent: Array = to_device(points, array_namespace(self.z), dtype=self.z.dtype, device=device_of(self.z))
        return sent

    def value(self, own: numpy.ndarray) -> numpy.ndarray:
        """(...)"""
        with numpy.errstate(all="ignore"):
            return numpy.asarray(to_host(self.game.losses(self.joint(own)))[..., self.player], dtype=float)

    def gradient(self, own: numpy.ndarray) -> numpy.ndarray:
        """(..., k)"""
        with numpy.errstate(all="ignore"):
            return numpy.asarray(to_host(self.game.player_gradient(self.joint(own), self.player)), dtype=float)


def descend(loss: OwnLoss, own: OwnSet, starts: numpy.ndarray, steps: int) -> tuple[numpy.ndarray, float]:
    """(the best point found (k,), its loss): projected gradient steps of Barzilai and Borwein's length, none uphill.

    Parameters
    ----------
    loss : OwnLoss
    own : OwnSet
    starts : array, shape (S, k)
    steps : int
        At most this many from each start.
    """
    points = own.project(starts)
    values, slopes = loss.value(points), loss.gradient(points)
    values = numpy.where(numpy.isnan(values), numpy.inf, values)
    width = numpy.where(numpy.isfinite(own.high - own.low), own.high - own.low, 1 + numpy.abs(points).max(axis=0))
    with numpy.errstate(all="ignore"):
        lengths = 0.1 * numpy.linalg.norm(width) / numpy.linalg.norm(slopes, axis=-1)
    lengths = numpy.where(numpy.isfinite(lengths), lengths, 0.0)
    for _ in range(steps):
        moving = lengths > 0
        if not numpy.any(moving):
            break
        usable = numpy.where(numpy.isfinite(slopes), slopes, 0.0)
        trial = own.project(points - lengths[:, None] * usable)
        new_values, new_slopes = loss.value(trial), loss.gradient(trial)
        step, turn = trial - points, new_slopes - slopes
        # Armijo's rule: a sufficient part of the decrease that the slope promises.
        lower = moving & (new_values <= values + 1e-4 * numpy.minimum(numpy.sum(usable * step, axis=-1), 0.0))
        with numpy.errstate(all="ignore"):
            curved = numpy.sum(step * step, axis=-1) / numpy.sum(step * turn, axis=-1)
        longer = numpy.where(numpy.isfinite(curved) & (curved > 0), curved, 4 * lengths)
        still = numpy.all(numpy.abs(step) <= 4 * loss.eps * numpy.maximum(numpy.abs(points), width), axis=-1)
        points = numpy.where(lower[:, None], trial, points)
        values, slopes = numpy.where(lower, new_values, values), numpy.where(lower[:, None], new_slopes, slopes)
        lengths = numpy.where(still, 0.0, numpy.where(lower, longer, lengths / 4))
    best = int(numpy.argmin(values))
    return points[best], float(values[best])


def starts_for(own: OwnSet, start: numpy.ndarray, count: int, rng: Any) -> numpy.ndarray:
    """(count, k): where the player is, then random points of its set."""
    drawn = own.sample(count - 1, start, rng) if count > 1 else numpy.zeros((0, len(start)))
    return numpy.concatenate([own.project(start)[None, :], drawn])
