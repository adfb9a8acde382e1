"""Backward error analysis of steps in turn: power series of a few steps, and the field whose flow passes through them.

Steps are pushed through as power series in h, z + h a_1 + h^2 a_2 + h^3 a_3. With D = Phi - 1 the difference from one
step to the next, the field g whose flow for the time h is the step Phi is the logarithm of 1 + D applied to the
coordinates, h g = D z - D^2 z / 2 + D^3 z / 3 - ..., and D^k z is of the order of h^k: order + 1 steps give `order`
corrections, with no derivative of the corrections themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.dynamics._second_derivative import second_derivative
from gamedyn.games import Game, player_slices, replace_block

__all__ = ["Block", "field_terms"]

Block = tuple[int, Any, bool]
"""A move: (player, its step in units of h, whether it starts from the point of the round's start, not the newest)."""

# Rows: the weights of the first, second, ... step in D z - D^2 z / 2 + D^3 z / 3, cut off after the order + 1-st term.
_WEIGHTS = {1: (2.0, -1 / 2), 2: (3.0, -3 / 2, 1 / 3)}


def field_terms(game: Game, z: Array, moves: Iterable[Block], order: int) -> list[Array]:
    """[f_1, f_2, ...] with g = f_1 + h f_2 + ... the field whose flow for the time h is one round of `moves`.

    Parameters
    ----------
    game : Game
    z : array, shape (..., d)
    moves : iterable of (player, step, fresh)
        In turn, each player takes its own gradient at the newest point and steps from its own newest block, or, where
        `fresh` is true, from its block at the round's start.
    order : {1, 2}
        Number of terms after f_1.

    Returns
    -------
    list of array, shape (..., d)
    """
    moves = list(moves)
    gradient = _gradient_series(game, z)
    blocks = player_slices(game.dims)
    xp = array_namespace(z)
    terms = [xp.zeros_like(z) for _ in range(order + 1)]
    # Coefficients a_1, ..., a_{order + 1} of the point after some steps.
    point = list(terms)
    for weight in _WEIGHTS[order]:
        start = point
        for player, step, fresh in moves:
            block = blocks[player]
            origin = start if fresh else point
            slopes = gradient(point)
            point = [
                replace_block(newest, block, old[..., block] - step * slope[..., block])
                for newest, old, slope in zip(point, origin, slopes, strict=True)
            ]
        terms = [term + weight * a for term, a in zip(terms, point, strict=True)]
    return terms


def _gradient_series(game: Game, z: Array) -> Callable[[Sequence[Array]], list[Array]]:
    """The function that takes (a_1, a_2, ...) to the coefficients of xi(z + h a_1 + h^2 a_2 + ...), as many as given.

    Those of 1, h and h^2 are xi, J a_1, and J a_2 + D^2 xi[a_1, a_1] / 2.
    """
    xi = game.simultaneous_gradient(z)

    def coefficients(a: Sequence[Array]) -> list[Array]:
        found = [xi, game.jvp(z, a[0])]
        if len(a) > 2:
            found.append(game.jvp(z, a[1]) + second_derivative(game, z, a[0]) / 2)
        return found

    return coefficients
