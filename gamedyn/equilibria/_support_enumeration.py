"""All Nash equilibria of a bimatrix game by enumeration of supports, in exact arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import Any, NamedTuple

from gamedyn.equilibria._exact_payoffs import bimatrix, positive_integers, solve_ones, transposed
from gamedyn.equilibria._finite_profiles import FiniteEquilibria, profile_of, written

__all__ = ["support_enumeration"]


class _Vertex(NamedTuple):
    """A mixed strategy that is the only one on its support with its best responses."""

    strategy: tuple[Fraction, ...]
    support: frozenset[int]
    best: frozenset[int]


def support_enumeration(a: Any, b: Any = None) -> FiniteEquilibria:
    """Every Nash equilibrium of a nondegenerate bimatrix game, and the extreme ones of a degenerate game.

    For every set of k actions of one player and k of the other, the mixed strategy that makes the other indifferent
    is solved for exactly, and kept if it is one and no other action does better against it; an equilibrium is a pair
    that uses only best responses. No tolerance enters: floats count as the binary fractions that they are, so that
    payoffs such as 1/3 are best given as Fractions.

    Parameters
    ----------
    a : two-player NormalFormGame (a MatrixGame is one), or array_like of shape (m, k)
        A game, or the payoffs of the row player, to be maximised.
    b : array_like of shape (m, k), optional
        The payoffs of the column player; -a by default.

    Returns
    -------
    FiniteEquilibria
        Exact profiles, whether the game is degenerate and why, and which profiles a continuum joins.

    Raises
    ------
    TypeError, ValueError
        If payoffs are not finite real numbers or shapes do not fit.

    Notes
    -----
    Host-only. The number of linear systems is 2 C(m + k, m): 140 for 4 x 4, 25740 for 8 x 8.

    References
    ----------
    von Stengel (2007), Equilibrium computation for two-player games in strategic and extensive form.

    Examples
    --------
    Matching pennies:

    >>> print(support_enumeration([[1, -1], [-1, 1]]))
    1 Nash equilibrium
      (1/2, 1/2) against (1/2, 1/2), payoffs 0 and 0
    """
    a, b = bimatrix(a, b)
    columns = _vertices(positive_integers(a))
    rows = _vertices(positive_integers(transposed(b)))
    pairs = [(i, j) for i, x in enumerate(rows) for j, y in enumerate(columns) if _respond(x, y)]
    pairs.sort(key=lambda pair: (len(rows[pair[0]].support) + len(columns[pair[1]].support), pair))
    profiles = tuple(profile_of(rows[i].strategy, columns[j].strategy, a, b) for i, j in pairs)
    # An equilibrium strategy tells more than another; sorting keeps the order among equals.
    played_rows, played_columns = ({pair[side] for pair in pairs} for side in (0, 1))
    reasons = [*_excesses("row", rows, played_rows), *_excesses("column", columns, played_columns)]
    reason = min(reasons, key=lambda found: not found[0], default=(False, ""))[1]
    return FiniteEquilibria(profiles, bool(reason), reason, _components(pairs))


def _respond(x: _Vertex, y: _Vertex) -> bool:
    return x.support <= y.best and y.support <= x.best


def _vertices(payoffs: list[list[int]]) -> list[_Vertex]:
    """Vertices y' != 0 of {y' >= 0, P y' <= 1}, scaled to probabilities; P > 0 are the opponent's payoffs (m, k)."""
    m, k = len(payoffs), len(payoffs[0])
    found: dict[tuple[Fraction, ...], _Vertex] = {}
    for size in range(1, min(m, k) + 1):
        for support in combinations(range(k), size):
            for best in combinations(range(m), size):
                solution = solve_ones([[payoffs[i][j] for j in support] for i in best])
                if solution is None or min(solution[0]) <= 0:
                    continue
                numerators, one = solution
                values = [sum(row[j] * v for j, v in zip(support, numerators, strict=True)) for row in payoffs]
                if max(values) > one:
                    continue
                total = sum(numerators)
                weights = dict(zip(support, numerators, strict=True))
                strategy = tuple(Fraction(weights.get(j, 0), total) for j in range(k))
                responses = frozenset(i for i, value in enumerate(values) if value == one)
                found[strategy] = _Vertex(strategy, frozenset(support), responses)
    return list(found.values())


def _excesses(player: str, vertices: list[_Vertex], played: set[int]) -> Iterator[tuple[bool, str]]:
    """(whether an equilibrium uses it, text) for each strategy with more best responses than actions in use."""
    for index, vertex in enumerate(vertices):
        used, best = len(vertex.support), len(vertex.best)
        if best > used:
            actions = "1 action" if used == 1 else f"{used} actions"
            text = f"the {player} strategy {written(vertex.strategy)} uses {actions} and has {best} best responses"
            yield index in played, text


def _components(pairs: list[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """Classes of pairs that are joined by sharing a strategy: between two of them every mixture is an equilibrium."""
    groups: list[tuple[set[int], set[int], list[int]]] = []
    for index, (i, j) in enumerate(pairs):
        joined = [group for group in groups if i in group[0] or j in group[1]]
        groups = [group for group in groups if group not in joined]
        xs = {i}.union(*(group[0] for group in joined))
        ys = {j}.union(*(group[1] for group in joined))
        groups.append((xs, ys, sorted([index, *(n for group in joined for n in group[2])])))
    return tuple(sorted(tuple(group[2]) for group in groups))
