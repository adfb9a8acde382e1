"""Optimistic Adam: Adam's direction, extrapolated from the last two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule, no_steps, per_point
from gamedyn.updates._moments import adam_direction, check_decay

__all__ = ["OptimisticAdam", "OptimisticAdamState"]


class OptimisticAdamState(NamedTuple):
    """What one step of `OptimisticAdam` hands to the next."""

    first: Array
    """(..., d): m, the average of gradients."""
    second: Array
    """(..., d): v, the average of squared gradients."""
    previous_direction: Array
    """(..., d): u of the step before."""
    steps: Array
    """(...,), integers: gradients averaged so far."""


@dataclass(frozen=True, eq=False)
class OptimisticAdam(UpdateRule):
    """z <- z - 2 h u_t + h u_{t-1} with Adam's direction u_t = m^_t / (sqrt(v^_t) + eps).

    The averages m^ and v^ and their correction are those of `Adam`.

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

    Notes
    -----
    Cold start: the direction before the first one is the first one, so that the first step is Adam's; a zero in its
    place would make it twice as long. Steps do not shrink with the gradient, and there is no flow.

    References
    ----------
    Daskalakis, Ilyas, Syrgkanis, Zeng (2018), Training GANs with optimism.
    """

    step_size: Any = 0.001
    first_decay: Any = 0.9
    second_decay: Any = 0.999
    epsilon: Any = 1e-8
    cost = Cost(gradients=1)
    has_flow = False
    is_time_invariant = False
    is_smooth_at_rest = False

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_decay("first_decay", self.first_decay)
        check_decay("second_decay", self.second_decay)
        check_positive("epsilon", self.epsilon)

    def init(self, game: Game, z: Array) -> OptimisticAdamState:
        """Nothing averaged yet."""
        zeros = array_namespace(z).zeros_like(z)
        return OptimisticAdamState(zeros, zeros, zeros, no_steps(z))

    def step(self, game: Game, z: Array, state: OptimisticAdamState) -> tuple[Array, OptimisticAdamState]:
        """One step; remembers the direction that it used."""
        xp = array_namespace(z)
        xi, steps = game.simultaneous_gradient(z), state.steps + 1
        direction, first, second = adam_direction(self, xi, state.first, state.second, steps)
        previous = xp.where((steps == 1)[..., None], direction, state.previous_direction)
        moved = z - per_point(self.step_size, z) * (2 * direction - previous)
        return moved, OptimisticAdamState(first, second, direction, steps)
