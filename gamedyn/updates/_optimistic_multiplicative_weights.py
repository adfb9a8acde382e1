"""Optimistic multiplicative weights on mixed strategies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule, per_point
from gamedyn.updates._mirror import mirror_step, mirror_velocity
from gamedyn.updates._optimistic import OptimisticState
from gamedyn.updates._strategies import check_simplices

__all__ = ["OptimisticMultiplicativeWeights"]


@dataclass(frozen=True, eq=False)
class OptimisticMultiplicativeWeights(UpdateRule):
    """Multiplicative weights with the costs expected next: x_a <- x_a exp(-h (2 xi_a - previous xi_a)) / sum.

    In zero-sum games with a unique equilibrium the last iterate converges to it, for small steps.

    Parameters
    ----------
    step_size : float or array
        h > 0.

    Notes
    -----
    Cold start: before the first step the previous gradient is the current one, so that the first step is one of
    `MultiplicativeWeights`. `init` spends one evaluation of xi on it, once.

    References
    ----------
    Daskalakis, Panageas (2019), Last-iterate convergence: zero-sum games and constrained min-max optimization.
    """

    step_size: Any = 0.1
    cost = Cost(gradients=1)
    heeds_domain = True

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)

    def init(self, game: Game, z: Array) -> OptimisticState:
        """The current gradient stands for the previous one."""
        check_simplices(self, game, several=True)
        return OptimisticState(game.simultaneous_gradient(z))

    def step(self, game: Game, z: Array, state: OptimisticState) -> tuple[Array, OptimisticState]:
        """One step of all players at once; remembers the gradient that it used."""
        xi = game.simultaneous_gradient(z)
        move = per_point(self.step_size, z) * (2 * xi - state.previous_gradient)
        return mirror_step(game.domain, z, move), OptimisticState(xi)

    def flow(self, game: Game, z: Array) -> Array:
        """The replicator's velocity x_a (sum_b x_b xi_b - xi_a)."""
        return mirror_velocity(game.domain, z, game.simultaneous_gradient(z))

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """Minus the flow."""
        return -self.flow(game, z)
