"""Extragradient as calls on kept vectors, on one batch or on two."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.models._plan_buffers import Tape, aligned
from gamedyn.models._plan_rule import Order, PlannedRule, rows
from gamedyn.updates import DoubleStepExtragradient, DoubleStepState, Extragradient

__all__ = ["PlannedDoubleStep", "PlannedExtragradient"]


class PlannedExtragradient(PlannedRule):
    """z~ <- z - g xi(z), then z <- z - h xi(z~); g and h are numbers of 0 axes, since they may change.

    Parameters
    ----------
    rule : Extragradient or DoubleStepExtragradient
    order : tuple of (int or None, int)
        Of the looks ahead, then of the moves.
    d, dtype
        Of z.
    """

    def __init__(self, rule: Extragradient | DoubleStepExtragradient, order: Order, d: int, dtype: Any) -> None:
        self.rule, self.order, self.scale = rule, order, 1.0
        self.carried, self.gradient = rows(1, d, dtype), aligned((d,), dtype)
        self.start = aligned((d,), dtype)
        self.ahead, self.move = numpy.zeros((), dtype), numpy.zeros((), dtype)
        count = sum(times for _, times in order)
        self.unread = [self.ahead] * (count // 2) + [self.move] * (count // 2)

    def enter(self, z: numpy.ndarray, state: Any) -> None:
        """The state is None."""
        numpy.copyto(self.carried[0], z)

    def state(self) -> Any:
        """None."""
        return None

    def begin(self) -> None:
        """The two lengths."""
        h, g = self.rule.step_size, self.rule.extrapolation_step
        self.set_lengths(h if g is None else g, h)

    def set_lengths(self, g: float, h: float) -> None:
        """Of the step to come."""
        self.ahead.fill(-g)
        self.move.fill(-h)

    def rewind(self, steps: int) -> None:
        """Nothing depends on it."""

    def add(self, tape: Tape, block: slice) -> None:
        """One of the two, from the point where the step began."""
        z, g, start, length = self.carried[0, block], self.gradient[block], self.start[block], self.unread.pop(0)
        if length is self.ahead:
            tape.append((numpy.copyto, (start, z)))
        tape.append((numpy.multiply, (g, length, g)))
        tape.append((numpy.add, (start, g, z)))


class PlannedDoubleStep(PlannedExtragradient):
    """The same with a fresh batch for the move, and lengths that decrease.

    Parameters
    ----------
    rule : DoubleStepExtragradient
    d, dtype
        Of z.
    """

    def __init__(self, rule: DoubleStepExtragradient, d: int, dtype: Any) -> None:
        super().__init__(rule, ((None, 2),), d, dtype)
        self.offset, self.exponents, self.count = rule.offset, rule.exponents, 0

    def enter(self, z: numpy.ndarray, state: DoubleStepState | None) -> None:
        """The state is the number of steps."""
        super().enter(z, state)
        self.count = 0 if state is None else int(state.count)

    def state(self) -> DoubleStepState:
        """The number of steps."""
        return DoubleStepState(numpy.asarray(self.count, numpy.int64))

    def begin(self) -> None:
        """The lengths of this step."""
        at, h, g = self.count + self.offset, self.rule.step_size, self.rule.extrapolation_step
        first, second = self.exponents
        self.set_lengths((h if g is None else g) * at**-first, h * at**-second)
        self.count += 1

    def rewind(self, steps: int) -> None:
        """Of the steps' number."""
        self.count -= steps
