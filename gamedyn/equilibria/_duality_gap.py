"""local_duality_gap: what the players gain together by moves of their own within a radius."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.equilibria._best_reply import BestReply, reply_within
from gamedyn.equilibria._best_reply_descent import OwnLoss
from gamedyn.equilibria._best_reply_set import own_set
from gamedyn.equilibria._nash_gains import gains_of
from gamedyn.equilibria._point import as_game_and_points
from gamedyn.games import Game, StochasticGame

__all__ = ["LocalDualityGap", "local_duality_gap"]


@dataclass(frozen=True)
class LocalDualityGap:
    """The duality gap within a radius, between two bounds.

    Parameters
    ----------
    lower : float
        Reached by the replies: the estimate.
    upper : float
        Proved; infinite where nothing is.
    gains : array, shape (n,)
        Each player's part of `lower`.
    radius : float
    guarantee : str
        "global" where every reply is the best of its neighbourhood within the tolerance, else "lower bound".
    replies : tuple of BestReply
    """

    lower: float
    upper: float
    gains: numpy.ndarray
    radius: float
    guarantee: str
    replies: tuple[BestReply, ...]

    def __str__(self) -> str:
        """One line."""
        return f"duality gap within {self.radius:g}: {self.lower:.6g} to {self.upper:.6g} ({self.guarantee})"


def local_duality_gap(
    game: Game | StochasticGame,
    z: Any,
    radius: float,
    *,
    curvature: float | None = None,
    starts: int = 8,
    steps: int = 200,
    tolerance: float = 1e-8,
    rng: Any = 0,
) -> LocalDualityGap:
    """max over y' near y of f(x, y') - min over x' near x of f(x', y): the duality gap near z = (x, y).

    For n players the sum of what each gains by a move within the radius, sum L_i(z) - min L_i(v, z_-i), which is this
    where losses are f and -f.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.
    z : array_like, shape (d,)
    radius : float
        Players move by at most this in every coordinate, and within the domain.
    curvature, starts, steps, tolerance, rng
        As in `best_reply`. With `starts=1` only z itself is one: k steps of projected descent, as in the estimates that
        large GANs are monitored with.

    Returns
    -------
    LocalDualityGap
        0 at a local Nash equilibrium, for a radius small enough.

    References
    ----------
    Grnarova, Levy, Lucchi, Perraudin, Goodfellow, Hofmann and Krause (2019), A domain agnostic measure for monitoring
    and evaluating GANs (the gap over all of the players' sets, estimated by gradient steps).

    Examples
    --------
    f = x y at (1, 2), within 1/2: 1 * 2.5 - 0.5 * 2 = 1.5.

    >>> from gamedyn.games import hamiltonian_game
    >>> print(local_duality_gap(hamiltonian_game(), [1.0, 2.0], 0.5))
    duality gap within 0.5: 1.5 to 1.5 (global)
    """
    check_positive("radius", radius)
    full, point = as_game_and_points(game, z)
    if point.ndim != 1:
        raise ValueError(f"`z` must be one point of shape ({sum(full.dims)},), got {tuple(point.shape)}.")
    replies = []
    for player in range(len(full.dims)):
        loss = OwnLoss(full, point, player)
        near = own_set(full, player, None).around(loss.start, float(radius))
        replies.append(
            reply_within(loss, near, curvature=curvature, starts=starts, steps=steps, tolerance=tolerance, rng=rng)
        )
    found = gains_of(tuple(replies))
    lower, upper = found.total
    guarantee = "global" if found.guarantee == "global" else "lower bound"
    return LocalDualityGap(lower, upper, found.lower, float(radius), guarantee, found.replies)
