"""Projected gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, natural_residual, per_point
from gamedyn.updates._simultaneous import SimultaneousGradientDescent

__all__ = ["ProjectedGradient"]


@dataclass(frozen=True, eq=False)
class ProjectedGradient(LinearUpdateRule):
    """Descend and return to the nearest point of the domain: z <- P(z - h xi(z)).

    P is the Euclidean projection onto `game.domain`: boxes, simplices, products. On all of R^d this is
    `SimultaneousGradientDescent`, with its matrix I - h J and its symbol 1 - h l.

    Parameters
    ----------
    step_size : float or array
        h > 0.

    References
    ----------
    Goldstein (1964), Convex programming in Hilbert space.
    """

    step_size: Any = 0.1
    cost = Cost(gradients=1)
    heeds_domain = True

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step; no memory."""
        return game.domain.project(z - per_point(self.step_size, z) * game.simultaneous_gradient(z)), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h J, without constraints."""
        return SimultaneousGradientDescent(self.step_size).iteration_matrix(jacobian, dims)

    def symbol(self, eigenvalue: Any) -> Array:
        """1 - h l, without constraints."""
        return SimultaneousGradientDescent(self.step_size).symbol(eigenvalue)

    def flow(self, game: Game, z: Array) -> Array:
        """-xi(z), less what would leave the domain."""
        return game.domain.tangent_projection(z, -game.simultaneous_gradient(z))

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """z - P(z - xi(z))."""
        return natural_residual(game, z)
