"""Adam: momentum divided by the recent size of the gradient, both corrected for their start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_choice, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule, no_steps, per_point
from gamedyn.updates._moments import adam_direction, check_decay, player_by_player

__all__ = ["Adam", "AdamState"]


class AdamState(NamedTuple):
    """What one step of `Adam` hands to the next."""

    first: Array
    """(..., d): m, the average of gradients."""
    second: Array
    """(..., d): v, the average of squared gradients."""
    steps: Array
    """(...,), integers: gradients averaged so far."""


@dataclass(frozen=True, eq=False)
class Adam(UpdateRule):
    """z <- z - h m^ / (sqrt(v^) + eps), m^ = m / (1 - b1^t), v^ = v / (1 - b2^t), coordinate by coordinate.

    m <- b1 m + (1 - b1) xi and v <- b2 v + (1 - b2) xi^2 start at zero; t counts the gradients in them.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    first_decay : float or array
        b1 in [0, 1).
    second_decay : float or array
        b2 in [0, 1).
    epsilon : float or array
        eps > 0, added to the root of the corrected v.
    schedule : {"simultaneous", "alternating"}
        Whether all players move at once, or in turn in the order 0, 1, ..., n - 1.

    Notes
    -----
    Cold start: m = v = 0, which the correction undoes: every coordinate's first step is h |xi| / (|xi| + eps), nearly
    h. Steps do not shrink with the gradient, and there is no flow.

    References
    ----------
    Kingma, Ba (2015), Adam: a method for stochastic optimization.

    Examples
    --------
    The first step has the length h in every coordinate, whatever the gradient:

    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> game, rule, z = Bilinear([[1.0]]), Adam(0.25, epsilon=1e-30), numpy.array([1.0, 200.0])
    >>> rule.step(game, z, rule.init(game, z))[0].round(9).tolist()
    [0.75, 200.25]
    """

    step_size: Any = 0.001
    first_decay: Any = 0.9
    second_decay: Any = 0.999
    epsilon: Any = 1e-8
    schedule: str = "simultaneous"
    cost = Cost(gradients=1)
    has_flow = False
    is_time_invariant = False
    is_smooth_at_rest = False

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_decay("first_decay", self.first_decay)
        check_decay("second_decay", self.second_decay)
        check_positive("epsilon", self.epsilon)
        check_choice("schedule", self.schedule, ("simultaneous", "alternating"))

    def init(self, game: Game, z: Array) -> AdamState:
        """Nothing averaged yet."""
        zeros = array_namespace(z).zeros_like(z)
        return AdamState(zeros, zeros, no_steps(z))

    def step(self, game: Game, z: Array, state: AdamState) -> tuple[Array, AdamState]:
        """One step of every player."""
        h, steps = per_point(self.step_size, z), state.steps + 1

        def move(gradient: Array, block: slice) -> tuple[Array, Array, Array]:
            old = state.first[..., block], state.second[..., block]
            direction, first, second = adam_direction(self, gradient, *old, steps)
            return z[..., block] - h * direction, first, second

        moved, first, second = player_by_player(self.schedule, game, z, move)
        return moved, AdamState(first, second, steps)
