"""The projected reflected gradient method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, identity_like, natural_residual, per_matrix, per_point
from gamedyn.updates._one_memory import block_matrix
from gamedyn.updates._optimistic import OptimisticGradient

__all__ = ["ReflectedGradient", "ReflectedState"]


class ReflectedState(NamedTuple):
    """What one step of `ReflectedGradient` hands to the next."""

    previous_point: Array
    """(..., d): z_{k-1}."""


@dataclass(frozen=True, eq=False)
class ReflectedGradient(LinearUpdateRule):
    """Step with the gradient at the last point's reflection: z_{k+1} = P(z_k - h xi(2 z_k - z_{k-1})).

    P projects onto the game's domain. M = [[I - 2 h J, h J], [I, 0]] on [z_k, z_{k-1}]; symbol:
    r^2 - (1 - 2 h l) r - h l = 0. On a bilinear game it converges for h s < 1 / sqrt(3).

    Parameters
    ----------
    step_size : float or array
        h > 0.

    Notes
    -----
    Cold start: z_{-1} = z_0, so that the first step is a plain one. The reflected point may lie outside the domain,
    where xi must make sense.

    References
    ----------
    Malitsky (2015), Projected reflected gradient methods for monotone variational inequalities.
    """

    step_size: Any = 0.1
    cost = Cost(gradients=1)
    heeds_domain = True

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)

    def init(self, game: Game, z: Array) -> ReflectedState:
        """At rest."""
        return ReflectedState(z)

    def step(self, game: Game, z: Array, state: ReflectedState) -> tuple[Array, ReflectedState]:
        """One step; remembers where it came from."""
        xi = game.simultaneous_gradient(2 * z - state.previous_point)
        return game.domain.project(z - per_point(self.step_size, z) * xi), ReflectedState(z)

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """[[I - 2 h J, h J], [I, 0]] on [z, previous point]."""
        identity = identity_like(jacobian)
        hj = per_matrix(self.step_size, jacobian) * jacobian
        return block_matrix([[identity - 2 * hj, hj], [identity, 0 * identity]])

    def symbol(self, eigenvalue: Any) -> Array:
        """The two roots r of r^2 - (1 - 2 h l) r - h l, the larger modulus first."""
        return OptimisticGradient(self.step_size).symbol(eigenvalue)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """z - P(z - xi(z))."""
        return natural_residual(game, z)
