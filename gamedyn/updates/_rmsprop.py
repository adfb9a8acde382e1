"""RMSProp: steps divided by the recent size of the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_choice, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule, per_point
from gamedyn.updates._moments import average, check_decay, player_by_player

__all__ = ["RMSProp", "RMSPropState"]


class RMSPropState(NamedTuple):
    """What one step of `RMSProp` hands to the next."""

    second: Array
    """(..., d): the average of squared gradients."""


@dataclass(frozen=True, eq=False)
class RMSProp(UpdateRule):
    """z <- z - h xi / (sqrt(v) + eps), v <- b v + (1 - b) xi^2, coordinate by coordinate.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    decay : float or array
        b in [0, 1).
    epsilon : float or array
        eps > 0, outside of the root.
    schedule : {"simultaneous", "alternating"}
        Whether all players move at once, or in turn in the order 0, 1, ..., n - 1.

    Notes
    -----
    Cold start: v = 0 before the first step and no bias correction, as published, so that the first step is
    1 / sqrt(1 - b) times as long as steps of constant gradients are in the long run. Steps do not shrink with the
    gradient, and there is no flow.

    References
    ----------
    Tieleman, Hinton (2012), Lecture 6.5: rmsprop, divide the gradient by a running average of its recent magnitude.

    Examples
    --------
    On 3 x^2 / 2 from x = 1 with b = 3/4: v = 9/4, and x moves by h 3 / (3/2) = 2 h.

    >>> import numpy
    >>> from gamedyn.games import Quadratic
    >>> game, rule, z = Quadratic([[[3.0]]], (1,)), RMSProp(0.125, decay=0.75, epsilon=1e-30), numpy.ones(1)
    >>> rule.step(game, z, rule.init(game, z))[0].tolist()
    [0.75]
    """

    step_size: Any = 0.01
    decay: Any = 0.9
    epsilon: Any = 1e-8
    schedule: str = "simultaneous"
    cost = Cost(gradients=1)
    has_flow = False
    is_smooth_at_rest = False

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_decay("decay", self.decay)
        check_positive("epsilon", self.epsilon)
        check_choice("schedule", self.schedule, ("simultaneous", "alternating"))

    def init(self, game: Game, z: Array) -> RMSPropState:
        """Nothing seen yet."""
        return RMSPropState(array_namespace(z).zeros_like(z))

    def step(self, game: Game, z: Array, state: RMSPropState) -> tuple[Array, RMSPropState]:
        """One step of every player."""
        h, epsilon = per_point(self.step_size, z), per_point(self.epsilon, z)

        def move(gradient: Array, block: slice) -> tuple[Array, Array]:
            second = average(self.decay, state.second[..., block], gradient**2)
            return z[..., block] - h * gradient / (array_namespace(z).sqrt(second) + epsilon), second

        moved, second = player_by_player(self.schedule, game, z, move)
        return moved, RMSPropState(second)
