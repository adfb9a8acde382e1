"""States of rules, None or (named) tuples of arrays in any nesting: taken apart, mapped and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gamedyn.backend import Array

__all__ = ["leaves_of", "map_leaves", "with_leaves"]


def leaves_of(state: Any) -> list[Array]:
    """The arrays of a state, in order."""
    if state is None:
        return []
    return [leaf for part in state for leaf in leaves_of(part)] if isinstance(state, tuple) else [state]


def map_leaves(function: Callable[..., Array], state: Any, *others: Any) -> Any:
    """`state` with function(leaf, leaves of the others at the same place) in the place of every array.

    Parameters
    ----------
    function : callable
    state : None, array or nested tuple of such
    *others : of the same structure
    """
    if state is None:
        return None
    if isinstance(state, tuple):
        parts = [map_leaves(function, *same) for same in zip(state, *others, strict=True)]
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    return function(state, *others)


def with_leaves(state: Any, leaves: Iterator[Array]) -> Any:
    """`state` with its arrays replaced, in order, by those of the iterator."""
    return map_leaves(lambda _: next(leaves), state)
