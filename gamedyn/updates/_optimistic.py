"""Optimistic gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_nonnegative, check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, as_eigenvalue, identity_like, per_matrix, per_point
from gamedyn.updates._one_memory import block_matrix, two_multipliers

__all__ = ["OptimisticGradient", "OptimisticState"]


class OptimisticState(NamedTuple):
    """What one step of `OptimisticGradient` hands to the next."""

    previous_gradient: Array
    """(..., d): xi at the point before."""


@dataclass(frozen=True, eq=False)
class OptimisticGradient(LinearUpdateRule):
    """Step with a gradient extrapolated from the last two: z <- z - (h + b) xi_k + b xi_{k-1}.

    M = [[I - (h + b) J, b I], [J, 0]] on [z, xi_{k-1}]; symbol: r^2 - (1 - (h + b) l) r - b l = 0. On a bilinear game
    it converges for h s < 1 / sqrt(3) where b = h.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    optimism : float or array, optional
        b >= 0; h by default, and 0 is simultaneous descent.

    Notes
    -----
    Cold start: before the first step the previous gradient is the current one, xi_{-1} = xi_0, so that the first step
    is a plain descent step z - h xi. `init` spends one evaluation of xi on it, once.

    References
    ----------
    Daskalakis, Ilyas, Syrgkanis, Zeng (2018), Training GANs with optimism. Popov (1980), A modification of the
    Arrow-Hurwicz method for search of saddle points.
    """

    step_size: Any = 0.1
    optimism: Any = None
    cost = Cost(gradients=1)

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        if self.optimism is not None:
            check_nonnegative("optimism", self.optimism)

    @property
    def _correction(self) -> Any:
        return self.step_size if self.optimism is None else self.optimism

    def init(self, game: Game, z: Array) -> OptimisticState:
        """The current gradient stands for the previous one."""
        return OptimisticState(game.simultaneous_gradient(z))

    def step(self, game: Game, z: Array, state: OptimisticState) -> tuple[Array, OptimisticState]:
        """One step; remembers the gradient that it used."""
        xi = game.simultaneous_gradient(z)
        moved = z - per_point(self.step_size, z) * xi - per_point(self._correction, z) * (xi - state.previous_gradient)
        return moved, OptimisticState(xi)

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """[[I - (h + b) J, b I], [J, 0]] on [z, previous gradient]."""
        identity = identity_like(jacobian)
        h, b = per_matrix(self.step_size, jacobian), per_matrix(self._correction, jacobian)
        zero = 0 * identity
        return block_matrix([[identity - (h + b) * jacobian, b * identity], [jacobian, zero]])

    def symbol(self, eigenvalue: Any) -> Array:
        """The two roots r of r^2 - (1 - (h + b) l) r - b l, the larger modulus first."""
        value = as_eigenvalue(eigenvalue)
        h, b = per_point(self.step_size, value), per_point(self._correction, value)
        return two_multipliers(1 - (h + b) * value, -b * value)
