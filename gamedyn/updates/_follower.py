"""The inner system of rules between a leader and a follower: the follower's own Hessian."""

from __future__ import annotations

from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, player_slices
from gamedyn.updates._base import UpdateRule
from gamedyn.updates._matrix_free import SolveState, cold_solve, solve_matrix_free
from gamedyn.updates._second_order import probe_like

__all__ = ["check_follower", "only", "solve_follower"]


def only(z: Array, dims: tuple[int, ...], player: int) -> Array:
    """z (..., d) with zeros in the place of the other players.

    Parameters
    ----------
    z : array, shape (..., d)
    dims : tuple of int
    player : int
    """
    xp, block = array_namespace(z), player_slices(dims)[player]
    before, after = xp.zeros_like(z[..., : block.start]), xp.zeros_like(z[..., block.stop :])
    return xp.concat([before, z[..., block], after], axis=-1)


def check_follower(rule: UpdateRule, game: Game, z: Array, follower: int, dense: bool) -> None:
    """Refuse a game in which the follower's own Hessian is singular at every start, and at a fixed point beside.

    Parameters
    ----------
    rule : UpdateRule
    game : Game
    z : array, shape (..., d)
    follower : int
    dense : bool
        Whether the rank is found; else the Hessian is seen to be zero, or not, on one direction.

    Raises
    ------
    ValueError
        Naming the rule and the player. A start where the Hessian merely happens to be singular is let through: its
        trajectory ends at the first step, whatever else is in the batch.
    """
    xp, block = array_namespace(z), player_slices(game.dims)[follower]
    probe = probe_like(z)
    for point in (z, game.domain.project(probe)):
        if dense:
            singular = xp.linalg.matrix_rank(game.own_hessian(point, follower)) < game.dims[follower]
        else:
            singular = xp.all(game.jvp(point, only(probe, game.dims, follower))[..., block] == 0, axis=-1)
        if not bool(xp.all(singular)):
            return
    raise ValueError(
        f"`{type(rule).__name__}` divides by the Hessian of player {follower}'s loss in its own block, which is "
        "singular at all of `z`. On a bilinear game it always is: regularise it, or use another rule."
    )


def solve_follower(
    game: Game, z: Array, right: Array, state: SolveState | None, follower: int
) -> tuple[Array, SolveState]:
    """J_ff^{-1} right, matrix-free; far from an optimum the Hessian J_ff may be indefinite.

    Parameters
    ----------
    game : Game
    z : array, shape (..., d)
    right : array, shape (..., d_f)
    state : SolveState or None
    follower : int
    """
    xp, block = array_namespace(z), player_slices(game.dims)[follower]
    before, after = xp.zeros_like(z[..., : block.start]), xp.zeros_like(z[..., block.stop :])

    def hessian(v: Array) -> Array:
        return game.jvp(z, xp.concat([before, v, after], axis=-1))[..., block]

    if state is None:
        state = cold_solve(z, game.dims[follower])
    return solve_matrix_free(hessian, right, state, definite=False)
