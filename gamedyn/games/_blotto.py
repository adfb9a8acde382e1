"""Colonel Blotto: two armies divided over the same fields."""

from __future__ import annotations

from itertools import combinations
from typing import Literal

from gamedyn._checks import check_choice, check_integer
from gamedyn.games._base import named
from gamedyn.games._matrix_game import MatrixGame

__all__ = ["blotto", "blotto_allocations"]


def blotto_allocations(soldiers: int = 5, fields: int = 3) -> list[tuple[int, ...]]:
    """All ways to put the soldiers on the fields, in lexicographic order: the actions of `blotto`.

    Parameters
    ----------
    soldiers, fields : int
        At least 1.

    Returns
    -------
    list of tuples of int
        C(soldiers + fields - 1, fields - 1) of them.

    Raises
    ------
    TypeError, ValueError
        If a number is no positive integer.

    Examples
    --------
    >>> blotto_allocations(2, 2)
    [(0, 2), (1, 1), (2, 0)]
    """
    check_integer("soldiers", soldiers, minimum=1)
    check_integer("fields", fields, minimum=1)
    # Stars and bars: fields - 1 bars among the places; what lies between two bars is on one field.
    places = soldiers + fields - 1
    found = []
    for bars in combinations(range(places), fields - 1):
        ends = (-1, *bars, places)
        found.append(tuple(ends[i + 1] - ends[i] - 1 for i in range(fields)))
    return found


def blotto(soldiers: int = 5, fields: int = 3, *, payoff: Literal["fields", "majority"] = "fields") -> MatrixGame:
    """Two colonels with equal armies; the larger force wins a field.

    Zero-sum and symmetric, so that its value is 0.

    Parameters
    ----------
    soldiers, fields : int
        At least 1. Actions are `blotto_allocations(soldiers, fields)`.
    payoff : {"fields", "majority"}
        The number of fields won minus that of fields lost, or the sign of this number. They are equal on up
        to three fields. Some authors divide the first by the number of fields.

    Raises
    ------
    TypeError, ValueError
        If a number is no positive integer, or `payoff` is not one of the two.

    References
    ----------
    Borel (1921), La theorie du jeu et les equations integrales a noyau symetrique. Hart (2008), Discrete Colonel Blotto
    and General Lotto games.

    Examples
    --------
    >>> game = blotto(2, 3, payoff="majority")
    >>> allocations = blotto_allocations(2, 3)
    >>> game.A[allocations.index((1, 1, 0)), allocations.index((2, 0, 0))].item()
    0.0
    """
    check_choice("payoff", payoff, ("fields", "majority"))
    allocations = blotto_allocations(soldiers, fields)
    table = [[sum((p > q) - (p < q) for p, q in zip(a, b, strict=True)) for b in allocations] for a in allocations]
    if payoff == "majority":
        table = [[(won > 0) - (won < 0) for won in row] for row in table]
    game = MatrixGame([[float(won) for won in row] for row in table])
    return named(game, "blotto", soldiers=soldiers, fields=fields, payoff=payoff)
