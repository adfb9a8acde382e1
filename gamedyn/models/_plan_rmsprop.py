"""RMSProp as calls on kept vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.models._plan_buffers import Tape, aligned
from gamedyn.models._plan_rule import Order, PlannedRule, rows
from gamedyn.updates import RMSProp, RMSPropState

__all__ = ["PlannedRMSProp"]


class PlannedRMSProp(PlannedRule):
    """v <- b v + (1 - b) xi^2, z <- z - h xi / (sqrt(v) + eps), where xi comes multiplied by sqrt(1 - b).

    Parameters
    ----------
    rule : RMSProp
    order : tuple of (int or None, int)
    factors : tuple of float
        Of each player's step size.
    d, dtype
        Of z.
    """

    def __init__(self, rule: RMSProp, order: Order, factors: tuple[float, ...], d: int, dtype: Any) -> None:
        self.rule, self.order, self.scale = rule, order, math.sqrt(1 - rule.decay)
        self.carried, self.gradient = rows(2, d, dtype), aligned((d,), dtype)
        self.scratch = aligned((d,), dtype)
        self.unread = [factors[player or 0] * rule.step_size for player, count in order for _ in range(count)]

    def enter(self, z: numpy.ndarray, state: RMSPropState | None) -> None:
        """Copy the average."""
        numpy.copyto(self.carried[0], z)
        numpy.copyto(self.carried[1], 0 if state is None else state.second)

    def state(self) -> RMSPropState:
        """The average."""
        return RMSPropState(self.carried[1].copy())

    def begin(self) -> None:
        """Nothing depends on it."""

    def rewind(self, steps: int) -> None:
        """Nothing depends on it."""

    def add(self, tape: Tape, block: slice) -> None:
        """Eight passes over the block."""
        (z, v), g, scratch = self.carried[:, block], self.gradient[block], self.scratch[block]
        numbers = self.rule.decay, self.rule.epsilon, -self.unread.pop(0) / self.scale
        decay, epsilon, length = (numpy.asarray(number, g.dtype) for number in numbers)
        tape.append((numpy.multiply, (g, g, scratch)))
        tape.append((numpy.multiply, (v, decay, v)))
        tape.append((numpy.add, (v, scratch, v)))
        tape.append((numpy.sqrt, (v, scratch)))
        tape.append((numpy.add, (scratch, epsilon, scratch)))
        tape.append((numpy.divide, (g, scratch, scratch)))
        tape.append((numpy.multiply, (scratch, length, scratch)))
        tape.append((numpy.add, (z, scratch, z)))
