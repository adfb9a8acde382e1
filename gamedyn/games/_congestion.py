"""Two agents who choose between two congested resources: the game behind a family of chaotic maps."""

from __future__ import annotations

from gamedyn._checks import check_in_interval, check_positive
from gamedyn.games._base import named
from gamedyn.games._matrix_game import MatrixGame

__all__ = ["congestion_game"]


def congestion_game(a: float, b: float = 0.5) -> MatrixGame:
    """The cost of a resource grows linearly with the number of its users; b is its share in equilibrium.

    The resources cost a (2 - b) / 3 and a (1 + b) / 3 for each user. Where the other agent takes the first one with
    probability y, it costs a (y - b) more than the second; so multiplicative weights with step size 1, started from a
    common strategy (x, 1 - x), iterate

        x' = x / (x + (1 - x) exp(a (x - b))).

    b is the fixed point, attracting for a b (1 - b) < 2. Both agents playing (b, 1 - b) is the symmetric Nash
    equilibrium; (1, 0) against (0, 1) and its mirror image are the others, and strict. Common strategies repel where
    they do not converge: after many steps, rounding alone can part the agents.

    Parameters
    ----------
    a : float
        Scale of the costs, positive.
    b : float in (0, 1)
        The equilibrium share of the first resource.

    Raises
    ------
    TypeError, ValueError
        If a parameter is outside its domain.

    References
    ----------
    Chotibut, Falniowski, Misiurewicz, Piliouras (2018), Family of chaotic maps from game theory.

    Examples
    --------
    >>> import numpy
    >>> game = congestion_game(a=10.0, b=0.25)
    >>> first, second = game.player_gradient(numpy.array([0.5, 0.5, 0.75, 0.25]), player=0)
    >>> round(float(first - second), 12)
    5.0
    """
    check_positive("a", a)
    check_in_interval("b", b, 0, 1, closed="neither")
    first, second = a * (2 - b) / 3, a * (1 + b) / 3
    game = MatrixGame([[-2 * first, -first], [-second, -2 * second]], [[-2 * first, -second], [-first, -2 * second]])
    return named(game, "congestion_game", a=a, b=b)
