"""Velocity fields for `flow`: replicator, logit best responses, and the modified fields that descent steps follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn._checks import check_choice, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, on_simplices, player_slices, replace_block
from gamedyn.updates import (
    AlternatingGradientDescent,
    Extragradient,
    SimultaneousGradientDescent,
    UpdateRule,
    per_point,
)

__all__ = ["best_response_field", "modified_field", "replicator_field"]

_Field = Callable[[Game, Array], Array]


def replicator_field(game: Game, z: Array) -> Array:
    """x_a' = x_a (sum_b x_b xi_b - xi_a), player by player: mass grows by how much less than average an action costs.

    The limit of multiplicative weights for vanishing steps. In finite games it keeps volume in the coordinates
    log(x_a / x_b); in zero-sum games with an interior equilibrium p it keeps the sum of KL(p_i | x_i).

    Parameters
    ----------
    game : Game
        With one simplex per player as its domain.
    z : array, shape (..., d)
        Mixed strategies.

    Returns
    -------
    array, shape (..., d)

    Raises
    ------
    ValueError
        If the game has another domain.

    References
    ----------
    Sato, Akiyama, Farmer (2002), Chaos in learning a simple two-person game. Hofbauer, Sigmund (1998), Evolutionary
    games and population dynamics.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import MatrixGame
    >>> replicator_field(MatrixGame([[2.0], [0.0]]), numpy.array([0.5, 0.5, 1.0])).tolist()
    [0.5, -0.5, 0.0]
    """
    _check_domain(game, "the replicator")
    xp = array_namespace(z)
    xi = game.simultaneous_gradient(z)
    parts = []
    for block in player_slices(game.dims):
        x, costs = z[..., block], xi[..., block]
        parts.append(x * (xp.sum(x * costs, axis=-1, keepdims=True) - costs))
    return xp.concat(parts, axis=-1)


def best_response_field(temperature: float) -> _Field:
    """The field x_i' = softmax(-xi_i(z) / T) - x_i: everyone moves towards a logit reply to the others.

    Best replies jump where actions tie, and no flow passes such points in one way only; logit replies of a temperature
    T > 0 are smooth, and tend to best replies as T vanishes. The flow rests at logit equilibria. In zero-sum games the
    gap of the strategies falls like exp(-t), up to terms of the order of T.

    Parameters
    ----------
    temperature : float
        T > 0, in units of payoff.

    Returns
    -------
    callable
        field(game, z) -> velocity, for `flow`.

    Raises
    ------
    ValueError
        If T is not positive; the field itself if a game's domain is not one simplex per player.

    References
    ----------
    Hofbauer, Sandholm (2002), On the global convergence of stochastic fictitious play.
    """
    check_positive("temperature", temperature)

    def field(game: Game, z: Array) -> Array:
        _check_domain(game, "the best-response field")
        return game.domain.mirror_inverse(-game.simultaneous_gradient(z) / temperature) - z

    return field


def modified_field(rule: UpdateRule) -> _Field:
    """The field whose flow a rule's steps follow to second order: -xi + h (second-order term of a step + -J xi / 2).

    Backward error analysis: after time t = h k the flow is within O(h^2) of k steps, where z' = -xi is within O(h).
    Simultaneous descent follows -xi - (h/2) J xi, extragradient -xi + (g - h/2) J xi, and descent in turn
    -K xi + h (sum over l < m of P_m J P_l xi - K J K xi / 2), P_m the block of the m-th of its block steps, K their
    sum.

    Parameters
    ----------
    rule : UpdateRule
        `SimultaneousGradientDescent`, `AlternatingGradientDescent`, or simultaneous `Extragradient`, on games on R^d.

    Returns
    -------
    callable
        field(game, z) -> velocity, for `flow`.

    Raises
    ------
    TypeError
        For another rule.
    ValueError
        For extragradient in turn.

    References
    ----------
    Rosca et al. (2021), Discretization drift in two-player games.

    Examples
    --------
    On a bilinear game of s = 1 descent grows by sqrt(1 + h^2) a step, its modified flow by exp(h^2 / 2).

    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> field = modified_field(SimultaneousGradientDescent(0.5))
    >>> field(Bilinear([[1.0]]), numpy.array([1.0, 0.0])).tolist()
    [0.25, 1.0]
    """
    if isinstance(rule, SimultaneousGradientDescent):
        return lambda game, z: _curved(game, z, -per_point(rule.step_size, z) / 2)
    if isinstance(rule, Extragradient):
        check_choice("schedule", rule.schedule, ("simultaneous",))
        ahead = rule.step_size if rule.extrapolation_step is None else rule.extrapolation_step
        return lambda game, z: _curved(game, z, per_point(ahead, z) - per_point(rule.step_size, z) / 2)
    if isinstance(rule, AlternatingGradientDescent):
        return lambda game, z: _in_turn(rule, game, z)
    raise TypeError(
        "`rule` must be SimultaneousGradientDescent, AlternatingGradientDescent or Extragradient, got "
        f"{type(rule).__name__}."
    )


def _curved(game: Game, z: Array, weight: Any) -> Array:
    """-xi + weight J xi."""
    xi = game.simultaneous_gradient(z)
    return weight * game.jvp(z, xi) - xi


def _in_turn(rule: AlternatingGradientDescent, game: Game, z: Array) -> Array:
    xp = array_namespace(z)
    xi = game.simultaneous_gradient(z)
    n = len(game.dims)
    order = range(n) if rule.player_order is None else rule.player_order
    counts = (1,) * n if rule.inner_steps is None else rule.inner_steps
    moved, second, blocks = xp.zeros_like(xi), xp.zeros_like(xi), player_slices(game.dims)
    for player in order:
        block = blocks[player]
        for _ in range(counts[player]):
            felt = game.jvp(z, moved)[..., block]
            second = replace_block(second, block, second[..., block] + felt)
            moved = replace_block(moved, block, moved[..., block] + xi[..., block])
    # moved is K xi by now.
    scaled = [counts[i] * game.jvp(z, moved)[..., block] for i, block in enumerate(blocks)]
    return per_point(rule.step_size, z) * (second - xp.concat(scaled, axis=-1) / 2) - moved


def _check_domain(game: Game, what: str) -> None:
    if not on_simplices(game):
        raise ValueError(
            f"`game` must have one simplex per player as its domain for {what}, got {game.domain!r} for players of "
            f"sizes {tuple(game.dims)}."
        )
