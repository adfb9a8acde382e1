"""Update rules as calls of ufuncs on one flat vector: Adam, and plain descent."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy

from gamedyn.models._plan_buffers import Tape, aligned
from gamedyn.updates import (
    Adam,
    AdamState,
    AlternatingGradientDescent,
    InnerSteps,
    SimultaneousGradientDescent,
    UpdateRule,
)

__all__ = ["PlannedRule", "planned_rule", "rows"]


class PlannedRule(ABC):
    """How z moves along gradients, which come multiplied by `scale`.

    Attributes
    ----------
    scale : float
    order : tuple of (int, int)
        Player and number of its steps, in the order of play; empty where both move at once.
    carried : array, shape (k, d)
        z, and what the rule remembers.
    gradient : array, shape (d,)
    """

    scale: float
    order: tuple[tuple[int, int], ...]
    carried: numpy.ndarray
    gradient: numpy.ndarray

    @abstractmethod
    def enter(self, z: numpy.ndarray, state: Any) -> None:
        """Start from z (d,) and a state of the rule, None for its first one."""

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


class _Descent(PlannedRule):
    """z <- z + g, with the step size in the scale of g."""

    def __init__(self, step_size: float, order: tuple[tuple[int, int], ...], d: int, dtype: Any) -> None:
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


class _Adam(PlannedRule):
    """z <- z - h c m / (sqrt(v) + e), with all that depends on t in the two numbers c and e.

    Gradients come multiplied by 1 - b1, as m takes them.

    Parameters
    ----------
    rule : Adam
    order : tuple of (int, int)
    factors : tuple of float
        Of each player's step size.
    counts_apart : bool
        Whether the state has a count for each player, as within `InnerSteps`.
    d, dtype
        Of z.
    """

    def __init__(
        self,
        rule: Adam,
        order: tuple[tuple[int, int], ...],
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
        for player, count in order or ((0, 1),):
            for k in range(count):
                c, e = numpy.zeros((), dtype), numpy.zeros((), dtype)
                self.numbers.append((player, k, factors[player] * rule.step_size, c, e))
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
        for player, count in self.order or ((0, 1), (1, 1)):
            self.counts[player] += rounds * count

    def add(self, tape: Tape, block: slice) -> None:
        """Eleven passes over the block."""
        _, _, _, length, epsilon = self.unread.pop(0)
        z, m, v = (row[block] for row in self.carried)
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
        tape.append((numpy.add, (z, scratch, z)))


def planned_rule(rule: UpdateRule, d: int, dtype: Any) -> PlannedRule | None:
    """The rule on d coordinates; None if it is another one, or its hyper-parameters are not numbers."""
    if isinstance(rule, Adam) and type(rule) is Adam:
        order = ((0, 1), (1, 1)) if rule.schedule == "alternating" else ()
        return _Adam(rule, order, (1.0, 1.0), False, d, dtype) if _has_numbers(rule) else None
    if isinstance(rule, InnerSteps) and type(rule) is InnerSteps:
        factors, inner = rule.step_factors or (1.0, 1.0), rule.rule
        known = isinstance(inner, Adam) and type(inner) is Adam and _has_numbers(inner) and len(rule.inner_steps) == 2
        if not (known and all(map(_is_number, factors))):
            return None
        return _Adam(inner, _order(rule), tuple(factors), True, d, dtype)  # type: ignore[arg-type]
    if isinstance(rule, SimultaneousGradientDescent) and type(rule) is SimultaneousGradientDescent:
        return _Descent(rule.step_size, (), d, dtype) if _is_number(rule.step_size) else None
    if isinstance(rule, AlternatingGradientDescent) and type(rule) is AlternatingGradientDescent:
        if not (
            _is_number(rule.step_size) and len(rule.player_order or (0, 1)) == len(rule.inner_steps or (1, 1)) == 2
        ):
            return None
        return _Descent(rule.step_size, _order(rule), d, dtype)
    return None


def _order(rule: AlternatingGradientDescent | InnerSteps) -> tuple[tuple[int, int], ...]:
    counts = rule.inner_steps or (1, 1)
    return tuple((player, counts[player]) for player in rule.player_order or (0, 1))


def rows(k: int, d: int, dtype: Any) -> numpy.ndarray:
    """Zeros (k, d), each row aligned."""
    return aligned((k, -(-d // 16) * 16), dtype)[:, :d]


def _has_numbers(rule: Adam) -> bool:
    return all(map(_is_number, (rule.step_size, rule.first_decay, rule.second_decay, rule.epsilon)))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


def _missing(decay: float, t: int) -> float:
    """1 - b^t, with its digits where b is close to 1."""
    return -math.expm1(t * math.log(decay)) if decay else 1.0
