"""Extragradient whose second step is shorter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_in_interval, check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, as_eigenvalue, identity_like, per_matrix, per_point

__all__ = ["ExtragradientPlus"]


@dataclass(frozen=True, eq=False)
class ExtragradientPlus(LinearUpdateRule):
    """Look ahead by a whole step, then move by a share of one: z <- z - alpha h xi(z - h xi(z)).

    M = I - alpha h J + alpha h^2 J^2, symbol 1 - alpha h l (1 - h l). It is `Extragradient` with the steps alpha h and
    h: long looks and short moves converge in some games that are not monotone.

    Parameters
    ----------
    step_size : float or array
        h > 0, of the look ahead.
    alpha : float or array
        In (0, 1]; 1 is `Extragradient`.

    References
    ----------
    Diakonikolas, Daskalakis, Jordan (2021), Efficient methods for structured nonconvex-nonconcave min-max
    optimization.
    """

    step_size: Any = 0.1
    alpha: Any = 0.5
    cost = Cost(gradients=2)

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_in_interval("alpha", self.alpha, 0, 1, closed="right")

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step, both gradients on one sample; no memory."""
        h = per_point(self.step_size, z)
        ahead = z - h * game.simultaneous_gradient(z)
        return z - per_point(self.alpha, z) * h * game.simultaneous_gradient(ahead), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - alpha h J (I - h J)."""
        hj = per_matrix(self.step_size, jacobian) * jacobian
        return identity_like(jacobian) - per_matrix(self.alpha, jacobian) * (hj - hj @ hj)

    def symbol(self, eigenvalue: Any) -> Array:
        """1 - alpha h l (1 - h l)."""
        value = as_eigenvalue(eigenvalue)
        hl = per_point(self.step_size, value) * value
        return (1 - per_point(self.alpha, value) * hl * (1 - hl))[..., None]

    def flow(self, game: Game, z: Array) -> Array:
        """-alpha xi."""
        return -per_point(self.alpha, z) * game.simultaneous_gradient(z)
