"""The sliced Wasserstein distance: the mean over directions of distances on the line."""

from __future__ import annotations

import math
from typing import Any

from gamedyn._checks import check_in_interval, check_integer
from gamedyn.backend import Array, device_of, float_arrays, host_normal
from gamedyn.numerics import Estimate
from gamedyn.transport._on_line import wasserstein_on_line
from gamedyn.transport._weights import check_finite

__all__ = ["sliced_wasserstein"]

_ENTRIES = 4_000_000  # of projected values held at a time, 32 MB


def sliced_wasserstein(
    x: Array,
    y: Array,
    order: float = 2,
    projections: int = 200,
    x_weights: Array | None = None,
    y_weights: Array | None = None,
    *,
    rng: Any = None,
) -> Estimate:
    """SW_p = (E over unit vectors u of W_p(<u, x>, <u, y>)^p)^(1/p), by Monte Carlo over directions.

    Parameters
    ----------
    x, y : array_like, shapes (n, d) and (m, d)
        The two samples; each column in one unit, since directions mix them.
    order : float
        p >= 1, finite.
    projections : int
        Number of directions, at least 2.
    x_weights, y_weights : array_like, optional, shapes (n,) and (m,)
        As in `wasserstein_on_line`.
    rng : None, int or numpy.random.Generator
        Source of the directions, uniform on the sphere.

    Returns
    -------
    Estimate
        Its standard error and 95 % interval are those of the choice of directions alone, not of the samples; for d = 1
        they are 0.

    Raises
    ------
    ValueError
        For samples of different dimensions, non-finite values, or invalid weights.

    Notes
    -----
    The standard error of the mean of W_p^p goes through the root by its derivative. Costs projections x
    (n d + n log n).

    References
    ----------
    Bonneel, Rabin, Peyre and Pfister (2015), Sliced and Radon Wasserstein barycenters of measures.

    Examples
    --------
    >>> estimate = sliced_wasserstein([[0.0, 0.0]], [[3.0, 4.0]], projections=2000, rng=0)
    >>> lower, upper = estimate.interval
    >>> bool(lower < 5 / 2**0.5 < upper)  # |x - y| / sqrt(d)
    True
    """
    check_in_interval("order", order, 1, math.inf, closed="left")
    check_integer("projections", projections, minimum=2)
    given = {"x": x, "y": y, "x_weights": x_weights, "y_weights": y_weights}
    given = {name: value for name, value in given.items() if value is not None}
    xp, x, y, *weights = float_arrays(*given.values(), names=tuple(given))
    kept = dict(zip(list(given)[2:], weights, strict=True))
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or 0 in (*x.shape, *y.shape):
        raise ValueError(
            f"`x` and `y` must have shapes (n, d) and (m, d) with one d, got {tuple(x.shape)} and {tuple(y.shape)}."
        )
    check_finite(xp, x, "x")
    check_finite(xp, y, "y")
    normal = host_normal(rng, (projections, x.shape[1]), xp, dtype=x.dtype, device=device_of(x))
    directions = normal / xp.sqrt(xp.sum(normal * normal, axis=-1, keepdims=True))
    chunk = max(1, _ENTRIES // (x.shape[0] + y.shape[0]))
    distances = xp.concat(
        [
            wasserstein_on_line(u @ xp.matrix_transpose(x), u @ xp.matrix_transpose(y), order, **kept)
            for u in (directions[i : min(i + chunk, projections), :] for i in range(0, projections, chunk))
        ]
    )
    value, error = _root_mean(xp, distances, order)
    half = 1.959963984540054 * error  # the 97.5 % quantile of the normal law
    return Estimate(
        value=value,
        standard_error=error,
        lower=xp.maximum(value - half, xp.zeros_like(value)),
        upper=value + half,
        level=0.95,
        method=f"{projections} random directions",
        n=projections,
        definition=f"(mean over directions u of W_{order:g}(<u, x>, <u, y>)^{order:g})^(1/{order:g})",
    )


def _root_mean(xp: Any, distances: Array, order: float) -> tuple[Array, Array]:
    """(mean distances^p)^(1/p) and its standard error, in units of the largest distance so that no power overflows."""
    scale = xp.max(distances)
    scale = xp.where(scale == 0, xp.ones_like(scale), scale)
    powers = (distances / scale) ** order
    mean = xp.mean(powers)
    none = mean == 0
    safe = xp.where(none, xp.ones_like(mean), mean)
    error = xp.std(powers, correction=1) / math.sqrt(distances.shape[0])
    value = xp.where(none, mean, scale * safe ** (1 / order))
    return value, xp.where(none, mean, scale * error * safe ** (1 / order - 1) / order)
