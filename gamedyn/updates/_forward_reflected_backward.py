"""The forward-reflected-backward method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, natural_residual
from gamedyn.updates._optimistic import OptimisticGradient, OptimisticState

__all__ = ["ForwardReflectedBackward"]


@dataclass(frozen=True, eq=False)
class ForwardReflectedBackward(LinearUpdateRule):
    """Step with a gradient reflected at the last one, and project: z_{k+1} = P(z_k - h (2 xi_k - xi_{k-1})).

    P projects onto the game's domain; on all of R^d this is `OptimisticGradient`, with its matrix and its symbol
    r^2 - (1 - 2 h l) r - h l = 0.

    Parameters
    ----------
    step_size : float or array
        h > 0.

    Notes
    -----
    Cold start: xi_{-1} = xi_0, so that the first step is a plain one. `init` spends one evaluation of xi.

    References
    ----------
    Malitsky, Tam (2020), A forward-backward splitting method for monotone inclusions without cocoercivity.
    """

    step_size: Any = 0.1
    cost = Cost(gradients=1)
    heeds_domain = True

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)

    @property
    def _unconstrained(self) -> OptimisticGradient:
        return OptimisticGradient(self.step_size)

    def init(self, game: Game, z: Array) -> OptimisticState:
        """The current gradient stands for the previous one."""
        return self._unconstrained.init(game, z)

    def step(self, game: Game, z: Array, state: OptimisticState) -> tuple[Array, OptimisticState]:
        """One step; remembers the gradient that it used."""
        moved, state = self._unconstrained.step(game, z, state)
        return game.domain.project(moved), state

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """[[I - 2 h J, h I], [J, 0]] on [z, previous gradient]."""
        return self._unconstrained.iteration_matrix(jacobian, dims)

    def symbol(self, eigenvalue: Any) -> Array:
        """The two roots r of r^2 - (1 - 2 h l) r - h l, the larger modulus first."""
        return self._unconstrained.symbol(eigenvalue)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """z - P(z - xi(z))."""
        return natural_residual(game, z)
