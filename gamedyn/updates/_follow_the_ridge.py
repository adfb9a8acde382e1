"""Follow-the-Ridge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, player_slices
from gamedyn.numerics import solve_or_nan
from gamedyn.updates._base import Cost, LinearUpdateRule, check_players, identity_like, per_matrix, per_point
from gamedyn.updates._follower import check_follower, only, solve_follower
from gamedyn.updates._matrix_free import DENSE_LIMIT, SolveState, cold_solve, cost_of_solve
from gamedyn.updates._second_order import check_jvp, split

__all__ = ["FollowTheRidge"]


@dataclass(frozen=True, eq=False)
class FollowTheRidge(LinearUpdateRule):
    """The second player descends and corrects for the first's move along its ridge of best responses.

    x <- x - h xi_x and y <- y - h xi_y + h J_yy^{-1} J_yx xi_x; for losses f and -f the correction is
    h f_yy^{-1} f_yx f_x. M is similar to [[I - h (J_xx - J_xy J_yy^{-1} J_yx), -h J_xy], [0, I - h J_yy]]: in a
    zero-sum game both blocks are symmetric, so that its multipliers are real, and small steps converge exactly to local
    minimax points, where f_yy < 0 and the Schur complement f_xx - f_xy f_yy^{-1} f_yx > 0.

    Parameters
    ----------
    step_size : float or array
        h > 0; `TimescaleSeparated` gives the second player another one.
    dense_limit : int
        Up to this many coordinates the Jacobian is formed and the system solved densely; above, by products alone, to
        rounding, with GMRES started at the last solution.

    Notes
    -----
    Cold start: the first matrix-free solve starts at 0. Where J_yy is singular, as everywhere on a bilinear game, there
    is no ridge: `init` refuses a game where this holds wherever it looks, and a step from such a point is nan: its
    trajectory ends. `cost` is that of the dense step; `games.Counted` measures the other.

    References
    ----------
    Wang, Zhang, Ba (2020), On solving minimax optimization locally: a follow-the-ridge approach.
    """

    step_size: Any = 0.1
    dense_limit: int = DENSE_LIMIT
    players = 2

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_integer("dense_limit", self.dense_limit, minimum=0)

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """One gradient and a dense solve, counted for games up to `dense_limit`."""
        return cost_of_solve(1, self.dense_limit)

    def init(self, game: Game, z: Array) -> SolveState | None:
        """No memory up to `dense_limit`; a cold solve above. The follower's Hessian is looked at once."""
        check_players(self, game)
        check_jvp(self, game, z)
        dense = z.shape[-1] <= self.dense_limit
        check_follower(self, game, z, follower=1, dense=dense)
        return None if dense else cold_solve(z, game.dims[1])

    def step(self, game: Game, z: Array, state: SolveState | None) -> tuple[Array, SolveState | None]:
        """One step."""
        check_players(self, game)
        field, state = self._field(game, z, state)
        return z - per_point(self.step_size, z) * field, state

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h [[I, 0], [-J_yy^{-1} J_yx, I]] J."""
        xp = array_namespace(jacobian)
        x, y = player_slices(dims)
        slope = solve_or_nan(jacobian[..., y, y], jacobian[..., y, x])
        leader = jacobian[..., x, :]
        field = xp.concat([leader, jacobian[..., y, :] - slope @ leader], axis=-2)
        return identity_like(jacobian) - per_matrix(self.step_size, jacobian) * field

    def flow(self, game: Game, z: Array) -> Array:
        """-(xi_x, xi_y - J_yy^{-1} J_yx xi_x)."""
        return -self._field(game, z, None)[0]

    def _field(self, game: Game, z: Array, state: SolveState | None) -> tuple[Array, SolveState | None]:
        xp = array_namespace(z)
        xi = game.simultaneous_gradient(z)
        xi_x, xi_y = split(xi, game.dims)
        if z.shape[-1] <= self.dense_limit:
            x, y = player_slices(game.dims)
            jacobian = game.jacobian(z)
            driven = jacobian[..., y, x] @ xi_x[..., None]
            ridge = solve_or_nan(jacobian[..., y, y], driven)[..., 0]
        else:
            driven = split(game.jvp(z, only(xi, game.dims, 0)), game.dims)[1]
            ridge, state = solve_follower(game, z, driven, state, follower=1)
        return xp.concat([xi_x, xi_y - ridge], axis=-1), state
