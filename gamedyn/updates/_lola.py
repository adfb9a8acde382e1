"""Learning with opponent-learning awareness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_nonnegative, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, player_slices
from gamedyn.updates._base import Cost, LinearUpdateRule, identity_like, per_matrix, per_point
from gamedyn.updates._second_order import check_jvp, off_diagonal, zero_sum_hessians

__all__ = ["Lola", "looking_and_shaping"]


@dataclass(frozen=True, eq=False)
class Lola(LinearUpdateRule):
    """Descend L_i after the others' step, and through it: z <- z - h ((I - alpha H_o) xi - alpha chi).

    Player i descends L_i(z_i, z_j - alpha grad_j L_j(z)) to first order in alpha; the step depends on z_i, which gives
    the shaping term chi = diag(H_o^T grad L): chi_i = sum over j != i of (D_ji L_j)^T grad_j L_i.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    alpha : float or array
        The length that the others are expected to step, >= 0; 0 is simultaneous descent.

    Notes
    -----
    In general-sum games it rests elsewhere than where xi = 0: at zeros of `stationary_residual`, its own field.
    `iteration_matrix` is exact on quadratic games, and wherever grad_j L_i = 0 for all j != i, as at the stationary
    points of a zero-sum game of two players; elsewhere third derivatives of the losses are left out.
    `cost` is that of two players; n of them take n gradients, for `loss_gradients`, a jvp and n vjps.

    References
    ----------
    Foerster, Chen, Al-Shedivat, Whiteson, Abbeel, Mordatch (2018), Learning with opponent-learning awareness. Letcher,
    Foerster, Balduzzi, Rocktäschel, Whiteson (2019), Stable opponent shaping in differentiable games.
    """

    step_size: Any = 0.1
    alpha: Any = 0.1
    cost = Cost(gradients=2, jvps=1, vjps=2, at_least=True)
    needs_loss_hessians = True

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_nonnegative("alpha", self.alpha)

    def init(self, game: Game, z: Array) -> None:
        """No memory; the game's Jacobian products are tried once."""
        check_jvp(self, game, z)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step; no memory."""
        return z + per_point(self.step_size, z) * self.flow(game, z), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h (J - alpha H_o J - alpha C), C's row block i being H_o[:, i]^T times the Hessian of L_i.

        A zero-sum game of two players needs no `loss_hessians`.
        """
        xp = array_namespace(jacobian)
        if loss_hessians is None:
            loss_hessians = zero_sum_hessians(self, jacobian, dims)
        cross = off_diagonal(jacobian, dims)
        turned = xp.matrix_transpose(cross)
        rows = [turned[..., block, :] @ loss_hessians[..., i, :, :] for i, block in enumerate(player_slices(dims))]
        shaped = cross @ jacobian + xp.concat(rows, axis=-2)
        field = jacobian - per_matrix(self.alpha, jacobian) * shaped
        return identity_like(jacobian) - per_matrix(self.step_size, jacobian) * field

    def flow(self, game: Game, z: Array) -> Array:
        """-((I - alpha H_o) xi - alpha chi)."""
        _, looked, shaping = looking_and_shaping(game, z, per_point(self.alpha, z))
        return -(looked - shaping)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """(I - alpha H_o) xi - alpha chi."""
        return -self.flow(game, z)


def looking_and_shaping(game: Game, z: Array, alpha: Any) -> tuple[Array, Array, Array]:
    """(xi, (I - alpha H_o) xi, alpha chi).

    Parameters
    ----------
    game : Game
    z : array, shape (..., d)
    alpha : float or array, shape (..., 1)
    """
    xp = array_namespace(z)
    slices = player_slices(game.dims)
    gradients = game.loss_gradients(z)
    xi = xp.concat([gradients[..., i, block] for i, block in enumerate(slices)], axis=-1)
    # Player i's gradient in the others' coordinates, one direction for each player: J^T of it, in block i, is chi_i.
    others = []
    for i, block in enumerate(slices):
        row = gradients[..., i, :]
        own = xp.zeros_like(row[..., block])
        others.append(xp.concat([row[..., : block.start], own, row[..., block.stop :]], axis=-1))
    shaped = game.vjp(z, xp.stack(others))
    chi = xp.concat([shaped[i, ..., block] for i, block in enumerate(slices)], axis=-1)
    return xi, xi - alpha * game.cross_jvp(z, xi), alpha * chi
