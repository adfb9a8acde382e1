"""Strictly dominated actions of finite two-player games, and their elimination, in exact arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gamedyn._checks import check_choice, check_integer
from gamedyn.equilibria._exact_payoffs import Rational, bimatrix, transposed
from gamedyn.equilibria._lemke_howson import lemke_howson

__all__ = ["Elimination", "eliminate_dominated", "is_dominated"]


@dataclass(frozen=True)
class Elimination:
    """What iterated elimination of strictly dominated actions leaves; the order does not matter.

    Parameters
    ----------
    rows, columns : tuple of int
        The actions that survive.
    rounds : tuple of pairs of tuples of int
        The rows and the columns that each round removes.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    rounds: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]

    def __str__(self) -> str:
        """The survivors, then one line for each round."""
        lines = [f"rows {_listed(self.rows)} and columns {_listed(self.columns)} survive"]
        for number, (rows, columns) in enumerate(self.rounds, 1):
            lines.append(f"  round {number} removes rows {_listed(rows)} and columns {_listed(columns)}")
        return "\n".join(lines)


def _listed(actions: tuple[int, ...]) -> str:
    return ", ".join(map(str, actions)) or "none"


def is_dominated(a: Any, b: Any = None, *, action: int, player: int = 0) -> bool:
    """Whether another strategy, pure or mixed, pays strictly more than `action` against everything.

    Parameters
    ----------
    a : two-player NormalFormGame (a MatrixGame is one), or array_like of shape (m, k)
        A game, or the payoffs of the row player.
    b : array_like of shape (m, k), optional
        The payoffs of the column player; -a by default.
    action : int
        A row for player 0, a column for player 1.
    player : {0, 1}
        Whose action.

    Returns
    -------
    bool
        Exact: no tolerance enters.

    Raises
    ------
    TypeError, ValueError
        If payoffs are not finite real numbers, shapes do not fit or there is no such action or player.

    Examples
    --------
    The middle row is worse than the half-and-half mixture of the others:

    >>> is_dominated([[4, 0], [1, 1], [0, 4]], action=1)
    True
    """
    first, second = bimatrix(a, b)
    check_choice("player", player, (0, 1))
    payoffs = first if player == 0 else transposed(second)
    check_integer("action", action, minimum=0)
    if action >= len(payoffs):
        raise ValueError(f"`action` must be below {len(payoffs)}, the number of the player's actions, got {action}.")
    return _dominated(payoffs, action)


def _dominated(payoffs: Rational, action: int) -> bool:
    """Whether the zero-sum game of the other actions' advantages has a positive value."""
    advantages = [
        [value - own for value, own in zip(row, payoffs[action], strict=True)]
        for i, row in enumerate(payoffs)
        if i != action
    ]
    return bool(advantages) and lemke_howson(advantages).payoffs[0] > Fraction(0)


def eliminate_dominated(a: Any, b: Any = None) -> Elimination:
    """Remove strictly dominated actions of both players, round by round, until none is left.

    Parameters
    ----------
    a : two-player NormalFormGame (a MatrixGame is one), or array_like of shape (m, k)
        A game, or the payoffs of the row player.
    b : array_like of shape (m, k), optional
        The payoffs of the column player; -a by default.

    Returns
    -------
    Elimination
        Every Nash equilibrium uses survivors only. Exact: no tolerance enters.

    Raises
    ------
    TypeError, ValueError
        If payoffs are not finite real numbers or shapes do not fit.

    Examples
    --------
    The prisoner's dilemma:

    >>> print(eliminate_dominated([[3, 0], [5, 1]], [[3, 5], [0, 1]]))
    rows 1 and columns 1 survive
      round 1 removes rows 0 and columns 0
    """
    first, second = bimatrix(a, b)
    rows, columns = tuple(range(len(first))), tuple(range(len(first[0])))
    rounds: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    while True:
        own = [[first[i][j] for j in columns] for i in rows]
        other = [[second[i][j] for i in rows] for j in columns]
        out_rows = tuple(i for n, i in enumerate(rows) if _dominated(own, n))
        out_columns = tuple(j for n, j in enumerate(columns) if _dominated(other, n))
        if not out_rows and not out_columns:
            return Elimination(rows, columns, tuple(rounds))
        rounds.append((out_rows, out_columns))
        rows = tuple(i for i in rows if i not in out_rows)
        columns = tuple(j for j in columns if j not in out_columns)
