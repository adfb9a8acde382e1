"""Simultaneous gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, as_eigenvalue, identity_like, per_matrix, per_point

__all__ = ["SimultaneousGradientDescent"]


@dataclass(frozen=True, eq=False)
class SimultaneousGradientDescent(LinearUpdateRule):
    """All players descend at once: z <- z - h xi(z).

    M = I - h J, symbol 1 - h l. On a bilinear game |1 - i h s| > 1 for every step size: it spirals outwards.

    Parameters
    ----------
    step_size : float or array
        h > 0.

    References
    ----------
    Arrow, Hurwicz, Uzawa (1958), Studies in linear and non-linear programming.
    """

    step_size: Any = 0.1
    cost = Cost(gradients=1)

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step; no memory."""
        return z - per_point(self.step_size, z) * game.simultaneous_gradient(z), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h J."""
        return identity_like(jacobian) - per_matrix(self.step_size, jacobian) * jacobian

    def symbol(self, eigenvalue: Any) -> Array:
        """1 - h l."""
        value = as_eigenvalue(eigenvalue)
        return (1 - per_point(self.step_size, value) * value)[..., None]
