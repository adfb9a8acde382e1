"""Gradient descent with heavy-ball momentum, which may be negative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_choice, check_in_interval, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, player_slices, replace_block
from gamedyn.updates._base import Cost, LinearUpdateRule, as_eigenvalue, identity_like, per_matrix, per_point
from gamedyn.updates._one_memory import block_matrix, two_multipliers

__all__ = ["HeavyBall", "HeavyBallState"]


class HeavyBallState(NamedTuple):
    """What one step of `HeavyBall` hands to the next."""

    previous_point: Array
    """(..., d): z_{k-1}."""


@dataclass(frozen=True, eq=False)
class HeavyBall(LinearUpdateRule):
    """Descend and keep a share of the last move: z_{k+1} = z_k - h xi + b (z_k - z_{k-1}).

    Simultaneous: M = [[(1 + b) I - h J, -b I], [I, 0]] on [z_k, z_{k-1}]; symbol r^2 - (1 + b - h l) r + b = 0. On a
    bilinear game it diverges for every h and b. Alternating: each player's gradient is taken at the others' newest
    blocks, as in `AlternatingGradientDescent`; there is no symbol. On a bilinear game it converges exactly for b < 0
    and h s < 2 (1 - |b|).

    Parameters
    ----------
    step_size : float or array
        h > 0.
    momentum : float or array
        b in (-1, 1); 0 is plain descent.
    schedule : {"simultaneous", "alternating"}
        Whether all players move at once, or in turn in the order 0, 1, ..., n - 1.

    Notes
    -----
    Cold start: z_{-1} = z_0, so that the first step is a plain one. With b held fixed there is no flow: for small h
    the velocity rises from xi to xi / (1 - b) within some 1 / (1 - b) steps.

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods. Gidel et al. (2019), Negative
    momentum for improved game dynamics.
    """

    step_size: Any = 0.1
    momentum: Any = 0.0
    schedule: str = "simultaneous"
    cost = Cost(gradients=1)
    has_flow = False

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_in_interval("momentum", self.momentum, -1, 1, closed="neither")
        check_choice("schedule", self.schedule, ("simultaneous", "alternating"))

    def init(self, game: Game, z: Array) -> HeavyBallState:
        """At rest."""
        return HeavyBallState(z)

    def step(self, game: Game, z: Array, state: HeavyBallState) -> tuple[Array, HeavyBallState]:
        """One step of every player; remembers where it came from."""
        h = per_point(self.step_size, z)
        carried = z + per_point(self.momentum, z) * (z - state.previous_point)
        if self.schedule == "simultaneous":
            return carried - h * game.simultaneous_gradient(z), HeavyBallState(z)
        moved = z
        for player, block in enumerate(player_slices(game.dims)):
            moved = replace_block(moved, block, carried[..., block] - h * game.player_gradient(moved, player))
        return moved, HeavyBallState(z)

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """On [z, previous point]; alternating: rows of later players follow the moves of earlier ones."""
        xp = array_namespace(jacobian)
        identity = identity_like(jacobian)
        b = per_matrix(self.momentum, jacobian)
        hj = per_matrix(self.step_size, jacobian) * jacobian
        if self.schedule == "simultaneous":
            return block_matrix([[(1 + b) * identity - hj, -b * identity], [identity, 0 * identity]])
        still = block_matrix([[identity + 0 * hj, 0 * identity], [identity, 0 * identity]])
        carried = block_matrix([[(1 + b) * identity + 0 * hj, -b * identity]])
        d = sum(dims)
        moved = still[..., :d, :]
        for block in player_slices(dims):
            rows = carried[..., block, :] - hj[..., block, :] @ moved
            moved = xp.concat([moved[..., : block.start, :], rows, moved[..., block.stop :, :]], axis=-2)
        return xp.concat([moved, still[..., d:, :]], axis=-2)

    def symbol(self, eigenvalue: Any) -> Array:
        """Simultaneous: the two roots r of r^2 - (1 + b - h l) r + b, the larger modulus first."""
        if self.schedule == "alternating":
            return super().symbol(eigenvalue)
        value = as_eigenvalue(eigenvalue)
        b = per_point(self.momentum, value)
        return two_multipliers(1 + b - per_point(self.step_size, value) * value, b + 0 * value)
