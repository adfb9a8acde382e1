"""Matching pennies, for two players and Jordan's for three."""

from __future__ import annotations

from gamedyn.games._base import named
from gamedyn.games._matrix_game import MatrixGame
from gamedyn.games._normal_form import NormalFormGame

__all__ = ["jordan_matching_pennies", "matching_pennies"]


def matching_pennies() -> MatrixGame:
    """Actions heads, tails; the row player wins 1 if the pennies match and loses 1 if they do not.

    Zero-sum with value 0; (1/2, 1/2) against (1/2, 1/2) is the only Nash equilibrium.

    Examples
    --------
    >>> import numpy
    >>> matching_pennies().losses(numpy.array([1.0, 0.0, 1.0, 0.0])).tolist()
    [-1.0, 1.0]
    """
    return named(MatrixGame([[1.0, -1.0], [-1.0, 1.0]]), "matching_pennies")


def jordan_matching_pennies() -> NormalFormGame:
    """Three players, each with heads and tails: 1 wants to match 2, 2 to match 3, and 3 to differ from 1.

    Who gets the wish wins 1, who does not loses 1. Everybody playing (1/2, 1/2) is the only Nash equilibrium, and
    unstable under many rules of learning.

    References
    ----------
    Jordan (1993), Three problems in learning mixed-strategy Nash equilibria.

    Examples
    --------
    >>> import numpy
    >>> jordan_matching_pennies().losses(numpy.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0])).tolist()
    [-1.0, -1.0, 1.0]
    """
    sign = (1.0, -1.0)
    table = [[[(i * j, j * k, -k * i) for k in sign] for j in sign] for i in sign]
    game = NormalFormGame([[[[cell[p] for cell in row] for row in page] for page in table] for p in range(3)])
    return named(game, "jordan_matching_pennies")
