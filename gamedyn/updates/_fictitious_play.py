"""Fictitious play: best replies to the average of past play."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_choice, check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule, no_steps, per_point
from gamedyn.updates._strategies import SCHEDULES, best_reply, check_simplices, play_round, visit_weight

__all__ = ["FictitiousPlay", "FictitiousPlayState"]


class FictitiousPlayState(NamedTuple):
    """How often the players have moved."""

    count: Array
    """(...,): number of rounds played, integers."""


@dataclass(frozen=True, eq=False)
class FictitiousPlay(UpdateRule):
    """Everyone plays its best reply to the others' average: x_i <- x_i + (b_i(z) - x_i) / (k + w + 1), k = 0, 1, ...

    z is the average of all play so far, in which the start counts as w rounds. In zero-sum games, potential games and
    non-degenerate games of two players, one of them with two actions, it approaches the set of equilibria; in
    Shapley's game it cycles, with runs of one profile that grow geometrically.

    Parameters
    ----------
    initial_weight : float or array
        w > 0; with the default of 1 the start is the first round of play.
    schedule : str
        "simultaneous", or "alternating": players 0 to n - 1 in turn, each against the others' newest averages.

    Notes
    -----
    Ties go to the action of the lowest index; costs within 4096 rounding units tie (9e-13 for payoffs of size 1). The
    rule rests at pure strategies that are best replies to each other and are not tied with an earlier action.

    References
    ----------
    Brown (1951), Iterative solution of games by fictitious play. Robinson (1951), An iterative method of solving a
    game. Shapley (1964), Some topics in two-person games. Brandt, Fischer, Harrenstein (2010), On the rate of
    convergence of fictitious play (which lists the games where it converges).
    """

    initial_weight: Any = 1.0
    schedule: str = "simultaneous"
    cost = Cost(gradients=1)
    heeds_domain = True
    has_flow = False
    is_time_invariant = False

    def __post_init__(self) -> None:
        check_positive("initial_weight", self.initial_weight)
        check_choice("schedule", self.schedule, SCHEDULES)

    def init(self, game: Game, z: Array) -> FictitiousPlayState:
        """No round played."""
        check_simplices(self, game)
        return FictitiousPlayState(no_steps(z))

    def step(self, game: Game, z: Array, state: FictitiousPlayState) -> tuple[Array, FictitiousPlayState]:
        """One round."""
        share = visit_weight(state.count, per_point(self.initial_weight, z), z)

        def move(_: slice, strategy: Array, costs: Array) -> Array:
            return (1 - share) * strategy + share * best_reply(costs)

        return play_round(game, z, self.schedule, move), FictitiousPlayState(state.count + 1)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """z - b(z)."""
        return play_round(game, z, "simultaneous", lambda _, strategy, costs: strategy - best_reply(costs))
