"""best_reply: the least loss that one player can reach on its own, with a proved lower bound where there is one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_nonnegative, check_positive
from gamedyn.backend import Array, array_namespace, as_generator, device_of, to_device, to_host
from gamedyn.equilibria._best_reply_descent import OwnLoss, descend, starts_for
from gamedyn.equilibria._best_reply_proof import Bound, branch_and_bound, own_curvature, quadratic_bound
from gamedyn.equilibria._best_reply_set import OwnSet, own_set
from gamedyn.equilibria._certified_curvature import certified_curvature
from gamedyn.equilibria._point import as_game_and_points
from gamedyn.games import Game, StochasticGame

__all__ = ["BestReply", "best_reply", "reply_within"]

# Where branch and bound over cells still ends.
_SMALL = 3


@dataclass(frozen=True)
class BestReply:
    """What `best_reply` found for one player.

    Parameters
    ----------
    point : array, shape (d_player,)
        The player's part, in the library of z.
    loss : float
        The player's loss there: an upper bound on the least one.
    lower : float
        Proved, up to rounding as in the Notes: no point of the player's set has a loss below; minus infinity where
        nothing is proved.
    before : float
        The player's loss at z.
    guarantee : str
        "global" where `loss - lower` is within the tolerance, else "local".
    reason : str
        How that is known.
    """

    point: Array
    loss: float
    lower: float
    before: float
    guarantee: str
    reason: str

    @property
    def gain(self) -> float:
        """What this reply gains: before - loss, 0 where z is as good."""
        return max(self.before - self.loss, 0.0)

    @property
    def gain_bound(self) -> float:
        """What no reply gains more than: before - lower."""
        return max(self.before - self.lower, 0.0)

    def __str__(self) -> str:
        """The loss and what is known of it, in one line."""
        bounds = f"loss {self.loss:.10g}, proved at least {self.lower:.10g}, before {self.before:.10g}"
        return f"{bounds}; {self.guarantee}: {self.reason}"


def best_reply(
    game: Game | StochasticGame,
    z: Any,
    player: int,
    *,
    box: Any = None,
    curvature: float | None = None,
    starts: int = 16,
    steps: int = 500,
    tolerance: float = 1e-8,
    rng: Any = 0,
) -> BestReply:
    """min over v of L_i(v, z_-i): on boxes, simplices and R^d, with a guarantee that says global or local.

    `best_response` is the quick form for mixed strategies: pure, batched, in the library of z.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.
    z : array_like, shape (d,)
        Where the others stay.
    player : int
        Who replies.
    box : array_like, shape (d, 2), optional
        Bounds on all of z, of which the player's rows cut down its part of the domain.
    curvature : float, optional
        A bound on the spectral norm of the player's own Hessian over its set, such as a Lipschitz constant of its own
        gradient: with it, branch and bound proves the minimum of up to three coordinates.
    starts : int
        Of projected descent: from z, and from random points of the player's set.
    steps : int
        Of descent from each start.
    tolerance : float
        What "global" may leave open, `loss - lower`, relative to the size of the losses met.
    rng : None, int or Generator
        For the starts.

    Returns
    -------
    BestReply
        Global are losses that are linear, convex, concave on few vertices, or separable quadratic in the own block:
        those of affine games, of finite games, and of symbolic games whose own Hessian is free of the own block. So are
        up to three coordinates with a `curvature`, or in a symbolic game where python-flint is installed: then it is
        bounded by enclosures of the own Hessian.

    Raises
    ------
    TypeError
        If `game` is no game, or its domain is made of other sets.
    ValueError
        If z, the player or the box does not fit, or the loss falls without bound.

    Notes
    -----
    Host-only. A convex loss has L(u) >= L(v) + <g, u - v> + m |u - v|^2 / 2 for all u, the least value of which over
    the set proves that v is a minimiser: the duality gap of Frank and Wolfe. Bounds are lowered by an
    estimate of what rounding may hide, the sizes of the terms met times the roundoff; no directed rounding is used, so
    that heavy cancellation within a loss can exceed it. `certify` is strict.

    References
    ----------
    Jaggi (2013), Revisiting Frank-Wolfe: projection-free sparse convex optimization. Barzilai and Borwein (1988),
    Two-point step size gradient methods.

    Examples
    --------
    Against 30 units, a Cournot firm with cost 10 and demand 100 - q makes (100 - 10 - 30) / 2 itself.

    >>> from gamedyn.games import cournot
    >>> reply = best_reply(cournot((10.0, 10.0)), [0.0, 30.0], 0)
    >>> reply.point.tolist(), reply.guarantee
    ([30.0], 'global')
    """
    full, point = as_game_and_points(game, z)
    if point.ndim != 1:
        raise ValueError(f"`z` must be one point of shape ({sum(full.dims)},), got {tuple(point.shape)}.")
    check_integer("player", player, minimum=0)
    if player >= len(full.dims):
        raise ValueError(f"`player` must be below {len(full.dims)}, the number of players, got {player}.")
    if curvature is not None:
        check_nonnegative("curvature", curvature)
    return reply_within(
        OwnLoss(full, point, player),
        own_set(full, player, box),
        curvature=curvature,
        starts=starts,
        steps=steps,
        tolerance=tolerance,
        rng=rng,
    )


def reply_within(
    loss: OwnLoss, own: OwnSet, *, curvature: float | None, starts: int, steps: int, tolerance: float, rng: Any
) -> BestReply:
    """`best_reply` on a given set.

    Parameters
    ----------
    loss : OwnLoss
    own : OwnSet
    curvature, starts, steps, tolerance, rng
        As in `best_reply`.
    """
    check_integer("starts", starts, minimum=1)
    check_integer("steps", steps, minimum=0)
    check_positive("tolerance", tolerance)
    before = float(loss.value(loss.start))
    hessian = own_curvature(loss)
    simple = hessian is not None and not numpy.any(hessian - numpy.diag(numpy.diagonal(hessian)))
    begin = own.project(loss.start)[None, :]
    if not (simple and not own.sums) and (hessian is None or numpy.any(hessian)):
        begin = starts_for(own, loss.start, starts, as_generator(rng))
        point, _ = descend(loss, own, begin, steps)
    else:
        point = begin[0]
    bound = Bound(point, -math.inf, "")
    if hessian is not None:
        bound = quadratic_bound(loss, own, hessian, point)
        if not numpy.all(numpy.isfinite(bound.point)):
            raise ValueError(
                f"`box` must bound the part of player {loss.player}, whose loss falls without bound, got {own.low} "
                f"to {own.high}."
            )
        if curvature is None:
            curvature = float(numpy.linalg.norm(hessian, 2))
    gap = tolerance * _scale(loss, begin, bound.point, before)
    small = len(own.low) <= _SMALL and own.is_bounded and not own.sums
    if small and curvature is None and _is_open(loss, bound, gap):
        curvature = certified_curvature(loss.game, to_host(loss.z), loss.block, own.low, own.high)
    if small and curvature is not None and _is_open(loss, bound, gap):
        bound = branch_and_bound(loss, own, float(curvature), bound.point, gap)
    return _reply(loss, own, bound, before, gap, starts)


def _reply(loss: OwnLoss, own: OwnSet, bound: Bound, before: float, gap: float, starts: int) -> BestReply:
    value, point = float(loss.value(bound.point)), bound.point
    # Nobody is made to move for nothing.
    if value >= before and numpy.array_equal(own.project(loss.start), loss.start):
        value, point = before, loss.start
    closed = value - bound.lower <= gap
    reason = bound.reason
    if not closed:
        reason = f"{reason} Projected descent from {starts} starts, which proves nothing global.".strip()
    z = loss.z
    sent = to_device(point, array_namespace(z), dtype=z.dtype, device=device_of(z))
    return BestReply(sent, value, bound.lower, before, "global" if closed else "local", reason)


def _is_open(loss: OwnLoss, bound: Bound, gap: float) -> bool:
    return not float(loss.value(bound.point)) - bound.lower <= gap


def _scale(loss: OwnLoss, begin: numpy.ndarray, point: numpy.ndarray, before: float) -> float:
    """The size of losses: at z, at the reply, and their spread over the starts."""
    values = loss.value(begin)
    values = values[numpy.isfinite(values)]
    spread = float(numpy.ptp(values)) if len(values) else 0.0
    sizes = [abs(before), abs(float(loss.value(point))), spread, float(numpy.finfo(float).tiny)]
    return max(size for size in sizes if math.isfinite(size))
