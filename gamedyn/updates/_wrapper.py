"""What rules that wrap a rule have in common: they are as linear, as many-player and as big-stepped as it."""

from __future__ import annotations

import dataclasses
from typing import Any

from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import LinearUpdateRule, UpdateRule, check_players

__all__ = ["LinearWrapper", "Wrapper", "check_wrapped"]


def check_wrapped(wrapper: UpdateRule, rule: Any) -> None:
    """Refuse to wrap what is no rule.

    Parameters
    ----------
    wrapper : UpdateRule
        Named in the message.
    rule : object

    Raises
    ------
    TypeError
        Naming what was given.
    """
    if not isinstance(rule, UpdateRule):
        given = f"the class {rule.__name__}" if isinstance(rule, type) else type(rule).__name__
        hint = " Call it with its step size to make one." if isinstance(rule, type) else ""
        raise TypeError(f"`rule` of `{type(wrapper).__name__}` must be an UpdateRule, got {given}.{hint}")


class Wrapper(UpdateRule):
    """A rule made of the field `rule`; what it does not say itself is that rule's."""

    rule: UpdateRule

    @property
    def players(self) -> int | None:  # type: ignore[override]
        """The number of players that the wrapped rule needs."""
        return self.rule.players

    @property
    def needs_loss_hessians(self) -> bool:  # type: ignore[override]
        """Whether the wrapped rule's matrix does."""
        return self.rule.needs_loss_hessians

    @property
    def step_size(self) -> Any:
        """The wrapped rule's step size."""
        return self.rule.step_size  # type: ignore[attr-defined]

    def with_step_size(self, step_size: Any) -> UpdateRule:
        """The wrapper around the wrapped rule with another step size."""
        return dataclasses.replace(self, rule=self.rule.with_step_size(step_size))  # type: ignore[type-var]

    @property
    def has_flow(self) -> bool:  # type: ignore[override]
        """Whether the wrapped rule has one."""
        return self.rule.has_flow

    @property
    def is_time_invariant(self) -> bool:  # type: ignore[override]
        """Whether the wrapped rule is."""
        return self.rule.is_time_invariant

    @property
    def is_smooth_at_rest(self) -> bool:  # type: ignore[override]
        """Whether the wrapped rule is."""
        return self.rule.is_smooth_at_rest

    @property
    def heeds_domain(self) -> bool:  # type: ignore[override]
        """Whether the wrapped rule does."""
        return self.rule.heeds_domain

    @property
    def is_linear_inside(self) -> bool:  # type: ignore[override]
        """Whether the wrapped rule is."""
        return self.rule.is_linear_inside

    def init(self, game: Game, z: Array) -> Any:
        """The wrapped rule's state."""
        check_players(self, game)
        return self.rule.init(game, z)

    def flow(self, game: Game, z: Array) -> Array:
        """The wrapped rule's."""
        return self.rule.flow(game, z) if self.has_flow else super().flow(game, z)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """The wrapped rule's: it rests where that one does."""
        return self.rule.stationary_residual(game, z)


class LinearWrapper(Wrapper, LinearUpdateRule):
    """A wrapper that is linear where the wrapped rule is."""

    @property
    def is_linear(self) -> bool:  # type: ignore[override]
        """Whether the wrapped rule is."""
        return self.rule.is_linear
