"""Preconditioned: any first-order rule, with gradients divided by their recent size."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, player_slices
from gamedyn.updates._base import Cost, UpdateRule, check_players, no_steps, per_point
from gamedyn.updates._moments import average, check_decay, corrected
from gamedyn.updates._wrapper import Wrapper, check_wrapped

__all__ = ["Preconditioned", "PreconditionedState"]


class PreconditionedState(NamedTuple):
    """What one step of `Preconditioned` hands to the next."""

    second: Array
    """(..., d): v, the average of squared gradients."""
    inner: Any
    """The inner rule's state."""
    steps: Array
    """(...,), integers: gradients averaged so far."""


@dataclass(frozen=True, eq=False)
class Preconditioned(Wrapper):
    """The rule on the field D xi, D = 1 / (sqrt(v^) + eps) coordinate by coordinate, held fixed during a step.

    v <- b v + (1 - b) xi(z)^2 at the point where the step begins, v^ = v / (1 - b^t) as in `Adam`. Around simultaneous
    descent this is Adam without momentum; around `HeavyBall`, `Extragradient` or `OptimisticGradient` their adaptive
    forms.

    Parameters
    ----------
    rule : UpdateRule
        The inner rule: it uses the field, and its Jacobian perhaps, but no gradients in others' coordinates, as `Lola`.
    decay : float or array
        b in [0, 1).
    epsilon : float or array
        eps > 0, added to the root of the corrected v.

    Raises
    ------
    TypeError
        From `init` and `step`, if the inner rule asks for `loss_gradients`.

    Notes
    -----
    The gradient that v sees is one evaluation more than the inner rule's. Cold start: v = 0, which the correction
    undoes; the inner rule starts on the field of the first step. Steps do not shrink with the gradient, and there is
    no flow.

    References
    ----------
    Kingma, Ba (2015), Adam: a method for stochastic optimization.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> from gamedyn.updates import Extragradient
    >>> game, z = Bilinear([[1.0]]), numpy.array([1.0, 200.0])
    >>> rule = Preconditioned(Extragradient(0.25), epsilon=1e-30)

    D = (1 / 200, 1): the look-ahead goes to (0.75, 200.25), and x moves by 200.25 h / 200.

    >>> rule.step(game, z, rule.init(game, z))[0].round(9).tolist()
    [0.7496875, 200.1875]
    """

    rule: UpdateRule
    decay: Any = 0.999
    epsilon: Any = 1e-8
    has_flow = False
    is_time_invariant = False
    is_smooth_at_rest = False

    def __post_init__(self) -> None:
        check_wrapped(self, self.rule)
        check_decay("decay", self.decay)
        check_positive("epsilon", self.epsilon)

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """The inner rule's, and one gradient."""
        return dataclasses.replace(self.rule.cost, gradients=self.rule.cost.gradients + 1)

    def init(self, game: Game, z: Array) -> PreconditionedState:
        """Nothing averaged yet; the inner rule as on the first step."""
        check_players(self, game)
        xi = game.simultaneous_gradient(z)
        steps = no_steps(z)
        weights = 1 / (abs(xi) + per_point(self.epsilon, z))
        return PreconditionedState(array_namespace(z).zeros_like(z), self.rule.init(_Weighted(game, weights), z), steps)

    def step(self, game: Game, z: Array, state: PreconditionedState) -> tuple[Array, PreconditionedState]:
        """The inner rule's step on the weighted field."""
        check_players(self, game)
        steps = state.steps + 1
        second = average(self.decay, state.second, game.simultaneous_gradient(z) ** 2)
        size = array_namespace(z).sqrt(corrected(second, self.decay, steps))
        weights = 1 / (size + per_point(self.epsilon, z))
        moved, inner = self.rule.step(_Weighted(game, weights), z, state.inner)
        return moved, PreconditionedState(second, inner, steps)


class _Weighted(Game):
    """The field D xi with D diagonal and constant: what the inner rule sees; losses are those of the game."""

    def __init__(self, game: Game, weights: Array) -> None:
        self.game = game
        self.dims = game.dims
        self.domain = game.domain
        self.weights = weights  # (..., d), one for every point of the batch

    def losses(self, z: Array) -> Array:
        return self.game.losses(z)

    def loss_gradients(self, z: Array) -> Array:
        raise TypeError(
            "`rule` of `Preconditioned` must ask for the players' own gradients only, got one that asks for gradients "
            "in others' coordinates: the weighted field has no losses."
        )

    def simultaneous_gradient(self, z: Array) -> Array:
        return self.weights * self.game.simultaneous_gradient(z)

    def player_gradient(self, z: Array, player: int) -> Array:
        return self.weights[..., player_slices(self.dims)[player]] * self.game.player_gradient(z, player)

    def jvp(self, z: Array, v: Array) -> Array:
        return self.weights * self.game.jvp(z, v)

    def vjp(self, z: Array, u: Array) -> Array:
        return self.game.vjp(z, self.weights * u)

    def own_hvp(self, z: Array, v: Array) -> Array:
        return self.weights * self.game.own_hvp(z, v)

    def cross_jvp(self, z: Array, v: Array) -> Array:
        return self.weights * self.game.cross_jvp(z, v)

    def cross_vjp(self, z: Array, u: Array) -> Array:
        return self.game.cross_vjp(z, self.weights * u)

    def jacobian(self, z: Array) -> Array:
        return self.weights[..., :, None] * self.game.jacobian(z)

    def redraw(self) -> Game:
        return _Weighted(self.game.redraw(), self.weights)

    def full(self) -> Game:
        return _Weighted(self.game.full(), self.weights)
