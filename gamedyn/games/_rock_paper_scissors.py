"""Rock-paper-scissors, with a payoff for ties."""

from __future__ import annotations

from gamedyn._checks import check_in_interval
from gamedyn.games._base import named
from gamedyn.games._matrix_game import MatrixGame

__all__ = ["rock_paper_scissors"]


def rock_paper_scissors(eps_x: float = 0.0, eps_y: float = 0.0) -> MatrixGame:
    """Actions rock, paper, scissors; 1 for a win, -1 for a loss, eps_x and eps_y for a tie.

    Everybody playing (1/3, 1/3, 1/3) is the only Nash equilibrium, with payoffs eps_x / 3 and eps_y / 3. The game is
    zero-sum for eps_x = -eps_y, where the replicator flow keeps the sum of both players' relative entropies from
    equilibrium, and can be chaotic unless eps_x = 0.

    Parameters
    ----------
    eps_x, eps_y : float in (-1, 1)
        What the row and the column player get for a tie.

    Raises
    ------
    TypeError, ValueError
        If a tie does not pay between a loss and a win.

    References
    ----------
    Sato, Akiyama, Farmer (2002), Chaos in learning a simple two-person game.

    Examples
    --------
    >>> rock_paper_scissors(0.5, -0.5).B.tolist()
    [[-0.5, 1.0, -1.0], [-1.0, -0.5, 1.0], [1.0, -1.0, -0.5]]
    """
    check_in_interval("eps_x", eps_x, -1, 1, closed="neither")
    check_in_interval("eps_y", eps_y, -1, 1, closed="neither")
    a, b = ([[tie, -1.0, 1.0], [1.0, tie, -1.0], [-1.0, 1.0, tie]] for tie in (eps_x, eps_y))
    game = MatrixGame(a, [list(column) for column in zip(*b, strict=True)])
    return named(game, "rock_paper_scissors", eps_x=eps_x, eps_y=eps_y)
