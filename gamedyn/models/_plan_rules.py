"""Update rules as calls of ufuncs on one flat vector: Adam, and plain descent."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy

from gamedyn.models._plan_activations import Tape
from gamedyn.updates import Adam, AdamState, AlternatingGradientDescent, SimultaneousGradientDescent, UpdateRule

__all__ = ["PlannedRule", "planned_rule"]


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
        self.carried, self.gradient = numpy.zeros((1, d), dtype), numpy.zeros(d, dtype)

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
    """

    def __init__(self, rule: Adam, d: int, dtype: Any) -> None:
        self.rule, self.scale = rule, 1 - rule.first_decay
        self.order = ((0, 1), (1, 1)) if rule.schedule == "alternating" else ()
        self.carried, self.gradient = numpy.zeros((3, d), dtype), numpy.zeros(d, dtype)
        self.scratch, self.t = numpy.zeros(d, dtype), 0
        self.length, self.epsilon = numpy.zeros((), dtype), numpy.zeros((), dtype)

    def enter(self, z: numpy.ndarray, state: AdamState | None) -> None:
        """Copy the averages and the count."""
        self.carried.fill(0)
        numpy.copyto(self.carried[0], z)
        self.t = 0
        if state is not None:
            numpy.copyto(self.carried[1], state.first)
            numpy.copyto(self.carried[2], state.second)
            self.t = int(state.steps)

    def state(self) -> AdamState:
        """Averages and count."""
        return AdamState(self.carried[1].copy(), self.carried[2].copy(), numpy.asarray(self.t, numpy.int64))

    def begin(self) -> None:
        """The corrections of Adam's averages."""
        self.t += 1
        first, second = (_missing(b, self.t) for b in (self.rule.first_decay, self.rule.second_decay))
        root = math.sqrt(second)
        self.length.fill(-self.rule.step_size * root / first)
        self.epsilon.fill(self.rule.epsilon * root)

    def rewind(self, steps: int) -> None:
        """Of the averages' terms."""
        self.t -= steps

    def add(self, tape: Tape, block: slice) -> None:
        """Eleven passes over the block."""
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
        tape.append((numpy.add, (scratch, self.epsilon, scratch)))
        tape.append((numpy.divide, (m, scratch, scratch)))
        tape.append((numpy.multiply, (scratch, self.length, scratch)))
        tape.append((numpy.add, (z, scratch, z)))


def planned_rule(rule: UpdateRule, d: int, dtype: Any) -> PlannedRule | None:
    """The rule on d coordinates; None if it is another one, or its hyper-parameters are not numbers."""
    if type(rule) is Adam:
        numbers = rule.step_size, rule.first_decay, rule.second_decay, rule.epsilon
        return _Adam(rule, d, dtype) if all(map(_is_number, numbers)) else None
    if isinstance(rule, SimultaneousGradientDescent) and type(rule) is SimultaneousGradientDescent:
        return _Descent(rule.step_size, (), d, dtype) if _is_number(rule.step_size) else None
    if isinstance(rule, AlternatingGradientDescent) and type(rule) is AlternatingGradientDescent:
        players, counts = rule.player_order or (0, 1), rule.inner_steps or (1, 1)
        if not (_is_number(rule.step_size) and len(players) == len(counts) == 2):
            return None
        order = tuple((player, counts[player]) for player in players)
        return _Descent(rule.step_size, order, d, dtype)
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


def _missing(decay: float, t: int) -> float:
    """1 - b^t, with its digits where b is close to 1."""
    return -math.expm1(t * math.log(decay)) if decay else 1.0
