"""The extragradient method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, as_eigenvalue, identity_like, per_matrix, per_point

__all__ = ["Extragradient"]


@dataclass(frozen=True, eq=False)
class Extragradient(LinearUpdateRule):
    """Look ahead, then step with the gradient found there: z <- z - h xi(z - g xi(z)).

    M = I - h J + h g J^2, symbol 1 - h l + h g l^2. On a bilinear game it converges for h s < 1 where g = h.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    extrapolation_step : float or array, optional
        g > 0; h by default.

    References
    ----------
    Korpelevich (1976), The extragradient method for finding saddle points and other problems.
    """

    step_size: Any = 0.1
    extrapolation_step: Any = None
    cost = Cost(gradients=2)

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        if self.extrapolation_step is not None:
            check_positive("extrapolation_step", self.extrapolation_step)

    @property
    def _look_ahead(self) -> Any:
        return self.step_size if self.extrapolation_step is None else self.extrapolation_step

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step, both gradients on one sample; no memory."""
        ahead = z - per_point(self._look_ahead, z) * game.simultaneous_gradient(z)
        return z - per_point(self.step_size, z) * game.simultaneous_gradient(ahead), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h J + h g J^2."""
        hj = per_matrix(self.step_size, jacobian) * jacobian
        gj = per_matrix(self._look_ahead, jacobian) * jacobian
        return identity_like(jacobian) - hj + hj @ gj

    def symbol(self, eigenvalue: Any) -> Array:
        """1 - h l + h g l^2."""
        value = as_eigenvalue(eigenvalue)
        return (1 - per_point(self.step_size, value) * value * (1 - per_point(self._look_ahead, value) * value))[
            ..., None
        ]
