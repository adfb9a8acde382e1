"""The proximal point method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, array_namespace, device_of, real_dtype
from gamedyn.games import Game
from gamedyn.numerics import solve_or_nan
from gamedyn.updates._base import Cost, LinearUpdateRule, as_eigenvalue, identity_like, per_matrix, per_point
from gamedyn.updates._second_order import check_jvp

__all__ = ["ProximalPoint", "ProximalState"]


class ProximalState(NamedTuple):
    """How well the last step of `ProximalPoint` was solved."""

    residual: Array
    """(...,): |z+ - z + h xi(z+)|, Euclidean; 0 before the first step."""


@dataclass(frozen=True, eq=False)
class ProximalPoint(LinearUpdateRule):
    """The implicit step: z+ solves z+ = z - h xi(z+).

    M = (I + h J)^{-1}, symbol 1 / (1 + h l). On a bilinear game it contracts for every step size.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    newton_steps : int
        Newton steps on w - z + h xi(w), started at z; each takes one Jacobian and one dense solve. One is exact on
        linear games. Their number is fixed, so that a step on a device never waits for the host; the state reports
        the residual that is left.

    Notes
    -----
    Where I + h J is exactly singular the step is not defined and yields nan: the trajectory ends there.

    References
    ----------
    Martinet (1970), Régularisation d'inéquations variationnelles par approximations successives. Rockafellar (1976),
    Monotone operators and the proximal point algorithm.
    """

    step_size: Any = 0.1
    newton_steps: int = 5

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_integer("newton_steps", self.newton_steps, minimum=1)

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """One gradient and one solve per Newton step, and one gradient for the residual."""
        return Cost(gradients=self.newton_steps + 1, solves=self.newton_steps)

    def init(self, game: Game, z: Array) -> ProximalState:
        """Nothing solved yet. The game's Jacobian products are tried once."""
        check_jvp(self, game, z)
        xp = array_namespace(z)
        return ProximalState(xp.zeros(z.shape[:-1], dtype=real_dtype(z), device=device_of(z)))

    def step(self, game: Game, z: Array, state: ProximalState) -> tuple[Array, ProximalState]:
        """One implicit step and its residual."""
        xp = array_namespace(z)
        h = per_point(self.step_size, z)
        w = z
        for _ in range(self.newton_steps):
            defect = w - z + h * game.simultaneous_gradient(w)
            w = w - solve_or_nan(self._implicit(game.jacobian(w)), defect[..., None])[..., 0]
        defect = w - z + h * game.simultaneous_gradient(w)
        return w, ProximalState(xp.sqrt(xp.sum(abs(defect) ** 2, axis=-1)))

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """(I + h J)^{-1}."""
        implicit = self._implicit(jacobian)
        identity = array_namespace(jacobian).broadcast_to(identity_like(jacobian), implicit.shape)
        return solve_or_nan(implicit, identity)

    def symbol(self, eigenvalue: Any) -> Array:
        """1 / (1 + h l)."""
        value = as_eigenvalue(eigenvalue)
        return (1 / (1 + per_point(self.step_size, value) * value))[..., None]

    def _implicit(self, jacobian: Array) -> Array:
        return identity_like(jacobian) + per_matrix(self.step_size, jacobian) * jacobian
