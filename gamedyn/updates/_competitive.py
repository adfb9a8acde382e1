"""Competitive gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.numerics import solve_or_nan
from gamedyn.updates._base import Cost, LinearUpdateRule, identity_like, per_matrix, per_point
from gamedyn.updates._matrix_free import DENSE_LIMIT, SolveState, cold_solve, cost_of_solve, solve_matrix_free
from gamedyn.updates._second_order import check_jvp, off_diagonal, probe_like, split

__all__ = ["Competitive", "cold_competitive", "solve_competitive"]


@dataclass(frozen=True, eq=False)
class Competitive(LinearUpdateRule):
    """The Nash equilibrium of the local game, bilinear between players: z <- z - h (I + h H_o)^{-1} xi.

    Player i minimises xi_i^T v_i + v_i^T sum_j D_ij L_i v_j + |v_i|^2 / (2 h) over its move v_i, all at once; H_o is J
    without the players' own blocks. M = I - h (I + h H_o)^{-1} J. In a bilinear game it contracts for every step size,
    with the factor 1 / sqrt(1 + h^2 s^2) of the proximal point.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    dense_limit : int
        Up to this many coordinates the Jacobian is formed and the system solved densely; above, by products alone, to
        rounding, started at the last solution: conjugate gradients on (I + h^2 B B^T) v_x = xi_x - h B xi_y, B = J_xy,
        in zero-sum games of two players, GMRES in others.

    Notes
    -----
    Cold start: the first matrix-free solve starts at 0. Where I + h H_o is singular, which no zero-sum game is, the
    step is nan: the trajectory ends there, unless products alone find one of the solutions that remain. `cost` is that
    of the dense step; `games.Counted` measures the other.

    The paper has two players; for more, interactions in the local game are pairwise.

    References
    ----------
    Schäfer, Anandkumar (2019), Competitive gradient descent.
    """

    step_size: Any = 0.1
    dense_limit: int = DENSE_LIMIT

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_integer("dense_limit", self.dense_limit, minimum=0)

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """One gradient and a dense solve, counted for games up to `dense_limit`."""
        return cost_of_solve(1, self.dense_limit)

    def init(self, game: Game, z: Array) -> SolveState | None:
        """No memory up to `dense_limit`; a cold solve above. The game's Jacobian products are tried once."""
        check_jvp(self, game, z)
        return None if z.shape[-1] <= self.dense_limit else cold_competitive(game, z)

    def step(self, game: Game, z: Array, state: SolveState | None) -> tuple[Array, SolveState | None]:
        """One step."""
        h = per_point(self.step_size, z)
        xi = game.simultaneous_gradient(z)
        if z.shape[-1] <= self.dense_limit:
            jacobian = game.jacobian(z)
            return z - h * solve_or_nan(self._coupled(jacobian, game.dims), xi[..., None])[..., 0], None
        if state is None:
            state = cold_competitive(game, z)
        move, state = solve_competitive(game, z, xi, h, state)
        return z - h * move, state

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h (I + h H_o)^{-1} J."""
        coupled = self._coupled(jacobian, dims)
        jacobian = array_namespace(jacobian).broadcast_to(jacobian, coupled.shape)
        return identity_like(jacobian) - per_matrix(self.step_size, jacobian) * solve_or_nan(coupled, jacobian)

    def _coupled(self, jacobian: Array, dims: tuple[int, ...]) -> Array:
        """I + h H_o."""
        return identity_like(jacobian) + per_matrix(self.step_size, jacobian) * off_diagonal(jacobian, dims)


def cold_competitive(game: Game, z: Array) -> SolveState:
    """A cold solve for d_1 unknowns in zero-sum games of two players, for all d in others.

    H_o of a zero-sum game is antisymmetric: <w, H_o v> = -<v, H_o w> is asked of fixed v and w at two points.
    """
    if len(game.dims) != 2:
        return cold_solve(z, z.shape[-1])
    xp = array_namespace(z)
    points = xp.stack([z, z + probe_like(z)])
    v = probe_like(points)
    w = xp.cos(3 * v)
    there, back = game.cross_jvp(points, v), game.cross_jvp(points, w)
    excess = xp.abs(xp.sum(w * there + v * back, axis=-1))
    size = xp.sum(xp.abs(w * there) + xp.abs(v * back), axis=-1)
    zero_sum = bool(xp.all(excess <= 1e3 * xp.finfo(z.dtype).eps * size))
    return cold_solve(z, game.dims[0] if zero_sum else z.shape[-1])


def solve_competitive(game: Game, z: Array, xi: Array, h: Any, state: SolveState) -> tuple[Array, SolveState]:
    """u with (I + H_o h) u = xi, matrix-free, so that -h u is the players' move; h a number or vectors (..., d).

    In zero-sum games, with B = J_xy = -J_yx^T and r the root of h_x, the second player is eliminated:
    (I + r B h_y B^T r) w = r (xi_x - B h_y xi_y), u_x = w / r and u_y = xi_y + B^T h_x u_x.

    Parameters
    ----------
    game : Game
    z, xi : array, shape (..., d)
    h : float or array
        Of a shape that broadcasts against z.
    state : SolveState
        Of the step before; its number of unknowns says which system is solved.
    """
    xp = array_namespace(z)
    h = h + xp.zeros_like(z)
    if state.guess.shape[-2] == z.shape[-1]:
        return solve_matrix_free(lambda v: v + game.cross_jvp(z, h * v), xi, state, definite=False)
    (h_x, h_y), (xi_x, xi_y) = split(h, game.dims), split(xi, game.dims)
    root = xp.sqrt(h_x)

    def to_x(v_y: Array) -> Array:
        return split(game.jvp(z, xp.concat([xp.zeros_like(root), v_y], axis=-1)), game.dims)[0]

    def to_y(v_x: Array) -> Array:
        return split(game.jvp(z, xp.concat([v_x, xp.zeros_like(h_y)], axis=-1)), game.dims)[1]

    right = root * (xi_x - to_x(h_y * xi_y))
    w, state = solve_matrix_free(lambda v: v - root * to_x(h_y * to_y(root * v)), right, state, definite=True)
    u_x = w / root
    return xp.concat([u_x, xi_y - to_y(h_x * u_x)], axis=-1), state
