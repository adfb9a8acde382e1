"""Descent on the size of the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, identity_like, per_matrix, per_point
from gamedyn.updates._second_order import check_jvp

__all__ = ["HamiltonianDescent"]


@dataclass(frozen=True, eq=False)
class HamiltonianDescent(LinearUpdateRule):
    """All players together descend |xi|^2 / 2: z <- z - h J^T xi.

    M = I - h J^T J, whose eigenvalues are 1 - h s^2 for the singular values s of J: it converges to every stationary
    point with invertible J, of whatever kind, for h s^2 < 2. J alone does not have M's eigenvalues unless it is
    normal: there is no symbol.

    Parameters
    ----------
    step_size : float or array
        h > 0.

    Notes
    -----
    It also rests where xi != 0 lies in the kernel of J^T; `stationary_residual` is J^T xi.

    References
    ----------
    Abernethy, Lai, Wibisono (2019), Last-iterate convergence rates for min-max optimization.
    """

    step_size: Any = 0.1
    cost = Cost(gradients=1, vjps=1)

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)

    def init(self, game: Game, z: Array) -> None:
        """No memory; the game's Jacobian products are tried once."""
        check_jvp(self, game, z)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step; no memory."""
        return z + per_point(self.step_size, z) * self.flow(game, z), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h J^T J."""
        square = array_namespace(jacobian).matrix_transpose(jacobian) @ jacobian
        return identity_like(jacobian) - per_matrix(self.step_size, jacobian) * square

    def flow(self, game: Game, z: Array) -> Array:
        """-J^T xi."""
        return -game.vjp(z, game.simultaneous_gradient(z))

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """J^T xi."""
        return -self.flow(game, z)
