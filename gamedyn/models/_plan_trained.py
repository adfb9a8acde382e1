"""What follows a step of training, as calls on kept arrays: the clip, and the generator's moving average."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.models._plan_buffers import Tape, add_maximum, add_minimum, aligned
from gamedyn.models._plan_rule import PlannedRule, rows
from gamedyn.models._plan_rules import planned_rule
from gamedyn.models._trained_rule import TrainedRule, TrainedState

__all__ = ["planned_trained_rule"]


class _Trained(PlannedRule):
    """A planned rule, its state that of `TrainedRule`; the average is one more row of what is carried.

    Parameters
    ----------
    inner : PlannedRule
    rule : TrainedRule
    first : int
        d_0, of the generator.
    """

    def __init__(self, inner: PlannedRule, rule: TrainedRule, first: int) -> None:
        self.inner, self.rule, self.first = inner, rule, first
        self.scale, self.order, self.gradient, self.opens = inner.scale, inner.order, inner.gradient, inner.opens
        count, d = inner.carried.shape
        self.carried = rows(count + (rule.decay is not None), d, inner.carried.dtype)
        inner.carried = self.carried[:count]

    def enter(self, z: numpy.ndarray, state: TrainedState | None) -> None:
        """The rule's own, and the average, which starts at theta."""
        self.inner.enter(z, None if state is None else state.inner)
        if self.rule.decay is not None:
            theta = z[: self.first] if state is None or state.average is None else state.average
            numpy.copyto(self.carried[-1, : self.first], theta)

    def open(self) -> None:
        """The rule's own."""
        self.inner.open()

    def state(self) -> TrainedState:
        """The rule's own, and the average."""
        average = None if self.rule.decay is None else self.carried[-1, : self.first].copy()
        return TrainedState(self.inner.state(), average)

    def begin(self) -> None:
        """The rule's own."""
        self.inner.begin()

    def rewind(self, steps: int) -> None:
        """The rule's own: the average has no count."""
        self.inner.rewind(steps)

    def add(self, tape: Tape, block: slice) -> None:
        """The rule's own."""
        self.inner.add(tape, block)

    def end(self, tape: Tape) -> None:
        """phi <- clip(phi), then average <- b average + (1 - b) theta."""
        z, first = self.carried[0], self.first
        if self.rule.clip is not None:
            phi = z[first:]
            kept, bound = aligned(phi.shape, phi.dtype), numpy.full(phi.shape, self.rule.clip, phi.dtype)
            # A clip makes a number of infinity; 0 times infinity shows that it was there.
            tape.append((numpy.multiply, (phi, numpy.asarray(0, phi.dtype), kept)))
            add_minimum(tape, phi, bound, phi)
            add_maximum(tape, phi, -bound, phi)
            tape.append((numpy.add, (phi, kept, phi)))
        if self.rule.decay is not None:
            average, share = self.carried[-1, :first], aligned((first,), z.dtype)
            kept_share, new_share = (numpy.asarray(b, z.dtype) for b in (self.rule.decay, 1 - self.rule.decay))
            tape.append((numpy.multiply, (average, kept_share, average)))
            tape.append((numpy.multiply, (z[:first], new_share, share)))
            tape.append((numpy.add, (average, share, average)))


def planned_trained_rule(rule: Any, d: int, dtype: Any, first: int) -> PlannedRule | None:
    """As `planned_rule`, for a `TrainedRule`, too.

    Parameters
    ----------
    rule : UpdateRule
    d : int
    dtype : dtype
    first : int
        d_0, of the generator.
    """
    if not (isinstance(rule, TrainedRule) and type(rule) is TrainedRule):
        return planned_rule(rule, d, dtype)
    inner = planned_rule(rule.rule, d, dtype)
    return None if inner is None else _Trained(inner, rule, first)
