"""Symplectic gradient adjustment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_nonnegative, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, identity_like, per_matrix, per_point
from gamedyn.updates._second_order import check_jvp

__all__ = ["SymplecticAdjustment"]


@dataclass(frozen=True, eq=False)
class SymplecticAdjustment(LinearUpdateRule):
    """Turn the gradient by the antisymmetric part A = (J - J^T) / 2: z <- z - h (xi + lambda A^T xi).

    With `align`, lambda is the strength times the sign of <xi, J^T xi> <A^T xi, J^T xi> / d + bias: attracted by stable
    points, repelled by unstable ones. Both products vanish at a stationary point, so that around one the sign is that
    of the bias, and M = I - h (I + strength A^T) J either way.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    strength : float or array
        |lambda| >= 0; 0 is simultaneous descent.
    align : bool
        Whether the sign is chosen at every point; False keeps it positive.
    alignment_bias : float or array
        > 0.

    References
    ----------
    Balduzzi, Racanière, Martens, Foerster, Tuyls, Graepel (2018), The mechanics of n-player differentiable games.
    Letcher et al. (2019), Differentiable game mechanics: strength 1 and bias 1/10.
    """

    step_size: Any = 0.1
    strength: Any = 1.0
    align: bool = True
    alignment_bias: Any = 0.1
    cost = Cost(gradients=1, jvps=1, vjps=1)

    @property
    def is_linear_everywhere(self) -> bool:  # type: ignore[override]
        """Not with `align`: its sign depends on the point."""
        return not self.align

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_nonnegative("strength", self.strength)
        check_positive("alignment_bias", self.alignment_bias)

    def init(self, game: Game, z: Array) -> None:
        """No memory; the game's Jacobian products are tried once."""
        check_jvp(self, game, z)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step; no memory."""
        return z + per_point(self.step_size, z) * self.flow(game, z), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h (J + strength A^T J)."""
        turned = (array_namespace(jacobian).matrix_transpose(jacobian) - jacobian) / 2
        field = jacobian + per_matrix(self.strength, jacobian) * (turned @ jacobian)
        return identity_like(jacobian) - per_matrix(self.step_size, jacobian) * field

    def flow(self, game: Game, z: Array) -> Array:
        """-(xi + lambda A^T xi)."""
        xp = array_namespace(z)
        xi = game.simultaneous_gradient(z)
        rise = game.vjp(z, xi)
        turned = (rise - game.jvp(z, xi)) / 2
        strength = per_point(self.strength, z)
        if self.align:
            products = xp.sum(xi * rise, axis=-1, keepdims=True) * xp.sum(turned * rise, axis=-1, keepdims=True)
            aligned = products / z.shape[-1] + per_point(self.alignment_bias, z) >= 0
            turned = xp.where(aligned, turned, -turned)
        return -(xi + strength * turned)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """xi + lambda A^T xi: zero only where xi is, for I + lambda A^T is invertible."""
        return -self.flow(game, z)
