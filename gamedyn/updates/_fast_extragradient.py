"""The fast extragradient method."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_in_interval, check_positive, describe
from gamedyn.backend import Array, like
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule, no_steps, per_point

__all__ = ["FastExtragradient", "FastExtragradientState", "check_above_half_step"]


class FastExtragradientState(NamedTuple):
    """What one step of `FastExtragradient` hands to the next."""

    anchor: Array
    """(..., d): z_0."""
    count: Array
    """(...,): k, the number of steps taken."""


@dataclass(frozen=True, eq=False)
class FastExtragradient(UpdateRule):
    """An anchored look ahead and an anchored step, of two lengths: with b = 1 / (k + 1) and c = z + b (z_0 - z),
    z~ = c - (1 - b) h xi(z), z <- c - h xi(z~).

    On a monotone game with an L-Lipschitz xi and h = 1 / L, |xi(z_k)|^2 <= 4 L^2 |z_0 - z*|^2 / k^2. The game may be
    less than monotone: with a comonotonicity rho > -h / 2, <xi(z) - xi(w), z - w> >= rho |xi(z) - xi(w)|^2, the rule
    is z~ = c - (1 - b) (h + 2 rho) xi(z), z <- c - h xi(z~) - 2 (1 - b) rho xi(z), and the bound is
    4 |z_0 - z*|^2 / ((h + 2 rho)^2 k^2).

    Parameters
    ----------
    step_size : float or array
        h > 0.
    comonotonicity : float or array
        rho > -h / 2; 0 for monotone games.

    Notes
    -----
    Cold start: the anchor is the point that `init` is given, and the first step is a plain one. The steps' weights
    change with k: there is no flow.

    References
    ----------
    Lee, Kim (2021), Fast extra gradient methods for smooth structured nonconvex-nonconcave minimax problems, algorithm
    1, theorem 4.1 (the bound) and example 2 (where it is attained).
    """

    step_size: Any = 0.1
    comonotonicity: Any = 0.0
    cost = Cost(gradients=2)
    has_flow = False
    is_time_invariant = False

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_above_half_step("comonotonicity", self.comonotonicity, self.step_size)

    def init(self, game: Game, z: Array) -> FastExtragradientState:
        """Anchored at z."""
        return FastExtragradientState(z, no_steps(z))

    def step(self, game: Game, z: Array, state: FastExtragradientState) -> tuple[Array, FastExtragradientState]:
        """One step, both gradients on one sample."""
        h, twice_rho = per_point(self.step_size, z), 2 * per_point(self.comonotonicity, z)
        b = 1 / (like(state.count, z) + 1)[..., None]
        xi = (1 - b) * game.simultaneous_gradient(z)
        drawn = z + b * (state.anchor - z)
        ahead = game.simultaneous_gradient(drawn - (h + twice_rho) * xi)
        return drawn - h * ahead - twice_rho * xi, FastExtragradientState(state.anchor, state.count + 1)


def check_above_half_step(name: str, value: Any, step_size: Any) -> None:
    """Refuse a number or array that is not greater than -step_size / 2, where steps of both lengths stay positive.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    value, step_size : float or array
    """
    check_in_interval(name, value, -math.inf, math.inf, closed="neither")
    try:
        check_positive(name, step_size + 2 * value)
    except ValueError:
        raise ValueError(
            f"`{name}` must be greater than -`step_size` / 2, got {describe(value)} with {describe(step_size)}."
        ) from None
