"""What an update rule is to a training plan: calls of ufuncs on one flat vector, and a few numbers set before them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy

from gamedyn.models._plan_buffers import Tape, aligned

__all__ = ["BOTH", "IN_TURN", "Order", "PlannedRule", "rows"]

Order = tuple[tuple[int | None, int], ...]
"""Who moves, None for both at once, and how many times, in the order of play; later times have a fresh batch."""

BOTH: Order = ((None, 1),)
IN_TURN: Order = ((0, 1), (1, 1))


class PlannedRule(ABC):
    """How z moves along gradients, which come multiplied by `scale`.

    Attributes
    ----------
    scale : float
    order : tuple of (int or None, int)
    carried : array, shape (k, d)
        z, and what the rule remembers. Gradients are those at z, which may be a look ahead until the step ends.
    gradient : array, shape (d,)
    opens : bool
        Whether the first state holds the gradient at the start, on the first batch.
    """

    scale: float
    order: Order
    carried: numpy.ndarray
    gradient: numpy.ndarray
    opens: bool = False

    @abstractmethod
    def enter(self, z: numpy.ndarray, state: Any) -> None:
        """Start from z (d,) and a state of the rule, None for its first one."""

    def open(self) -> None:
        """Take the gradient at the start into the first state, after `enter`."""
        return

    @abstractmethod
    def state(self) -> Any:
        """The state after the steps made so far, as arrays of its own."""

    @abstractmethod
    def add(self, tape: Tape, block: slice) -> None:
        """Move a block of z along its gradient."""

    def end(self, tape: Tape) -> None:
        """What follows when all have moved; nothing, for most rules."""
        return

    @abstractmethod
    def begin(self) -> None:
        """Count a step, and set the numbers that depend on it."""

    @abstractmethod
    def rewind(self, steps: int) -> None:
        """Count so many steps off."""


def rows(k: int, d: int, dtype: Any) -> numpy.ndarray:
    """Zeros (k, d), each row aligned."""
    return aligned((k, -(-d // 16) * 16), dtype)[:, :d]
