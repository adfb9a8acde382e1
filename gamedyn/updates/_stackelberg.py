"""Stackelberg gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_choice, check_integer, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, player_slices
from gamedyn.numerics import solve_or_nan
from gamedyn.updates._base import Cost, LinearUpdateRule, check_players, identity_like, per_matrix, per_point
from gamedyn.updates._follower import check_follower, solve_follower
from gamedyn.updates._matrix_free import DENSE_LIMIT, SolveState, cold_solve, cost_of_solve
from gamedyn.updates._second_order import check_jvp, zero_sum_hessians

__all__ = ["StackelbergGradient"]


@dataclass(frozen=True, eq=False)
class StackelbergGradient(LinearUpdateRule):
    """The leader follows its total derivative along the other's best response, the follower its own gradient.

    With leader 1 and follower 2: z_1 <- z_1 - h (D_1 L_1 - (D_21 L_2)^T (D_22 L_2)^{-1} D_2 L_1) and
    z_2 <- z_2 - h D_2 L_2. In a zero-sum game the leader's part of M is I - h times the Schur complement
    D_11 - D_12 D_22^{-1} D_21 and it does not see z_2: M is block triangular and its multipliers are real.

    Parameters
    ----------
    step_size : float or array
        h > 0; `TimescaleSeparated` gives the players different ones.
    leader : int
        0 or 1.
    dense_limit : int
        Up to this many coordinates the Jacobian is formed and the system solved densely; above, by products alone, to
        rounding, with GMRES started at the last solution.

    Notes
    -----
    In general-sum games it rests where the leader's total derivative and the follower's gradient vanish, which is
    elsewhere than where xi = 0: `stationary_residual` is its own field. `iteration_matrix` is exact on quadratic games
    and wherever D_2 L_1 = 0, as at the stationary points of a zero-sum game; elsewhere third derivatives are left out.

    Cold start: the first matrix-free solve starts at 0. Where D_22 L_2 is singular, as everywhere on a bilinear game,
    there is no best response: `init` refuses a game where this holds wherever it looks, and a step from such a point is
    nan: its trajectory ends. `cost` is that of the dense step; `games.Counted` measures the other.

    References
    ----------
    Fiez, Chasnov, Ratliff (2020), Implicit learning dynamics in Stackelberg games.
    """

    step_size: Any = 0.1
    leader: int = 0
    dense_limit: int = DENSE_LIMIT
    players = 2
    needs_loss_hessians = True

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_choice("leader", self.leader, (0, 1))
        check_integer("dense_limit", self.dense_limit, minimum=0)

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """The gradients of both losses and a dense solve, counted for games up to `dense_limit`."""
        return cost_of_solve(2, self.dense_limit)

    def init(self, game: Game, z: Array) -> SolveState | None:
        """No memory up to `dense_limit`; a cold solve above. The follower's Hessian is looked at once."""
        check_players(self, game)
        check_jvp(self, game, z)
        dense = z.shape[-1] <= self.dense_limit
        check_follower(self, game, z, follower=1 - self.leader, dense=dense)
        return None if dense else cold_solve(z, game.dims[1 - self.leader])

    def step(self, game: Game, z: Array, state: SolveState | None) -> tuple[Array, SolveState | None]:
        """One step."""
        check_players(self, game)
        field, state = self._field(game, z, state)
        return z - per_point(self.step_size, z) * field, state

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h times the rows J_2 of the follower, and H_1 - J_21^T J_22^{-1} H_2 of the leader, H that of L_1.

        A zero-sum game needs no `loss_hessians`.
        """
        if loss_hessians is None:
            loss_hessians = zero_sum_hessians(self, jacobian, dims)
        lead, follow = self._blocks(dims)
        hessian = loss_hessians[..., self.leader, :, :]
        response = solve_or_nan(jacobian[..., follow, follow], hessian[..., follow, :])
        transposed = array_namespace(jacobian).matrix_transpose(jacobian[..., follow, lead])
        rows = self._ordered(hessian[..., lead, :] - transposed @ response, jacobian[..., follow, :], axis=-2)
        return identity_like(jacobian) - per_matrix(self.step_size, jacobian) * rows

    def flow(self, game: Game, z: Array) -> Array:
        """Minus the leader's total derivative and the follower's gradient."""
        return -self._field(game, z, None)[0]

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """The leader's total derivative and the follower's gradient."""
        return self._field(game, z, None)[0]

    def _field(self, game: Game, z: Array, state: SolveState | None) -> tuple[Array, SolveState | None]:
        xp = array_namespace(z)
        lead, follow = self._blocks(game.dims)
        gradients = game.loss_gradients(z)
        own, others = gradients[..., self.leader, lead], gradients[..., self.leader, follow]
        if z.shape[-1] <= self.dense_limit:
            jacobian = game.jacobian(z)
            response = solve_or_nan(jacobian[..., follow, follow], others[..., None])
            through = (xp.matrix_transpose(jacobian[..., follow, lead]) @ response)[..., 0]
        else:
            found, state = solve_follower(game, z, others, state, follower=1 - self.leader)
            through = game.vjp(z, self._ordered(xp.zeros_like(own), found, axis=-1))[..., lead]
        return self._ordered(own - through, gradients[..., 1 - self.leader, follow], axis=-1), state

    def _blocks(self, dims: tuple[int, ...]) -> tuple[slice, slice]:
        slices = player_slices(dims)
        return slices[self.leader], slices[1 - self.leader]

    def _ordered(self, lead: Array, follow: Array, axis: int) -> Array:
        """The leader's and the follower's part, in the order of the players."""
        parts = [lead, follow] if self.leader == 0 else [follow, lead]
        return array_namespace(lead).concat(parts, axis=axis)
