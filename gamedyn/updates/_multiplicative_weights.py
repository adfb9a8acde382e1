"""Multiplicative weights on mixed strategies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule, per_point
from gamedyn.updates._mirror import mirror_step, mirror_velocity
from gamedyn.updates._strategies import check_simplices

__all__ = ["MultiplicativeWeights"]


@dataclass(frozen=True, eq=False)
class MultiplicativeWeights(UpdateRule):
    """Every action's weight falls with its cost: x_a <- x_a exp(-h xi_a) / sum_b x_b exp(-h xi_b), player by player.

    This is entropic mirror descent, also called Hedge; a linear form with 1 - h xi_a in the place of the exponential
    is in use as well and agrees to first order in h. The flow is the replicator's. In a zero-sum game with an interior
    equilibrium p the divergence KL(p | x) never decreases, so that play spirals outwards, although the regret of T
    rounds from uniform play is at most log(a) / h + h D^2 T / 8, a the number of a player's actions and D the range of
    its costs: averages of play come within O(h) of the equilibria.

    Parameters
    ----------
    step_size : float or array
        h > 0.

    Notes
    -----
    A player may have several simplices, as in the sequence form of `KuhnPoker`: each is played by itself.

    An action without mass stays without, and so does one whose mass falls below the smallest float. The rule rests
    where all actions with mass cost the same: at equilibria, and at the equilibria of every face.

    References
    ----------
    Freund, Schapire (1999), Adaptive game playing using multiplicative weights. Bailey, Piliouras (2018),
    Multiplicative weights update in zero-sum games.
    """

    step_size: Any = 0.1
    cost = Cost(gradients=1)
    heeds_domain = True

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)

    def init(self, game: Game, z: Array) -> None:
        """No memory."""
        check_simplices(self, game, several=True)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step of all players at once."""
        return mirror_step(game.domain, z, per_point(self.step_size, z) * game.simultaneous_gradient(z)), None

    def flow(self, game: Game, z: Array) -> Array:
        """The replicator's velocity x_a (sum_b x_b xi_b - xi_a)."""
        return mirror_velocity(game.domain, z, game.simultaneous_gradient(z))

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """Minus the flow."""
        return -self.flow(game, z)
