"""Exponential averages of gradients and their squares, corrected for their start at zero."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gamedyn._checks import check_in_interval
from gamedyn.backend import Array, array_namespace, like
from gamedyn.games import Game, player_slices, replace_block
from gamedyn.updates._base import per_point

__all__ = ["adam_direction", "average", "check_decay", "corrected", "player_by_player"]


def check_decay(name: str, value: Any) -> None:
    """Refuse a decay outside [0, 1)."""
    check_in_interval(name, value, 0, 1, closed="left")


def average(decay: Any, old: Array, new: Array) -> Array:
    """b old + (1 - b) new."""
    b = per_point(decay, new)
    return b * old + (1 - b) * new


def corrected(mean: Array, decay: Any, steps: Array) -> Array:
    """mean / (1 - b^t), for a mean that started at zero and holds t >= 1 terms.

    Parameters
    ----------
    mean : array, shape (..., d)
    decay : float or array, shape (...)
        b in [0, 1).
    steps : integer array, shape (...)
        t.
    """
    xp = array_namespace(mean)
    t = like(steps, mean)[..., None]
    if isinstance(decay, (int, float)):
        logarithm: Any = math.log(decay) if decay else -math.inf
    else:
        b = per_point(decay, mean)
        logarithm = xp.where(b > 0, xp.log(xp.where(b > 0, b, xp.ones_like(b))), -math.inf)
    # 1 - b^t = -expm1(t log b) keeps its digits where b is close to 1, in single precision too.
    return mean / -xp.expm1(t * logarithm)


def adam_direction(rule: Any, gradient: Array, first: Array, second: Array, steps: Array) -> tuple[Array, Array, Array]:
    """m^ / (sqrt(v^) + eps) and the averages m and v after one more gradient, the one of number `steps`.

    Parameters
    ----------
    rule : object
        With the fields `first_decay`, `second_decay` and `epsilon`.
    gradient, first, second : array, shape (..., d)
    steps : integer array, shape (...)
    """
    first = average(rule.first_decay, first, gradient)
    second = average(rule.second_decay, second, gradient**2)
    size = array_namespace(second).sqrt(corrected(second, rule.second_decay, steps))
    return corrected(first, rule.first_decay, steps) / (size + per_point(rule.epsilon, gradient)), first, second


def player_by_player(
    schedule: str, game: Game, z: Array, move: Callable[[Array, slice], tuple[Array, ...]]
) -> tuple[Array, ...]:
    """What `move` makes of xi at z: of all blocks at once, or of one after the other, each at the newest point.

    Parameters
    ----------
    schedule : {"simultaneous", "alternating"}
    game : Game
    z : array, shape (..., d)
    move : callable
        move(gradient, block) -> the block's new point and memories, each of the gradient's shape.

    Returns
    -------
    tuple of array, shape (..., d)
    """
    if schedule == "simultaneous":
        return move(game.simultaneous_gradient(z), slice(0, z.shape[-1]))
    parts = []
    for player, block in enumerate(player_slices(game.dims)):
        parts.append(move(game.player_gradient(z, player), block))
        z = replace_block(z, block, parts[-1][0])
    xp = array_namespace(z)
    return tuple(xp.concat(list(blocks), axis=-1) for blocks in zip(*parts, strict=True))
