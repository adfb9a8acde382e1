"""Best-response dynamics on mixed strategies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_choice, check_in_interval, check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule, per_point
from gamedyn.updates._strategies import SCHEDULES, best_reply, check_simplices, play_round

__all__ = ["BestResponse"]


@dataclass(frozen=True, eq=False)
class BestResponse(UpdateRule):
    """Everyone moves towards its best reply to the others' strategies: x_i <- x_i + h (b_i(z) - x_i).

    With h = 1 each plays its best reply outright. b_i is the action of least cost xi_a, exact where the player's loss
    is linear in its own strategy, as in finite games.

    Parameters
    ----------
    step_size : float or array
        0 < h <= 1, the share of a strategy that is revised.
    schedule : str
        "simultaneous", or "alternating": players 0 to n - 1 in turn, each against the others' newest strategies.

    Notes
    -----
    Ties go to the action of the lowest index; costs within 4096 rounding units tie (9e-13 for payoffs of size 1). The
    rule rests at pure strategies that are best replies to each other and are not tied with an earlier action:
    never at a mixed one.

    References
    ----------
    Matsui (1992), Best response dynamics and socially stable strategies.
    """

    step_size: Any = 1.0
    schedule: str = "simultaneous"
    cost = Cost(gradients=1)
    heeds_domain = True

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_in_interval("step_size", self.step_size, 0, 1)
        check_choice("schedule", self.schedule, SCHEDULES)

    def init(self, game: Game, z: Array) -> None:
        """No memory."""
        check_simplices(self, game)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One round."""
        h = per_point(self.step_size, z)

        def move(_: slice, strategy: Array, costs: Array) -> Array:
            return (1 - h) * strategy + h * best_reply(costs)

        return play_round(game, z, self.schedule, move), None

    def flow(self, game: Game, z: Array) -> Array:
        """b(z) - z, of one sign of every tie."""
        return play_round(game, z, "simultaneous", lambda _, strategy, costs: best_reply(costs) - strategy)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """z - b(z)."""
        return -self.flow(game, z)
