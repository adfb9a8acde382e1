"""The forward-backward-forward method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, natural_residual, per_point
from gamedyn.updates._extragradient import Extragradient

__all__ = ["ForwardBackwardForward"]


@dataclass(frozen=True, eq=False)
class ForwardBackwardForward(LinearUpdateRule):
    """Extragradient with one projection: y = P(z - h xi(z)), z <- y - h (xi(y) - xi(z)).

    P projects onto the game's domain. On all of R^d, M = I - h J + h^2 J^2 with the symbol 1 - h l + h^2 l^2, as for
    `Extragradient`, of which it is another form there.

    Parameters
    ----------
    step_size : float or array
        h > 0.

    Notes
    -----
    z itself is not projected and may leave the domain on its way; its limit lies inside.

    References
    ----------
    Tseng (2000), A modified forward-backward splitting method for maximal monotone mappings.
    """

    step_size: Any = 0.1
    cost = Cost(gradients=2)
    heeds_domain = True

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step, both gradients on one sample; no memory."""
        h = per_point(self.step_size, z)
        xi = game.simultaneous_gradient(z)
        ahead = game.domain.project(z - h * xi)
        return ahead - h * (game.simultaneous_gradient(ahead) - xi), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h J + h^2 J^2, without constraints."""
        return Extragradient(self.step_size).iteration_matrix(jacobian, dims)

    def symbol(self, eigenvalue: Any) -> Array:
        """1 - h l + h^2 l^2, without constraints."""
        return Extragradient(self.step_size).symbol(eigenvalue)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """z - P(z - xi(z))."""
        return natural_residual(game, z)
