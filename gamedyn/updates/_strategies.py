"""What rules on mixed strategies share: a check of the domain, best replies, and rounds over the players."""

from __future__ import annotations

from collections.abc import Callable

from gamedyn.backend import Array, array_namespace, device_of, real_dtype
from gamedyn.games import Game, on_simplices, player_slices, replace_block
from gamedyn.updates._base import UpdateRule

__all__ = ["SCHEDULES", "best_reply", "check_simplices", "play_round", "visit_weight"]

SCHEDULES = ("simultaneous", "alternating")


def check_simplices(rule: UpdateRule, game: Game, *, several: bool = False) -> None:
    """Refuse a game whose players do not choose from one simplex each.

    Parameters
    ----------
    rule : UpdateRule
    game : Game
    several : bool
        Whether a player may have more than one simplex, as in sequence form.

    Raises
    ------
    ValueError
        Naming the rule and the game's domain.
    """
    if not on_simplices(game, several=several):
        wanted = "one or more simplices" if several else "one simplex"
        raise ValueError(
            f"`{type(rule).__name__}` needs a game with {wanted} per player as its domain, got {game.domain!r} for "
            f"players of sizes {tuple(game.dims)}."
        )


def best_reply(costs: Array) -> Array:
    """The pure strategy of least cost, one-hot; of several that tie, the first.

    Parameters
    ----------
    costs : array, shape (..., a)
        A player's gradient: what each of its actions costs. Costs within 4096 rounding units of the least one tie,
        units of the largest cost or of 1, whichever is more: averages of play meet at ties, where rounding must not
        choose.
    """
    xp = array_namespace(costs)
    # Where payoffs cancel, their rounding errors do not: the size of costs alone says nothing about their errors.
    size = xp.maximum(xp.max(xp.abs(costs), axis=-1, keepdims=True), xp.ones_like(costs[..., :1]))
    slack = 4096 * xp.finfo(costs.dtype).eps * size
    tied = costs <= xp.min(costs, axis=-1, keepdims=True) + slack
    first = xp.argmax(xp.astype(tied, xp.int8), axis=-1, keepdims=True)
    return xp.astype(xp.arange(costs.shape[-1], device=device_of(costs)) == first, costs.dtype)


def play_round(game: Game, z: Array, schedule: str, move: Callable[[slice, Array, Array], Array]) -> Array:
    """Every player's block after one round, at once or in turn against the others' newest blocks.

    Parameters
    ----------
    game : Game
    z : array, shape (..., d)
    schedule : str
        "simultaneous" or "alternating".
    move : callable
        move(block, strategy, costs) -> strategy: the player's slice of z, and its own block and gradient (..., a).
    """
    xp = array_namespace(z)
    blocks = player_slices(game.dims)
    if schedule == "simultaneous":
        xi = game.simultaneous_gradient(z)
        return xp.concat([move(block, z[..., block], xi[..., block]) for block in blocks], axis=-1)
    for player, block in enumerate(blocks):
        z = replace_block(z, block, move(block, z[..., block], game.player_gradient(z, player)))
    return z


def visit_weight(count: Array, initial_weight: Array, z: Array) -> Array:
    """1 / (k + w + 1), what the play of step k adds to an average in which the start has the weight w; (..., 1).

    Parameters
    ----------
    count : array of int, shape z.shape[:-1]
        k.
    initial_weight : float or array, shape (..., 1)
        w, ready to multiply points.
    z : array, shape (..., d)
    """
    return 1 / (array_namespace(z).astype(count, real_dtype(z))[..., None] + initial_weight + 1)
