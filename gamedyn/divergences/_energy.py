"""The energy distance between two samples, by one sort on the line and block by block in more dimensions."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, to_host
from gamedyn.divergences._discrepancy import (
    PairSums,
    biased_value,
    discrepancy_of_arrays,
    linear_terms,
    mean_estimate,
    pair_sums,
    signed_weights,
)
from gamedyn.divergences._mmd import check_options
from gamedyn.divergences._pairwise import (
    SquaredDistances,
    Tile,
    direct_squared_distances,
    line_energy,
    line_forms,
    line_products,
)
from gamedyn.divergences._quiet import safe_root
from gamedyn.divergences._samples import sample_arrays, sample_weights

__all__ = ["energy_distance", "negative_distance_tile"]

_DEFINITION = "energy distance, 2 E|X - Y| - E|X - X'| - E|Y - Y'|, not its root"


def energy_distance(
    x: Any,
    y: Any,
    *,
    estimator: str = "biased",
    x_weights: Any = None,
    y_weights: Any = None,
    root: bool = False,
    return_estimate: bool = False,
    max_bytes: int = 2**28,
    progress: bool = False,
    check: bool = True,
) -> Any:
    """2 E|X - Y| - E|X - X'| - E|Y - Y'| between two laws: >= 0, and 0 only if they agree.

    Not its square root, which some libraries return, unless `root` is asked for. In the unit of the columns.

    Parameters
    ----------
    x, y : array_like, shape (n, d) and (m, d), or (n,) and (m,)
        Samples; distances are Euclidean.
    estimator : {"biased", "unbiased", "linear"}
        "biased": all pairs count, each point with itself too (the V-statistic): the distance between the laws of the
        samples themselves, >= 0, in expectation too large by O(1 / n). "unbiased": pairs of different points (the
        U-statistic); it may be negative. "linear": disjoint pairs of consecutive rows, in time O(n d), far noisier.
    x_weights, y_weights : array_like, shape (n,) and (m,), optional
        Non-negative; divided by their sums. For "biased".
    root : bool
        Whether to return the square root, for "biased".
    return_estimate : bool
        Whether to return an Estimate, made on the host; not for weights or the root.
    max_bytes : int
        Bound on working memory beside a few copies of the samples.
    progress : bool
        Whether to show a bar, by tqdm on stderr, in d > 1 dimensions.
    check : bool
        Whether to look for NaN and infinity; False inside jit, vmap and grad of JAX.

    Returns
    -------
    array of shape (), in the library and precision of the samples, or Estimate
        The interval of the Estimate covers the energy distance of the laws at 95 %; for "biased" it lies about the
        unbiased value.

    Raises
    ------
    ValueError
        If samples do not fit, are too small, or hold NaN or infinite entries.
    TypeError
        If libraries are mixed.

    Notes
    -----
    On the line 2 times the integral of (F - G)^2, by one sort. In d > 1 dimensions O((n + m)^2 d) in blocks: distances
    are made of differences for d <= 4, and by a matrix product about the mean above, in which close pairs are repaired
    by differences. Other libraries than NumPy take differences, and gradients flow; that of |x - y| at x = y is 0.

    References
    ----------
    Szekely and Rizzo (2013), Energy statistics: a class of statistics based on distances.

    Examples
    --------
    >>> float(energy_distance([0.0, 1.0], [0.0, 3.0]))  # 2 * 3/2 - 1/2 - 3/2
    1.0
    """
    check_options(estimator, x_weights, y_weights, root, return_estimate, max_bytes)
    xp, x, y = sample_arrays(x, y, at_least=1 if estimator == "biased" and not return_estimate else 2, check=check)
    a, b = (sample_weights(w, f"{s}_weights", z, check=check) for w, s, z in ((x_weights, "x", x), (y_weights, "y", y)))
    if return_estimate or (xp is numpy and estimator != "linear"):
        weighted = x_weights is not None or y_weights is not None
        hosted = [to_host(z) for z in ((x, y, a, b) if weighted else (x, y))]
        value = _on_host(hosted, estimator, return_estimate, {"max_bytes": max_bytes, "progress": progress})
        if return_estimate:
            return value
        value = x.dtype.type(value)
    elif estimator == "linear":
        return xp.mean(linear_terms(_by_row, x, y))
    else:
        value = discrepancy_of_arrays(xp, _matrix, _by_row, x, y, (a, b), estimator)
    if estimator == "biased":
        # Rounding may leave -1e-17 where the samples agree.
        value = xp.maximum(value, xp.zeros_like(value))
    return safe_root(xp, value) if root else value


def negative_distance_tile(rows: numpy.ndarray, max_bytes: int) -> Tile:
    """The blocks of -|z_i - z_j|, the kernel whose discrepancy the energy distance is."""
    squared = SquaredDistances(rows, max_bytes=max_bytes)

    def tile(first: slice, second: slice) -> numpy.ndarray:
        block = squared(first, second)
        numpy.sqrt(block, out=block)
        numpy.negative(block, out=block)
        return block

    return tile


def _on_host(arrays: list[numpy.ndarray], estimator: str, return_estimate: bool, options: dict[str, Any]) -> Any:
    x, y, *weights = (array.astype(numpy.float64, copy=False) for array in arrays)
    n, m = len(x), len(y)
    rows = numpy.concatenate([x, y])
    if estimator == "linear":
        terms = linear_terms(_by_row, x, y)
        return mean_estimate(terms, f"{len(terms)} disjoint pairs of rows", (n, m), _DEFINITION, floor=0.0)
    on_line = rows.shape[1] == 1
    if on_line and not math.isfinite(float(rows.max()) - float(rows.min())):
        raise ValueError("`x` and `y` must spread over at most 1.8e308, got a spread of inf. Rescale them.")
    if estimator == "biased" and not return_estimate:
        if on_line and not weights:
            return line_energy(x[:, 0], y[:, 0])
        masses = tuple(weights) or (numpy.full(n, 1 / n), numpy.full(m, 1 / m))
        if on_line:
            return line_forms(rows[:, 0], signed_weights(masses))[0]
        return biased_value(negative_distance_tile(rows, options["max_bytes"]), masses, **options)
    if on_line:
        members = numpy.zeros((n + m, 2))
        members[:n, 0] = members[n:, 1] = 1.0
        totals = -line_products(rows[:, 0], members)
        sums = PairSums(totals[:, 0], totals[:, 1], numpy.zeros(n + m), n)
    else:
        sums = pair_sums(negative_distance_tile(rows, options["max_bytes"]), n, m, **options)
    return sums.estimate(estimator, _DEFINITION, floor=0.0) if return_estimate else sums.unbiased()


def _matrix(x: Array, y: Array) -> Array:
    xp = array_namespace(x)
    return -safe_root(xp, direct_squared_distances(xp, x, y))


def _by_row(x: Array, y: Array) -> Array:
    xp = array_namespace(x)
    between = x - y
    return -safe_root(xp, xp.sum(between * between, axis=-1))
