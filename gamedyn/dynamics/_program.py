"""One step of a rule on a game as a formula: both are asked for it once, with variables in the place of numbers."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import Array, Node, TracingError, array_namespace, traced
from gamedyn.dynamics._state import leaves_of, map_leaves
from gamedyn.games import Game
from gamedyn.updates import UpdateRule

__all__ = ["Program", "hyper_parameters", "is_hyper_parameter", "program_of"]

_FAILURES = (TypeError, ValueError, AttributeError, IndexError, KeyError, NotImplementedError)


@dataclass(frozen=True)
class Program:
    """(z, floats s, integers n) <- formulas of z0, z1, ..., s0, ..., n0, ... and the hyper-parameters p0, ....

    Parameters
    ----------
    point, floats, integers : tuple of Node
        One step.
    square : Node or None
        |stationary residual|^2 at z, where it is asked for.
    parameters : int
        How many hyper-parameters are variables.
    is_of_numbers : bool
        Whether the hyper-parameters are numbers in the formulas instead.
    """

    point: tuple[Node, ...]
    floats: tuple[Node, ...]
    integers: tuple[Node, ...]
    square: Node | None
    parameters: int
    is_of_numbers: bool


def hyper_parameters(rule: UpdateRule) -> list[Any]:
    """Numbers and arrays among the fields of a rule and of those that it wraps, in a fixed order.

    Parameters
    ----------
    rule : UpdateRule
    """
    found: list[Any] = []

    def noted(value: Any) -> Any:
        found.append(value)
        return value

    _replaced(rule, noted)
    return found


def program_of(game: Game, rule: UpdateRule, state: Any, batch: int, with_residual: bool) -> Program | str:
    """The formula of a step, or one sentence on why there is none.

    Parameters
    ----------
    game : Game
    rule : UpdateRule
    state : None or named tuple of arrays
        Whose leaves have `batch` leading axes.
    batch : int
    with_residual : bool
    """
    values = hyper_parameters(rule)
    try:
        return _traced(game, rule, state, batch, with_residual, len(values), False)
    except _FAILURES as error:
        failure = error
    if not any(getattr(value, "shape", ()) for value in values):
        # Rules that choose their formula by a number are traced for that number.
        try:
            return _traced(game, rule, state, batch, with_residual, 0, True)
        except _FAILURES as error:
            failure = error
    return f"a step of {type(rule).__name__} is no fixed formula: {str(failure).rstrip('.')}"


def _traced(
    game: Game, rule: UpdateRule, state: Any, batch: int, with_residual: bool, parameters: int, of_numbers: bool
) -> Program:
    counts = {"f": 0, "i": 0}

    def variables(leaf: Array) -> Any:
        kind = {"float64": "f", "int64": "i"}.get(str(leaf.dtype).rpartition(".")[2])
        if kind is None:
            raise TracingError(f"a memory of {leaf.dtype} is not traced.")
        shape = tuple(leaf.shape[batch:])
        made = traced("s" if kind == "f" else "n", shape, kind, counts[kind])
        counts[kind] += made.size
        return made

    if parameters:
        numbers = iter(range(parameters))
        rule = _replaced(rule, lambda _: traced("p", (), "f", next(numbers)))
    z, memory = traced("z", (sum(game.dims),)), map_leaves(variables, state)
    point, after = rule.step(game, z, memory)
    if point.shape != z.shape or point.dtype != z.dtype:
        raise TracingError(f"one step changes the shape of a point to {point.shape}.")
    pairs = list(zip(leaves_of(memory), leaves_of(after), strict=True))
    if any(a.shape != b.shape or a.dtype != b.dtype for a, b in pairs):
        raise TracingError("one step changes the shape of a memory.")
    nodes = {kind: tuple(node for a, b in pairs if a.kind == kind for node in b.nodes.flat) for kind in "fi"}
    square = None
    if with_residual:
        residual = rule.stationary_residual(game, z)
        square = array_namespace(residual).sum(residual * residual).nodes.item()
    return Program(tuple(point.nodes.flat), nodes["f"], nodes["i"], square, parameters, of_numbers)


def _replaced(rule: UpdateRule, function: Callable[[Any], Any]) -> UpdateRule:
    """The rule with function(value) for every hyper-parameter, unchecked: what stands for a number has no sign."""
    changed = copy.copy(rule)
    for field in dataclasses.fields(rule):  # type: ignore[arg-type]
        value = getattr(rule, field.name)
        if isinstance(value, UpdateRule):
            object.__setattr__(changed, field.name, _replaced(value, function))
        elif is_hyper_parameter(value):
            object.__setattr__(changed, field.name, function(value))
        elif field.name in rule.per_player and isinstance(value, (tuple, list)):
            parts = [function(part) if is_hyper_parameter(part) else part for part in value]
            object.__setattr__(changed, field.name, type(value)(parts))
    return changed


def is_hyper_parameter(value: Any) -> bool:
    """Whether a field, or an entry for one player, is a number or has one for each trajectory."""
    return isinstance(value, (float, numpy.floating)) or hasattr(value, "dtype")
