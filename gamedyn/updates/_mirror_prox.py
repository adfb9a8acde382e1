"""Mirror-prox: extragradient in the dual coordinates of the domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, per_point
from gamedyn.updates._extragradient import Extragradient
from gamedyn.updates._mirror import mirror_step, mirror_velocity

__all__ = ["MirrorProx"]


@dataclass(frozen=True, eq=False)
class MirrorProx(LinearUpdateRule):
    """Look ahead and step, both in dual coordinates: m(w) = m(z) - h xi(z), then m(z+) = m(z) - h xi(w).

    m is the mirror map of `game.domain`: the logarithm on simplices (multiplicative weights with a look ahead), the
    logit on boxes, the identity on R^d, where this is `Extragradient` with its matrix and symbol. In a monotone game
    the average of the points w has a gap of at most D / (h T), D the largest divergence from the start, for steps of at
    most one over the Lipschitz constant in a norm in which the mirror potential is 1-strongly convex.

    Parameters
    ----------
    step_size : float or array
        h > 0.

    Notes
    -----
    Coordinates at a bound have infinite duals and stay there: start inside.

    References
    ----------
    Nemirovski (2004), Prox-method with rate of convergence O(1/t) for variational inequalities with Lipschitz
    continuous monotone operators and smooth convex-concave saddle point problems.
    """

    step_size: Any = 0.1
    cost = Cost(gradients=2)
    heeds_domain = True
    is_linear_inside = False

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step, both gradients on one sample; no memory."""
        h = per_point(self.step_size, z)
        ahead = mirror_step(game.domain, z, h * game.simultaneous_gradient(z))
        return mirror_step(game.domain, z, h * game.simultaneous_gradient(ahead)), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h J + h^2 J^2, without constraints."""
        return Extragradient(self.step_size).iteration_matrix(jacobian, dims)

    def symbol(self, eigenvalue: Any) -> Array:
        """1 - h l + h^2 l^2, without constraints."""
        return Extragradient(self.step_size).symbol(eigenvalue)

    def flow(self, game: Game, z: Array) -> Array:
        """-xi in the domain's mirror geometry: the replicator on simplices."""
        return mirror_velocity(game.domain, z, game.simultaneous_gradient(z))

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """Minus the flow."""
        return -self.flow(game, z)
