"""Adam, and its directions with a look ahead or extrapolated, as calls on kept vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.models._plan_buffers import Tape, aligned
from gamedyn.models._plan_rule import Order, PlannedRule, rows
from gamedyn.updates import Adam, AdamState, ExtraAdam

__all__ = ["PlannedAdam", "PlannedExtraAdam"]


class PlannedAdam(PlannedRule):
    """z <- z - h c m / (sqrt(v) + e), with all that depends on t in the two numbers c and e.

    Gradients come multiplied by 1 - b1, as m takes them.

    Parameters
    ----------
    rule : Adam or ExtraAdam
    order : tuple of (int or None, int)
    factors : tuple of float
        Of each player's step size.
    counts_apart : bool
        Whether the state has a count for each player, as within `InnerSteps`.
    d, dtype
        Of z.
    """

    def __init__(
        self,
        rule: Adam | ExtraAdam,
        order: Order,
        factors: tuple[float, ...],
        counts_apart: bool,
        d: int,
        dtype: Any,
    ) -> None:
        self.rule, self.order, self.counts_apart = rule, order, counts_apart
        self.scale, self.counts = 1 - rule.first_decay, [0, 0]
        self.carried, self.gradient = rows(3, d, dtype), aligned((d,), dtype)
        self.scratch = aligned((d,), dtype)
        # Player, number of the step within the round, step size, and where c and e are read.
        self.numbers: list[tuple[int, int, float, numpy.ndarray, numpy.ndarray]] = []
        for player, count in order:
            first = player or 0
            for k in range(count):
                c, e = numpy.zeros((), dtype), numpy.zeros((), dtype)
                self.numbers.append((first, k, factors[first] * rule.step_size, c, e))
        self.unread = list(self.numbers)

    def enter(self, z: numpy.ndarray, state: AdamState | None) -> None:
        """Copy the averages and the counts."""
        self.carried.fill(0)
        numpy.copyto(self.carried[0], z)
        self.counts = [0, 0]
        if state is not None:
            numpy.copyto(self.carried[1], state.first)
            numpy.copyto(self.carried[2], state.second)
            self.counts = [int(count) for count in numpy.broadcast_to(numpy.ravel(state.steps), 2)]

    def state(self) -> AdamState:
        """Averages and counts."""
        counts = numpy.asarray(self.counts, numpy.int64)
        steps = counts[:, None] if self.counts_apart else counts[0, ...]
        return AdamState(self.carried[1].copy(), self.carried[2].copy(), numpy.asarray(steps))

    def begin(self) -> None:
        """The corrections of Adam's averages."""
        b1, b2, epsilon, counts = self.rule.first_decay, self.rule.second_decay, self.rule.epsilon, self.counts
        for player, k, step_size, c, e in self.numbers:
            t = counts[player] + k + 1
            root = math.sqrt(_missing(b2, t))
            c.fill(-step_size * root / _missing(b1, t))
            e.fill(epsilon * root)
        self._count(1)

    def rewind(self, steps: int) -> None:
        """Of the averages' terms."""
        self._count(-steps)

    def _count(self, rounds: int) -> None:
        for player, count in self.order:
            for each in (0, 1) if player is None else (player,):
                self.counts[each] += rounds * count

    def add(self, tape: Tape, block: slice) -> None:
        """Eleven passes over the block."""
        z, move = self.carried[0, block], self.scratch[block]
        self.add_move(tape, block)
        tape.append((numpy.add, (z, move, z)))

    def add_move(self, tape: Tape, block: slice) -> None:
        """Scratch <- the move, and the averages with one more gradient."""
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
        tape.append((numpy.multiply, (scratch, length, scratch)))


class PlannedExtraAdam(PlannedAdam):
    """z~ <- z + Adam's move, then z <- z + Adam's move for the gradient at z~ on a fresh batch.

    Parameters
    ----------
    rule : ExtraAdam
    d, dtype
        Of z.
    """

    def __init__(self, rule: ExtraAdam, d: int, dtype: Any) -> None:
        super().__init__(rule, ((None, 2),), (1.0, 1.0), False, d, dtype)
        self.start = aligned((d,), dtype)

    def add(self, tape: Tape, block: slice) -> None:
        """As Adam; the second move is one of the point where the step began."""
        z, start, move = self.carried[0, block], self.start[block], self.scratch[block]
        is_ahead = len(self.unread) == 2
        self.add_move(tape, block)
        if is_ahead:
            tape.append((numpy.copyto, (start, z)))
        tape.append((numpy.add, (start, move, z)))


def _missing(decay: float, t: int) -> float:
    """1 - b^t, with its digits where b is close to 1."""
    return -math.expm1(t * math.log(decay)) if decay else 1.0
