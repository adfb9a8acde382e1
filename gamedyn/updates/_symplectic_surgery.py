"""Local symplectic surgery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer, check_nonnegative, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.numerics import solve_or_nan
from gamedyn.updates._base import Cost, LinearUpdateRule, identity_like, per_matrix, per_point
from gamedyn.updates._matrix_free import DENSE_LIMIT, SolveState, cold_solve, cost_of_solve, solve_matrix_free
from gamedyn.updates._second_order import check_jvp

__all__ = ["LocalSymplecticSurgery"]


@dataclass(frozen=True, eq=False)
class LocalSymplecticSurgery(LinearUpdateRule):
    """Take the rotation out of the gradient: z <- z - (h / 2) (xi + J^T (J^T J + lambda I)^{-1} J^T xi).

    M = I - (h / 2) (J + J^T (J^T J + lambda I)^{-1} J^T J). With lambda = 0 and invertible J the second term is J^T,
    and M = I - h S with the symmetric part S of J: real multipliers, and in a zero-sum game stability only at
    differential Nash equilibria. On a bilinear game with invertible A, S = 0: nothing moves.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    regularisation : float or array
        lambda >= 0. The number 0 solves with J itself, which is better conditioned than J^T J.
    dense_limit : int
        Up to this many coordinates the Jacobian is formed and the system solved densely; above, by products alone, to
        rounding, started at the last solution: GMRES on J where lambda is the number 0, else conjugate gradients.

    Notes
    -----
    Cold start: the first matrix-free solve starts at 0. Where the system is singular the step is nan: the trajectory
    ends there. The paper lets lambda vanish at stationary points; here it is constant. `cost` is that of the dense
    step; `games.Counted` measures the other.

    References
    ----------
    Mazumdar, Jordan, Sastry (2019), On finding local Nash equilibria (and only local Nash equilibria) in zero-sum
    games.
    """

    step_size: Any = 0.1
    regularisation: Any = 0
    dense_limit: int = DENSE_LIMIT

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_nonnegative("regularisation", self.regularisation)
        check_integer("dense_limit", self.dense_limit, minimum=0)

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """One gradient and a dense solve, counted for games up to `dense_limit`."""
        return cost_of_solve(1, self.dense_limit)

    def init(self, game: Game, z: Array) -> SolveState | None:
        """No memory up to `dense_limit`; a cold solve above. The game's Jacobian products are tried once."""
        check_jvp(self, game, z)
        return None if z.shape[-1] <= self.dense_limit else cold_solve(z, z.shape[-1])

    def step(self, game: Game, z: Array, state: SolveState | None) -> tuple[Array, SolveState | None]:
        """One step."""
        field, state = self._field(game, z, state)
        return z - per_point(self.step_size, z) * field, state

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - (h / 2) (J + J^T (J^T J + lambda I)^{-1} J^T J)."""
        field = (jacobian + self._reflected(jacobian, jacobian)) / 2
        return identity_like(jacobian) - per_matrix(self.step_size, jacobian) * field

    def flow(self, game: Game, z: Array) -> Array:
        """-(xi + J^T (J^T J + lambda I)^{-1} J^T xi) / 2."""
        return -self._field(game, z, None)[0]

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """(xi + J^T (J^T J + lambda I)^{-1} J^T xi) / 2, zero everywhere on a bilinear game with invertible A."""
        return -self.flow(game, z)

    def _field(self, game: Game, z: Array, state: SolveState | None) -> tuple[Array, SolveState | None]:
        xi = game.simultaneous_gradient(z)
        if z.shape[-1] <= self.dense_limit:
            return (xi + self._reflected(game.jacobian(z), xi[..., None])[..., 0]) / 2, None
        if state is None:
            state = cold_solve(z, z.shape[-1])
        if self._exact:
            v, state = solve_matrix_free(lambda v: game.jvp(z, v), xi, state, definite=False)
        else:
            damping = per_point(self.regularisation, z)
            v, state = solve_matrix_free(
                lambda v: game.vjp(z, game.jvp(z, v)) + damping * v, game.vjp(z, xi), state, definite=True
            )
        return (xi + game.vjp(z, v)) / 2, state

    def _reflected(self, jacobian: Array, right: Array) -> Array:
        """J^T (J^T J + lambda I)^{-1} J^T right."""
        transposed = array_namespace(jacobian).matrix_transpose(jacobian)
        if self._exact:
            return transposed @ solve_or_nan(jacobian, right)
        square = transposed @ jacobian + per_matrix(self.regularisation, jacobian) * identity_like(jacobian)
        image = transposed @ right
        image = array_namespace(image).broadcast_to(image, (*square.shape[:-1], image.shape[-1]))
        return transposed @ solve_or_nan(square, image)

    @property
    def _exact(self) -> bool:
        return isinstance(self.regularisation, (int, float)) and self.regularisation == 0
