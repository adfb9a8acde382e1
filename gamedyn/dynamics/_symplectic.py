"""Integrators of fixed step that keep what rotation keeps: exact moves in turn, and the implicit midpoint rule."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_positive
from gamedyn.backend import Array, array_namespace, float_arrays, like, real_dtype, to_host
from gamedyn.games import Game, player_slices, replace_block
from gamedyn.numerics import solve_or_nan

__all__ = ["midpoint_flow", "symplectic_flow"]

# Yoshida's triple jump: of the symmetric compositions of three leapfrogs the one of order 4.
_OUTER = 1 / (2 - 2 ** (1 / 3))
# (player, weight of the step): moves of a player whose own gradient does not depend on its own block are exact flows.
_MOVES = {
    1: ((0, 1.0), (1, 1.0)),
    2: ((0, 0.5), (1, 1.0), (0, 0.5)),
    4: (
        (0, _OUTER / 2),
        (1, _OUTER),
        (0, (1 - _OUTER) / 2),
        (1, 1 - 2 * _OUTER),
        (0, (1 - _OUTER) / 2),
        (1, _OUTER),
        (0, _OUTER / 2),
    ),
}
_NEWTON_STEPS = 20


def symplectic_flow(game: Game, z0: Any, times: Any, *, step: float, order: int = 2) -> Array:
    """Points of z' = -xi(z) by exact moves of one player at a time, in a game of two whose own Hessians vanish.

    Where xi_x depends on y only and xi_y on x only (f = x^T A y + b^T x + c^T y in zero-sum games; L_1 = x^T a(y),
    L_2 = -y^T b(x) in general), each player's move x <- x - h xi_x(y) is the exact flow of its part. Order 1 moves one
    after the other: it is alternating descent. Order 2 is leapfrog, order 4 Yoshida's composition of three leapfrogs.
    All keep volume; with a = grad A and b = grad B they are symplectic for H = A(y) + B(x), whose error stays bounded
    instead of drifting; orders 2 and 4 run backwards on their own points.

    Parameters
    ----------
    game : Game
        Of two players.
    z0 : array_like, shape (..., d)
        Starting points at times[0].
    times : array_like, shape (T,)
        Increasing, or decreasing for the flow backwards.
    step : float
        h > 0; every interval of times is divided into equal steps no longer than that.
    order : {1, 2, 4}
        Of the error at a given time, O(h^order).

    Returns
    -------
    array, shape (T, ..., d)

    Raises
    ------
    ValueError
        If shapes do not fit, times are not monotone, or an own Hessian does not vanish at one of the points returned.

    References
    ----------
    Yoshida (1990), Construction of higher order symplectic integrators. Hairer, Lubich, Wanner (2006), Geometric
    numerical integration.

    Examples
    --------
    On x y from (1, 0) with h = 1: y gains x - y / 2 after half a move of x.

    >>> from gamedyn.games import Bilinear
    >>> symplectic_flow(Bilinear([[1.0]]), [1.0, 0.0], [0.0, 1.0], step=1.0)[-1].tolist()
    [0.5, 1.0]
    """
    check_choice("order", order, (1, 2, 4))
    if len(game.dims) != 2:
        raise ValueError(f"`game` must have two players to move in turn, got {len(game.dims)}.")
    z, at = _start(game, z0, times, step)
    _check_splits(game, z)
    blocks, moves = player_slices(game.dims), _MOVES[order]

    def advance(z: Array, h: float) -> Array:
        for player, weight in moves:
            block = blocks[player]
            moved = z[..., block] - weight * h * game.player_gradient(z, player)
            z = replace_block(z, block, moved)
        return z

    points = _march(z, at, step, advance)
    _check_splits(game, points)
    return points


def midpoint_flow(game: Game, z0: Any, times: Any, *, step: float) -> Array:
    """Points of z' = -xi(z) by the implicit midpoint rule, z+ = z - h xi((z + z+) / 2), of order 2.

    It keeps every quadratic invariant of the flow exactly, up to the rounding of its Newton iterations: |z|^2 in games
    with x^T xi + y^T xi = 0, as of bilinear ones about 0. It runs backwards on its own points, and serves games of any
    number of players, without the condition of `symplectic_flow`.

    Parameters
    ----------
    game : Game
    z0 : array_like, shape (..., d)
        Starting points at times[0].
    times : array_like, shape (T,)
        Increasing, or decreasing for the flow backwards.
    step : float
        h > 0; every interval of times is divided into equal steps no longer than that.

    Returns
    -------
    array, shape (T, ..., d)

    Raises
    ------
    ValueError
        If shapes do not fit, or times are not monotone.
    RuntimeError
        If Newton's iteration does not solve a step; a smaller one mends it, unless the flow blows up.

    Notes
    -----
    Each step solves dense systems with I + h J / 2.

    References
    ----------
    Hairer, Lubich, Wanner (2006), Geometric numerical integration.

    Examples
    --------
    On x y it is the Cayley transform, a rotation by 2 arctan(h / 2): (3/5, 4/5) from (1, 0) for h = 1.

    >>> from gamedyn.games import Bilinear
    >>> midpoint_flow(Bilinear([[1.0]]), [1.0, 0.0], [0.0, 1.0], step=1.0)[-1].round(12).tolist()
    [0.6, 0.8]
    """
    z, at = _start(game, z0, times, step)
    eps = float(array_namespace(z).finfo(real_dtype(z)).eps)
    return _march(z, at, step, lambda point, h: _midpoint_step(game, point, h, eps))


def _midpoint_step(game: Game, z: Array, h: float, eps: float) -> Array:
    xp = array_namespace(z)
    identity = like(numpy.eye(z.shape[-1]), z)
    # The midpoint m solves m + h xi(m) / 2 = z; then z+ = 2 m - z.
    middle = z - h / 2 * game.simultaneous_gradient(z)
    before = math.inf
    for _ in range(_NEWTON_STEPS):
        residual = middle + h / 2 * game.simultaneous_gradient(middle) - z
        correction = solve_or_nan(identity + h / 2 * game.jacobian(middle), residual[..., None])[..., 0]
        middle = middle - correction
        scale = 1 + xp.max(xp.abs(middle), axis=-1, keepdims=True)
        size = float(xp.max(xp.abs(correction) / scale))
        # At rounding, corrections stop to shrink.
        if size <= 4 * eps or (size <= 1e3 * eps and size >= before):
            return 2 * middle - z
        before = size
    raise RuntimeError(
        f"the implicit midpoint step of size {h:g} was not solved by {_NEWTON_STEPS} iterations of Newton; take a "
        "smaller `step`."
    )


def _start(game: Game, z0: Any, times: Any, step: float) -> tuple[Array, Any]:
    check_positive("step", step)
    _, z = float_arrays(z0, names=("z0",))
    d = sum(game.dims)
    if z.ndim == 0 or z.shape[-1] != d:
        raise ValueError(f"`z0` must have shape (..., {d}) for players of sizes {game.dims}, got {tuple(z.shape)}.")
    at = numpy.asarray(to_host(times), dtype=numpy.float64)
    gaps = numpy.diff(at) if at.ndim == 1 and len(at) else None
    if gaps is None or not (numpy.all(gaps > 0) or numpy.all(gaps < 0)):
        raise ValueError(f"`times` must be increasing or decreasing numbers, got shape {at.shape}.")
    return z, at


def _march(z: Array, at: Any, step: float, advance: Any) -> Array:
    points = [z]
    for gap in numpy.diff(at).tolist():
        # A length that is a multiple of the step up to rounding takes no step more.
        count = max(math.ceil(abs(gap) / step - 1e-9), 1)
        for _ in range(count):
            z = advance(z, gap / count)
        points.append(z)
    return array_namespace(z).stack(points)


def _check_splits(game: Game, z: Array) -> None:
    """Refuse games whose players feel their own blocks at z, by a product with their own Hessians."""
    xp = array_namespace(z)
    # No direction is special; entries of one sign could cancel.
    v = like(numpy.cos(numpy.arange(z.shape[-1]) + 1.0), z)
    v = xp.broadcast_to(v, z.shape)
    own, whole = game.own_hvp(z, v), game.jvp(z, v)
    size = float(xp.max(xp.abs(own)))
    bound = 100 * float(xp.finfo(real_dtype(z)).eps)
    if not size <= bound * (1 + float(xp.max(xp.abs(whole)))):
        raise ValueError(
            "`game` must have players whose own gradients do not depend on their own blocks, got own Hessians of "
            f"size {size:.3g}; `midpoint_flow` serves it."
        )
