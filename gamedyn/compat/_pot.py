"""POT's numbers: which of its functions return a power, a cost without the entropic term, or one with it."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, array_namespace, float_arrays
from gamedyn.transport import gaussian_wasserstein, optimal_transport, sinkhorn, wasserstein_on_line

__all__ = [
    "bures_wasserstein_distance",
    "emd2",
    "empirical_sinkhorn_divergence",
    "sinkhorn2",
    "solve_value",
    "wasserstein_1d",
]


def wasserstein_1d(u_values: Any, v_values: Any, u_weights: Any = None, v_weights: Any = None, p: float = 1) -> Array:
    """ot.wasserstein_1d: W_p^p on the line, not its root, along the first axis.

    Parameters
    ----------
    u_values, v_values : array_like, shapes (n, ...) and (m, ...)
    u_weights, v_weights : array_like, optional
        Divided by their sums; POT takes them as they are.
    p : float
        Order, >= 1.

    Returns
    -------
    array, shape (...)

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.transport.wasserstein_on_line`.

    Examples
    --------
    >>> float(wasserstein_1d([0.0], [3.0], p=2))
    9.0
    """
    return wasserstein_on_line(u_values, v_values, p, x_weights=u_weights, y_weights=v_weights, axis=0, power=True)


def emd2(a: Any, b: Any, M: Any) -> Array:
    """ot.emd2: the least cost min sum P_ij M_ij over plans with margins a and b.

    Parameters
    ----------
    a, b : array_like, shapes (n,) and (m,)
        Masses, divided by their sums.
    M : array_like, shape (n, m)
        Costs, of any power of a distance.

    Returns
    -------
    array of shape ()

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.transport.optimal_transport`; for nan costs too, where POT returns 0.

    Examples
    --------
    >>> float(emd2([0.5, 0.5], [0.5, 0.5], [[0.0, 1.0], [1.0, 0.0]]))
    0.0
    """
    found: Array = optimal_transport(M, a, b)
    return found


def sinkhorn2(a: Any, b: Any, M: Any, reg: float) -> Array:
    """ot.sinkhorn2: sum P_ij M_ij at the entropic plan P, without the entropic term.

    Parameters
    ----------
    a, b, M
        As in `emd2`.
    reg : float
        Temperature, in units of the cost.

    Returns
    -------
    array of shape ()

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.transport.sinkhorn`.

    Examples
    --------
    >>> import math
    >>> share = 1 / (1 + math.e)  # of the mass that moves: the plan's rows are proportional to (1, 1 / e)
    >>> math.isclose(sinkhorn2([0.5, 0.5], [0.5, 0.5], [[0.0, 1.0], [1.0, 0.0]], 1.0), share, rel_tol=1e-9)
    True
    """
    return _plan_cost(sinkhorn(cost=M, x_weights=a, y_weights=b, epsilon=reg, tolerance=1e-9, return_result=True))


def solve_value(M: Any, a: Any = None, b: Any = None, reg: float = 1.0) -> Array:
    """ot.solve(M, a, b, reg).value: min sum P_ij M_ij + reg KL(P | a b^T), our own `sinkhorn`.

    Parameters
    ----------
    M, a, b, reg
        As in `sinkhorn2`; equal masses where not given.

    Returns
    -------
    array of shape ()

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.transport.sinkhorn`.

    Examples
    --------
    >>> float(solve_value([[0.0]]))
    0.0
    """
    found: Array = sinkhorn(cost=M, x_weights=a, y_weights=b, epsilon=reg, tolerance=1e-9)
    return found


def empirical_sinkhorn_divergence(X_s: Any, X_t: Any, reg: float, a: Any = None, b: Any = None) -> Array:
    """ot.bregman.empirical_sinkhorn_divergence: S(s, t) - (S(s, s) + S(t, t)) / 2 with S = sum P_ij |x_i - y_j|^2.

    The costs are without their entropic terms, so that this is not the Sinkhorn divergence of the literature, which is
    `gamedyn.transport.sinkhorn_divergence`; negative values are returned as 0.

    Parameters
    ----------
    X_s, X_t : array_like, shapes (n, d) and (m, d)
    reg : float
        Temperature, in units of the squared distance.
    a, b : array_like, optional, shapes (n,) and (m,)
        Masses, divided by their sums.

    Returns
    -------
    array of shape ()

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.transport.sinkhorn`.

    Examples
    --------
    >>> float(empirical_sinkhorn_divergence([[0.0]], [[2.0]], 1.0))
    4.0
    """
    costs = [
        _plan_cost(sinkhorn(x, y, x_weights=v, y_weights=w, epsilon=reg, tolerance=1e-9, return_result=True))
        for x, y, v, w in ((X_s, X_t, a, b), (X_s, X_s, a, a), (X_t, X_t, b, b))
    ]
    value = costs[0] - (costs[1] + costs[2]) / 2
    xp = array_namespace(value)
    return xp.maximum(value, xp.zeros_like(value))


def bures_wasserstein_distance(ms: Any, mt: Any, Cs: Any, Ct: Any) -> Array:
    """ot.gaussian.bures_wasserstein_distance: W_2 between Gaussians, the root.

    Parameters
    ----------
    ms, mt : array_like, shape (d,)
        Means.
    Cs, Ct : array_like, shape (d, d)
        Covariances, singular ones included, where POT gives nan.

    Returns
    -------
    array of shape ()

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.transport.gaussian_wasserstein`.

    Examples
    --------
    >>> float(bures_wasserstein_distance([0.0], [3.0], [[1.0]], [[1.0]]))
    3.0
    """
    return gaussian_wasserstein(ms, Cs, mt, Ct)


def _plan_cost(result: Any) -> Array:
    _, cost = float_arrays(result.transport_cost, names=("transport_cost",))
    return cost
