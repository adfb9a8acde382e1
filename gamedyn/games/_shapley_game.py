"""Shapley's 3 x 3 game, in which fictitious play cycles."""

from __future__ import annotations

from gamedyn.games._base import named
from gamedyn.games._matrix_game import MatrixGame

__all__ = ["shapley_game"]


def shapley_game() -> MatrixGame:
    """The row player gets 1 for choosing the column player's action, the column player 1 for the next action.

    Payoffs are 0 otherwise. Both playing (1/3, 1/3, 1/3) is the only Nash equilibrium, with payoffs 1/3; fictitious
    play runs through the six cells that pay somebody, in runs of geometrically growing length.

    References
    ----------
    Shapley (1964), Some topics in two-person games.

    Examples
    --------
    >>> shapley_game().B.tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    game = MatrixGame(
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]],
    )
    return named(game, "shapley_game")
