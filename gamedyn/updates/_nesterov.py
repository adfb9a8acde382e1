"""Nesterov's accelerated gradient descent with constant momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_in_interval, check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, as_eigenvalue, identity_like, per_matrix, per_point
from gamedyn.updates._one_memory import block_matrix, two_multipliers

__all__ = ["Nesterov", "NesterovState"]


class NesterovState(NamedTuple):
    """What one step of `Nesterov` hands to the next."""

    previous_point: Array
    """(..., d): z_{k-1}."""


@dataclass(frozen=True, eq=False)
class Nesterov(LinearUpdateRule):
    """Descend from where momentum leads: u = z_k + b (z_k - z_{k-1}), z_{k+1} = u - h xi(u).

    M = [[(1 + b) (I - h J), -b (I - h J)], [I, 0]] on [z_k, z_{k-1}]; symbol
    r^2 - (1 + b) (1 - h l) r + b (1 - h l) = 0. On a bilinear game it diverges for every h and b.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    momentum : float or array
        b in [0, 1); 0 is simultaneous descent.

    Notes
    -----
    Cold start: z_{-1} = z_0, so that the first step is a plain one. With b held fixed there is no flow.

    References
    ----------
    Nesterov (1983), A method for solving the convex programming problem with convergence rate O(1/k^2).
    """

    step_size: Any = 0.1
    momentum: Any = 0.0
    cost = Cost(gradients=1)
    has_flow = False

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_in_interval("momentum", self.momentum, 0, 1, closed="left")

    def init(self, game: Game, z: Array) -> NesterovState:
        """At rest."""
        return NesterovState(z)

    def step(self, game: Game, z: Array, state: NesterovState) -> tuple[Array, NesterovState]:
        """One step; remembers where it came from."""
        carried = z + per_point(self.momentum, z) * (z - state.previous_point)
        return carried - per_point(self.step_size, z) * game.simultaneous_gradient(carried), NesterovState(z)

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """[[(1 + b) (I - h J), -b (I - h J)], [I, 0]] on [z, previous point]."""
        identity = identity_like(jacobian)
        b = per_matrix(self.momentum, jacobian)
        descent = identity - per_matrix(self.step_size, jacobian) * jacobian
        return block_matrix([[(1 + b) * descent, -b * descent], [identity, 0 * identity]])

    def symbol(self, eigenvalue: Any) -> Array:
        """The two roots r of r^2 - (1 + b) (1 - h l) r + b (1 - h l), the larger modulus first."""
        value = as_eigenvalue(eigenvalue)
        b = per_point(self.momentum, value)
        descent = 1 - per_point(self.step_size, value) * value
        return two_multipliers((1 + b) * descent, b * descent)
