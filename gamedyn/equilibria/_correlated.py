"""Correlated equilibria of finite games, by linear programming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import to_host
from gamedyn.games import NormalFormGame

__all__ = ["CorrelatedEquilibrium", "correlated_equilibrium"]


@dataclass(frozen=True)
class CorrelatedEquilibrium:
    """A distribution over joint actions whose recommendations nobody gains by disobeying.

    Parameters
    ----------
    distribution : NumPy array, shape (a_1, ..., a_n)
        Probabilities of the joint actions.
    payoffs : NumPy array, shape (n,)
        What the players expect.
    violation : float
        The largest gain from answering one recommendation by another action, weighted by how often the first is
        given; not positive, up to rounding.
    """

    distribution: numpy.ndarray
    payoffs: numpy.ndarray
    violation: float

    def __str__(self) -> str:
        """The payoffs and the joint actions with a positive probability."""
        listed = ", ".join(f"{float(value):.6g}" for value in self.payoffs)
        actions = [
            f"{tuple(map(int, index))}: {self.distribution[tuple(index)]:.4g}"
            for index in numpy.argwhere(self.distribution > 0)
        ]
        return f"payoffs {listed}; joint actions {', '.join(actions)}"


def correlated_equilibrium(game: NormalFormGame, weights: Any = None) -> CorrelatedEquilibrium:
    """The correlated equilibrium with the largest weighted sum of payoffs.

    Parameters
    ----------
    game : NormalFormGame
        Of n players; a MatrixGame is one.
    weights : array_like, shape (n,), optional
        Of the players' payoffs; all 1 by default, the largest total.

    Returns
    -------
    CorrelatedEquilibrium

    Raises
    ------
    TypeError
        If the game is not in normal form.
    ValueError
        If there is not one finite weight for every player.
    RuntimeError
        If the solver stops without a solution.

    Notes
    -----
    Host-only: one linear program by HiGHS with a variable for every joint action.

    References
    ----------
    Aumann (1974), Subjectivity and correlation in randomized strategies.

    Examples
    --------
    Chicken with payoffs 6, 7, 2, 0, where the mediator reaches 21/4 for each, beyond every mixture of Nash equilibria:

    >>> from gamedyn.games import MatrixGame
    >>> best = correlated_equilibrium(MatrixGame([[6.0, 2.0], [7.0, 0.0]], [[6.0, 7.0], [2.0, 0.0]]))
    >>> best.payoffs.round(9).tolist()
    [5.25, 5.25]
    """
    from scipy.optimize import linprog

    if not isinstance(game, NormalFormGame):
        raise TypeError(f"`game` must be a NormalFormGame, got {type(game).__name__}.")
    payoffs = to_host(game.payoffs).astype(numpy.float64)
    n, actions = len(game.dims), game.dims
    weighted = numpy.ones(n) if weights is None else numpy.asarray(weights, dtype=numpy.float64)
    if weighted.shape != (n,) or not numpy.all(numpy.isfinite(weighted)):
        raise ValueError(f"`weights` must be one finite number for each of {n} players, got {weights!r}.")
    # Best responses do not change with an affine map of one player's payoffs; the solver's tolerances are absolute.
    axes = tuple(range(1, n + 1))
    spread = numpy.ptp(payoffs, axis=axes, keepdims=True)
    scaled = payoffs / numpy.where(spread > 0, spread, 1.0)
    gains = _gains(scaled)
    total = numpy.tensordot(weighted, payoffs, axes=1).reshape(-1)
    size = numpy.abs(total).max()
    result = linprog(
        -total / (size if size > 0 else 1.0),
        A_ub=gains,
        b_ub=numpy.zeros(len(gains)),
        A_eq=numpy.ones((1, total.size)),
        b_eq=[1.0],
        method="highs",
    )
    if result.status != 0:
        raise RuntimeError(f"The linear program of the game has no solution: {result.message}")
    p = numpy.maximum(result.x, 0.0)
    p /= p.sum()
    violation = max((_gains(payoffs) @ p).tolist(), default=0.0)
    expected = payoffs.reshape(n, -1) @ p
    return CorrelatedEquilibrium(p.reshape(actions), expected, float(violation))


def _gains(payoffs: numpy.ndarray) -> numpy.ndarray:
    """(constraints, joint actions): what player i gains when told a and playing b, for every i and a != b."""
    rows = []
    for i, table in enumerate(payoffs):
        by_action = numpy.moveaxis(table, i, 0)
        for a, told in enumerate(by_action):
            for b, played in enumerate(by_action):
                if a != b:
                    row = numpy.zeros_like(by_action)
                    row[a] = played - told
                    rows.append(numpy.moveaxis(row, 0, i).reshape(-1))
    return numpy.array(rows).reshape(len(rows), -1 if rows else payoffs[0].size)
