"""Alternating gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, player_slices, replace_block
from gamedyn.updates._base import Cost, LinearUpdateRule, identity_like, per_matrix, per_point

__all__ = ["AlternatingGradientDescent"]


@dataclass(frozen=True, eq=False)
class AlternatingGradientDescent(LinearUpdateRule):
    """Players descend in turn, each against the others' newest blocks: z_i <- z_i - h xi_i(z), k_i times.

    M is the product of the block steps I - h P_i J, the first player's rightmost, where P_i keeps player i's rows. It
    is no function of J's eigenvalues, so that there is no symbol. On a bilinear game it stays bounded for h s < 2.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    inner_steps : tuple of int, optional
        k_i >= 1, one per player, indexed by player; one step each by default.
    player_order : tuple of int, optional
        A permutation of the players; 0, 1, ..., n - 1 by default.

    Notes
    -----
    Where a player takes several steps, each after its first is taken on a fresh sample of a stochastic game.

    References
    ----------
    Gidel et al. (2019), Negative momentum for improved game dynamics. Goodfellow et al. (2014), algorithm 1 (k steps
    of the discriminator for one of the generator).
    """

    step_size: Any = 0.1
    inner_steps: tuple[int, ...] | None = None
    player_order: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        for steps in self.inner_steps or ():
            check_integer("inner_steps", steps, minimum=1)
        order = self.player_order
        if order is not None and sorted(order) != list(range(len(order))):
            raise ValueError(f"`player_order` must be a permutation of the players 0 to n - 1, got {order}.")
        if order is not None and self.inner_steps is not None and len(order) != len(self.inner_steps):
            raise ValueError(
                f"`inner_steps` and `player_order` must have one entry per player, got {self.inner_steps} and {order}."
            )

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """The mean of the inner steps: one player's own gradient is 1/n."""
        return Cost(gradients=sum(self.inner_steps) / len(self.inner_steps) if self.inner_steps else 1)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One round over all players; no memory."""
        h = per_point(self.step_size, z)
        slices = player_slices(game.dims)
        for player, count in self._schedule(len(game.dims)):
            for k in range(count):
                if k:
                    game = game.redraw()
                block = slices[player]
                z = replace_block(z, block, z[..., block] - h * game.player_gradient(z, player))
        return z, None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """The product of I - h P_i J over the block steps, the last one leftmost."""
        xp = array_namespace(jacobian)
        identity = identity_like(jacobian)
        hj = per_matrix(self.step_size, jacobian) * jacobian
        slices = player_slices(dims)
        matrix = xp.broadcast_to(identity, hj.shape)
        for player, count in self._schedule(len(dims)):
            block = slices[player]
            for _ in range(count):
                moved = matrix[..., block, :] - hj[..., block, :] @ matrix
                matrix = xp.concat([matrix[..., : block.start, :], moved, matrix[..., block.stop :, :]], axis=-2)
        return matrix

    def flow(self, game: Game, z: Array) -> Array:
        """-k_i xi_i: a player with more inner steps moves as many times as fast."""
        xp = array_namespace(z)
        xi = game.simultaneous_gradient(z)
        counts = dict(self._schedule(len(game.dims)))
        return xp.concat([-counts[i] * xi[..., block] for i, block in enumerate(player_slices(game.dims))], axis=-1)

    def _schedule(self, n: int) -> list[tuple[int, int]]:
        """(player, number of inner steps) in the order of moves."""
        order = tuple(range(n)) if self.player_order is None else self.player_order
        counts = (1,) * n if self.inner_steps is None else self.inner_steps
        for name, given in (("player_order", order), ("inner_steps", counts)):
            if len(given) != n:
                raise ValueError(f"`{name}` must have one entry for each of the {n} players, got {given}.")
        return [(player, counts[player]) for player in order]
