"""StepMap: one step of an update rule as a map of R^D to itself, with its derivative."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, float_arrays, like
from gamedyn.games import Game, StochasticGame
from gamedyn.updates._base import UpdateRule, check_linearizable, check_players
from gamedyn.updates._extended import extended_point, step_extended

__all__ = ["StepMap"]

# Squares of it vanish beside 1, in both precisions.
_TINY = 2.0**-80


class StepMap:
    """u -> F(u), one step of `rule` on the extended state u = [z, memories] in R^D, and D F.

    The dynamical system that orbits, their multipliers, Lyapunov exponents and bifurcations belong to. Memories are
    the previous points, gradients or momenta in the rule's state, in the order of the iteration matrix.

    Parameters
    ----------
    rule : UpdateRule
        Whose step is the same at all times.
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.

    Raises
    ------
    NotImplementedError
        If the rule's step changes with time.

    Examples
    --------
    Heavy ball on x^2 / 2 maps [z, previous z].

    >>> import numpy
    >>> from gamedyn.games import Quadratic
    >>> from gamedyn.updates import HeavyBall
    >>> step = StepMap(HeavyBall(0.5, momentum=0.25), Quadratic([[[1.0]]], dims=(1,)))
    >>> start = step.start(numpy.array([1.0]))
    >>> step(start).tolist()
    [0.5, 1.0]
    >>> step.jacobian(start).tolist()
    [[0.75, -0.25], [1.0, 0.0]]
    """

    def __init__(self, rule: UpdateRule, game: Game | StochasticGame) -> None:
        if not rule.is_time_invariant:
            check_linearizable(rule)
        self.rule, self.game = rule, game.full()
        check_players(rule, self.game)

    def __repr__(self) -> str:
        return f"StepMap({self.rule!r}, {self.game!r})"

    def start(self, z: Array) -> Array:
        """(..., D): the extended state with which the rule starts at z (..., d)."""
        _, z = float_arrays(z, names=("z",))
        return extended_point(z, self.rule.init(self.game, z))

    def point(self, u: Array) -> Array:
        """(..., d): z of u (..., D)."""
        return u[..., : sum(self.game.dims)]

    def __call__(self, u: Array) -> Array:
        """F(u), (..., D) for any batch; complex u is accepted where the game and the rule are analytic."""
        z = self.point(u)
        return step_extended(self.rule, self.game, u, self.rule.init(self.game, z), tuple(z.shape))

    def jacobian(self, u: Array) -> Array:
        """D F(u), (..., D, D): by complex step where that agrees with differences, else by differences.

        Exact to rounding where the step is analytic; good to about 1e-10 of its scale elsewhere.
        """
        xp, size = array_namespace(u), u.shape[-1]
        scale = 1 + xp.max(xp.abs(u), axis=-1, keepdims=True)
        # The fifth root of the roundoff balances the errors of a rule of order 4.
        h = float(xp.finfo(u.dtype).eps) ** 0.2 / 4 * scale
        columns = []
        for k in range(size):
            e = like(numpy.eye(size)[k], u)
            near, far = (self(u + m * h * e) - self(u - m * h * e) for m in (0.5, 1.0))
            columns.append((8 * near - far) / (6 * h))
        slopes = xp.stack(columns, axis=-1)
        exact = self._complex_step(u)
        if exact is None:
            return slopes
        size_of = 1 + xp.max(xp.abs(slopes), axis=(-2, -1), keepdims=True)
        agree = xp.all(xp.abs(exact - slopes) <= float(xp.finfo(u.dtype).eps) ** 0.5 * size_of, axis=(-2, -1))
        return xp.where(agree[..., None, None], exact, slopes)

    def _complex_step(self, u: Array) -> Any:
        """D F by complex step; None where the rule takes no complex numbers."""
        xp, size = array_namespace(u), u.shape[-1]
        columns = []
        for k in range(size):
            moved = u + 1j * _TINY * like(numpy.eye(size)[k], u)
            try:
                columns.append(xp.imag(self(moved)) / _TINY)
            except (TypeError, ValueError):
                return None
        return xp.stack(columns, axis=-1)
