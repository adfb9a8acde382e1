"""The primal-dual hybrid gradient method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, player_slices, replace_block
from gamedyn.updates._base import (
    Cost,
    LinearUpdateRule,
    check_players,
    identity_like,
    natural_residual,
    per_matrix,
    per_point,
)

__all__ = ["PrimalDualHybridGradient"]


@dataclass(frozen=True, eq=False)
class PrimalDualHybridGradient(LinearUpdateRule):
    """x+ = P(x - h xi_x(x, y)), then y+ = P(y - h xi_y(2 x+ - x, y)): y answers an extrapolation of x's move.

    P projects onto the game's domain, a product of one set per player. With J = [[A, B], [C, D]],
    M = [[I - h A, -h B], [-h C (I - 2 h A), I - h D + 2 h^2 C B]]: no function of J alone. On a bilinear game, where
    this is the proximal point method in another norm, it converges for h s < 2 / sqrt(3).

    Parameters
    ----------
    step_size : float or array
        h > 0, for both players.

    References
    ----------
    Chambolle, Pock (2011), A first-order primal-dual algorithm for convex problems with applications to imaging.
    Yadav et al. (2018), Stabilizing adversarial nets with prediction methods.
    """

    step_size: Any = 0.1
    cost = Cost(gradients=1)
    heeds_domain = True
    players = 2

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)

    def init(self, game: Game, z: Array) -> None:
        """No memory."""
        check_players(self, game)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step of x, then one of y."""
        check_players(self, game)
        h = per_point(self.step_size, z)
        first, second = player_slices(game.dims)
        x, y = z[..., first], z[..., second]
        half = game.domain.project(replace_block(z, first, x - h * game.player_gradient(z, 0)))
        ahead = replace_block(z, first, 2 * half[..., first] - x)
        moved = replace_block(half, second, y - h * game.player_gradient(ahead, 1))
        return game.domain.project(moved), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """[[I - h A, -h B], [-h C (I - 2 h A), I - h D + 2 h^2 C B]]."""
        xp = array_namespace(jacobian)
        first, second = player_slices(dims)
        hj = per_matrix(self.step_size, jacobian) * jacobian
        identity = xp.broadcast_to(identity_like(jacobian), hj.shape)
        moved = identity[..., first, :] - hj[..., first, :]
        ahead = xp.concat([2 * moved - identity[..., first, :], identity[..., second, :]], axis=-2)
        return xp.concat([moved, identity[..., second, :] - hj[..., second, :] @ ahead], axis=-2)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """z - P(z - xi(z))."""
        return natural_residual(game, z)
