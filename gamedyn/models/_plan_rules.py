"""The update rules that training plans know, by their type."""

from __future__ import annotations

import dataclasses
from typing import Any

from gamedyn.models._plan_adam import PlannedAdam, PlannedExtraAdam, PlannedOptimisticAdam
from gamedyn.models._plan_descent import PlannedDescent, PlannedHeavyBall, PlannedOptimisticGradient
from gamedyn.models._plan_extragradient import PlannedDoubleStep, PlannedExtragradient
from gamedyn.models._plan_rmsprop import PlannedRMSProp
from gamedyn.models._plan_rule import BOTH, IN_TURN, Order, PlannedRule
from gamedyn.updates import (
    Adam,
    AlternatingGradientDescent,
    DoubleStepExtragradient,
    ExtraAdam,
    Extragradient,
    HeavyBall,
    InnerSteps,
    OptimisticAdam,
    OptimisticGradient,
    RMSProp,
    SimultaneousGradientDescent,
    UpdateRule,
)

__all__ = ["planned_rule"]


def planned_rule(rule: UpdateRule, d: int, dtype: Any) -> PlannedRule | None:
    """The rule on d coordinates; None if it is another one, or its hyper-parameters are not numbers.

    Known are `Adam` and `RMSProp`, alone or within `InnerSteps`, `ExtraAdam`, `OptimisticAdam`,
    `SimultaneousGradientDescent`, `AlternatingGradientDescent`, `HeavyBall`, `OptimisticGradient`, `Extragradient` and
    `DoubleStepExtragradient`; subclasses of them are other rules.

    Parameters
    ----------
    rule : UpdateRule
    d : int
    dtype : dtype
    """
    make = _RULES.get(type(rule))
    if make is None or not _has_numbers(rule):
        return None
    planned: PlannedRule | None = make(rule, d, dtype)
    return planned


def _planned_inner(rule: InnerSteps, d: int, dtype: Any) -> PlannedRule | None:
    factors, inner = tuple(rule.step_factors or (1.0, 1.0)), rule.rule
    if type(inner) not in (Adam, RMSProp) or len(rule.inner_steps) != 2 or not _has_numbers(inner):
        return None
    if isinstance(inner, RMSProp):
        return PlannedRMSProp(inner, _order(rule), factors, d, dtype)
    lengths = tuple(-factor * inner.step_size for factor in factors)  # type: ignore[attr-defined]
    return PlannedAdam(inner, _order(rule), lengths, True, d, dtype)  # type: ignore[arg-type]


def _alternating(rule: AlternatingGradientDescent, d: int, dtype: Any) -> PlannedRule | None:
    if not len(rule.player_order or (0, 1)) == len(rule.inner_steps or (1, 1)) == 2:
        return None
    return PlannedDescent(rule.step_size, _order(rule), d, dtype)


# Each from the rule, the number of coordinates and their precision.
_RULES: dict[type, Any] = {
    Adam: lambda rule, d, dtype: PlannedAdam(rule, _scheduled(rule), (-rule.step_size,) * 2, False, d, dtype),
    AlternatingGradientDescent: _alternating,
    DoubleStepExtragradient: PlannedDoubleStep,
    ExtraAdam: PlannedExtraAdam,
    Extragradient: lambda rule, d, dtype: PlannedExtragradient(rule, 2 * _scheduled(rule), d, dtype),
    HeavyBall: lambda rule, d, dtype: PlannedHeavyBall(rule, _scheduled(rule), d, dtype),
    InnerSteps: _planned_inner,
    OptimisticAdam: PlannedOptimisticAdam,
    OptimisticGradient: PlannedOptimisticGradient,
    RMSProp: lambda rule, d, dtype: PlannedRMSProp(rule, _scheduled(rule), (1.0, 1.0), d, dtype),
    SimultaneousGradientDescent: lambda rule, d, dtype: PlannedDescent(rule.step_size, BOTH, d, dtype),
}


def _scheduled(rule: Any) -> Order:
    return IN_TURN if rule.schedule == "alternating" else BOTH


def _order(rule: AlternatingGradientDescent | InnerSteps) -> Order:
    counts = rule.inner_steps or (1, 1)
    return tuple((player, counts[player]) for player in rule.player_order or (0, 1))


def _has_numbers(rule: Any) -> bool:
    """Whether all hyper-parameters are numbers, or rules, words and tuples of numbers."""
    return all(_is_known(getattr(rule, field.name)) for field in dataclasses.fields(rule))


def _is_known(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_known, value))
    return value is None or isinstance(value, (int, float, str, UpdateRule))
