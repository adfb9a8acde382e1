"""The sliced Wasserstein distance: the mean over directions of distances on the line."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_in_interval, check_integer
from gamedyn.backend import Array, device_of, float_arrays, host_normal, off_tape
from gamedyn.numerics import Estimate
from gamedyn.transport._on_line import wasserstein_on_line
from gamedyn.transport._samples import norm
from gamedyn.transport._weights import check_finite, check_weights

__all__ = ["read_clouds", "sliced_wasserstein"]

_ENTRIES = 4_000_000  # of projected values held at a time, 32 MB
_CACHED = 200_000  # of those of NumPy: blocks that stay in a cache


def sliced_wasserstein(
    x: Array,
    y: Array,
    order: float = 2,
    projections: int = 200,
    x_weights: Array | None = None,
    y_weights: Array | None = None,
    *,
    directions: str = "independent",
    rng: Any = None,
    check: bool = True,
) -> Estimate:
    """SW_p = (E over unit vectors u of W_p(<u, x>, <u, y>)^p)^(1/p), by Monte Carlo over directions.

    Parameters
    ----------
    x, y : array_like, shapes (n, d) and (m, d)
        The two samples; each column in one unit, since directions mix them.
    order : float
        p >= 1, finite.
    projections : int
        Number of directions, at least 2; one serves where d = 1.
    x_weights, y_weights : array_like, optional, shapes (n,) and (m,)
        As in `wasserstein_on_line`.
    directions : str
        "independent", or "orthogonal": in blocks of d at right angles, as many as `projections` takes, at least 2
        blocks. Each direction is still uniform on the sphere; blocks spread evenly, and for p = 2 leave no error at
        all for samples that are translates of each other.
    rng : None, int or numpy.random.Generator
        Source of the directions, uniform on the sphere.
    check : bool
        Whether to look for non-finite values and invalid weights; False inside jit and vmap.

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
    The standard error of the mean of W_p^p, over directions or over blocks of them, goes through the root by its
    derivative. Costs projections x (n d + n log n). With PyTorch and JAX gradients of the value flow to the samples and
    are finite at ties and coincident points.

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
    check_choice("directions", directions, ("independent", "orthogonal"))
    xp, x, y, weights = read_clouds(x, y, x_weights, y_weights, check)
    d = x.shape[1]
    block = d if directions == "orthogonal" else 1
    count = 1 if d == 1 else block * max(2, -(-projections // block))
    lines = _directions(rng, count, d, block, xp, x)
    chunk = max(1, (_CACHED if xp is numpy else _ENTRIES) // (x.shape[0] + y.shape[0]))
    distances = xp.concat(
        [_distances(xp, x, y, lines[i : min(i + chunk, count), :], order, weights) for i in range(0, count, chunk)]
    )
    value, error = _root_mean(xp, distances, order, block)
    half = 1.959963984540054 * error  # the 97.5 % quantile of the normal law
    return Estimate(
        value=value,
        standard_error=error,
        lower=xp.maximum(value - half, xp.zeros_like(value)),
        upper=value + half,
        level=0.95,
        method="one direction, exact" if d == 1 else f"{count} {directions} directions",
        n=count,
        definition=f"(mean over directions u of W_{order:g}(<u, x>, <u, y>)^{order:g})^(1/{order:g})",
    )


def read_clouds(
    x: Any, y: Any, x_weights: Any, y_weights: Any, check: bool = True
) -> tuple[Any, Array, Array, dict[str, Array]]:
    """The namespace, two samples of one dimension, and the weights that were given, by name."""
    given = {"x": x, "y": y, "x_weights": x_weights, "y_weights": y_weights}
    given = {name: value for name, value in given.items() if value is not None or name in ("x", "y")}
    xp, x, y, *arrays = float_arrays(*given.values(), names=tuple(given))
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or 0 in (*x.shape, *y.shape):
        raise ValueError(
            f"`x` and `y` must have shapes (n, d) and (m, d) with one d, got {tuple(x.shape)} and {tuple(y.shape)}."
        )
    if check:
        check_finite(xp, x, "x")
        check_finite(xp, y, "y")
    weights = dict(zip(list(given)[2:], arrays, strict=True))
    for name, points in (("x_weights", x), ("y_weights", y)):
        if name in weights:
            if weights[name].shape != (points.shape[0],):
                raise ValueError(
                    f"`{name}` must have one weight for each of {points.shape[0]} points, got shape "
                    f"{tuple(weights[name].shape)}."
                )
            if check:
                check_weights(xp, weights[name], name)
    return xp, x, y, weights


def _directions(rng: Any, count: int, d: int, block: int, xp: Any, like_this: Array) -> Array:
    place = {"dtype": like_this.dtype, "device": device_of(like_this)}
    if d == 1:
        return xp.ones((1, 1), **place)
    normal = host_normal(rng, (count, d), xp, **place)
    if block == 1:
        return normal / xp.sqrt(xp.sum(normal * normal, axis=-1, keepdims=True))
    # The rows of Q^T are orthonormal, and uniform since the signs of R do not matter to a line.
    q, _ = xp.linalg.qr(xp.reshape(normal, (count // d, d, d)))
    return xp.reshape(xp.matrix_transpose(q), (count, d))


def _distances(xp: Any, x: Array, y: Array, lines: Array, order: float, weights: dict[str, Array]) -> Array:
    """W_p of the samples on each of some lines."""
    left, right = lines @ xp.matrix_transpose(x), lines @ xp.matrix_transpose(y)
    if xp is not numpy:
        return wasserstein_on_line(left, right, order, **weights, check=False)
    unequal = left.shape != right.shape
    if unequal and not weights and left.size + right.size <= 2 * _CACHED:
        # All rows are cut at the same levels.
        return wasserstein_on_line(left, right, order, check=False)
    if weights or unequal:
        # Pairs of rows have forms that are faster than the batch, or need less memory.
        pairs = zip(left, right, strict=True)
        return numpy.stack([wasserstein_on_line(*pair, order, **weights, check=False) for pair in pairs])
    left.sort(axis=-1)
    right.sort(axis=-1)
    left -= right
    return norm(xp, numpy.abs(left, out=left), None, order, False)


def _root_mean(xp: Any, distances: Array, order: float, block: int) -> tuple[Array, Array]:
    """(mean distances^p)^(1/p) and its standard error, in units of the largest distance so that no power overflows."""
    scale = off_tape(xp.max(distances))
    scale = xp.where(scale == 0, xp.ones_like(scale), scale)
    powers = (distances / scale) ** order
    mean = xp.mean(powers)
    none = mean == 0
    safe = xp.where(none, xp.ones_like(mean), mean)
    value = xp.where(none, xp.zeros_like(mean), scale * safe ** (1 / order))
    count = distances.shape[0] // block
    if count == 1:
        return value, xp.zeros_like(value)
    blocks = xp.mean(xp.reshape(off_tape(powers), (count, block)), axis=-1)
    error = xp.std(blocks, correction=1) / math.sqrt(count)
    return value, xp.where(none, xp.zeros_like(mean), off_tape(scale * error * safe ** (1 / order - 1) / order))
