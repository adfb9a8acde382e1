"""The update rules that training plans know, by their type."""

from __future__ import annotations

import dataclasses
from typing import Any

from gamedyn.models._plan_adam import PlannedAdam, PlannedExtraAdam
from gamedyn.models._plan_descent import PlannedDescent
from gamedyn.models._plan_rule import BOTH, IN_TURN, Order, PlannedRule
from gamedyn.updates import (
    Adam,
    AlternatingGradientDescent,
    ExtraAdam,
    InnerSteps,
    SimultaneousGradientDescent,
    UpdateRule,
)

__all__ = ["planned_rule"]


def planned_rule(rule: UpdateRule, d: int, dtype: Any) -> PlannedRule | None:
    """The rule on d coordinates; None if it is another one, or its hyper-parameters are not numbers."""
    if isinstance(rule, InnerSteps) and type(rule) is InnerSteps:
        return _planned_inner(rule, d, dtype)
    if type(rule) not in _RULES or not _has_numbers(rule):
        return None
    planned: PlannedRule | None = _RULES[type(rule)](rule, d, dtype)
    return planned


def _planned_inner(rule: InnerSteps, d: int, dtype: Any) -> PlannedRule | None:
    factors, inner = rule.step_factors or (1.0, 1.0), rule.rule
    if len(rule.inner_steps) != 2 or not all(map(_is_number, factors)):
        return None
    if isinstance(inner, Adam) and type(inner) is Adam and _has_numbers(inner):
        return PlannedAdam(inner, _order(rule), tuple(factors), True, d, dtype)
    return None


def _alternating(rule: AlternatingGradientDescent, d: int, dtype: Any) -> PlannedRule | None:
    if not len(rule.player_order or (0, 1)) == len(rule.inner_steps or (1, 1)) == 2:
        return None
    return PlannedDescent(rule.step_size, _order(rule), d, dtype)


# Each from the rule, the number of coordinates and their precision.
_RULES: dict[type, Any] = {
    Adam: lambda rule, d, dtype: PlannedAdam(rule, _of_schedule(rule), (1.0, 1.0), False, d, dtype),
    ExtraAdam: PlannedExtraAdam,
    SimultaneousGradientDescent: lambda rule, d, dtype: PlannedDescent(rule.step_size, BOTH, d, dtype),
    AlternatingGradientDescent: _alternating,
}


def _of_schedule(rule: Any) -> Order:
    return IN_TURN if rule.schedule == "alternating" else BOTH


def _order(rule: AlternatingGradientDescent | InnerSteps) -> Order:
    counts = rule.inner_steps or (1, 1)
    return tuple((player, counts[player]) for player in rule.player_order or (0, 1))


def _has_numbers(rule: Any) -> bool:
    """Whether no hyper-parameter is an array."""
    values = [getattr(rule, field.name) for field in dataclasses.fields(rule)]
    return all(value is None or isinstance(value, (str, tuple)) or _is_number(value) for value in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))
