"""Regret matching: play in proportion to what one regrets not having played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from gamedyn._checks import check_choice
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule
from gamedyn.updates._strategies import SCHEDULES, check_simplices, play_round

__all__ = ["RegretMatching", "RegretState"]


class RegretState(NamedTuple):
    """What the players would have gained so far."""

    regrets: Array
    """(..., d): for every action, the sum over rounds of cost paid less cost of the action."""


@dataclass(frozen=True, eq=False)
class RegretMatching(UpdateRule):
    """R_a <- R_a + sum_b x_b xi_b - xi_a, then x_a <- max(R_a, 0) / sum_b max(R_b, 0), player by player.

    A player's regret max_a R_a after T rounds is at most D sqrt(T a), D the range of its payoffs and a the number of
    its actions, whatever the others do. In zero-sum games the average strategies over T rounds are therefore within
    the sum of both regrets over T of an equilibrium.

    Parameters
    ----------
    plus : bool
        Regret matching+: negative regrets are forgotten at once, R_a <- max(R_a, 0).
    schedule : str
        "simultaneous", or "alternating": players 0 to n - 1 in turn, each against the others' newest strategies.

    Notes
    -----
    Cold start: no regrets. A player without positive regrets keeps its strategy (the theorem leaves it free), so that
    equilibria are where the rule rests from a cold start. Strategies, not their averages, are the points: average them
    for an equilibrium. The rule has no step size, and no scale: rounding errors are followed as any other regrets.

    References
    ----------
    Hart, Mas-Colell (2000), A simple adaptive procedure leading to correlated equilibrium. Hart, Mas-Colell (2001), A
    general class of adaptive strategies. Tammelin et al. (2015), Solving heads-up limit Texas hold'em.
    """

    plus: bool = False
    schedule: str = "simultaneous"
    cost = Cost(gradients=1)
    heeds_domain = True
    has_flow = False
    is_smooth_at_rest = False

    def __post_init__(self) -> None:
        check_choice("plus", self.plus, (False, True))
        check_choice("schedule", self.schedule, SCHEDULES)

    def init(self, game: Game, z: Array) -> RegretState:
        """No regrets."""
        check_simplices(self, game)
        return RegretState(array_namespace(z).zeros_like(z))

    def step(self, game: Game, z: Array, state: RegretState) -> tuple[Array, RegretState]:
        """One round."""
        xp = array_namespace(z)
        regrets = []

        def move(block: slice, strategy: Array, costs: Array) -> Array:
            total = state.regrets[..., block] + _regret(strategy, costs)
            positive = xp.maximum(total, xp.zeros_like(total))
            regrets.append(positive if self.plus else total)
            mass = xp.sum(positive, axis=-1, keepdims=True)
            return xp.where(mass > 0, positive / xp.where(mass > 0, mass, xp.ones_like(mass)), strategy)

        z = play_round(game, z, self.schedule, move)
        return z, RegretState(xp.concat(regrets, axis=-1))

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """The positive parts of the regrets of one round: zero exactly at Nash equilibria of finite games."""
        xp = array_namespace(z)

        def gain(_: slice, strategy: Array, costs: Array) -> Array:
            regret = _regret(strategy, costs)
            return xp.maximum(regret, xp.zeros_like(regret))

        return play_round(game, z, "simultaneous", gain)


def _regret(strategy: Array, costs: Array) -> Array:
    """sum_b x_b xi_b - xi_a."""
    return array_namespace(costs).sum(strategy * costs, axis=-1, keepdims=True) - costs
