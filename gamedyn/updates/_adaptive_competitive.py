"""Adaptive competitive gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_in_interval, check_integer, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.numerics import solve_or_nan
from gamedyn.updates._base import Cost, UpdateRule, identity_like, no_steps, per_point
from gamedyn.updates._competitive import cold_competitive, solve_competitive
from gamedyn.updates._matrix_free import DENSE_LIMIT, SolveState, cost_of_solve
from gamedyn.updates._second_order import check_jvp, off_diagonal

__all__ = ["AdaptiveCompetitive", "AdaptiveCompetitiveState"]


class AdaptiveCompetitiveState(NamedTuple):
    """What one step of `AdaptiveCompetitive` hands to the next."""

    steps: Array
    """(...,), integer: steps taken."""
    second_moment: Array
    """(..., d): running average of xi^2, not corrected for its start at 0."""
    solve: SolveState | None
    """Above `dense_limit`."""


@dataclass(frozen=True, eq=False)
class AdaptiveCompetitive(UpdateRule):
    """Competitive descent with a step size of its own for every coordinate: z <- z - (I + S H_o)^{-1} S xi.

    S = diag(h sqrt(1 - beta^t) / (sqrt(v) + epsilon)), v <- beta v + (1 - beta) xi^2 coordinatewise, t the number of
    the step. No linear map: S follows the gradient.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    beta : float or array
        Weight of the past in v, in (0, 1).
    epsilon : float or array
        > 0.
    dense_limit : int
        As for `Competitive`.

    Notes
    -----
    Cold start: v = 0, undone by the factor 1 - beta^t, so that the first S is h / (|xi| + epsilon / sqrt(1 - beta)).
    There is no flow: the step does not shrink with the gradient. `cost` is that of the dense step.

    References
    ----------
    Schäfer, Zheng, Anandkumar (2020), Implicit competitive regularization in GANs; the correction and epsilon's place
    are those of the authors' code.
    """

    step_size: Any = 0.1
    beta: Any = 0.99
    epsilon: Any = 1e-5
    dense_limit: int = DENSE_LIMIT
    has_flow = False
    is_time_invariant = False
    is_smooth_at_rest = False

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_in_interval("beta", self.beta, 0, 1, closed="neither")
        check_positive("epsilon", self.epsilon)
        check_integer("dense_limit", self.dense_limit, minimum=0)

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """One gradient and a dense solve, counted for games up to `dense_limit`."""
        return cost_of_solve(1, self.dense_limit)

    def init(self, game: Game, z: Array) -> AdaptiveCompetitiveState:
        """No gradient seen. The game's Jacobian products are tried once."""
        check_jvp(self, game, z)
        return AdaptiveCompetitiveState(
            no_steps(z),
            array_namespace(z).zeros_like(z),
            None if z.shape[-1] <= self.dense_limit else cold_competitive(game, z),
        )

    def step(self, game: Game, z: Array, state: AdaptiveCompetitiveState) -> tuple[Array, AdaptiveCompetitiveState]:
        """One step."""
        xp = array_namespace(z)
        xi = game.simultaneous_gradient(z)
        beta = per_point(self.beta, z) + xp.zeros_like(z)
        moment = beta * state.second_moment + (1 - beta) * xi**2
        steps = state.steps + 1
        correction = xp.sqrt(1 - beta ** xp.astype(steps, z.dtype)[..., None])
        size = per_point(self.step_size, z) * correction / (xp.sqrt(moment) + per_point(self.epsilon, z))
        if state.solve is None:
            coupled = identity_like(size[..., None] * size[..., None, :])
            coupled = coupled + off_diagonal(game.jacobian(z), game.dims) * size[..., None, :]
            move, solve = solve_or_nan(coupled, xi[..., None])[..., 0], None
        else:
            move, solve = solve_competitive(game, z, xi, size, state.solve)
        return z - size * move, AdaptiveCompetitiveState(steps, moment, solve)
