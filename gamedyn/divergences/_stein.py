"""The squared kernel Stein discrepancy between a sample and a law of known score, and its test; host-only work."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy

from gamedyn._checks import check_choice, check_integer, describe
from gamedyn.backend import array_namespace, as_generator, device_of, float_arrays, to_device, to_host
from gamedyn.divergences._discrepancy import LEVEL, QUANTILE
from gamedyn.divergences._kernels import Kernel, as_kernel
from gamedyn.divergences._median_distance import median_distance
from gamedyn.divergences._mmd import steepness
from gamedyn.divergences._pairwise import SquaredDistances, Tile, matrix_forms, matrix_products
from gamedyn.divergences._samples import sample_array
from gamedyn.divergences._two_sample_test import permutation_pvalue
from gamedyn.numerics import Estimate

if TYPE_CHECKING:
    from gamedyn.distributions import Distribution

__all__ = ["SteinTest", "kernel_stein_discrepancy", "stein_test"]


class SteinTest(NamedTuple):
    """The result of `stein_test`: the statistic, its p-value, and the statistics under random signs."""

    statistic: float
    pvalue: float
    null: numpy.ndarray


def kernel_stein_discrepancy(
    x: Any,
    score: Distribution | Callable[[Any], Any] | Any,
    kernel: str | Kernel = "imq",
    *,
    estimator: str = "biased",
    root: bool = False,
    return_estimate: bool = False,
    max_bytes: int = 2**28,
    progress: bool = False,
) -> Any:
    """KSD^2 = E u(X, X'), u = s.s' k + s.grad_y k + s'.grad_x k + tr grad_x grad_y k, with s the score of a law.

    The square, unless `root` is asked for: of the largest mean over the sample of a function that has mean 0 under the
    law. It takes the score, the gradient of log p, and no normalising constant, nor draws.

    Parameters
    ----------
    x : array_like, shape (n, d) or (n,)
        The sample, independent draws for the unbiased value and for errors.
    score : Distribution, callable or array_like of the shape of x
        The law, its score as a function of x, or the score at x.
    kernel : {"imq", "rbf", "rational_quadratic"} or Kernel
        A smooth kernel; by name, with the median distance as bandwidth. The slow decay of "imq" is needed to see mass
        that escapes to infinity in d >= 3 dimensions.
    estimator : {"biased", "unbiased"}
        "biased": all pairs (the V-statistic), >= 0. "unbiased": pairs of different rows (the U-statistic); it may be
        negative.
    root : bool
        Whether to return KSD, for "biased".
    return_estimate : bool
        Whether to return an Estimate.
    max_bytes : int
        Bound on working memory beside a few copies of the sample.
    progress : bool
        Whether to show a bar, by tqdm on stderr.

    Returns
    -------
    array of shape (), in the library and precision of the sample, or Estimate
        The interval covers the KSD^2 of the sample's law at 95 %; for "biased" it lies about the unbiased value.

    Raises
    ------
    ValueError
        If the sample is too small, the score has another shape, or either holds NaN or infinite entries.
    TypeError
        For a kernel that is not smooth.

    Notes
    -----
    O(n^2 d) in blocks, by matrix products. The standard error is the jackknife's, on the safe side where the sample
    follows the law.

    References
    ----------
    Liu, Lee and Jordan (2016), A kernelized Stein discrepancy for goodness-of-fit tests.
    Gorham and Mackey (2017), Measuring sample quality with kernels.

    Examples
    --------
    >>> from gamedyn.distributions import Normal
    >>> from gamedyn.divergences import RBFKernel
    >>> float(kernel_stein_discrepancy([2.0], Normal(0.0, 1.0), RBFKernel(1.0)))  # s^2 + 1 / h^2
    5.0
    """
    check_choice("estimator", estimator, ("biased", "unbiased"))
    check_integer("max_bytes", max_bytes, 2**16)
    if root and (estimator != "biased" or return_estimate):
        raise ValueError("`root` is for `estimator` 'biased' and return_estimate=False.")
    native, rows, tile, kernel = _prepared(x, score, kernel, 1 if estimator == "biased" else 2, max_bytes)
    options: dict[str, Any] = {"max_bytes": max_bytes, "progress": progress}
    n = len(rows)
    if estimator == "biased" and not return_estimate:
        value = max(float(matrix_forms(tile, numpy.full((n, 1), 1 / n), **options)[0]), 0.0)
        value = math.sqrt(value) if root else value
    else:
        totals, diagonal = matrix_products(tile, numpy.ones((n, 1)), **options)
        own = totals[:, 0] - diagonal
        unbiased = float(numpy.sum(own)) / (n * (n - 1)) if n > 1 else math.nan
        value = unbiased if estimator == "unbiased" else max(float(numpy.sum(totals)) / n**2, 0.0)
        if return_estimate:
            # The jackknife: leaving a row out takes its sum twice.
            error = 2 * math.sqrt((n - 1) * float(numpy.var(own))) / ((n - 1) * (n - 2)) if n > 2 else math.nan
            lower, upper = (max(unbiased + side * QUANTILE * error, 0.0) if n > 2 else math.nan for side in (-1, 1))
            definition = f"squared KSD, E u(X, X') for the Stein kernel u of k = {kernel!r}"
            method = "V-statistic, interval about the U-statistic" if estimator == "biased" else "U-statistic"
            return Estimate(value, error, lower, upper, LEVEL, f"{method}, standard error by jackknife", n, definition)
    xp = array_namespace(native)
    if xp is numpy:
        return native.dtype.type(value)
    return to_device(value, xp, dtype=native.dtype, device=device_of(native))


def stein_test(
    x: Any,
    score: Distribution | Callable[[Any], Any] | Any,
    kernel: str | Kernel = "imq",
    *,
    bootstraps: int = 999,
    rng: Any = None,
    max_bytes: int = 2**28,
    progress: bool = False,
) -> SteinTest:
    """Whether independent draws follow a law whose score is known, by the wild bootstrap of the KSD.

    Parameters
    ----------
    x, score, kernel, max_bytes, progress
        As in `kernel_stein_discrepancy`.
    bootstraps : int
        Number of draws of random signs.
    rng : None, int or numpy.random.Generator
        Draws them.

    Returns
    -------
    SteinTest
        (statistic, pvalue, null): the biased KSD^2, and (b + 1) / (bootstraps + 1) with b the number of sign vectors e
        for which sum e_i e_j u(x_i, x_j) / n^2 is at least as large. The level is right for large samples.

    Raises
    ------
    ValueError, TypeError
        As `kernel_stein_discrepancy`.

    References
    ----------
    Chwialkowski, Strathmann and Gretton (2016), A kernel test of goodness of fit.

    Examples
    --------
    >>> from gamedyn.distributions import Normal
    >>> stein_test([5.0, 6.0, 5.5, 4.5, 6.5, 5.2], Normal(0.0, 1.0), bootstraps=199, rng=0).pvalue < 0.1
    True
    """
    check_integer("bootstraps", bootstraps, 1)
    check_integer("max_bytes", max_bytes, 2**16)
    _, rows, tile, _ = _prepared(x, score, kernel, 2, max_bytes)
    rng, n = as_generator(rng), len(rows)
    group = max(1, max_bytes // (32 * n))
    parts = []
    for start in range(0, bootstraps + 1, group):
        signs = rng.choice([-1.0, 1.0], size=(min(group, bootstraps + 1 - start), n)) / n
        if start == 0:
            signs[0] = 1 / n
        parts.append(matrix_forms(tile, signs.T, max_bytes=max_bytes, progress=progress))
    values = numpy.concatenate(parts)
    return SteinTest(float(values[0]), permutation_pvalue(values[0], values[1:]), values[1:])


def _prepared(
    x: Any, score: Any, kernel: str | Kernel, at_least: int, max_bytes: int
) -> tuple[Any, numpy.ndarray, Tile, Kernel]:
    """The sample as it was given and on the host, the blocks of u, and the kernel with its bandwidth."""
    chosen = as_kernel(kernel)
    if not isinstance(chosen, Kernel) or not chosen.smooth:
        raise TypeError(f"`kernel` must be a smooth Kernel or its name, got {kernel!r}.")
    _, native = sample_array(x, at_least=at_least)
    rows = to_host(native).astype(numpy.float64, copy=False)
    scores = _scores(score, x, native, rows)
    if chosen.needs_bandwidth:
        chosen = chosen.with_median(float(median_distance(numpy, rows)))
    return native, rows, _stein_tile(chosen, rows, scores, max_bytes), chosen


def _scores(score: Any, x: Any, native: Any, rows: numpy.ndarray) -> numpy.ndarray:
    from gamedyn.distributions import Distribution

    flat = getattr(x, "ndim", None) == 1 or (not hasattr(x, "ndim") and rows.shape[1] == 1)
    if isinstance(score, Distribution):
        score = score.score(rows if score.event_shape else rows[:, 0])
    elif callable(score):
        score = score(native[:, 0] if flat else native)
    host = to_host(float_arrays(score, names=("score",))[1]).astype(numpy.float64, copy=False)
    host = host[:, None] if host.ndim == 1 else host
    if host.shape != rows.shape:
        raise ValueError(f"`score` must have the shape {rows.shape} of the sample, got {describe(host)}.")
    wrong = numpy.argwhere(~numpy.isfinite(host))
    if len(wrong):
        row, column = wrong[0].tolist()
        raise ValueError(f"`score` must be finite, got {host[row, column]} in row {row}, column {column}.")
    return host


def _stein_tile(kernel: Kernel, rows: numpy.ndarray, scores: numpy.ndarray, max_bytes: int) -> Tile:
    """The blocks of u = s.s' k + 2 k' (s' - s).(x - x') - 4 k'' r^2 - 2 d k', primes of k in r^2 = |x - x'|^2."""
    squared = SquaredDistances(rows, steepness=steepness(kernel), max_bytes=max_bytes)
    centred, d = rows - rows.mean(axis=0), rows.shape[1]
    own, ones = numpy.einsum("ij,ij->i", centred, scores)[:, None], numpy.ones((len(rows), 1))
    # (s' - s).(x - x') = x.s' + s.x' - s.x - s'.x'
    left, right = numpy.hstack([centred, scores, -own, ones]), numpy.hstack([scores, centred, ones, -own])

    def tile(first: slice, second: slice) -> numpy.ndarray:
        r2 = squared(first, second)
        value, slope, curvature = kernel.derivatives(r2)
        block: numpy.ndarray = scores[first] @ scores[second].T
        block *= value
        block += 2 * slope * (left[first] @ right[second].T - d)
        block -= 4 * curvature * r2
        return block

    return tile
