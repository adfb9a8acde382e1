"""second_derivative: D^2 xi(z)[u, u], how a game's Jacobian changes along a direction, applied to that direction."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, array_namespace, real_dtype
from gamedyn.games import Game

__all__ = ["second_derivative"]

# Squares of it vanish beside 1, in both precisions.
_TINY = 2.0**-80


def second_derivative(game: Game, z: Array, u: Array) -> Array:
    """D^2 xi(z)[u, u] = d/ds J(z + s u) u at s = 0; mixed ones follow by polarisation.

    By complex step of the game's jvp where that agrees with differences, else by differences: exact to rounding for
    games whose jvp is a formula, good to about 1e-9 of its scale elsewhere, and zero for affine games.

    Parameters
    ----------
    game : Game
    z, u : array, shape (..., d)

    Returns
    -------
    array, shape (..., d)

    Examples
    --------
    On x^4 / 4 it is 6 x u^2.

    >>> import numpy
    >>> from gamedyn.games import Game
    >>> class Quartic(Game):
    ...     dims = (1,)
    ...
    ...     def losses(self, z):
    ...         return z**4 / 4
    ...
    ...     def jvp(self, z, v):
    ...         return 3 * z**2 * v
    >>> second_derivative(Quartic(), numpy.array([0.5]), numpy.array([2.0])).tolist()
    [12.0]
    """
    xp = array_namespace(z)
    if game.is_affine:
        return xp.zeros_like(u)
    eps = float(xp.finfo(real_dtype(z)).eps)
    size = xp.max(xp.abs(u), axis=-1, keepdims=True)
    direction = u / xp.where(size > 0, size, xp.ones_like(size))
    # The fifth root of the roundoff balances the errors of order 4.
    h = eps**0.2 / 4 * (1 + xp.max(xp.abs(z), axis=-1, keepdims=True))
    near, far = (game.jvp(z + m * h * direction, u) - game.jvp(z - m * h * direction, u) for m in (0.5, 1.0))
    slope = size * (8 * near - far) / (6 * h)
    exact = _complex_step(game, z, direction)
    if exact is None:
        return slope
    exact = size**2 * exact
    scale = xp.max(xp.abs(slope) + size * xp.abs(game.jvp(z, u)), axis=-1, keepdims=True)
    agree = xp.all(xp.abs(exact - slope) <= eps**0.5 * scale, axis=-1)
    return xp.where(agree[..., None], exact, slope)


def _complex_step(game: Game, z: Array, u: Array) -> Any:
    """d/ds J(z + s u) u by complex step; None where the game's jvp takes no complex points."""
    xp = array_namespace(z)
    try:
        return xp.imag(game.jvp(z + _TINY * 1j * u, u + 0j * u)) / _TINY
    except (TypeError, ValueError):
        return None
