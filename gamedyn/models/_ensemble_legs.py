"""Legs of many trainings of one GAN at once, in groups whose numbers stay in a core's cache."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from gamedyn.games import WrappedDraws
from gamedyn.models._ensemble_plan import EnsemblePlan
from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._trained_rule import TrainedRule, TrainedState
from gamedyn.models._training_legs import Leg, Legs
from gamedyn.models._training_plan import TrainingPlan, plan_training

__all__ = ["EnsembleLegs"]

# Bytes that a step of a group works on: the second cache of a core; the times are the same for half of it.
_CACHE = 2**21


class EnsembleLegs:
    """Plays a leg of every member; each has the bits that it has alone.

    Parameters
    ----------
    game : NeuralGAN or WrappedDraws
        Whose wrapper returns the same kind of game for every draw.
    model : NeuralGAN
        Within it.
    rule : TrainedRule
    z : array, shape (d,)
        An example of the points.
    """

    def __init__(self, game: NeuralGAN | WrappedDraws, model: NeuralGAN, rule: TrainedRule, z: numpy.ndarray) -> None:
        self.game, self.model, self.rule, self.z = game, model, rule, z
        self.alone = Legs(game, rule, z)
        self.most = _largest_group(self.alone.plan)
        self.plans: dict[int, EnsemblePlan] = {}

    def play(
        self,
        starts: Sequence[tuple[numpy.ndarray, TrainedState | None]],
        generators: Sequence[numpy.random.Generator],
        steps: int,
        progress: Callable[[int, int], object] | None = None,
    ) -> list[Leg]:
        """The legs from all starts, which have made as many steps.

        Parameters
        ----------
        starts : sequence of (z, state)
        generators : sequence of numpy.random.Generator
            Each is left as it is after the steps that its member made.
        steps : int
        progress : callable, optional
            progress(members, members) as groups are done.
        """
        legs: list[Leg] = []
        for group in self.groups(len(starts)):
            those, rngs = starts[group], generators[group]
            for rng, stop in zip(rngs, self.plan_of(len(those)).run(those, rngs, steps), strict=True):
                if stop.steps == steps:
                    legs.append(Leg(stop.z, stop.state, steps, ()))
                else:
                    # Which step it was, and whose, is told as of a single run.
                    rest = self.alone.play(stop.z, stop.state, rng, steps - stop.steps, None)
                    legs.append(rest._replace(steps=stop.steps + rest.steps))
            if progress is not None:
                progress(len(legs), len(starts))
        return legs

    def groups(self, count: int) -> list[slice]:
        """Of so many members: as few groups as may be, and as equal as can be."""
        parts = -(-count // self.most)
        ends = [round(k * count / parts) for k in range(parts + 1)]
        return [slice(start, stop) for start, stop in itertools.pairwise(ends)]

    def plan_of(self, count: int) -> EnsemblePlan:
        """The plan of a group of so many."""
        if count not in self.plans:
            plan: Any = plan_training(self.game, self.rule, self.z, (count,) if count > 1 else ())
            self.plans[count] = EnsemblePlan(plan, self.model)
        return self.plans[count]


def _largest_group(plan: TrainingPlan | None) -> int:
    """Members whose numbers fit the cache together."""
    if plan is None:
        raise ValueError("`game` must be one that `plan_training` plans, with its rule.")
    arrays = [plan.rule.carried, plan.rule.gradient, plan.batch.real, plan.batch.latent_with_ones]
    for gradients in plan.gradients.values():
        for network in (gradients.critic, gradients.generator):
            arrays += network.buffers()
    one = sum({array.ctypes.data: array.nbytes for array in arrays}.values())
    return max(1, _CACHE // one)
