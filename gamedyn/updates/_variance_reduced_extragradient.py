"""Stochastic variance reduced extragradient, with restarts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, array_namespace, like
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule, no_steps, per_point

__all__ = ["StochasticVarianceReducedExtragradient", "VarianceReducedState"]


class VarianceReducedState(NamedTuple):
    """What one epoch of `StochasticVarianceReducedExtragradient` hands to the next."""

    average: Array
    """(..., d): the mean of the points since the last restart."""
    points: Array
    """(...,), integers: how many there were."""
    epochs: Array
    """(...,), integers: epochs so far."""


@dataclass(frozen=True, eq=False)
class StochasticVarianceReducedExtragradient(UpdateRule):
    """One epoch of extragradient steps with gradients d_i(z) = xi_i(z) - xi_i(s) + xi(s), s the epoch's first point.

    xi is the gradient of the whole sum, taken once per epoch, xi_i that of a minibatch, a fresh one for each of the two
    gradients of a step: z~ = z - h d_i(z), then z <- z - h d_j(z~). On a deterministic game d = xi, and an epoch is as
    many steps of `Extragradient`.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    epoch_length : int
        Extragradient steps in an epoch, >= 1; the number of components of the sum, where there is one.
    restart_every : int, optional
        After that many epochs z becomes the mean of the points since the last restart; never by default.

    Notes
    -----
    The paper draws the length of an epoch from a geometric law of mean n and restarts with probability p. A pure step
    draws nothing but samples of its game, so that both numbers are fixed here: `epoch_length` is n, `restart_every`
    is 1 / p. One step of this rule is one epoch, whose cost counts an evaluation of xi for the whole sum and four for
    minibatches in every extragradient step.

    References
    ----------
    Chavdarova, Gidel, Fleuret, Lacoste-Julien (2019), Reducing noise in GAN training with variance reduced
    extragradient.
    """

    step_size: Any = 0.1
    epoch_length: int = 10
    restart_every: int | None = None

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_integer("epoch_length", self.epoch_length, minimum=1)
        if self.restart_every is not None:
            check_integer("restart_every", self.restart_every, minimum=1)

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """One gradient of the whole, and four of minibatches per extragradient step."""
        return Cost(gradients=1 + 4 * self.epoch_length)

    @property
    def has_flow(self) -> bool:  # type: ignore[override]
        """Whether it never restarts: an average lags behind."""
        return self.restart_every is None

    @property
    def is_time_invariant(self) -> bool:  # type: ignore[override]
        """Whether all epochs end alike: without a restart, or with one."""
        return self.restart_every in (None, 1)

    def init(self, game: Game, z: Array) -> VarianceReducedState:
        """No points yet."""
        return VarianceReducedState(z, no_steps(z), no_steps(z))

    def step(self, game: Game, z: Array, state: VarianceReducedState) -> tuple[Array, VarianceReducedState]:
        """One epoch, every gradient after the first on a fresh sample."""
        xp = array_namespace(z)
        h, snapshot = per_point(self.step_size, z), z
        whole = game.full().simultaneous_gradient(snapshot)
        average, points, epochs = state.average, state.points, state.epochs + 1
        for k in range(self.epoch_length):
            points = points + 1
            average = average + (z - average) / like(points, z)[..., None]
            target = z
            for half in range(2):
                if k or half:
                    game = game.redraw()
                correction = whole - game.simultaneous_gradient(snapshot)
                target = z - h * (game.simultaneous_gradient(target) + correction)
            z = target
        if self.restart_every is not None:
            restart = epochs % self.restart_every == 0
            z = xp.where(restart[..., None], average, z)
            points = xp.where(restart, xp.zeros_like(points), points)
        return z, VarianceReducedState(average, points, epochs)

    def flow(self, game: Game, z: Array) -> Array:
        """-xi, once for every step of the epoch."""
        return self.epoch_length * super().flow(game, z)
