"""Runge-Kutta steps of the gradient flow, with the regulariser of ODE-GAN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_choice, check_nonnegative, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, player_slices
from gamedyn.updates._base import (
    Cost,
    LinearUpdateRule,
    as_eigenvalue,
    check_players,
    identity_like,
    per_matrix,
    per_point,
)
from gamedyn.updates._second_order import check_jvp

__all__ = ["RungeKutta"]


@dataclass(frozen=True, eq=False)
class RungeKutta(LinearUpdateRule):
    """An explicit Runge-Kutta step of z' = -xi(z): Heun's of order 2, or the classical one of order 4.

    M = R(-h J), symbol R(-h l), R(u) = 1 + u + u^2 / 2 and, for order 4, + u^3 / 6 + u^4 / 24. On a bilinear game
    order 2 diverges and order 4 converges for h s < 2 sqrt(2).

    ODE-GAN adds, in games of two players, a move of the second one, the discriminator, down the size of the first
    one's gradient where the step began: y <- y - h lam D_y |xi_x|^2. On linear games M gains
    -2 h lam P_y J^T P_x J, P keeping a player's rows, and there is no symbol.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    order : {2, 4}
        It is the number of gradients, too.
    regularisation : float or array, optional
        lam >= 0; None leaves it out, for any number of players.

    Notes
    -----
    On a stochastic game every stage is taken on the same sample. All players move through the stages together; the
    notebook that the authors published holds the others still through each player's stages.

    References
    ----------
    Qin et al. (2020), Training generative adversarial networks by solving ordinary differential equations.
    """

    step_size: Any = 0.1
    order: int = 4
    regularisation: Any = None

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_choice("order", self.order, (2, 4))
        if self.regularisation is not None:
            check_nonnegative("regularisation", self.regularisation)

    @property
    def players(self) -> int | None:  # type: ignore[override]
        """Two where there is a regulariser."""
        return None if self.regularisation is None else 2

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """As many gradients as the order, and 1 vjp for the regulariser."""
        return Cost(gradients=self.order, vjps=0 if self.regularisation is None else 1)

    def init(self, game: Game, z: Array) -> None:
        """No memory. With a regulariser, the game's Jacobian products are tried once."""
        check_players(self, game)
        if self.regularisation is not None:
            check_jvp(self, game, z)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step; no memory."""
        check_players(self, game)
        h = per_point(self.step_size, z)
        first = game.simultaneous_gradient(z)
        if self.order == 2:
            mean = (first + game.simultaneous_gradient(z - h * first)) / 2
        else:
            second = game.simultaneous_gradient(z - h / 2 * first)
            third = game.simultaneous_gradient(z - h / 2 * second)
            mean = (first + 2 * second + 2 * third + game.simultaneous_gradient(z - h * third)) / 6
        return z - h * (mean + self._regulariser(game, z, first)), None

    def _regulariser(self, game: Game, z: Array, xi: Array) -> Any:
        """lam (0, D_y |xi_x|^2) at z; D |xi_x|^2 = 2 J^T (xi_x, 0)."""
        if self.regularisation is None:
            return 0.0
        xp = array_namespace(z)
        x, y = player_slices(game.dims)
        pulled = game.vjp(z, xp.concat([xi[..., x], xp.zeros_like(xi[..., y])], axis=-1))
        slope = xp.concat([xp.zeros_like(xi[..., x]), 2 * pulled[..., y]], axis=-1)
        return per_point(self.regularisation, z) * slope

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """R(-h J), less 2 h lam P_y J^T P_x J."""
        xp = array_namespace(jacobian)
        identity = identity_like(jacobian)
        h = per_matrix(self.step_size, jacobian)
        u = -h * jacobian
        # Horner's scheme from the highest power down.
        matrix = identity + u / self.order
        for k in range(self.order - 1, 0, -1):
            matrix = identity + u @ matrix / k
        if self.regularisation is None:
            return matrix
        x, y = player_slices(dims)
        product = xp.matrix_transpose(jacobian)[..., y, x] @ jacobian[..., x, :]
        pull = xp.concat([xp.zeros_like(jacobian[..., x, :]), product], axis=-2)
        return matrix - 2 * h * per_matrix(self.regularisation, jacobian) * pull

    def symbol(self, eigenvalue: Any) -> Array:
        """R(-h l), without a regulariser."""
        if self.regularisation is not None:
            return super().symbol(eigenvalue)
        value = as_eigenvalue(eigenvalue)
        u = -per_point(self.step_size, value) * value
        result = 1 + u / self.order
        for k in range(self.order - 1, 0, -1):
            result = 1 + u * result / k
        return result[..., None]

    def flow(self, game: Game, z: Array) -> Array:
        """-xi, and -lam D_y |xi_x|^2 for the second player."""
        xi = game.simultaneous_gradient(z)
        return -(xi + self._regulariser(game, z, xi))
