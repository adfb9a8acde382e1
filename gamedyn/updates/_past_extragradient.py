"""The past extragradient method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, identity_like, natural_residual, per_matrix, per_point
from gamedyn.updates._one_memory import block_matrix
from gamedyn.updates._optimistic import OptimisticGradient

__all__ = ["PastExtragradient", "PastExtragradientState"]


class PastExtragradientState(NamedTuple):
    """What one step of `PastExtragradient` hands to the next."""

    ahead_gradient: Array
    """(..., d): xi at the last point that was looked at ahead, z~_{k-1}."""


@dataclass(frozen=True, eq=False)
class PastExtragradient(LinearUpdateRule):
    """Look ahead with the last gradient found ahead: z~_k = P(z_k - h xi(z~_{k-1})), z_{k+1} = P(z_k - h xi(z~_k)).

    P projects onto the game's domain. M = [[I - h J, h^2 J], [J, -h J]] on [z, xi(z~)]; symbol:
    r^2 - (1 - 2 h l) r - h l = 0, that of `OptimisticGradient`, whose points are the z~. One gradient per step.

    Parameters
    ----------
    step_size : float or array
        h > 0.

    Notes
    -----
    Cold start: z~_{-1} = z_0, so that the first step is one of `Extragradient`. `init` spends one evaluation of xi.

    References
    ----------
    Popov (1980), A modification of the Arrow-Hurwicz method for search of saddle points.
    """

    step_size: Any = 0.1
    cost = Cost(gradients=1)
    heeds_domain = True

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)

    def init(self, game: Game, z: Array) -> PastExtragradientState:
        """The gradient at z stands for the one ahead."""
        return PastExtragradientState(game.simultaneous_gradient(z))

    def step(self, game: Game, z: Array, state: PastExtragradientState) -> tuple[Array, PastExtragradientState]:
        """One step; remembers the gradient that it used."""
        h = per_point(self.step_size, z)
        ahead = game.simultaneous_gradient(game.domain.project(z - h * state.ahead_gradient))
        return game.domain.project(z - h * ahead), PastExtragradientState(ahead)

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """[[I - h J, h^2 J], [J, -h J]] on [z, gradient ahead]."""
        h = per_matrix(self.step_size, jacobian)
        hj = h * jacobian
        return block_matrix([[identity_like(jacobian) - hj, h * hj], [jacobian, -hj]])

    def symbol(self, eigenvalue: Any) -> Array:
        """The two roots r of r^2 - (1 - 2 h l) r - h l, the larger modulus first."""
        return OptimisticGradient(self.step_size).symbol(eigenvalue)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """z - P(z - xi(z))."""
        return natural_residual(game, z)
