"""deviation_gains and check_nash: what every player could gain on its own, with bounds, and whether that is nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import to_host
from gamedyn.equilibria._best_reply import BestReply, best_reply
from gamedyn.equilibria._point import as_game_and_points
from gamedyn.games import Game, StochasticGame
from gamedyn.numerics import Verdict

__all__ = ["DeviationGains", "check_nash", "deviation_gains", "gains_of"]


@dataclass(frozen=True)
class DeviationGains:
    """What each player gains by its best reply, between two bounds.

    Parameters
    ----------
    lower : array, shape (n,)
        Gains of the replies found.
    upper : array, shape (n,)
        No reply gains more; infinite where nothing is proved.
    replies : tuple of BestReply
    """

    lower: numpy.ndarray
    upper: numpy.ndarray
    replies: tuple[BestReply, ...]

    @property
    def guarantee(self) -> str:
        """ "global" where all replies are, else "local"."""
        return "global" if all(reply.guarantee == "global" for reply in self.replies) else "local"

    @property
    def total(self) -> tuple[float, float]:
        """Bounds on the sum: the exploitability, of a zero-sum game the duality gap."""
        return float(numpy.sum(self.lower)), float(numpy.sum(self.upper))

    def __str__(self) -> str:
        """A line for each player, and the sum."""
        lines = [
            f"player {i}: gains {low:.6g} to {high:.6g} ({reply.guarantee})"
            for i, (low, high, reply) in enumerate(zip(self.lower, self.upper, self.replies, strict=True))
        ]
        low, high = self.total
        return "\n".join([*lines, f"together {low:.6g} to {high:.6g} ({self.guarantee})"])


def deviation_gains(game: Game | StochasticGame, z: Any, *, box: Any = None, **options: Any) -> DeviationGains:
    """L_i(z) - min over v of L_i(v, z_-i) for every player, on boxes, simplices and R^d, each with its guarantee.

    `nash_gaps` and `exploitability` are the quick forms for mixed strategies: batched, in the library of z.

    Parameters
    ----------
    game : Game or StochasticGame
    z : array_like, shape (d,)
    box : array_like, shape (d, 2), optional
        As in `best_reply`.
    **options
        `curvature`, `starts`, `steps`, `tolerance`, `rng` of `best_reply`.

    Returns
    -------
    DeviationGains
        `lower` are gains that were reached, `upper` such that no reply reaches more.

    Examples
    --------
    f = x y on [-1, 1]^2: from (1/2, 0) only the second player gains, 1/2.

    >>> from gamedyn.games import hamiltonian_game
    >>> gains = deviation_gains(hamiltonian_game(), [0.5, 0.0], box=[[-1, 1], [-1, 1]])
    >>> gains.lower.tolist(), gains.guarantee
    ([0.0, 0.5], 'global')
    """
    players = range(len(game.dims)) if isinstance(game, (Game, StochasticGame)) else range(1)
    return gains_of(tuple(best_reply(game, z, player, box=box, **options) for player in players))


def gains_of(replies: tuple[BestReply, ...]) -> DeviationGains:
    """The gains of one reply per player.

    Parameters
    ----------
    replies : tuple of BestReply
    """
    lower = numpy.asarray([reply.gain for reply in replies])
    return DeviationGains(lower, numpy.asarray([reply.gain_bound for reply in replies]), replies)


def check_nash(game: Game | StochasticGame, z: Any, *, tolerance: float, box: Any = None, **options: Any) -> Verdict:
    """Whether nobody gains more than the tolerance by a move of its own: z is an epsilon-Nash equilibrium.

    Parameters
    ----------
    game : Game or StochasticGame
    z : array_like, shape (d,)
    tolerance : float
        Epsilon, in units of loss.
    box : array_like, shape (d, 2), optional
        As in `best_reply`: where the players may go. It must contain z.
    **options
        `curvature`, `starts`, `steps`, `rng` of `best_reply`.

    Returns
    -------
    Verdict
        "yes" with an epsilon proved for all deviations, "no" with a deviation that gains more, named in the reason;
        "undecided" where none was found and none is excluded. The margin is the tolerance minus the gain that decided.

    Examples
    --------
    Two prisoners who stay silent can each do better alone.

    >>> from gamedyn.games import prisoners_dilemma
    >>> check_nash(prisoners_dilemma(), [1.0, 0.0, 1.0, 0.0], tolerance=1e-9).answer
    'no'
    >>> check_nash(prisoners_dilemma(), [0.0, 1.0, 0.0, 1.0], tolerance=1e-9).answer
    'yes'
    """
    check_positive("tolerance", tolerance)
    _, point = as_game_and_points(game, z)
    if box is not None:
        host, bounds = to_host(point), numpy.asarray(box, dtype=float)
        if bounds.shape == (*host.shape, 2) and not numpy.all((host >= bounds[:, 0]) & (host <= bounds[:, 1])):
            raise ValueError(f"`z` must lie in `box`, got {host.tolist()}.")
    found = deviation_gains(game, point, box=box, **options)
    worst = int(numpy.argmax(found.lower))
    reply = found.replies[worst]
    # A difference of two losses of which each is off by some roundoffs.
    doubt = 64 * float(numpy.finfo(float).eps) * (abs(reply.before) + abs(reply.loss))
    sure = float(found.lower[worst]) - doubt
    if sure > tolerance:
        place = ", ".join(f"{float(c):.6g}" for c in to_host(reply.point)[:6]) + ", ..." * (len(reply.point) > 6)
        word = f"Player {worst} gains {float(found.lower[worst]):.6g} by moving to ({place})."
        return Verdict("no", tolerance - sure, word)
    most = float(numpy.max(found.upper))
    if most <= tolerance:
        reasons = " ".join(sorted({reply.reason for reply in found.replies}))
        return Verdict("yes", tolerance - most, f"No player gains more than {most:.6g} by any move. {reasons}")
    open_ = [i for i, high in enumerate(found.upper) if not high <= tolerance]
    word = f"No gain above the tolerance was found, and none is excluded for player {open_[0]}."
    return Verdict("undecided", tolerance - (most if math.isfinite(most) else sure), word)
