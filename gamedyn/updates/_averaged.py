"""Averaged: the running average of a rule's points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_choice, check_in_interval
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.updates._base import (
    Cost,
    UpdateRule,
    as_linear,
    check_players,
    identity_like,
    no_steps,
    per_matrix,
    per_point,
)
from gamedyn.updates._wrapper import LinearWrapper, check_wrapped

__all__ = ["Averaged", "AveragedState"]


class AveragedState(NamedTuple):
    """The rule that `Averaged` watches, and how long it has watched."""

    point: Array
    """(..., d): the inner rule's own point."""
    inner: Any
    """The inner rule's state."""
    steps: Array
    """(...,), integers: steps taken."""


@dataclass(frozen=True, eq=False)
class Averaged(LinearWrapper):
    """z is the average of the points w of a rule that plays on undisturbed: the mean so far, or an exponential one.

    "uniform": z_k = (w_0 + ... + w_k) / (k + 1), which changes from step to step and has no matrix. "ema":
    z <- b z + (1 - b) w, with the matrix [[b I, (1 - b) M_w], [0, M]] on [z, w, memories], M the rule's own and M_w its
    rows of w; the symbol is b beside the rule's multipliers.

    Parameters
    ----------
    rule : UpdateRule
        The inner rule, any.
    kind : {"uniform", "ema"}
        Which average.
    decay : float or array
        b of "ema", in [0, 1); 0 is the inner rule itself.

    Notes
    -----
    Cold start: before the first step the average and the point are both the start, which counts as one of the points
    of the mean. There is no flow: after k steps the average lags behind the points by a number of steps that
    does not depend on their size.

    On a bilinear game, where descent spirals outwards, the mean of its first T points with a step size of order
    T^(-1/2) comes within O(T^(-1/2)) of the equilibrium, and the mean of a rule that stays bounded, such as
    alternating descent, within O(1/T).

    References
    ----------
    Bruck (1977), On the weak convergence of an ergodic iteration for the solution of variational inequalities for
    monotone operators in Hilbert space. Yazici et al. (2019), The unusual effectiveness of averaging in GAN training.

    Examples
    --------
    Descent on x^2 / 2 with h = 1 goes from 1 to 0 and stays; the mean of the points is 1, 1/2, 1/3.

    >>> import numpy
    >>> from gamedyn.games import Quadratic
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> game, rule = Quadratic([[[1.0]]], (1,)), Averaged(SimultaneousGradientDescent(1.0))
    >>> z = numpy.ones(1)
    >>> state = rule.init(game, z)
    >>> z, state = rule.step(game, z, state)
    >>> z.tolist(), rule.step(game, z, state)[0].round(6).tolist()
    ([0.5], [0.333333])
    """

    rule: UpdateRule
    kind: str = "uniform"
    decay: Any = 0.9
    has_flow = False

    def __post_init__(self) -> None:
        check_wrapped(self, self.rule)
        check_choice("kind", self.kind, ("uniform", "ema"))
        check_in_interval("decay", self.decay, 0, 1, closed="left")

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """The inner rule's."""
        return self.rule.cost

    @property
    def is_linear(self) -> bool:  # type: ignore[override]
        """Whether the wrapped rule is and the average is exponential: a mean weighs every step differently."""
        return self.kind == "ema" and self.rule.is_linear

    @property
    def is_time_invariant(self) -> bool:  # type: ignore[override]
        """Whether the wrapped rule is and the average is exponential."""
        return self.kind == "ema" and self.rule.is_time_invariant

    def init(self, game: Game, z: Array) -> AveragedState:
        """Both at the start."""
        check_players(self, game)
        return AveragedState(z, self.rule.init(game, z), no_steps(z))

    def step(self, game: Game, z: Array, state: AveragedState) -> tuple[Array, AveragedState]:
        """The inner rule's step from its own point, then the average."""
        check_players(self, game)
        xp = array_namespace(z)
        point, inner = self.rule.step(game, state.point, state.inner)
        steps = state.steps + 1
        if self.kind == "ema":
            weight = 1 - per_point(self.decay, z)
        else:
            weight = 1 / (xp.astype(steps, z.dtype) + 1)[..., None]
        return z + weight * (point - z), AveragedState(point, inner, steps)

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """[[b I, (1 - b) M_w], [0, M]] on [z, w, memories]."""
        as_linear(self)
        xp = array_namespace(jacobian)
        matrix = as_linear(self.rule).iteration_matrix(jacobian, dims, loss_hessians)
        d, decay = jacobian.shape[-1], per_matrix(self.decay, matrix)
        top = (1 - decay) * matrix[..., :d, :]
        kept = xp.broadcast_to(decay * identity_like(jacobian), (*top.shape[:-2], d, d))
        matrix = xp.broadcast_to(matrix, (*top.shape[:-2], *matrix.shape[-2:]))
        zeros = xp.zeros_like(matrix[..., :, :d])
        return xp.concat([xp.concat([kept, top], axis=-1), xp.concat([zeros, matrix], axis=-1)], axis=-2)

    def symbol(self, eigenvalue: Any) -> Any:
        """b and the inner rule's multipliers."""
        if self.kind == "uniform":
            return super().symbol(eigenvalue)
        multipliers = as_linear(self.rule).symbol(eigenvalue)
        own = array_namespace(multipliers).zeros_like(multipliers[..., :1]) + per_matrix(self.decay, multipliers)
        return array_namespace(multipliers).concat([own, multipliers], axis=-1)
