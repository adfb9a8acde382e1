"""Checks of what simulate is given beside its game, rule and start: functions, and a state to go on from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gamedyn._checks import describe
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates import UpdateRule

__all__ = ["check_functions", "check_state"]


def check_functions(observe: Any, callback: Any, progress: Any) -> None:
    """Refuse what cannot be called, before a step is made.

    Raises
    ------
    TypeError
        Naming the argument.
    """
    if observe is not None and not isinstance(observe, Mapping):
        raise TypeError(f"`observe` must be a mapping of names to functions, got {describe(observe)}.")
    for name, function in (observe or {}).items():
        if not callable(function):
            raise TypeError(f"`observe[{name!r}]` must be a function (game, z), got {describe(function)}.")
    if callback is not None and not callable(callback):
        raise TypeError(f"`callback` must be a function (step, z, state), got {describe(callback)}.")
    if progress is not None and not isinstance(progress, bool) and not callable(progress):
        raise TypeError(f"`progress` must be a bool or a function (step, steps), got {describe(progress)}.")


def check_state(rule: UpdateRule, game: Game, z: Array, state: Any) -> None:
    """Refuse a state that is not of this rule and this batch.

    Parameters
    ----------
    rule : UpdateRule
    game : Game
    z : array, shape (..., d)
    state : object
        Compared in names and shapes with a fresh one.

    Raises
    ------
    ValueError
        Showing both.
    """
    wanted, given = _form(rule.init(game, z)), _form(state)
    if wanted != given:
        raise ValueError(
            f"`state` must be the final_state of {type(rule).__name__} for points of shape {tuple(z.shape)}, which is "
            f"{wanted}, got {given}."
        )


def _form(state: Any) -> str:
    """The names and shapes of a state's arrays."""
    if isinstance(state, tuple):
        names = getattr(state, "_fields", range(len(state)))
        parts = [f"{name}: {_form(part)}" for name, part in zip(names, state, strict=True)]
        return f"({', '.join(parts)})"
    return str(tuple(state.shape)) if hasattr(state, "shape") else str(state)
