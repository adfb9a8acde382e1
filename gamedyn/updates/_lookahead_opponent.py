"""LookAhead: players who expect the others to take a gradient step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_nonnegative, check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, identity_like, per_matrix, per_point
from gamedyn.updates._second_order import check_jvp, off_diagonal

__all__ = ["LookaheadOpponent"]


@dataclass(frozen=True, eq=False)
class LookaheadOpponent(LinearUpdateRule):
    """Descend where the others will be after steps of length alpha, to first order: z <- z - h (I - alpha H_o) xi.

    H_o is J without the players' own blocks. M = I - h (I - alpha H_o) J. In a zero-sum game with alpha = h it is
    linearised competitive gradient descent.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    alpha : float or array
        The length that the others are expected to step, >= 0; 0 is simultaneous descent.

    References
    ----------
    Zhang, Lesser (2010), Multi-agent learning with policy prediction. Letcher, Foerster, Balduzzi, Rocktäschel,
    Whiteson (2019), Stable opponent shaping in differentiable games.
    """

    step_size: Any = 0.1
    alpha: Any = 0.1
    cost = Cost(gradients=1, jvps=1)

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_nonnegative("alpha", self.alpha)

    def init(self, game: Game, z: Array) -> None:
        """No memory; the game's Jacobian products are tried once."""
        check_jvp(self, game, z)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step; no memory."""
        return z + per_point(self.step_size, z) * self.flow(game, z), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h (J - alpha H_o J)."""
        field = jacobian - per_matrix(self.alpha, jacobian) * (off_diagonal(jacobian, dims) @ jacobian)
        return identity_like(jacobian) - per_matrix(self.step_size, jacobian) * field

    def flow(self, game: Game, z: Array) -> Array:
        """-(xi - alpha H_o xi)."""
        xi = game.simultaneous_gradient(z)
        return -(xi - per_point(self.alpha, z) * game.cross_jvp(z, xi))

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """xi - alpha H_o xi: it also vanishes where H_o has the eigenvalue 1 / alpha with eigenvector xi."""
        return -self.flow(game, z)
