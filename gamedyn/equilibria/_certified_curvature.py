"""A bound on a player's own curvature over its set, from enclosures of its own Hessian."""

from __future__ import annotations

from itertools import product

import numpy

from gamedyn.backend import require, to_host
from gamedyn.equilibria._certified_expressions import LeavesDomain
from gamedyn.equilibria._certified_game import interval_game
from gamedyn.equilibria._certified_matrices import float_above
from gamedyn.games import Game

__all__ = ["certified_curvature"]

_PIECES = {1: 64, 2: 12, 3: 5}


def certified_curvature(
    game: Game, z: numpy.ndarray, block: slice, low: numpy.ndarray, high: numpy.ndarray
) -> float | None:
    """A number that the spectral norm of the own Hessian does not exceed for own blocks in a box, the others at z.

    None where it cannot be had: the game has no enclosures, its derivatives leave their domain in the box, or
    python-flint is not installed.

    Parameters
    ----------
    game : Game
    z : array, shape (d,)
    block : slice
        Of the player.
    low, high : array, shape (k,)
        The box, k <= 3.
    """
    try:
        flint = require("flint")
        interval = interval_game(game)
    except (ImportError, TypeError, ValueError):
        return None
    k, pieces = len(low), _PIECES[len(low)]
    edges = numpy.linspace(low, high, pieces + 1)
    # Rounded edges must not leave gaps, and the ends are those of the box.
    edges[0], edges[-1] = low, high
    box = [flint.arb(float(x)) for x in to_host(z)]
    largest = 0.0
    for cell in product(range(pieces), repeat=k):
        for j, piece in enumerate(cell):
            box[block.start + j] = flint.arb(float(edges[piece, j])).union(flint.arb(float(edges[piece + 1, j])))
        try:
            rows = interval.jacobian(box)[block]
        except LeavesDomain:
            return None
        # |H| is at most its largest row sum of absolute values.
        sums = [float_above(sum((abs(value) for value in row[block]), flint.arb(0))) for row in rows]
        largest = max(largest, *sums)
    return largest if numpy.isfinite(largest) else None
