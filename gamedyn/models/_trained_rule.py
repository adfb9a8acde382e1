"""The rule with which a model is trained: the user's, then clipping, then the moving average of what samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.updates import Cost, UpdateRule, check_players

__all__ = ["TrainedRule", "TrainedState"]


class TrainedState(NamedTuple):
    """What one step of `TrainedRule` hands to the next."""

    inner: Any
    """The rule's own state."""
    average: Array | None
    """(..., d_0): the moving average of player 0's parameters, or None."""


@dataclass(frozen=True, eq=False)
class TrainedRule(UpdateRule):
    """z <- clip(rule(z)), and average <- b average + (1 - b) theta, theta player 0's block of z after the step.

    Player 0 is the generator of a GAN, and all of z in a game of one player.

    The average starts at the first theta. It is part of the state, so that a run that goes on has the bits of one that
    never stopped.

    Parameters
    ----------
    rule : UpdateRule
    clip : float, optional
        Bound of every parameter after player 0's after every step; None clips nothing.
    decay : float, optional
        b in [0, 1); None keeps no average.

    References
    ----------
    Arjovsky, Chintala and Bottou (2017), Wasserstein GAN (clipping). Yazici et al. (2019), The unusual effectiveness of
    averaging in GAN training.
    """

    rule: UpdateRule
    clip: float | None = None
    decay: float | None = None

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """The rule's."""
        return self.rule.cost

    @property
    def players(self) -> int | None:  # type: ignore[override]
        """The rule's."""
        return self.rule.players

    def init(self, game: Game, z: Array) -> TrainedState:
        """The rule's state, and the average at the start."""
        check_players(self, game)
        return TrainedState(self.rule.init(game, z), self.first_average(z, game.dims[0]))

    def step(self, game: Game, z: Array, state: TrainedState) -> tuple[Array, TrainedState]:
        """One step of the rule, and what follows it."""
        z, inner = self.rule.step(game, z, state.inner)
        z, average = self.end_step(z, state.average, game.dims[0])
        return z, TrainedState(inner, average)

    def first_average(self, z: Array, size: int) -> Array | None:
        """The average before the first step.

        Parameters
        ----------
        z : array, shape (..., d)
        size : int
            d_0, of player 0.
        """
        return None if self.decay is None else z[..., :size]

    def end_step(self, z: Array, average: Array | None, size: int) -> tuple[Array, Array | None]:
        """(z, average) after what follows the rule's step.

        Parameters
        ----------
        z : array, shape (..., d)
            As the rule left it.
        average : array, shape (..., d_0), or None
        size : int
            d_0.
        """
        if self.clip is not None:
            xp = array_namespace(z)
            z = xp.concat([z[..., :size], xp.clip(z[..., size:], -self.clip, self.clip)], axis=-1)
        if self.decay is None or average is None:
            return z, None
        return z, self.decay * average + (1 - self.decay) * z[..., :size]
