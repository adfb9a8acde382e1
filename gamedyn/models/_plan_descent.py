"""Gradient descent, with momentum, and optimistic, as calls on kept vectors."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.models._plan_buffers import Tape, aligned
from gamedyn.models._plan_rule import BOTH, Order, PlannedRule, rows
from gamedyn.updates import HeavyBall, HeavyBallState, OptimisticGradient, OptimisticState

__all__ = ["PlannedDescent", "PlannedHeavyBall", "PlannedOptimisticGradient"]


class PlannedDescent(PlannedRule):
    """z <- z + g, with the step size in the scale of g.

    Parameters
    ----------
    step_size : float
    order : tuple of (int or None, int)
    d, dtype
        Of z.
    """

    def __init__(self, step_size: float, order: Order, d: int, dtype: Any) -> None:
        self.scale, self.order = -step_size, order
        self.carried, self.gradient = rows(1, d, dtype), aligned((d,), dtype)

    def enter(self, z: numpy.ndarray, state: Any) -> None:
        """The state is None."""
        numpy.copyto(self.carried[0], z)

    def state(self) -> Any:
        """None."""
        return None

    def begin(self) -> None:
        """Nothing depends on it."""

    def rewind(self, steps: int) -> None:
        """Nothing depends on it."""

    def add(self, tape: Tape, block: slice) -> None:
        """One sum."""
        z, g = self.carried[0, block], self.gradient[block]
        tape.append((numpy.add, (z, g, z)))


class PlannedHeavyBall(PlannedRule):
    """z <- z + b (z - z_-) + g, with the step size in the scale of g.

    Parameters
    ----------
    rule : HeavyBall
    order : tuple of (int or None, int)
    d, dtype
        Of z.
    """

    def __init__(self, rule: HeavyBall, order: Order, d: int, dtype: Any) -> None:
        self.scale, self.order, self.momentum = -rule.step_size, order, rule.momentum
        self.carried, self.gradient = rows(2, d, dtype), aligned((d,), dtype)
        self.scratch = aligned((d,), dtype)

    def enter(self, z: numpy.ndarray, state: HeavyBallState | None) -> None:
        """Copy the previous point, z at the start."""
        numpy.copyto(self.carried[0], z)
        numpy.copyto(self.carried[1], z if state is None else state.previous_point)

    def state(self) -> HeavyBallState:
        """The previous point."""
        return HeavyBallState(self.carried[1].copy())

    def begin(self) -> None:
        """Nothing depends on it."""

    def rewind(self, steps: int) -> None:
        """Nothing depends on it."""

    def add(self, tape: Tape, block: slice) -> None:
        """Five passes over the block."""
        (z, previous), g, scratch = self.carried[:, block], self.gradient[block], self.scratch[block]
        tape.append((numpy.subtract, (z, previous, scratch)))
        tape.append((numpy.copyto, (previous, z)))
        tape.append((numpy.multiply, (scratch, numpy.asarray(self.momentum, g.dtype), scratch)))
        tape.append((numpy.add, (z, scratch, z)))
        tape.append((numpy.add, (z, g, z)))


class PlannedOptimisticGradient(PlannedRule):
    """z <- z + b xi_- - (h + b) xi, then xi_- <- xi.

    Parameters
    ----------
    rule : OptimisticGradient
    d, dtype
        Of z.
    """

    opens = True

    def __init__(self, rule: OptimisticGradient, d: int, dtype: Any) -> None:
        self.scale, self.order = 1.0, BOTH
        optimism = rule.step_size if rule.optimism is None else rule.optimism
        self.lengths = optimism, -(rule.step_size + optimism)
        self.carried, self.gradient = rows(2, d, dtype), aligned((d,), dtype)

    def enter(self, z: numpy.ndarray, state: OptimisticState | None) -> None:
        """Copy the previous gradient; `open` does, where there is none."""
        numpy.copyto(self.carried[0], z)
        if state is not None:
            numpy.copyto(self.carried[1], state.previous_gradient)

    def open(self) -> None:
        """The gradient at the start stands for the previous one."""
        numpy.copyto(self.carried[1], self.gradient)

    def state(self) -> OptimisticState:
        """The previous gradient."""
        return OptimisticState(self.carried[1].copy())

    def begin(self) -> None:
        """Nothing depends on it."""

    def rewind(self, steps: int) -> None:
        """Nothing depends on it."""

    def add(self, tape: Tape, block: slice) -> None:
        """Five passes over the block."""
        (z, previous), g = self.carried[:, block], self.gradient[block]
        old, new = (numpy.asarray(length, g.dtype) for length in self.lengths)
        tape.append((numpy.multiply, (previous, old, previous)))
        tape.append((numpy.add, (z, previous, z)))
        tape.append((numpy.copyto, (previous, g)))
        tape.append((numpy.multiply, (g, new, g)))
        tape.append((numpy.add, (z, g, z)))
