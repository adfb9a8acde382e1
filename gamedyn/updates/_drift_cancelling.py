"""Gradient descent with its discretisation drift cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_choice, check_positive
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
from gamedyn.updates._follower import only
from gamedyn.updates._second_order import check_jvp, off_diagonal, split

__all__ = ["DriftCancelling"]


@dataclass(frozen=True, eq=False)
class DriftCancelling(LinearUpdateRule):
    """Descent with the O(h) part of its deviation from the flow -xi taken out: z <- z - h (xi - drift / h).

    Simultaneous descent follows the flow -xi - (h / 2) J xi up to O(h^2): to player i's loss (h / 4) |grad_i L_i|^2 is
    added by its own steps, and (h / 2) (D_ij L_i) grad_j L_j to its gradient by the other's. Cancelling all of it gives
    z - h (xi - (h / 2) J xi), M = I - h J + (h J)^2 / 2, symbol 1 - h l + (h l)^2 / 2. In alternating descent the
    second player has seen the first's move, and the other's part has the opposite sign for it.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    terms : {"all", "interaction"}
        Cancel everything, or only what the players do to each other; simultaneous with "interaction" it is
        `LookaheadOpponent` with alpha = h / 2.
    schedule : {"simultaneous", "alternating"}
        Whether the second player's gradient is taken after the first's move.

    Notes
    -----
    The corrections are taken at the start of the step, in both schedules. With terms="all" a step is the flow of -xi to
    O(h^3).

    References
    ----------
    Rosca, Wu, Dherin, Barrett (2021), Discretization drift in two-player games.
    """

    step_size: Any = 0.1
    terms: str = "all"
    schedule: str = "simultaneous"
    players = 2

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_choice("terms", self.terms, ("all", "interaction"))
        check_choice("schedule", self.schedule, ("simultaneous", "alternating"))

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """One gradient and one product; alternating takes the second player's gradient twice, and two products."""
        return Cost(gradients=1, jvps=1) if self.schedule == "simultaneous" else Cost(gradients=1.5, jvps=2)

    def init(self, game: Game, z: Array) -> None:
        """No memory; the game's Jacobian products are tried once."""
        check_players(self, game)
        check_jvp(self, game, z)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step; no memory."""
        check_players(self, game)
        xp = array_namespace(z)
        h = per_point(self.step_size, z)
        xi = game.simultaneous_gradient(z)
        if self.schedule == "simultaneous":
            drift = game.jvp(z, xi) if self.terms == "all" else game.cross_jvp(z, xi)
            return z - h * (xi - h / 2 * drift), None
        (xx, yx), (xy, yy) = (split(game.jvp(z, only(xi, game.dims, i)), game.dims) for i in (0, 1))
        (x, y), (xi_x, _) = split(z, game.dims), split(xi, game.dims)
        own_x, own_y = (xx, yy) if self.terms == "all" else (0, 0)
        new_x = x - h * (xi_x - h / 2 * (own_x + xy))
        ahead = game.player_gradient(xp.concat([new_x, y], axis=-1), 1)
        return xp.concat([new_x, y - h * (ahead - h / 2 * (own_y - yx))], axis=-1), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h J + (h^2 / 2) J^2, with H_o J for "interaction"; alternating, y's rows J see the new x."""
        xp = array_namespace(jacobian)
        identity, h = identity_like(jacobian), per_matrix(self.step_size, jacobian)
        hj = h * jacobian
        drift = hj if self.terms == "all" else h * off_diagonal(jacobian, dims)
        together = identity - hj + drift @ hj / 2
        if self.schedule == "simultaneous":
            return together
        x, y = player_slices(dims)
        new_x, others = together[..., x, :], identity[..., y, :] + xp.zeros_like(together[..., y, :])
        own = drift[..., y, y] @ hj[..., y, :] if self.terms == "all" else 0
        new_y = others - hj[..., y, x] @ new_x - hj[..., y, y] @ others
        return xp.concat([new_x, new_y + (own - hj[..., y, x] @ hj[..., x, :]) / 2], axis=-2)

    def symbol(self, eigenvalue: Any) -> Array:
        """1 - h l + (h l)^2 / 2, simultaneous with terms="all".

        Raises
        ------
        NotImplementedError
            With terms="interaction" or in alternation: J alone does not give the matrix then.
        """
        if self.terms == "interaction" or self.schedule == "alternating":
            return super().symbol(eigenvalue)
        value = as_eigenvalue(eigenvalue)
        hl = per_point(self.step_size, value) * value
        return (1 - hl + hl**2 / 2)[..., None]
