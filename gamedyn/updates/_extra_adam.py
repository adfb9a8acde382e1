"""ExtraAdam: the extragradient method with Adam's directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.updates._adam import AdamState
from gamedyn.updates._base import Cost, UpdateRule, no_steps, per_point
from gamedyn.updates._moments import adam_direction, check_decay

__all__ = ["ExtraAdam"]


@dataclass(frozen=True, eq=False)
class ExtraAdam(UpdateRule):
    """Look ahead by an Adam step, then step from z with Adam's direction for the gradient found there.

    Both gradients enter the averages m and v of `Adam`, one after the other, so that step k corrects them for 2 k - 1
    and then for 2 k terms.

    Parameters
    ----------
    step_size : float or array
        h > 0, of both steps.
    first_decay : float or array
        b1 in [0, 1).
    second_decay : float or array
        b2 in [0, 1).
    epsilon : float or array
        eps > 0, added to the root of the corrected v.

    Notes
    -----
    Cold start: m = v = 0, as for `Adam`. On a stochastic game the second gradient is taken on a fresh sample. Steps do
    not shrink with the gradient, and there is no flow.

    References
    ----------
    Gidel, Berard, Vignoud, Vincent, Lacoste-Julien (2019), A variational inequality perspective on generative
    adversarial networks.
    """

    step_size: Any = 0.001
    first_decay: Any = 0.9
    second_decay: Any = 0.999
    epsilon: Any = 1e-8
    cost = Cost(gradients=2)
    has_flow = False
    is_time_invariant = False
    is_smooth_at_rest = False

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_decay("first_decay", self.first_decay)
        check_decay("second_decay", self.second_decay)
        check_positive("epsilon", self.epsilon)

    def init(self, game: Game, z: Array) -> AdamState:
        """Nothing averaged yet."""
        zeros = array_namespace(z).zeros_like(z)
        return AdamState(zeros, zeros, no_steps(z))

    def step(self, game: Game, z: Array, state: AdamState) -> tuple[Array, AdamState]:
        """Two of Adam's directions, both followed from z."""
        h, point = per_point(self.step_size, z), z
        first, second, steps = state
        for sample in (game, game.redraw()):
            steps = steps + 1
            xi = sample.simultaneous_gradient(point)
            direction, first, second = adam_direction(self, xi, first, second, steps)
            point = z - h * direction
        return point, AdamState(first, second, steps)
