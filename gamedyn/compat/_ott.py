"""OTT's numbers: the entropic cost with KL or with entropy, and the Sinkhorn divergence."""

from __future__ import annotations

from typing import Any

from gamedyn import transport
from gamedyn.backend import Array, float_arrays
from gamedyn.divergences import entropy

__all__ = ["ent_reg_cost", "reg_ot_cost", "sinkhorn_divergence"]


def reg_ot_cost(x: Any, y: Any, epsilon: float, a: Any = None, b: Any = None) -> Array:
    """ott's `reg_ot_cost`: min sum P_ij |x_i - y_j|^2 + epsilon KL(P | a b^T), our own `sinkhorn`.

    Parameters
    ----------
    x, y : array_like, shapes (n, d) and (m, d)
    epsilon : float
        In units of the squared distance; OTT's default depends on the data.
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
    >>> float(reg_ot_cost([[0.0]], [[2.0]], 1.0))
    4.0
    """
    found: Array = transport.sinkhorn(x, y, epsilon=epsilon, x_weights=a, y_weights=b, tolerance=1e-9)
    return found


def ent_reg_cost(x: Any, y: Any, epsilon: float, a: Any = None, b: Any = None) -> Array:
    """ott's `ent_reg_cost`: min sum P_ij |x_i - y_j|^2 - epsilon H(P).

    Less than `reg_ot_cost` by epsilon (H(a) + H(b)).

    Parameters
    ----------
    x, y, epsilon, a, b
        As in `reg_ot_cost`.

    Returns
    -------
    array of shape ()
        May be negative.

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.transport.sinkhorn`.

    Examples
    --------
    Masses of 1/2 have an entropy of log 2 on each side.

    >>> import math
    >>> points = [[0.0], [1.0]]
    >>> difference = reg_ot_cost(points, points, 0.5) - ent_reg_cost(points, points, 0.5)
    >>> math.isclose(difference, math.log(2), rel_tol=1e-12)
    True
    """
    value = reg_ot_cost(x, y, epsilon, a, b)
    for points, masses in ((x, a), (y, b)):
        arrays = (points,) if masses is None else (points, masses)
        xp, points, *given = float_arrays(*arrays, names=("points", "masses")[: len(arrays)])
        masses = given[0] if given else xp.ones_like(points[..., 0] if points.ndim > 1 else points)
        value = value - epsilon * entropy(masses, normalize=True)
    return value


def sinkhorn_divergence(x: Any, y: Any, epsilon: float, a: Any = None, b: Any = None) -> Array:
    """ott's sinkhorn_divergence: `reg_ot_cost` of (x, y) less the mean of those of (x, x) and (y, y).

    Parameters
    ----------
    x, y, epsilon, a, b
        As in `reg_ot_cost`.

    Returns
    -------
    array of shape ()

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.transport.sinkhorn_divergence`.

    Examples
    --------
    >>> float(sinkhorn_divergence([[0.0]], [[2.0]], 1.0))
    4.0
    """
    found: Array = transport.sinkhorn_divergence(x, y, epsilon=epsilon, x_weights=a, y_weights=b, tolerance=1e-9)
    return found
