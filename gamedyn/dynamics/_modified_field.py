"""modified_field: the field whose flow a rule's steps follow one or two orders better than the plain flow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn._checks import check_choice
from gamedyn.backend import Array
from gamedyn.dynamics._modified_field_in_turn import Block, field_terms
from gamedyn.dynamics._second_derivative import second_derivative
from gamedyn.games import Game
from gamedyn.updates import (
    AlternatingGradientDescent,
    Extragradient,
    OptimisticGradient,
    SimultaneousGradientDescent,
    UpdateRule,
    per_point,
)

__all__ = ["modified_field"]

_Field = Callable[[Game, Array], Array]


def modified_field(rule: UpdateRule, order: int = 1) -> _Field:
    """The field whose flow a rule's steps follow: -xi + h (...) + h^2 (...), with `order` corrections.

    Backward error analysis: after the time t = h k the flow is within O(h^2) of k steps with one correction and within
    O(h^3) with two, where z' = -xi is within O(h). With c = D^2 xi[xi, xi] the field is

    - simultaneous descent: -xi - (h/2) J xi - h^2 (J J xi / 3 + c / 12);
    - extragradient, look-ahead g = r h: -xi + h (r - 1/2) J xi + h^2 ((r - 1/3) J J xi + (r/2 - r^2/2 - 1/12) c);
    - optimistic descent, b = r h: -xi + h (r - 1/2) J xi + h^2 ((2 r - r^2 - 1/3) J J xi + (r - 1/12) c);
    - descent in turn: -K xi + h (sum over l < m of P_m J P_l xi - K J K xi / 2) + ..., P_m the block of the m-th of its
      block steps, K their sum; the second correction, and both of extragradient in turn, come from power series of
      order + 1 rounds.

    Optimistic descent and extragradient with g = h share their first correction, and differ in the second.

    Parameters
    ----------
    rule : UpdateRule
        `SimultaneousGradientDescent`, `AlternatingGradientDescent`, `Extragradient` (both schedules) or
        `OptimisticGradient`, on games on R^d.
    order : {1, 2}
        Number of corrections.

    Returns
    -------
    callable
        field(game, z) -> velocity, for `flow`.

    Raises
    ------
    TypeError
        For another rule.
    ValueError
        For another order.

    Notes
    -----
    Optimistic descent has a memory, and z alone follows the flow only where the memory does: xi at the flow's point a
    time h ago. From its cold start, xi at z itself, it gets there in a few steps, an O(h^2) beside: take `order=2`
    from there, or start with that memory.

    The second correction of a curved game needs D^2 xi: 5 jvps more along each direction, exact where the game's jvp
    takes complex points.

    References
    ----------
    Rosca et al. (2021), Discretization drift in two-player games (first order, at once and in turn). Hairer, Lubich,
    Wanner (2006), Geometric numerical integration (the modified equation of Euler's method).

    Examples
    --------
    On a bilinear game of s = 1 descent grows by sqrt(1 + h^2) a step, its modified flow by exp(h^2 / 2).

    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> field = modified_field(SimultaneousGradientDescent(0.5))
    >>> field(Bilinear([[1.0]]), numpy.array([1.0, 0.0])).tolist()
    [0.25, 1.0]

    It turns by arctan(h s) a step, h s - (h s)^3 / 3: the second correction slows the rotation by h^2 s^3 / 3.

    >>> field = modified_field(SimultaneousGradientDescent(0.5), order=2)
    >>> field(Bilinear([[3.0]]), numpy.array([1.0, 0.0])).tolist()
    [2.25, 0.75]
    """
    check_choice("order", order, (1, 2))
    if isinstance(rule, SimultaneousGradientDescent):
        return lambda game, z: _at_once(game, z, rule.step_size, (-1 / 2, -1 / 3, -1 / 12), order)
    if isinstance(rule, Extragradient):
        if rule.schedule == "alternating":
            return lambda game, z: _in_turn(game, z, rule.step_size, _looking_ahead(rule, game, z), order)
        return lambda game, z: _at_once(game, z, rule.step_size, _ahead_weights(_ratio(rule, z)), order)
    if isinstance(rule, OptimisticGradient):
        return lambda game, z: _at_once(game, z, rule.step_size, _optimistic_weights(_ratio(rule, z)), order)
    if isinstance(rule, AlternatingGradientDescent):
        return lambda game, z: _in_turn(game, z, rule.step_size, _descending(rule, game), order)
    raise TypeError(
        "`rule` must be SimultaneousGradientDescent, AlternatingGradientDescent, Extragradient or OptimisticGradient, "
        f"got {type(rule).__name__}."
    )


def _ratio(rule: Extragradient | OptimisticGradient, z: Array) -> Any:
    """r = g / h, or b / h: 1.0, or ready to multiply points."""
    other = rule.extrapolation_step if isinstance(rule, Extragradient) else rule.optimism
    return 1.0 if other is None else per_point(other, z) / per_point(rule.step_size, z)


def _ahead_weights(r: Any) -> tuple[Any, Any, Any]:
    return r - 1 / 2, r - 1 / 3, r / 2 - r**2 / 2 - 1 / 12


def _optimistic_weights(r: Any) -> tuple[Any, Any, Any]:
    return r - 1 / 2, 2 * r - r**2 - 1 / 3, r - 1 / 12


def _at_once(game: Game, z: Array, step_size: Any, weights: tuple[Any, Any, Any], order: int) -> Array:
    """-xi + h p J xi + h^2 (q J J xi + s D^2 xi[xi, xi]), (p, q, s) the weights."""
    p, q, s = weights
    h = per_point(step_size, z)
    xi = game.simultaneous_gradient(z)
    once = game.jvp(z, xi)
    if order == 1:
        return h * p * once - xi
    return h * (p * once + h * (q * game.jvp(z, once) + s * second_derivative(game, z, xi))) - xi


def _in_turn(game: Game, z: Array, step_size: Any, moves: list[Block], order: int) -> Array:
    h = per_point(step_size, z)
    *rest, last = field_terms(game, z, moves, order)
    for term in reversed(rest):
        last = term + h * last
    return last


def _descending(rule: AlternatingGradientDescent, game: Game) -> list[Block]:
    n = len(game.dims)
    order = range(n) if rule.player_order is None else rule.player_order
    counts = (1,) * n if rule.inner_steps is None else rule.inner_steps
    return [(player, 1.0, False) for player in order for _ in range(counts[player])]


def _looking_ahead(rule: Extragradient, game: Game, z: Array) -> list[Block]:
    """A sweep of look-aheads, then one of moves from where the round began."""
    r = _ratio(rule, z)
    return [(player, step, True) for step in (r, 1.0) for player in range(len(game.dims))]
