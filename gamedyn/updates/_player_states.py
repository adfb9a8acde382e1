"""The states of one rule that every player plays alone, as one state whose memories are joint points."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, array_namespace

__all__ = ["join_states", "split_state"]

# A leaf that holds a point of each player, (..., d_i), becomes one joint memory (..., d). Any other leaf (..., *t)
# becomes (..., n, *t), with one axis more where t is empty: no joint memory has as many axes.


def join_states(states: list[Any], points: list[Array]) -> Any:
    """One state of all players' states.

    Parameters
    ----------
    states : list
        One for each player, of the same structure.
    points : list of array, shape (..., d_i)
        Where the players stand.
    """
    if states[0] is None:
        return None
    if isinstance(states[0], tuple):
        parts = [join_states(list(part), points) for part in zip(*states, strict=True)]
        return type(states[0])(*parts) if hasattr(states[0], "_fields") else tuple(parts)
    xp, lead = array_namespace(states[0]), points[0].ndim - 1
    if all(leaf.shape == point.shape for leaf, point in zip(states, points, strict=True)):
        return xp.concat(states, axis=-1)
    stacked = xp.stack(states, axis=lead)
    return stacked[..., None] if stacked.ndim == lead + 1 else stacked


def split_state(state: Any, player: int, block: slice, lead: int) -> Any:
    """One player's state.

    Parameters
    ----------
    state : see `join_states`
    player : int
    block : slice
        Of the player.
    lead : int
        Number of batch axes.
    """
    if state is None:
        return None
    if isinstance(state, tuple):
        parts = [split_state(part, player, block, lead) for part in state]
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    if state.ndim == lead + 1:
        return state[..., block]
    own = state[(*(slice(None),) * lead, player, ...)]
    return own[..., 0] if state.ndim == lead + 2 and state.shape[-1] == 1 else own
