"""Iteration matrices of update rules in ball arithmetic, and whether a rule is proved to converge around a point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from gamedyn.backend import require
from gamedyn.equilibria._certified_expressions import ball_of
from gamedyn.equilibria._certified_matrices import eigenvalue_discs, sides
from gamedyn.games import player_slices
from gamedyn.numerics import Verdict
from gamedyn.updates import (
    AlternatingGradientDescent,
    Consensus,
    Extragradient,
    HeavyBall,
    Nesterov,
    OptimisticGradient,
    PastExtragradient,
    PrimalDualHybridGradient,
    ProximalPoint,
    RungeKutta,
    SimultaneousGradientDescent,
    UpdateRule,
)

__all__ = ["ball_iteration_matrix", "check_certifiable_rule", "rule_converges"]

_Rows = list[list[Any]]


def check_certifiable_rule(rule: Any, dims: Sequence[int]) -> None:
    """Refuse a rule whose matrix is not known in balls.

    Parameters
    ----------
    rule : UpdateRule
    dims : tuple of int

    Raises
    ------
    TypeError
        If it is no rule, or one without such a matrix; the message lists those that have one.
    ValueError
        If a hyper-parameter is an array, or the rule needs another number of players.
    """
    if not isinstance(rule, UpdateRule):
        hint = " Call it to make one." if isinstance(rule, type) else ""
        raise TypeError(f"`rule` must be an UpdateRule, got {type(rule).__name__}.{hint}")
    if type(rule) not in _MATRICES or getattr(rule, "regularisation", None) is not None:
        names = ", ".join(sorted(known.__name__ for known in _MATRICES))
        raise TypeError(f"`rule` must be one of {names} to be certified, got {rule!r}.")
    if rule.players is not None and rule.players != len(dims):
        raise ValueError(f"`rule` must fit a game of {len(dims)} players, got one for {rule.players}.")
    order = getattr(rule, "player_order", None), getattr(rule, "inner_steps", None)
    if any(given is not None and len(given) != len(dims) for given in order):
        raise ValueError(f"`rule` must have an entry for each of the {len(dims)} players, got {rule!r}.")
    for name in ("step_size", "momentum", "optimism", "extrapolation_step", "gamma"):
        value = getattr(rule, name, None)
        if value is not None and not isinstance(value, (int, float)):
            raise ValueError(f"`rule` must have one number as its `{name}` to be certified, got {value!r}.")


def ball_iteration_matrix(rule: Any, jacobian: _Rows, dims: Sequence[int]) -> Any:
    """The derivative of one step on [z, memories], as a flint.arb_mat that encloses it.

    Parameters
    ----------
    rule : UpdateRule
    jacobian : d lists of d flint.arb
    dims : tuple of int
    """
    return _MATRICES[type(rule)](rule, require("flint").arb_mat(jacobian), tuple(dims))


def rule_converges(rule: Any, jacobian: _Rows, dims: Sequence[int]) -> Verdict:
    """Whether the rule's multipliers lie inside the unit circle ("yes"), or one lies outside ("no").

    Parameters
    ----------
    rule : UpdateRule
    jacobian : d lists of d flint.arb
        J at the point of rest.
    dims : tuple of int

    Returns
    -------
    Verdict
        "yes": from all points near enough the rule converges. "no": its map on [z, memories] repels along a direction,
        so that almost all of its states near the point leave. Its margin bounds 1 - max |r|.
    """
    try:
        matrix = ball_iteration_matrix(rule, jacobian, dims)
    except ZeroDivisionError:
        return Verdict("undecided", 0.0, "the rule's matrix is not proved to exist")
    rows = matrix.tolist()
    found = sides(rows, eigenvalue_discs(rows), of_circle=True)
    if found.inside == len(rows):
        return Verdict("yes", max(found.margin, 0.0), "every multiplier lies inside the unit circle")
    if found.outside:
        return Verdict("no", min(found.margin, 0.0), "a multiplier lies outside the unit circle")
    return Verdict("undecided", 0.0, "a multiplier lies on the unit circle within its enclosure")


def _number(value: Any) -> Any:
    return ball_of(Fraction(value))


def _identity(size: int) -> Any:
    return require("flint").arb_mat([[1 if i == j else 0 for j in range(size)] for i in range(size)])


def _blocks(parts: list[list[Any]]) -> Any:
    rows = []
    for line in parts:
        tables = [block.tolist() for block in line]
        rows.extend([[entry for row in lines for entry in row] for lines in zip(*tables, strict=True)])
    return require("flint").arb_mat(rows)


def _simultaneous(rule: Any, j: Any, dims: tuple[int, ...]) -> Any:
    return _identity(j.nrows()) - j * _number(rule.step_size)


def _in_turn(moved: Any, targets: Any, hj: Any, blocks: Sequence[slice]) -> Any:
    """Rows of one block after the other replaced by those of `targets` - hj `moved`."""
    rows = moved.tolist()
    flint = require("flint")
    wanted = targets.tolist()
    for block in blocks:
        change = (hj * flint.arb_mat(rows)).tolist()
        for k in range(block.start, block.stop):
            rows[k] = [a - b for a, b in zip(wanted[k] if targets is not moved else rows[k], change[k], strict=True)]
    return flint.arb_mat(rows)


def _alternating(rule: AlternatingGradientDescent, j: Any, dims: tuple[int, ...]) -> Any:
    slices = player_slices(dims)
    hj = j * _number(rule.step_size)
    matrix = _identity(j.nrows())
    for player in rule.player_order or range(len(dims)):
        for _ in range(1 if rule.inner_steps is None else rule.inner_steps[player]):
            matrix = _in_turn(matrix, matrix, hj, [slices[player]])
    return matrix


def _extragradient(rule: Extragradient, j: Any, dims: tuple[int, ...]) -> Any:
    identity = _identity(j.nrows())
    hj = j * _number(rule.step_size)
    gj = j * _number(rule.step_size if rule.extrapolation_step is None else rule.extrapolation_step)
    if rule.schedule == "simultaneous":
        return identity - hj + hj * gj
    slices = player_slices(dims)
    ahead = _in_turn(_identity(j.nrows()), identity, gj, slices)
    return _in_turn(ahead, identity, hj, slices)


def _optimistic(rule: OptimisticGradient, j: Any, dims: tuple[int, ...]) -> Any:
    identity = _identity(j.nrows())
    h = _number(rule.step_size)
    b = h if rule.optimism is None else _number(rule.optimism)
    return _blocks([[identity - j * (h + b), identity * b], [j, identity * 0]])


def _past_extragradient(rule: PastExtragradient, j: Any, dims: tuple[int, ...]) -> Any:
    h = _number(rule.step_size)
    return _blocks([[_identity(j.nrows()) - j * h, j * (h * h)], [j, j * -h]])


def _heavy_ball(rule: HeavyBall, j: Any, dims: tuple[int, ...]) -> Any:
    d = j.nrows()
    identity = _identity(d)
    b = _number(rule.momentum)
    hj = j * _number(rule.step_size)
    if rule.schedule == "simultaneous":
        return _blocks([[identity * (1 + b) - hj, identity * -b], [identity, identity * 0]])
    carried = _blocks([[identity * (1 + b), identity * -b]])
    moved = _in_turn(_blocks([[identity, identity * 0]]), carried, hj, player_slices(dims))
    return _blocks([[moved], [_blocks([[identity, identity * 0]])]])


def _nesterov(rule: Nesterov, j: Any, dims: tuple[int, ...]) -> Any:
    identity = _identity(j.nrows())
    b = _number(rule.momentum)
    descent = identity - j * _number(rule.step_size)
    return _blocks([[descent * (1 + b), descent * -b], [identity, identity * 0]])


def _proximal_point(rule: ProximalPoint, j: Any, dims: tuple[int, ...]) -> Any:
    return (_identity(j.nrows()) + j * _number(rule.step_size)).inv()


def _consensus(rule: Consensus, j: Any, dims: tuple[int, ...]) -> Any:
    field = j + j.transpose() * j * _number(rule.gamma)
    return _identity(j.nrows()) - field * _number(rule.step_size)


def _runge_kutta(rule: RungeKutta, j: Any, dims: tuple[int, ...]) -> Any:
    identity = _identity(j.nrows())
    u = j * -_number(rule.step_size)
    matrix = identity
    for k in range(rule.order, 0, -1):
        matrix = identity + u * matrix * _number(Fraction(1, k))
    return matrix


def _primal_dual(rule: PrimalDualHybridGradient, j: Any, dims: tuple[int, ...]) -> Any:
    first, second = player_slices(dims)
    identity = _identity(j.nrows())
    hj = j * _number(rule.step_size)
    plain = (identity - hj).tolist()
    moved = require("flint").arb_mat([*plain[first], *identity.tolist()[second]])
    ahead = require("flint").arb_mat([*(moved * 2 - identity).tolist()[first], *identity.tolist()[second]])
    return require("flint").arb_mat([*plain[first], *(identity - hj * ahead).tolist()[second]])


_MATRICES: dict[type, Callable[[Any, Any, tuple[int, ...]], Any]] = {
    SimultaneousGradientDescent: _simultaneous,
    AlternatingGradientDescent: _alternating,
    Extragradient: _extragradient,
    OptimisticGradient: _optimistic,
    PastExtragradient: _past_extragradient,
    HeavyBall: _heavy_ball,
    Nesterov: _nesterov,
    ProximalPoint: _proximal_point,
    Consensus: _consensus,
    RungeKutta: _runge_kutta,
    PrimalDualHybridGradient: _primal_dual,
}
