"""The extended state [z, memories] of a rule as one vector: what its iteration matrix acts on."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.updates._base import UpdateRule

__all__ = ["extended_point", "step_extended"]

# Complex, too, so that complex step works.
_FLOATING = ("real floating", "complex floating")


def extended_point(z: Array, state: Any) -> Array:
    """[z, memories] (..., D).

    Parameters
    ----------
    z : array, shape (..., d)
    state : the rule's state at z
        Its leaves that hold a point for each trajectory are the memories, in order.
    """
    return array_namespace(z).concat([z, *_memories(state, z.shape)], axis=-1)


def step_extended(rule: UpdateRule, game: Game, extended: Array, state: Any, shape: tuple[int, ...]) -> Array:
    """One step of [z, memories] (..., D), z of that shape; what else is in `state` stays.

    Parameters
    ----------
    rule : UpdateRule
    game : Game
    extended : array, shape (..., D)
    state : the rule's state
        Its memories are replaced by those of `extended`.
    shape : tuple of int
        Of z, (..., d).
    """
    d = shape[-1]
    new, new_state = rule.step(game, extended[..., :d], _replace_memories(state, extended[..., d:], shape))
    return extended_point(new, new_state)


def _is_memory(leaf: Array, shape: tuple[int, ...]) -> bool:
    return tuple(leaf.shape) == tuple(shape) and bool(array_namespace(leaf).isdtype(leaf.dtype, _FLOATING))


def _memories(state: Any, shape: tuple[int, ...]) -> list[Array]:
    """The leaves that hold a point for each trajectory, in order; counters, residuals and None are left out."""
    if state is None:
        return []
    if isinstance(state, tuple):
        return [leaf for part in state for leaf in _memories(part, shape)]
    return [state] if _is_memory(state, shape) else []


def _replace_memories(state: Any, values: Array, shape: tuple[int, ...]) -> Any:
    """`state` with its memories replaced by consecutive pieces of `values`."""
    d, position = shape[-1], 0

    def replace(part: Any) -> Any:
        nonlocal position
        if part is None:
            return None
        if isinstance(part, tuple):
            parts = [replace(p) for p in part]
            return type(part)(*parts) if hasattr(part, "_fields") else tuple(parts)
        if not _is_memory(part, shape):
            return part
        position += d
        return values[..., position - d : position]

    return replace(state)
