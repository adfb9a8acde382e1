"""Extragradient with a backtracked look ahead and an adaptive step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_in_interval, check_integer, check_positive
from gamedyn.backend import Array, array_namespace, like
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule, natural_residual, per_point
from gamedyn.updates._fast_extragradient import check_above_half_step
from gamedyn.updates._second_order import check_jvp

__all__ = ["CurvatureExtragradientPlus"]


@dataclass(frozen=True, eq=False)
class CurvatureExtragradientPlus(UpdateRule):
    """Look ahead as far as curvature allows, z~ = P(z - g xi(z)), then project on the half space that is found there.

    With d = (z - g xi(z)) - (z~ - g xi(z~)), z <- z - c alpha d and alpha = rho / g + <z - z~, d> / |d|^2. The length
    g starts from nu / |J(z)|, |J| the largest singular value, and is multiplied by tau while
    g |xi(z~) - xi(z)| > nu |z~ - z|. P projects onto the game's domain; on all of R^d, d = g xi(z~). It converges in
    games of which a weak Minty inequality with a parameter rho > -g / 2 holds, limit cycles of other rules included.

    Parameters
    ----------
    step_size : float or array, optional
        The length g to start from, > 0; nu / |J(z)| by default, for a singular value decomposition of J each step.
    nu, tau : float or array
        In (0, 1): the share of 1 / |J| that is tried, and the factor of a backtrack; by default what the authors
        recommend.
    relaxation : float or array
        c in (0, 2).
    rho : float or array
        At most the game's weak Minty parameter, and greater than -g / 2.
    backtracks : int
        At most so many, all of them evaluated, so that a step on a device never waits for the host: a trajectory whose
        length was accepted keeps it.

    Notes
    -----
    The cost is that of all backtracks. Where J(z) = 0, g starts from nu. Where d = 0 the rule rests.

    References
    ----------
    Pethick, Latafat, Patrinos, Fercoq, Cevher (2022), Escaping limit cycles: global convergence for constrained
    nonconvex-nonconcave minimax problems.
    """

    step_size: Any = None
    nu: Any = 0.99
    tau: Any = 0.5
    relaxation: Any = 1.0
    rho: Any = 0.0
    backtracks: int = 3
    is_smooth_at_rest = False
    heeds_domain = True

    def __post_init__(self) -> None:
        if self.step_size is not None:
            check_positive("step_size", self.step_size)
        check_in_interval("nu", self.nu, 0, 1, closed="neither")
        check_in_interval("tau", self.tau, 0, 1, closed="neither")
        check_in_interval("relaxation", self.relaxation, 0, 2, closed="neither")
        check_in_interval("rho", self.rho, -math.inf, math.inf, closed="neither")
        if self.step_size is not None:
            check_above_half_step("rho", self.rho, self.step_size)
        check_integer("backtracks", self.backtracks, minimum=0)

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """Two gradients, one for every backtrack, and a Jacobian where it gives the first length."""
        return Cost(gradients=2 + self.backtracks, solves=1 if self.step_size is None else 0)

    @property
    def has_flow(self) -> bool:  # type: ignore[override]
        """Not where J sets the length."""
        return self.step_size is not None

    def init(self, game: Game, z: Array) -> None:
        """No memory. Where J sets the length, the game's Jacobian products are tried once."""
        if self.step_size is None:
            check_jvp(self, game, z)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step, all gradients on one sample; no memory."""
        xp = array_namespace(z)
        xi = game.simultaneous_gradient(z)
        g = self._first_length(game, z)
        nu, tau = per_point(self.nu, z), per_point(self.tau, z)
        ahead = game.domain.project(z - g * xi)
        xi_ahead = game.simultaneous_gradient(ahead)
        # On linear games the first length may meet its bound exactly, where rounding must not halve it.
        bound = nu * (1 + math.sqrt(xp.finfo(z.dtype).eps))
        for _ in range(self.backtracks):
            too_long = g * _norm(xi_ahead - xi) > bound * _norm(ahead - z)
            g = xp.where(too_long, tau * g, g)
            ahead = game.domain.project(z - g * xi)
            xi_ahead = game.simultaneous_gradient(ahead)
        normal = z - ahead - g * (xi - xi_ahead)
        square = xp.sum(normal * normal, axis=-1, keepdims=True)
        rests = square == 0
        inner = xp.sum((z - ahead) * normal, axis=-1, keepdims=True)
        alpha = per_point(self.rho, z) / g + inner / xp.where(rests, xp.ones_like(square), square)
        return z - per_point(self.relaxation, z) * alpha * normal, None

    def _first_length(self, game: Game, z: Array) -> Array:
        """(..., 1): the length to start from."""
        xp = array_namespace(z)
        if self.step_size is not None:
            return like(self.step_size, z)[..., None] + xp.zeros_like(z[..., :1])
        size = xp.linalg.matrix_norm(game.jacobian(z), ord=2)[..., None]
        return per_point(self.nu, z) / xp.where(size > 0, size, xp.ones_like(size))

    def flow(self, game: Game, z: Array) -> Array:
        """-c xi, where the length to start from vanishes and rho with it."""
        return per_point(self.relaxation, z) * super().flow(game, z)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """z - P(z - xi(z))."""
        return natural_residual(game, z)


def _norm(v: Array) -> Array:
    """(..., 1): Euclidean."""
    xp = array_namespace(v)
    return xp.sqrt(xp.sum(v * v, axis=-1, keepdims=True))
