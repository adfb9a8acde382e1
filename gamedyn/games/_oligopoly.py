"""Oligopoly: Cournot firms that choose quantities, and Bertrand firms that choose prices; linear demand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

from gamedyn._checks import check_in_interval, check_positive
from gamedyn.backend import default_namespace, to_device
from gamedyn.games._base import named
from gamedyn.games._box import Box
from gamedyn.games._quadratic import Quadratic

__all__ = ["bertrand", "cournot"]


def cournot(costs: Sequence[float] = (5.0, 2.0), *, intercept: float = 100.0, slope: float = 1.0) -> Quadratic:
    """n firms choose quantities q_i >= 0 at the price a - b sum q: L_i = -(a - b sum_j q_j - c_i) q_i.

    The one equilibrium is q_i = (a - (n + 1) c_i + sum_j c_j) / ((n + 1) b), as long as all are positive. J is
    b (I + 1 1^T), with the eigenvalues b, n - 1 times, and (n + 1) b. Best replies by all at once multiply a common
    deviation by -(n - 1) / 2: they are neutral for n = 3 and unstable above. With player 0 as the leader a duopoly ends
    at the Stackelberg point, q_0 = (a - 2 c_0 + c_1) / (2 b), under `StackelbergGradient`.

    Parameters
    ----------
    costs : sequence of n floats
        Marginal costs c_i, in the unit of the price.
    intercept, slope : float
        a and b > 0 of the inverse demand.

    References
    ----------
    Cournot (1838), Recherches sur les principes mathématiques de la théorie des richesses. Theocharis (1960), On the
    stability of the Cournot solution on the oligopoly problem.

    Examples
    --------
    >>> import numpy
    >>> game = cournot((10.0, 10.0), intercept=100.0)
    >>> game.simultaneous_gradient(numpy.array([30.0, 30.0])).tolist()
    [0.0, 0.0]
    """
    check_in_interval("intercept", intercept, -numpy.inf, numpy.inf, closed="neither")
    check_positive("slope", slope)
    marginal = _firms("costs", costs)
    n = len(marginal)
    hessians = numpy.zeros((n, n, n))
    for i in range(n):
        # b q_i^2 + b q_i sum of the others.
        hessians[i, i, :] = hessians[i, :, i] = slope
        hessians[i, i, i] = 2 * slope
    game = _priced(hessians, numpy.diag(marginal - intercept))
    return named(game, "cournot", costs=tuple(marginal.tolist()), intercept=intercept, slope=slope)


def bertrand(
    costs: Sequence[float] = (2.0, 2.0), *, intercept: float = 10.0, slope: float = 2.0, cross_slope: float = 1.0
) -> Quadratic:
    """n firms with differentiated goods choose prices p_i >= 0: L_i = -(p_i - c_i) (a - b p_i + d sum_{j != i} p_j).

    Reactions are p_i = (a + b c_i + d sum_{j != i} p_j) / (2 b); between equal firms the equilibrium is
    p = (a + b c) / (2 b - (n - 1) d). J has 2 b on its diagonal and -d elsewhere: prices are strategic complements.
    The constants a c_i of the losses are left out.

    Parameters
    ----------
    costs : sequence of n floats
        Marginal costs c_i.
    intercept, slope, cross_slope : float
        a, b > 0 and d of the demand. Demand falls when all prices rise together where d (n - 1) < b.

    References
    ----------
    Singh, Vives (1984), Price and quantity competition in a differentiated duopoly.

    Examples
    --------
    (10 + 4) / (4 - 1) = 14 / 3.

    >>> import numpy
    >>> bertrand().simultaneous_gradient(numpy.array([14 / 3, 14 / 3])).round(12).tolist()
    [0.0, 0.0]
    """
    check_in_interval("intercept", intercept, -numpy.inf, numpy.inf, closed="neither")
    check_positive("slope", slope)
    check_in_interval("cross_slope", cross_slope, -numpy.inf, numpy.inf, closed="neither")
    marginal = _firms("costs", costs)
    n = len(marginal)
    hessians, linear = numpy.zeros((n, n, n)), numpy.zeros((n, n))
    for i in range(n):
        hessians[i, i, :] = hessians[i, :, i] = -cross_slope
        hessians[i, i, i] = 2 * slope
        # The rivals' prices also change the loss of firm i's cost: c_i d p_j.
        linear[i, :] = cross_slope * marginal[i]
        linear[i, i] = -intercept - slope * marginal[i]
    arguments = {"intercept": intercept, "slope": slope, "cross_slope": cross_slope}
    return named(_priced(hessians, linear), "bertrand", costs=tuple(marginal.tolist()), **arguments)


def _firms(name: str, values: Sequence[float]) -> Any:
    firms = numpy.asarray(values, dtype=float)
    if firms.ndim != 1 or len(firms) < 1 or not numpy.all(numpy.isfinite(firms)):
        raise ValueError(f"`{name}` must hold one finite number for each firm, got {values!r}.")
    return firms


def _priced(hessians: Any, linear: Any) -> Quadratic:
    xp, n = default_namespace(), len(linear)
    return Quadratic(to_device(hessians, xp), (1,) * n, to_device(linear, xp), domain=Box(0.0, numpy.inf))
