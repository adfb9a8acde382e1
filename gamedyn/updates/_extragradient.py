"""The extragradient method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_choice, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, player_slices, replace_block
from gamedyn.updates._base import (
    Cost,
    LinearUpdateRule,
    as_eigenvalue,
    identity_like,
    natural_residual,
    per_matrix,
    per_point,
)

__all__ = ["Extragradient"]


@dataclass(frozen=True, eq=False)
class Extragradient(LinearUpdateRule):
    """Look ahead, then step with the gradient found there: z~ = P(z - g xi(z)), z <- P(z - h xi(z~)).

    P projects onto the game's domain. M = I - h J + h g J^2, symbol 1 - h l + h g l^2. On a bilinear game it converges
    for h s < 1 where g = h. In turn, players look ahead one after the other, then move one after the other, each
    against the newest blocks of the others; that has no symbol, and the same limit on a bilinear game.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    extrapolation_step : float or array, optional
        g > 0; h by default.
    schedule : {"simultaneous", "alternating"}
        Whether all players move at once, or in turn in the order 0, 1, ..., n - 1.

    Notes
    -----
    On a stochastic game all gradients are taken on one sample; `DoubleStepExtragradient` with the exponents (0, 0) is
    the same rule with a fresh one for the step.

    References
    ----------
    Korpelevich (1976), The extragradient method for finding saddle points and other problems. Zhang, Yu (2020),
    Convergence of gradient methods on bilinear zero-sum games (both schedules).
    """

    step_size: Any = 0.1
    extrapolation_step: Any = None
    schedule: str = "simultaneous"
    cost = Cost(gradients=2)
    heeds_domain = True

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        if self.extrapolation_step is not None:
            check_positive("extrapolation_step", self.extrapolation_step)
        check_choice("schedule", self.schedule, ("simultaneous", "alternating"))

    @property
    def _look_ahead(self) -> Any:
        return self.step_size if self.extrapolation_step is None else self.extrapolation_step

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step, all gradients on one sample; no memory."""
        h, g = per_point(self.step_size, z), per_point(self._look_ahead, z)
        if self.schedule == "alternating":
            return _in_turn(game, z, _in_turn(game, z, z, g), h), None
        ahead = game.domain.project(z - g * game.simultaneous_gradient(z))
        return game.domain.project(z - h * game.simultaneous_gradient(ahead)), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h J + h g J^2; in turn, two sweeps of block rows."""
        identity = identity_like(jacobian)
        hj = per_matrix(self.step_size, jacobian) * jacobian
        gj = per_matrix(self._look_ahead, jacobian) * jacobian
        if self.schedule == "alternating":
            return _swept(dims, _swept(dims, identity, gj), hj)
        return identity - hj + hj @ gj

    def symbol(self, eigenvalue: Any) -> Array:
        """1 - h l + h g l^2."""
        if self.schedule == "alternating":
            return super().symbol(eigenvalue)
        value = as_eigenvalue(eigenvalue)
        return (1 - per_point(self.step_size, value) * value * (1 - per_point(self._look_ahead, value) * value))[
            ..., None
        ]

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """z - P(z - xi(z))."""
        return natural_residual(game, z)


def _in_turn(game: Game, z: Array, seen: Array, step: Any) -> Array:
    """Players move from z in turn, each with its gradient at `seen`, where it leaves its new block for the next."""
    for player, block in enumerate(player_slices(game.dims)):
        moved = replace_block(seen, block, z[..., block] - step * game.player_gradient(seen, player))
        seen = replace_block(seen, block, game.domain.project(moved)[..., block])
    return seen


def _swept(dims: tuple[int, ...], seen: Array, hj: Array) -> Array:
    """`_in_turn` for matrices: from z, with `seen` (..., d, d) times z in view and h J for the step."""
    xp = array_namespace(hj)
    identity = xp.broadcast_to(identity_like(hj), hj.shape)
    seen = xp.broadcast_to(seen, xp.broadcast_arrays(seen, hj)[0].shape)
    for block in player_slices(dims):
        rows = identity[..., block, :] - hj[..., block, :] @ seen
        seen = xp.concat([seen[..., : block.start, :], rows, seen[..., block.stop :, :]], axis=-2)
    return seen
