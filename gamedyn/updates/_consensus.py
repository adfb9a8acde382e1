"""Consensus optimisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_nonnegative, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, identity_like, per_matrix, per_point
from gamedyn.updates._second_order import check_jvp

__all__ = ["Consensus"]


@dataclass(frozen=True, eq=False)
class Consensus(LinearUpdateRule):
    """Descend own losses and, together, the size of the gradient: z <- z - h (xi + gamma J^T xi).

    J^T xi is the gradient of |xi|^2 / 2. M = I - h (I + gamma J^T) J, which is a function of J's eigenvalues only
    where J is normal: there is no symbol in general.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    gamma : float or array
        Weight of the second term, >= 0; 0 is simultaneous descent.

    References
    ----------
    Mescheder, Nowozin, Geiger (2017), The numerics of GANs.
    """

    step_size: Any = 0.1
    gamma: Any = 1.0
    cost = Cost(gradients=1, vjps=1)

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_nonnegative("gamma", self.gamma)

    def init(self, game: Game, z: Array) -> None:
        """No memory; the game's Jacobian products are tried once."""
        check_jvp(self, game, z)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step; no memory."""
        return z + per_point(self.step_size, z) * self.flow(game, z), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h (J + gamma J^T J)."""
        transposed = array_namespace(jacobian).matrix_transpose(jacobian)
        field = jacobian + per_matrix(self.gamma, jacobian) * (transposed @ jacobian)
        return identity_like(jacobian) - per_matrix(self.step_size, jacobian) * field

    def flow(self, game: Game, z: Array) -> Array:
        """-(xi + gamma J^T xi)."""
        xi = game.simultaneous_gradient(z)
        return -(xi + per_point(self.gamma, z) * game.vjp(z, xi))

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """xi + gamma J^T xi: it also vanishes where J^T has the eigenvalue -1/gamma with eigenvector xi."""
        return -self.flow(game, z)
