"""Smooth fictitious play: logit replies to the average of past play."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_choice, check_positive
from gamedyn.backend import Array
from gamedyn.games import Game, Simplex
from gamedyn.updates._base import Cost, UpdateRule, no_steps, per_point
from gamedyn.updates._fictitious_play import FictitiousPlayState
from gamedyn.updates._strategies import SCHEDULES, check_simplices, play_round, visit_weight

__all__ = ["SmoothFictitiousPlay"]


@dataclass(frozen=True, eq=False)
class SmoothFictitiousPlay(UpdateRule):
    """Fictitious play with logit replies: x_i <- x_i + (softmax(-xi_i / T) - x_i) / (k + w + 1), k = 0, 1, ...

    The reply minimises the expected cost less T times the entropy. The rule rests at the logit equilibria
    x_i = softmax(-xi_i(z) / T), of which zero-sum games have one, and which tend to equilibria as T vanishes.

    Parameters
    ----------
    temperature : float or array
        T > 0, in units of payoff.
    initial_weight : float or array
        w > 0, the number of rounds that the start counts for.
    schedule : str
        "simultaneous", or "alternating": players 0 to n - 1 in turn, each against the others' newest averages.

    References
    ----------
    Fudenberg, Levine (1995), Consistency and cautious fictitious play.
    """

    temperature: Any = 0.1
    initial_weight: Any = 1.0
    schedule: str = "simultaneous"
    cost = Cost(gradients=1)
    heeds_domain = True
    has_flow = False
    is_time_invariant = False

    def __post_init__(self) -> None:
        check_positive("temperature", self.temperature)
        check_positive("initial_weight", self.initial_weight)
        check_choice("schedule", self.schedule, SCHEDULES)

    def init(self, game: Game, z: Array) -> FictitiousPlayState:
        """No round played."""
        check_simplices(self, game)
        return FictitiousPlayState(no_steps(z))

    def step(self, game: Game, z: Array, state: FictitiousPlayState) -> tuple[Array, FictitiousPlayState]:
        """One round."""
        share = visit_weight(state.count, per_point(self.initial_weight, z), z)
        temperature = per_point(self.temperature, z)

        def move(_: slice, strategy: Array, costs: Array) -> Array:
            return (1 - share) * strategy + share * Simplex().mirror_inverse(-costs / temperature)

        return play_round(game, z, self.schedule, move), FictitiousPlayState(state.count + 1)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """z - softmax(-xi / T), player by player."""
        scaled = -game.simultaneous_gradient(z) / per_point(self.temperature, z)
        return z - game.domain.mirror_inverse(scaled)
