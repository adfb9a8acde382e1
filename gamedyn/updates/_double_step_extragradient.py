"""Extragradient with two decreasing steps, the look ahead the longer one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_nonnegative, check_positive
from gamedyn.backend import Array, like
from gamedyn.games import Game
from gamedyn.updates._base import (
    Cost,
    LinearUpdateRule,
    as_eigenvalue,
    as_linear,
    identity_like,
    no_steps,
    per_matrix,
    per_point,
)

__all__ = ["DoubleStepExtragradient", "DoubleStepState"]


class DoubleStepState(NamedTuple):
    """What one step of `DoubleStepExtragradient` hands to the next."""

    count: Array
    """(...,): k, the number of steps taken."""


@dataclass(frozen=True, eq=False)
class DoubleStepExtragradient(LinearUpdateRule):
    """Explore far and update little: z <- z - h_k xi(z - g_k xi(z)), g_k = g / (k + b)^r_g, h_k = h / (k + b)^r_h.

    On linear games step k has the symbol 1 - h_k l + h_k g_k l^2. With r_g < r_h the move vanishes before the look
    ahead does, which is what keeps a bilinear game converging under noise. With the exponents (0, 0) all steps are the
    same, M = I - h J + h g J^2: extragradient with independent samples.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    extrapolation_step : float or array, optional
        g > 0; h by default.
    exponents : tuple of float
        (r_g, r_h), both >= 0.
    offset : float or array
        b > 0.

    Notes
    -----
    Cold start: k = 0. On a stochastic game the second gradient is taken on a fresh sample. Steps that decrease on
    their own have no flow.

    References
    ----------
    Hsieh, Iutzeler, Malick, Mertikopoulos (2020), Explore aggressively, update conservatively: stochastic
    extragradient methods with variable stepsize scaling.
    """

    step_size: Any = 0.1
    extrapolation_step: Any = None
    exponents: tuple[float, float] = (1 / 3, 2 / 3)
    offset: Any = 1.0
    cost = Cost(gradients=2)
    has_flow = False

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        if self.extrapolation_step is not None:
            check_positive("extrapolation_step", self.extrapolation_step)
        if len(self.exponents) != 2:
            raise ValueError(f"`exponents` must be a pair (r_g, r_h), got {self.exponents}.")
        for exponent in self.exponents:
            check_nonnegative("exponents", exponent)
        check_positive("offset", self.offset)

    @property
    def is_linear(self) -> bool:  # type: ignore[override]
        """Whether the exponents are (0, 0)."""
        return not any(self.exponents)

    @property
    def is_time_invariant(self) -> bool:  # type: ignore[override]
        """Whether the exponents are (0, 0)."""
        return not any(self.exponents)

    @property
    def _look_ahead(self) -> Any:
        return self.step_size if self.extrapolation_step is None else self.extrapolation_step

    def init(self, game: Game, z: Array) -> DoubleStepState:
        """k = 0."""
        return DoubleStepState(no_steps(z))

    def step(self, game: Game, z: Array, state: DoubleStepState) -> tuple[Array, DoubleStepState]:
        """One step, the second gradient on a fresh sample."""
        h, g = per_point(self.step_size, z), per_point(self._look_ahead, z)
        at = like(state.count, z)[..., None] + per_point(self.offset, z)
        ahead = z - g * at ** -self.exponents[0] * game.simultaneous_gradient(z)
        moved = z - h * at ** -self.exponents[1] * game.redraw().simultaneous_gradient(ahead)
        return moved, DoubleStepState(state.count + 1)

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h J + h g J^2, for the exponents (0, 0)."""
        as_linear(self)
        hj = per_matrix(self.step_size, jacobian) * jacobian
        return identity_like(jacobian) - hj + hj @ (per_matrix(self._look_ahead, jacobian) * jacobian)

    def symbol(self, eigenvalue: Any) -> Any:
        """1 - h l + h g l^2, for the exponents (0, 0)."""
        as_linear(self)
        value = as_eigenvalue(eigenvalue)
        h, g = per_point(self.step_size, value), per_point(self._look_ahead, value)
        return (1 - h * value * (1 - g * value))[..., None]
