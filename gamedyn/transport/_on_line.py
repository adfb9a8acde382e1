"""Wasserstein distances of samples on the line, through their quantile functions."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy

from gamedyn.backend import Array, device_of, to_device
from gamedyn.transport._on_line_numpy import from_unequal_sizes, w1_from_weights
from gamedyn.transport._samples import norm, read_samples

__all__ = ["wasserstein_on_line"]


def wasserstein_on_line(
    x: Array,
    y: Array,
    order: float = 1,
    x_weights: Array | None = None,
    y_weights: Array | None = None,
    axis: int = -1,
    *,
    power: bool = False,
    check: bool = True,
) -> Array:
    """W_p = (integral over (0, 1) of |F^-1(u) - G^-1(u)|^p du)^(1/p), of samples on the line.

    Parameters
    ----------
    x, y : array_like, shapes (..., n, ...) and (..., m, ...)
        Values of the two samples along `axis` (not histograms); the other axes are a batch and broadcast.
    order : float
        p >= 1, or inf for the largest distance of quantiles.
    x_weights, y_weights : array_like, optional
        Masses of the values: shape (n,) along `axis`, or of the shape of the values. Non-negative; each set is divided
        by its sum, so that counts may be given. Equal where not given.
    axis : int
        Axis of the samples.
    power : bool
        Whether to return W_p^p instead of W_p; not for p = inf.
    check : bool
        Whether to look for non-finite values and invalid weights; False inside jit and vmap.

    Returns
    -------
    array, batch shape
        In the unit of x.

    Raises
    ------
    ValueError
        For empty samples, non-finite values, invalid weights, or p < 1.

    Notes
    -----
    Two sorts where the sizes are equal and no weights are given; else both quantile functions are cut at the levels of
    either, which are exact integers for equal weights. Two NumPy samples without a batch go through blocks of pieces,
    so that unequal sizes need no memory but the sorted values, and W_1 with weights through integer sums of mass. With
    weights, levels that differ by no more than the rounding of their sums count as one for p > 1, where a root would
    blow that rounding up. Large p neither over- nor underflows. With PyTorch and JAX gradients flow to x and y; ties
    and equal samples give subgradients, never nan.

    References
    ----------
    Vallender (1974), Calculation of the Wasserstein distance between probability distributions on the line.

    Examples
    --------
    >>> float(wasserstein_on_line([0.0, 1.0, 3.0], [5.0, 6.0, 8.0]))  # every point moves by 5
    5.0
    """
    xp, x, y, v, w = read_samples(x, y, order, x_weights, y_weights, axis, power, check)
    if xp is numpy and x.ndim == y.ndim == 1:
        if v is not None or w is not None:
            if order == 1:
                return x.dtype.type(w1_from_weights(x, y, v, w))
        elif len(x) != len(y):
            return x.dtype.type(from_unequal_sizes(numpy.sort(x), numpy.sort(y), order, power))
    return _general(xp, x, y, v, w, order, power)


def _general(xp: Any, x: Array, y: Array, v: Array | None, w: Array | None, order: float, power: bool) -> Array:
    """W_p of batches along the last axis, in any library."""
    if v is not None or w is not None:
        distance, mass = _merged_by_weight(xp, x, y, v, w, order)
    elif x.shape[-1] == y.shape[-1]:
        distance, mass = xp.abs(xp.sort(x, axis=-1) - xp.sort(y, axis=-1)), None
    else:
        distance, mass = _merged_by_count(xp, xp.sort(x, axis=-1), xp.sort(y, axis=-1))
    return norm(xp, distance, mass, order, power)


def _merged_by_count(xp: Any, x: Array, y: Array) -> tuple[Array, Array]:
    """|F^-1 - G^-1| on the pieces between the levels i / n and j / m, and the lengths of the pieces, by integers."""
    n, m = x.shape[-1], y.shape[-1]
    levels = numpy.concatenate([numpy.arange(1, n + 1) * m, numpy.arange(1, m + 1) * n])
    # Two sorted runs: a stable sort merges them in one pass.
    order = numpy.argsort(levels, kind="stable")
    from_x = order < n
    x_index = numpy.minimum(numpy.cumsum(from_x) - from_x, n - 1)
    y_index = numpy.minimum(numpy.cumsum(~from_x) - ~from_x, m - 1)
    mass = numpy.diff(levels[order], prepend=0)
    kept = mass > 0
    device = device_of(x)
    x_index, y_index = (to_device(i[kept], xp, device=device) for i in (x_index, y_index))
    distance = xp.abs(xp.take(x, x_index, axis=-1) - xp.take(y, y_index, axis=-1))
    return distance, to_device(mass[kept] / (n * m), xp, dtype=x.dtype, device=device)


def _merged_by_weight(
    xp: Any, x: Array, y: Array, v: Array | None, w: Array | None, order: float
) -> tuple[Array, Array]:
    """As `_merged_by_count`, with the levels of weighted samples."""
    n, m = x.shape[-1], y.shape[-1]
    batch = numpy.broadcast_shapes(x.shape[:-1], y.shape[:-1])
    x, x_levels = _levels(xp, xp.broadcast_to(x, (*batch, n)), v)
    y, y_levels = _levels(xp, xp.broadcast_to(y, (*batch, m)), w)
    levels = xp.concat([x_levels, y_levels], axis=-1)
    merge = xp.argsort(levels, axis=-1, stable=True)
    levels = xp.take_along_axis(levels, merge, axis=-1)
    from_x = xp.astype(merge < n, merge.dtype)
    # How many levels of each sample lie below a piece says which of its values the quantile function takes there.
    x_index = xp.minimum(xp.cumulative_sum(from_x, axis=-1) - from_x, (n - 1) * xp.ones_like(merge))
    y_index = xp.minimum(xp.cumulative_sum(1 - from_x, axis=-1) - (1 - from_x), (m - 1) * xp.ones_like(merge))
    mass = xp.concat([levels[..., :1], levels[..., 1:] - levels[..., :-1]], axis=-1)
    if order > 1:
        # Never so much that a usual piece of many would go.
        sliver = min(4 * math.sqrt(n + m) * float(xp.finfo(mass.dtype).eps), 1 / (16 * max(n, m)))
        mass = xp.where(mass > sliver, mass, xp.zeros_like(mass))
    mass = xp.astype(mass, x.dtype, copy=False)
    distance = xp.abs(xp.take_along_axis(x, x_index, axis=-1) - xp.take_along_axis(y, y_index, axis=-1))
    return distance, mass


def _levels(xp: Any, values: Array, weights: Array | None) -> tuple[Array, Array]:
    """Sorted values and the cumulative shares of their weights, whose last is exactly 1."""
    order = xp.argsort(values, axis=-1)
    if weights is None:
        weights = xp.ones_like(values)
    else:
        # In units of the largest no sum overflows.
        weights = xp.broadcast_to(weights / xp.max(weights, axis=-1, keepdims=True), values.shape)
    if weights.dtype != xp.float64:
        # Many do not add up in single precision. JAX warns where it has no other.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            weights = xp.astype(weights, xp.float64)
    sums = xp.cumulative_sum(xp.take_along_axis(weights, order, axis=-1), axis=-1)
    return xp.take_along_axis(values, order, axis=-1), sums / sums[..., -1:]
