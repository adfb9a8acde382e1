"""Update rules as the fused kernels play them: who moves when, how far, and how Adam's state looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import to_host
from gamedyn.models._plan_rules import planned_rule
from gamedyn.models._trained_rule import TrainedRule, TrainedState
from gamedyn.updates import (
    Adam,
    AdamState,
    AlternatingGradientDescent,
    InnerSteps,
    SimultaneousGradientDescent,
    UpdateRule,
)

__all__ = ["DeviceRule", "device_rule"]


@dataclass(frozen=True)
class DeviceRule:
    """A rule in numbers.

    Parameters
    ----------
    order : tuple of (int, int)
        Player and number of its steps, in the order of play; empty where both move at once.
    step_sizes : tuple of float
        Of each player.
    adam : Adam or None
        Whose decays and epsilon are meant; None for plain descent.
    counts_apart : bool
        Whether Adam's state has a count for each player, as within `InnerSteps`.
    trained : TrainedRule or None
        What follows a step, and has a state around that of Adam; None for a rule alone.
    """

    order: tuple[tuple[int, int], ...]
    step_sizes: tuple[float, float]
    adam: Adam | None
    counts_apart: bool
    trained: TrainedRule | None = None

    @property
    def batches(self) -> int:
        """Minibatches of a step: a player's further steps have fresh ones."""
        return 1 + sum(count - 1 for _, count in self.order)

    @property
    def counts(self) -> tuple[int, int]:
        """Gradients of each player in a step."""
        found = dict(self.order)
        return found.get(0, 1), found.get(1, 1)

    @property
    def rows(self) -> int:
        """Vectors that a run carries: z, Adam's averages, and that of the generator."""
        return (1 if self.adam is None else 3) + self.has_average

    @property
    def has_average(self) -> bool:
        """Whether the generator's parameters are averaged."""
        return self.trained is not None and self.trained.decay is not None

    @property
    def ends(self) -> tuple[float, float, float] | None:
        """The discriminator's bound, the average's decay and the new point's share in it, 0 for none; None of all."""
        if self.trained is None or (self.trained.clip is None and self.trained.decay is None):
            return None
        decay = self.trained.decay
        return float(self.trained.clip or 0), float(decay or 0), 0.0 if decay is None else 1 - float(decay)

    def opened(self, state: Any) -> tuple[AdamState | None, Any]:
        """Adam's state and the generator's average in a state of the rule, each None where there is none."""
        return (state or (None, None)) if self.trained is not None else (state, None)

    def closed(self, inner: AdamState | None, average: Any) -> Any:
        """A state of the rule, of these."""
        return inner if self.trained is None else TrainedState(inner, average)

    def counted(self, inner: AdamState | None) -> list[int]:
        """Gradients of each player so far, from Adam's state."""
        if inner is None:
            return [0, 0]
        return [int(count) for count in numpy.broadcast_to(numpy.ravel(to_host(inner.steps)), 2)]

    def steps_of(self, counts: list[int]) -> numpy.ndarray:
        """These numbers as Adam's state has them."""
        both = numpy.asarray(counts, numpy.int64)
        return both[:, None] if self.counts_apart else numpy.asarray(both[0])


def device_rule(rule: UpdateRule) -> DeviceRule | None:
    """The rule in numbers, or None where the kernels do not know it.

    They know `Adam`, `InnerSteps` of it, `SimultaneousGradientDescent` and `AlternatingGradientDescent`, all with
    numbers for hyper-parameters, and a `TrainedRule` of one of these.

    Parameters
    ----------
    rule : UpdateRule
    """
    trained = rule if isinstance(rule, TrainedRule) and type(rule) is TrainedRule else None
    known: Any = rule if trained is None else trained.rule
    moves = known.rule if isinstance(known, InnerSteps) else known
    planned = planned_rule(known, 1, numpy.float64)
    if planned is None or not isinstance(moves, (Adam, SimultaneousGradientDescent, AlternatingGradientDescent)):
        return None
    order = tuple((player, count) for player, count in planned.order if player is not None)
    if not isinstance(known, InnerSteps):
        size = float(known.step_size)
        return DeviceRule(order, (size, size), known if isinstance(known, Adam) else None, False, trained)
    adam: Any = known.rule
    first, second = (factor * float(adam.step_size) for factor in known.step_factors or (1.0, 1.0))
    return DeviceRule(order, (first, second), adam, True, trained)
