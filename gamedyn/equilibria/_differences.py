"""The matrix of one step of a rule that declares none, by differences of its step."""

from __future__ import annotations

from collections.abc import Callable

import numpy

from gamedyn.backend import Array, array_namespace, like
from gamedyn.games import Game
from gamedyn.updates import UpdateRule, extended_point, step_extended

__all__ = ["differentiate_step"]

# Shares of the usual distance of points: a rule with long steps may meet a constraint from afar.
_SHARES = (1.0, 1e-3, 1e-6)


def differentiate_step(rule: UpdateRule, game: Game, z: Array, *, strict: bool = True) -> Array:
    """(..., D, D) by central differences over z and every memory of the rule's state.

    Parameters
    ----------
    rule : UpdateRule
    game : Game
    z : array, shape (..., d)
    strict : bool
        Whether a kink is an error; else the matrix there is nan.

    Raises
    ------
    ValueError
        If a step has a kink at z, and `strict`.
    """
    xp = array_namespace(z)
    # The cube root of the roundoff balances the errors of truncation and of rounding.
    h = float(xp.finfo(z.dtype).eps) ** (1 / 3)
    state = rule.init(game, z)
    start = extended_point(z, state)

    def at(move: Array) -> Array:
        return step_extended(rule, game, start + move, state, z.shape)

    with numpy.errstate(all="ignore"):
        rest = at(xp.zeros_like(start))
        matrix, smooth = _by_differences(at, rest, h)
        # A step that is not defined has no kink: its matrix is not finite.
        smooth = smooth | ~xp.all(xp.isfinite(rest), axis=-1)
        for share in _SHARES[1:]:
            if bool(xp.all(smooth)):
                break
            closer, smooth_there = _by_differences(at, rest, share * h)
            matrix = xp.where(smooth[..., None, None], matrix, closer)
            smooth = smooth | smooth_there
    if not strict:
        return xp.where(smooth[..., None, None], matrix, xp.nan)
    if not bool(xp.all(smooth)):
        raise ValueError(
            f"`z` must be a point where a step of {type(rule).__name__} has a derivative, got a kink there: a "
            "constraint of the game's domain is about to hold, or to be given up."
        )
    return matrix


def _by_differences(at: Callable[[Array], Array], rest: Array, h: float) -> tuple[Array, Array]:
    """The matrix (..., D, D) from points at the distance h, and whether slopes agree on the way (...)."""
    xp, size = array_namespace(rest), rest.shape[-1]
    pairs = [_slope(at, rest, h * like(numpy.eye(size)[k], rest), h) for k in range(size)]
    matrix = xp.stack([slope for slope, _ in pairs], axis=-1)
    bend = xp.max(xp.stack([bend for _, bend in pairs], axis=-1), axis=-1)
    # A smooth step bends by h times its second derivative, a kink by the difference of its slopes.
    return matrix, bend <= 1e-2 * (1 + xp.max(xp.abs(matrix), axis=(-2, -1)))


def _slope(at: Callable[[Array], Array], rest: Array, move: Array, h: float) -> tuple[Array, Array]:
    """The derivative along one coordinate (..., D), and by how much it differs from place to place (...)."""
    xp = array_namespace(rest)
    ahead, behind = at(move), at(-move)
    slope = (ahead - behind) / (2 * h)
    # Kinks where the rule rests, and steps that are cut off on the way, on both sides alike perhaps.
    bends = xp.stack([ahead + behind - 2 * rest, ahead + rest - 2 * at(move / 2)])
    bend = xp.max(xp.abs(bends), axis=(0, -1)) / h
    before, after = (xp.all(xp.isfinite(end), axis=-1) for end in (behind, ahead))
    if bool(xp.all(before & after)):
        return slope, bend
    # Logarithms end at a bound: three points on the side where they do not, to the same order.
    forward = (4 * ahead - at(2 * move) - 3 * rest) / (2 * h)
    backward = (3 * rest - 4 * behind + at(-2 * move)) / (2 * h)
    one_sided = xp.where(after[..., None], forward, backward)
    both = before & after
    return xp.where(both[..., None], slope, one_sided), xp.where(both, bend, xp.zeros_like(bend))
