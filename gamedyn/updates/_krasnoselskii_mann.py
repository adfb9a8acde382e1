"""Averaged resolvent steps: the iteration of Krasnosel'skii and Mann."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_in_interval, check_integer, check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, as_eigenvalue, identity_like, per_matrix, per_point
from gamedyn.updates._proximal_point import ProximalPoint, ProximalState

__all__ = ["KrasnoselskiiMann"]


@dataclass(frozen=True, eq=False)
class KrasnoselskiiMann(LinearUpdateRule):
    """Go a share c of the way to the implicit step: z <- z + c (R z - z), where w = R z solves w = z - h xi(w).

    M = (1 - c) I + c (I + h J)^{-1}, symbol 1 - c h l / (1 + h l). On a monotone game R averages the identity and
    the non-expansive 2 R - I in equal shares, so that it converges for every h and 0 < c < 2; c = 2 only reflects,
    and keeps every distance on a bilinear game.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    relaxation : float or array
        c in (0, 2]; 1 is `ProximalPoint`.
    newton_steps : int
        As in `ProximalPoint`.

    References
    ----------
    Krasnosel'skii (1955), Two remarks on the method of successive approximations. Mann (1953), Mean value methods in
    iteration.
    """

    step_size: Any = 0.1
    relaxation: Any = 0.5
    newton_steps: int = 5

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_in_interval("relaxation", self.relaxation, 0, 2, closed="right")
        check_integer("newton_steps", self.newton_steps, minimum=1)

    @property
    def _resolvent(self) -> ProximalPoint:
        return ProximalPoint(self.step_size, self.newton_steps)

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """That of `ProximalPoint`."""
        return self._resolvent.cost

    def init(self, game: Game, z: Array) -> ProximalState:
        """Nothing solved yet."""
        return self._resolvent.init(game, z)

    def step(self, game: Game, z: Array, state: ProximalState) -> tuple[Array, ProximalState]:
        """One relaxed implicit step and the residual of its equation."""
        solved, state = self._resolvent.step(game, z, state)
        return z + per_point(self.relaxation, z) * (solved - z), state

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """(1 - c) I + c (I + h J)^{-1}."""
        c = per_matrix(self.relaxation, jacobian)
        return (1 - c) * identity_like(jacobian) + c * self._resolvent.iteration_matrix(jacobian, dims)

    def symbol(self, eigenvalue: Any) -> Array:
        """1 - c h l / (1 + h l)."""
        value = as_eigenvalue(eigenvalue)
        hl = per_point(self.step_size, value) * value
        return (1 - per_point(self.relaxation, value) * hl / (1 + hl))[..., None]

    def flow(self, game: Game, z: Array) -> Array:
        """-c xi."""
        return -per_point(self.relaxation, z) * game.simultaneous_gradient(z)
