"""Gradient descent as calls on kept vectors."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.models._plan_buffers import Tape, aligned
from gamedyn.models._plan_rule import Order, PlannedRule, rows

__all__ = ["PlannedDescent"]


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
