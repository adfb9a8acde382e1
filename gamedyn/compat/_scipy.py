"""SciPy's numbers: scipy.stats.entropy and the two distances on the line, scipy.spatial.distance.jensenshannon."""

from __future__ import annotations

from typing import Any

from gamedyn import divergences
from gamedyn.backend import Array
from gamedyn.transport import wasserstein_on_line

__all__ = ["energy_distance", "entropy", "jensenshannon", "wasserstein_distance"]


def entropy(pk: Any, qk: Any = None, base: float | None = None, axis: int = 0) -> Array:
    """scipy.stats.entropy: sum pk log(pk / qk), or the entropy of pk alone, after both are divided by their sums.

    Parameters
    ----------
    pk, qk : array_like
        Masses along `axis`; qk None gives -sum pk log pk.
    base : float, optional
        Of the logarithm; nats where not given.
    axis : int
        The first, by default; ours are along the last.

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.divergences.kl_divergence`, where SciPy gives nan.

    Examples
    --------
    >>> round(float(entropy([2.0, 2.0], [1.0, 3.0])), 6)  # log(4/3) / 2
    0.143841
    """
    if qk is None:
        return divergences.entropy(pk, base=base, axis=axis, normalize=True)
    found: Array = divergences.kl_divergence(pk, qk, base=base, axis=axis, normalize=True)
    return found


def jensenshannon(p: Any, q: Any, base: float | None = None, *, axis: int = 0, keepdims: bool = False) -> Array:
    """scipy.spatial.distance.jensenshannon: the square root of JS, after both are divided by their sums.

    Parameters
    ----------
    p, q : array_like
        Masses along `axis`, the first by default.
    base : float, optional
        Of the logarithm; nats where not given.
    axis, keepdims
        As in NumPy's reductions.

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.divergences.jensen_shannon_distance`.

    Examples
    --------
    >>> round(float(jensenshannon([1.0, 0.0], [0.0, 1.0], base=2)), 12)
    1.0
    """
    found: Array = divergences.jensen_shannon_distance(p, q, base=base, axis=axis, keepdims=keepdims, normalize=True)
    return found


def wasserstein_distance(u_values: Any, v_values: Any, u_weights: Any = None, v_weights: Any = None) -> Array:
    """scipy.stats.wasserstein_distance: W_1 between values on the line, not between histograms.

    Parameters
    ----------
    u_values, v_values : array_like, shapes (n,) and (m,)
        Positions of the masses.
    u_weights, v_weights : array_like, optional, shapes (n,) and (m,)
        Masses, divided by their sums.

    Returns
    -------
    array of shape ()

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.transport.wasserstein_on_line`.

    Examples
    --------
    >>> float(wasserstein_distance([0.0, 1.0], [2.0, 3.0]))
    2.0
    """
    return wasserstein_on_line(u_values, v_values, 1, x_weights=u_weights, y_weights=v_weights)


def energy_distance(u_values: Any, v_values: Any, u_weights: Any = None, v_weights: Any = None) -> float:
    """scipy.stats.energy_distance: the square root of 2 E|U - V| - E|U - U'| - E|V - V'| on the line.

    Parameters
    ----------
    u_values, v_values, u_weights, v_weights
        As in `wasserstein_distance`.

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.divergences.energy_distance`.

    Examples
    --------
    >>> round(energy_distance([0.0], [2.0]), 12)  # two points 2 apart: sqrt(2 * 2)
    2.0
    """
    found = divergences.energy_distance(u_values, v_values, x_weights=u_weights, y_weights=v_weights, root=True)
    return float(found)
