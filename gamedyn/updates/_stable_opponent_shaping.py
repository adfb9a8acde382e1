"""Stable opponent shaping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_in_interval, check_nonnegative, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.updates._base import Cost, LinearUpdateRule, per_point
from gamedyn.updates._lola import looking_and_shaping
from gamedyn.updates._lookahead_opponent import LookaheadOpponent
from gamedyn.updates._second_order import check_jvp

__all__ = ["StableOpponentShaping"]


@dataclass(frozen=True, eq=False)
class StableOpponentShaping(LinearUpdateRule):
    """Between LookAhead (p = 0) and LOLA (p = 1): z <- z - h (xi_0 - p alpha chi), xi_0 = (I - alpha H_o) xi.

    p(z) is the smaller of two numbers. The first keeps the step within reach of LookAhead's: 1 where
    <alpha chi, xi_0> <= 0, else at most a |xi_0|^2 / <alpha chi, xi_0>. The second lets go of shaping near stationary
    points: |xi|^2 where |xi| < b, else 1. Around a stationary point M is that of `LookaheadOpponent`.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    alpha : float or array
        The length that the others are expected to step, >= 0.
    a, b : float or array
        In (0, 1).

    Notes
    -----
    It rests where xi = 0 and nowhere else, unless xi_0 and chi vanish together: elsewhere xi_0 = p alpha chi would give
    p <= a |xi_0|^2 / <alpha chi, xi_0> = a p < p. `cost` is that of two players, as for `Lola`.

    References
    ----------
    Letcher, Foerster, Balduzzi, Rocktäschel, Whiteson (2019), Stable opponent shaping in differentiable games,
    algorithm 1; a = 1/2 and b = 1/10 in their experiments.
    """

    step_size: Any = 0.1
    alpha: Any = 0.1
    a: Any = 0.5
    b: Any = 0.1
    cost = Cost(gradients=2, jvps=1, vjps=2, at_least=True)
    is_linear_everywhere = False

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_nonnegative("alpha", self.alpha)
        check_in_interval("a", self.a, 0, 1, closed="neither")
        check_in_interval("b", self.b, 0, 1, closed="neither")

    def init(self, game: Game, z: Array) -> None:
        """No memory; the game's Jacobian products are tried once."""
        check_jvp(self, game, z)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One step; no memory."""
        return z + per_point(self.step_size, z) * self.flow(game, z), None

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """I - h (I - alpha H_o) J: p is of second order around a stationary point."""
        return LookaheadOpponent(self.step_size, self.alpha).iteration_matrix(jacobian, dims)

    def flow(self, game: Game, z: Array) -> Array:
        """-(xi_0 - p alpha chi)."""
        xp = array_namespace(z)
        xi, looked, shaping = looking_and_shaping(game, z, per_point(self.alpha, z))
        against = xp.sum(shaping * looked, axis=-1, keepdims=True)
        opposed = against > 0
        limit = per_point(self.a, z) * xp.sum(looked * looked, axis=-1, keepdims=True) / xp.where(opposed, against, 1)
        first = xp.where(opposed, xp.minimum(limit, xp.ones_like(limit)), 1)
        square = xp.sum(xi * xi, axis=-1, keepdims=True)
        second = xp.where(xp.sqrt(square) < per_point(self.b, z), square, 1)
        return -(looked - xp.minimum(first, second) * shaping)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """xi_0 - p alpha chi."""
        return -self.flow(game, z)
