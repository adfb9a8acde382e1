"""Adam, and its directions with a look ahead or extrapolated, as calls on kept vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.models._plan_buffers import Tape, aligned
from gamedyn.models._plan_rule import BOTH, Order, PlannedRule, rows
from gamedyn.updates import Adam, AdamState, ExtraAdam, OptimisticAdam, OptimisticAdamState

__all__ = ["PlannedAdam", "PlannedExtraAdam", "PlannedOptimisticAdam"]


class PlannedAdam(PlannedRule):
    """z <- z + l c m / (sqrt(v) + e), with all that depends on t in the two numbers l c and e.

    Gradients come multiplied by 1 - b1, as m takes them.

    Parameters
    ----------
    rule : Adam, ExtraAdam or OptimisticAdam
    order : tuple of (int or None, int)
    lengths : tuple of float
        l, of each player: minus its step size.
    counts_apart : bool
        Whether the state has a count for each player, as within `InnerSteps`.
    d, dtype
        Of z.
    """

    row_count = 3

    def __init__(
        self,
        rule: Adam | ExtraAdam | OptimisticAdam,
        order: Order,
        lengths: tuple[float, ...],
        counts_apart: bool,
        d: int,
        dtype: Any,
    ) -> None:
        self.rule, self.order, self.counts_apart = rule, order, counts_apart
        self.scale, self.counts = 1 - rule.first_decay, [0, 0]
        self.carried, self.gradient = rows(self.row_count, d, dtype), aligned((d,), dtype)
        self.scratch = aligned((d,), dtype)
        # Player, number of the step within the round, length, and where l c and e are read.
        self.numbers: list[tuple[int, int, float, numpy.ndarray, numpy.ndarray]] = []
        for player, count in order:
            first = player or 0
            for k in range(count):
                c, e = numpy.zeros((), dtype), numpy.zeros((), dtype)
                self.numbers.append((first, k, lengths[first], c, e))
        self.unread = list(self.numbers)

    def enter(self, z: numpy.ndarray, state: Any) -> None:
        """Copy the averages and the counts."""
        self.carried.fill(0)
        numpy.copyto(self.carried[0], z)
        self.counts = [0, 0]
        if state is not None:
            numpy.copyto(self.carried[1], state.first)
            numpy.copyto(self.carried[2], state.second)
            self.counts = [int(count) for count in numpy.broadcast_to(numpy.ravel(state.steps), 2)]

    def state(self) -> Any:
        """Averages and counts."""
        counts = numpy.asarray(self.counts, numpy.int64)
        steps = counts[:, None] if self.counts_apart else counts[0, ...]
        return AdamState(self.carried[1].copy(), self.carried[2].copy(), numpy.asarray(steps))

    def begin(self) -> None:
        """The corrections of Adam's averages."""
        b1, b2, epsilon, counts = self.rule.first_decay, self.rule.second_decay, self.rule.epsilon, self.counts
        for player, k, length, c, e in self.numbers:
            t = counts[player] + k + 1
            root = math.sqrt(_missing(b2, t))
            c.fill(length * root / _missing(b1, t))
            e.fill(epsilon * root)
        self._count(1)

    def rewind(self, steps: int) -> None:
        """Of the averages' terms."""
        self._count(-steps)

    def _count(self, rounds: int) -> None:
        # Where both move at once, the first count is that of both.
        for player, count in self.order:
            self.counts[player or 0] += rounds * count

    def add(self, tape: Tape, block: slice) -> None:
        """Eleven passes over the block."""
        z, move = self.carried[0, block], self.scratch[block]
        self.add_move(tape, block, move)
        tape.append((numpy.add, (z, move, z)))

    def add_move(self, tape: Tape, block: slice, out: numpy.ndarray) -> None:
        """Out <- l c m / (sqrt(v) + e), the averages with one more gradient in them."""
        _, _, _, length, epsilon = self.unread.pop(0)
        m, v = (row[block] for row in self.carried[1:3])
        g, scratch, dtype = self.gradient[block], self.scratch[block], self.gradient.dtype
        b1, b2 = self.rule.first_decay, self.rule.second_decay
        first, second, share = (numpy.asarray(x, dtype) for x in (b1, b2, (1 - b2) / (1 - b1) ** 2))
        tape.append((numpy.multiply, (m, first, m)))
        tape.append((numpy.add, (m, g, m)))
        tape.append((numpy.multiply, (g, g, g)))
        tape.append((numpy.multiply, (g, share, g)))
        tape.append((numpy.multiply, (v, second, v)))
        tape.append((numpy.add, (v, g, v)))
        tape.append((numpy.sqrt, (v, scratch)))
        tape.append((numpy.add, (scratch, epsilon, scratch)))
        tape.append((numpy.divide, (m, scratch, scratch)))
        tape.append((numpy.multiply, (scratch, length, out)))


class PlannedExtraAdam(PlannedAdam):
    """z~ <- z + Adam's move, then z <- z + Adam's move for the gradient at z~ on a fresh batch.

    Parameters
    ----------
    rule : ExtraAdam
    d, dtype
        Of z.
    """

    def __init__(self, rule: ExtraAdam, d: int, dtype: Any) -> None:
        super().__init__(rule, ((None, 2),), (-rule.step_size,) * 2, False, d, dtype)
        self.start = aligned((d,), dtype)

    def add(self, tape: Tape, block: slice) -> None:
        """As Adam; the second move is one of the point where the step began."""
        z, start, move = self.carried[0, block], self.start[block], self.scratch[block]
        is_ahead = len(self.unread) == 2
        self.add_move(tape, block, move)
        if is_ahead:
            tape.append((numpy.copyto, (start, z)))
        tape.append((numpy.add, (start, move, z)))


class PlannedOptimisticAdam(PlannedAdam):
    """z <- z + h u_- - 2 h u with Adam's direction u, then u_- <- u; z <- z - h u at the first gradient.

    Parameters
    ----------
    rule : OptimisticAdam
    d, dtype
        Of z.
    """

    row_count = 4

    def __init__(self, rule: OptimisticAdam, d: int, dtype: Any) -> None:
        super().__init__(rule, BOTH, (1.0, 1.0), False, d, dtype)
        self.old, self.new = numpy.asarray(rule.step_size, dtype), numpy.zeros((), dtype)

    def enter(self, z: numpy.ndarray, state: OptimisticAdamState | None) -> None:
        """Copy the last direction, too."""
        super().enter(z, state)
        if state is not None:
            numpy.copyto(self.carried[3], state.previous_direction)

    def state(self) -> OptimisticAdamState:
        """Averages, the last direction, and their count."""
        first, second, steps = super().state()
        return OptimisticAdamState(first, second, self.carried[3].copy(), steps)

    def begin(self) -> None:
        """The corrections, and the length of the new direction; the last one is 0 at the first gradient."""
        super().begin()
        self.new.fill(-self.rule.step_size if self.counts[0] == 1 else -2 * self.rule.step_size)

    def add(self, tape: Tape, block: slice) -> None:
        """Fourteen passes over the block."""
        z, previous, scratch = self.carried[0, block], self.carried[3, block], self.scratch[block]
        tape.append((numpy.multiply, (previous, self.old, previous)))
        tape.append((numpy.add, (z, previous, z)))
        self.add_move(tape, block, previous)
        tape.append((numpy.multiply, (previous, self.new, scratch)))
        tape.append((numpy.add, (z, scratch, z)))


def _missing(decay: float, t: int) -> float:
    """1 - b^t, with its digits where b is close to 1."""
    return -math.expm1(t * math.log(decay)) if decay else 1.0
