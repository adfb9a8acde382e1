"""The Lemke-Howson algorithm: one Nash equilibrium of a bimatrix game by complementary pivoting, exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gamedyn._checks import check_integer
from gamedyn.equilibria._exact_payoffs import bimatrix, positive_integers, transposed
from gamedyn.equilibria._finite_profiles import MixedProfile, profile_of

__all__ = ["lemke_howson"]


def lemke_howson(a: Any, b: Any = None, label: int = 0) -> MixedProfile:
    """The Nash equilibrium at the end of the path that drops `label`.

    Pivots are on integers, so that nothing is rounded, and ties are broken lexicographically, so that the path ends
    for degenerate games too.

    Parameters
    ----------
    a : two-player NormalFormGame (a MatrixGame is one), or array_like of shape (m, k)
        A game, or the payoffs of the row player, to be maximised.
    b : array_like of shape (m, k), optional
        The payoffs of the column player; -a by default.
    label : int
        The action whose label is dropped first: 0, ..., m - 1 are the row player's, m, ..., m + k - 1 the column
        player's. Different labels may lead to different equilibria, and all of them together need not reach every one.

    Returns
    -------
    MixedProfile

    Raises
    ------
    TypeError, ValueError
        If payoffs are not finite real numbers, shapes do not fit or there is no such label.

    Notes
    -----
    Host-only. The number of pivots is small for most games and exponential for some.

    References
    ----------
    Lemke, Howson (1964), Equilibrium points of bimatrix games. von Stengel (2007), Equilibrium computation for
    two-player games in strategic and extensive form.

    Examples
    --------
    >>> game = [[3, 1], [0, 2]], [[2, 1], [0, 3]]
    >>> print(lemke_howson(*game, label=0))
    (1, 0) against (1, 0), payoffs 3 and 2
    >>> print(lemke_howson(*game, label=1))
    (0, 1) against (0, 1), payoffs 2 and 3
    """
    a, b = bimatrix(a, b)
    m, k = len(a), len(a[0])
    check_integer("label", label, minimum=0)
    if label >= m + k:
        raise ValueError(f"`label` must be below {m + k}, the number of both players' actions, got {label}.")
    rows = _Tableau(positive_integers(transposed(b)), range(m), range(m, m + k))
    columns = _Tableau(positive_integers(a), range(m, m + k), range(m))
    here, there = (rows, columns) if label < m else (columns, rows)
    entering = label
    while True:
        leaving = here.pivot(entering)
        if leaving == label:
            return profile_of(rows.strategy(), columns.strategy(), a, b)
        here, there = there, here
        entering = leaving


class _Tableau:
    """P v + s = 1 with v, s >= 0: columns are labels, those of v the player's own actions, those of s the opponent's.

    A tableau belongs to one call and is changed by its pivots.
    """

    def __init__(self, payoffs: list[list[int]], own: range, slack: range) -> None:
        self.own, self.slack = own, slack
        self.basis = list(slack)
        self.previous = 1
        size = len(own) + len(slack)
        self.rows = []
        for label, row in zip(slack, payoffs, strict=True):
            full = [0] * size + [1]
            full[own.start : own.stop] = row
            full[label] = 1
            self.rows.append(full)

    def pivot(self, entering: int) -> int:
        """Bring a label into the basis; the label that leaves it."""
        candidates = [i for i, row in enumerate(self.rows) if row[entering] > 0]
        # The right-hand side 1 + (e, e^2, ...) for a small e > 0 has no ties; the slack columns hold its coefficients.
        for column in (-1, *self.slack):
            if len(candidates) == 1:
                break
            ratios = [Fraction(self.rows[i][column], self.rows[i][entering]) for i in candidates]
            lowest = min(ratios)
            candidates = [i for i, ratio in zip(candidates, ratios, strict=True) if ratio == lowest]
        chosen = candidates[0]
        pivot_row = self.rows[chosen]
        pivot = pivot_row[entering]
        for i, row in enumerate(self.rows):
            if i != chosen:
                factor = row[entering]
                self.rows[i] = [(pivot * p - factor * q) // self.previous for p, q in zip(row, pivot_row, strict=True)]
        self.previous = pivot
        leaving, self.basis[chosen] = self.basis[chosen], entering
        return leaving

    def strategy(self) -> tuple[Fraction, ...]:
        """The basic solution v as probabilities."""
        values = {label: row[-1] for label, row in zip(self.basis, self.rows, strict=True)}
        weights = [values.get(label, 0) for label in self.own]
        total = sum(weights)
        return tuple(Fraction(weight, total) for weight in weights)
