"""The value and a pair of optimal strategies of a zero-sum matrix game, by linear programming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import describe
from gamedyn.backend import to_host
from gamedyn.games import NormalFormGame

__all__ = ["ZeroSumSolution", "zero_sum_equilibrium"]


@dataclass(frozen=True)
class ZeroSumSolution:
    """Strategies of a zero-sum game, and the interval that they prove its value to lie in.

    Parameters
    ----------
    strategies : tuple of two NumPy arrays, shapes (m,) and (k,)
        The maximizer's x and the minimizer's y.
    lower : float
        min_j (x^T A)_j, which x guarantees.
    upper : float
        max_i (A y)_i, which y guarantees.
    """

    strategies: tuple[numpy.ndarray, numpy.ndarray]
    lower: float
    upper: float

    @property
    def value(self) -> float:
        """The middle of the interval."""
        return (self.lower + self.upper) / 2

    @property
    def gap(self) -> float:
        """upper - lower: the exploitability of the pair, 0 for optimal strategies."""
        return self.upper - self.lower

    @property
    def z(self) -> numpy.ndarray:
        """The joint point (x, y) of a `MatrixGame`."""
        return numpy.concatenate(self.strategies)

    def __str__(self) -> str:
        """The value and both strategies."""
        x, y = (numpy.array2string(s, precision=4, separator=", ", suppress_small=True) for s in self.strategies)
        return f"value {self.value:.6g} (gap {self.gap:.1g}): {x} against {y}"


def zero_sum_equilibrium(a: Any) -> ZeroSumSolution:
    """max_x min_y x^T A y, with an optimal strategy of each player.

    Parameters
    ----------
    a : array_like, shape (m, k), or a zero-sum MatrixGame
        Payoffs of the row player, the maximizer; the column player pays them.

    Returns
    -------
    ZeroSumSolution
        The gap is a certificate: by weak duality the value lies in [lower, upper], whatever the solver did.

    Raises
    ------
    TypeError
        If payoffs are no matrix of real numbers.
    ValueError
        If payoffs are not finite, or the game is not zero-sum.
    RuntimeError
        If the solver stops without a solution.

    Notes
    -----
    Host-only: one linear program by HiGHS, whose dual is the other player's strategy. For exact rationals use
    `lemke_howson(a)` or, for all solutions, `support_enumeration(a)`.

    References
    ----------
    von Neumann (1928), Zur Theorie der Gesellschaftsspiele.

    Examples
    --------
    >>> print(zero_sum_equilibrium([[3.0, -1.0], [-2.0, 1.0]]).value.__round__(12))
    0.142857142857
    """
    from scipy.optimize import linprog

    payoffs = _zero_sum_payoffs(a)
    m, k = payoffs.shape
    lowest, spread = payoffs.min(), numpy.ptp(payoffs)
    # The solver's tolerances are absolute: payoffs between 0 and 1 make them relative to the spread.
    scaled = (payoffs - lowest) / spread if spread > 0 else numpy.zeros_like(payoffs)
    # Variables (x, v): maximise v with v - (x^T A)_j <= 0.
    result = linprog(
        numpy.append(numpy.zeros(m), -1.0),
        A_ub=numpy.hstack([-scaled.T, numpy.ones((k, 1))]),
        b_ub=numpy.zeros(k),
        A_eq=numpy.append(numpy.ones(m), 0.0)[None, :],
        b_eq=[1.0],
        bounds=[(0, None)] * m + [(None, None)],
        method="highs",
    )
    if result.status != 0:
        raise RuntimeError(f"The linear program of the game has no solution: {result.message}")
    x, y = _probabilities(result.x[:m]), _probabilities(-result.ineqlin.marginals)
    return ZeroSumSolution((x, y), float((x @ payoffs).min()), float((payoffs @ y).max()))


def _zero_sum_payoffs(a: Any) -> numpy.ndarray:
    if isinstance(a, NormalFormGame):
        tables = to_host(a.payoffs).astype(numpy.float64)
        if tables.ndim != 3 or numpy.any(tables[0] != -tables[1]):
            raise ValueError(f"`a` must be a zero-sum game of two players, got {a!r}, whose payoffs do not sum to 0.")
        return numpy.asarray(tables[0])
    try:
        payoffs = numpy.asarray(to_host(a) if hasattr(a, "dtype") else a, dtype=numpy.float64)
    except (TypeError, ValueError):
        raise TypeError(f"`a` must be a matrix of real numbers, got {describe(a)}.") from None
    if payoffs.ndim != 2 or 0 in payoffs.shape:
        raise ValueError(f"`a` must be a payoff matrix of shape (m, k) with m, k >= 1, got {describe(payoffs)}.")
    if not numpy.all(numpy.isfinite(payoffs)):
        raise ValueError("`a` must be finite, got infinite or nan entries.")
    return payoffs


def _probabilities(weights: numpy.ndarray) -> numpy.ndarray:
    positive = numpy.maximum(weights, 0.0)
    return numpy.asarray(positive / positive.sum())
