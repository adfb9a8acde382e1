"""A leg of a training: some steps of a rule on the draws of a game, by a recorded plan where there is one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy

from gamedyn.backend import Array, to_host
from gamedyn.dynamics import Status, simulate
from gamedyn.games import StochasticGame, player_slices
from gamedyn.models._device_plan import plan_on_device
from gamedyn.models._trained_rule import TrainedRule, TrainedState
from gamedyn.models._training_plan import NotFinite, plan_training

__all__ = ["Leg", "Legs"]

# A plan tells how far it is as often as `simulate` does.
_STEPS_BETWEEN_REPORTS = 64


class Leg(NamedTuple):
    """Where a leg ended."""

    z: Array
    state: TrainedState | None
    steps: int
    """Steps made, all of them to finite numbers."""
    culprits: tuple[int, ...]
    """The players who left the finite numbers in the step after these; none where all steps were made."""


class Legs:
    """Plays legs: by the plan of `plan_training` or `plan_on_device` for the game and the rule, else by `simulate`.

    Either way the bits do not depend on how a run is divided into legs.

    Parameters
    ----------
    game : StochasticGame
    rule : TrainedRule
    z : array, shape (d,)
        An example of the points.
    """

    def __init__(self, game: StochasticGame, rule: TrainedRule, z: Array) -> None:
        self.game, self.rule = game, rule
        self.plan: Any = plan_training(game, rule, z) or plan_on_device(game, rule, z)

    def play(
        self, z: Array, state: TrainedState | None, rng: Any, steps: int, progress: Callable[[int, int], object] | None
    ) -> Leg:
        """The leg from z and state; `rng` is left as it is after the steps that were made.

        Parameters
        ----------
        z : array, shape (d,)
        state : TrainedState or None
            None starts.
        rng : Generator
        steps : int
        progress : callable, optional
            progress(step, steps).
        """
        bits = copy.deepcopy(rng.bit_generator.state)
        play = self._by_simulate if self.plan is None else self._by_plan
        leg = play(z, state, rng, steps, progress)
        if leg.steps < steps:
            # Both draw on before they notice.
            rng.bit_generator.state = bits
            for _ in range(leg.steps):
                self.game.draw(rng)
            if not leg.culprits:
                # A rule that is no function of its arguments may not do it again.
                leg = leg._replace(culprits=self._culprits(leg, rng) or tuple(range(len(self.game.dims))))
        return leg

    def _by_plan(self, z: Any, state: TrainedState | None, rng: Any, steps: int, progress: Any) -> Leg:
        """Steps of the plan, with reports between them."""
        for done in range(0, steps, _STEPS_BETWEEN_REPORTS):
            count = min(_STEPS_BETWEEN_REPORTS, steps - done)
            try:
                z, state = self.plan.run(z, state, rng, count)
            except NotFinite as error:
                return Leg(error.z, error.state, done + error.step - 1, (error.player,))
            if progress is not None and count == _STEPS_BETWEEN_REPORTS:
                progress(done + count, steps)
        return Leg(z, state, steps, ())

    def _by_simulate(self, z: Array, state: TrainedState | None, rng: Any, steps: int, progress: Any) -> Leg:
        options = {"record_every": steps, "record_points": False, "progress": progress}
        at = Leg(z, state, 0, ())
        try:
            path = simulate(self.game, self.rule, z, steps, rng=rng, state=state, **options)
        except ValueError:
            # A loss may be NaN just where a leg starts; whatever else is wrong has been wrong from the start.
            if state is None or not self._culprits(at, rng):
                raise
            return at
        diverged = int(path.status) == Status.DIVERGED
        return Leg(path.final, path.final_state, int(path.stop_step) - 1 if diverged else steps, ())

    def _culprits(self, leg: Leg, rng: Any) -> tuple[int, ...]:
        """The players whose gradient, step or loss on the next draw is not finite, in this order; none, if all are."""
        z, blocks = leg.z, player_slices(self.game.dims)
        with numpy.errstate(all="ignore"):
            game = self.game.draw(copy.deepcopy(rng))
            found = [_is_bad(game.player_gradient(z, player)) for player in range(len(blocks))]
            if not any(found):
                state = self.rule.init(game, z) if leg.state is None else leg.state
                new = self.rule.step(game, z, state)[0]
                found = [_is_bad(new[block]) for block in blocks]
            if not any(found):
                found = [_is_bad(loss) for loss in to_host(game.losses(z))]
        return tuple(player for player, is_bad in enumerate(found) if is_bad)


def _is_bad(values: Any) -> bool:
    return not numpy.isfinite(to_host(values)).all()
