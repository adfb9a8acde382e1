"""The squared maximum mean discrepancy between two samples: biased, unbiased and in linear time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer, describe
from gamedyn.backend import Array, array_namespace, to_host
from gamedyn.divergences._discrepancy import (
    ESTIMATORS,
    biased_value,
    discrepancy_of_arrays,
    linear_terms,
    mean_estimate,
    pair_sums,
)
from gamedyn.divergences._kernels import Kernel, KernelLike, RBFKernel, SumKernel, as_kernel
from gamedyn.divergences._median_distance import median_distance
from gamedyn.divergences._pairwise import SquaredDistances, Tile, direct_squared_distances
from gamedyn.divergences._quiet import safe_root
from gamedyn.divergences._samples import sample_arrays, sample_weights

__all__ = ["check_options", "kernel_tile", "maximum_mean_discrepancy", "steepness"]


def maximum_mean_discrepancy(
    x: Any,
    y: Any,
    kernel: KernelLike = "rbf",
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
    """MMD^2 = E k(X, X') + E k(Y, Y') - 2 E k(X, Y), the squared distance between the kernel means of two laws.

    The square, unless `root` is asked for. 0 for equal laws, and for a Gaussian, Laplace, rational quadratic or inverse
    multiquadric kernel only for them.

    Parameters
    ----------
    x, y : array_like, shape (n, d) and (m, d), or (n,) and (m,)
        Independent samples.
    kernel : str, Kernel or callable
        "rbf", "laplace", "rational_quadratic" or "imq", with the median distance between the pooled points as
        bandwidth; a Kernel, such as `RBFKernel(0.5)` or a sum of several; or a function of two samples that gives the
        (n, m) matrix k(x_i, y_j), symmetric and positive definite.
    estimator : {"biased", "unbiased", "linear"}
        "biased": all pairs, each row with itself too (the V-statistic): the MMD between the samples themselves, >= 0,
        in expectation too large by O(1 / n). "unbiased": pairs of different rows (the U-statistic); it may be negative.
        "linear": disjoint pairs of consecutive rows, unbiased, in time O(n d), far noisier; rows beyond the shorter
        sample are not used, and their order must be random.
    x_weights, y_weights : array_like, shape (n,) and (m,), optional
        Non-negative; divided by their sums. For "biased".
    root : bool
        Whether to return MMD, for "biased".
    return_estimate : bool
        Whether to return an Estimate, made on the host; not for weights or the root.
    max_bytes : int
        Bound on working memory beside a few copies of the samples.
    progress : bool
        Whether to show a bar, by tqdm on stderr.
    check : bool
        Whether to look for NaN and infinity; False inside jit, vmap and grad of JAX.

    Returns
    -------
    array of shape (), in the library and precision of the samples, or Estimate
        The interval of the Estimate covers the MMD^2 of the laws at 95 %; for "biased" it is about the unbiased value.

    Raises
    ------
    ValueError
        If samples do not fit, are too small, or hold NaN or infinite entries.
    TypeError
        If libraries are mixed.

    Notes
    -----
    NumPy goes block by block through half of all pairs, by a matrix product about the mean of the points where that
    keeps all digits, and by differences elsewhere. Other libraries take differences, and gradients flow, through the
    median too: give a bandwidth to hold it fixed. The standard error of "unbiased" is the jackknife's, read off the
    row sums: first-order exact where the laws differ, on the safe side where they agree.

    References
    ----------
    Gretton, Borgwardt, Rasch, Scholkopf and Smola (2012), A kernel two-sample test.

    Examples
    --------
    >>> value = maximum_mean_discrepancy([0.0], [1.0], RBFKernel(1.0))
    >>> bool(abs(value - (2 - 2 * numpy.exp(-0.5))) < 1e-15)
    True
    """
    check_options(estimator, x_weights, y_weights, root, return_estimate, max_bytes)
    kernel = as_kernel(kernel)
    xp, x, y = sample_arrays(x, y, at_least=1 if estimator == "biased" and not return_estimate else 2, check=check)
    a, b = (sample_weights(w, f"{s}_weights", z, check=check) for w, s, z in ((x_weights, "x", x), (y_weights, "y", y)))
    if return_estimate or (xp is numpy and estimator != "linear"):
        options = {"max_bytes": max_bytes, "progress": progress}
        value = _on_host(kernel, [to_host(z) for z in (x, y, a, b)], estimator, return_estimate, options)
        if return_estimate:
            return value
        value = x.dtype.type(value)
    else:
        if isinstance(kernel, Kernel) and kernel.needs_bandwidth:
            kernel = kernel.with_median(median_distance(xp, x, y))
        if estimator == "linear":
            return xp.mean(linear_terms(_by_row(kernel), x, y))
        value = discrepancy_of_arrays(xp, _as_matrix(kernel), _by_row(kernel), x, y, (a, b), estimator)
    if estimator == "biased":
        value = xp.maximum(value, xp.zeros_like(value))
    return safe_root(xp, value) if root else value


def check_options(
    estimator: str, x_weights: Any, y_weights: Any, root: bool, return_estimate: bool, max_bytes: int
) -> None:
    """Raise for options of a discrepancy that do not go together."""
    check_choice("estimator", estimator, ESTIMATORS)
    check_integer("max_bytes", max_bytes, 2**16)
    weighted = x_weights is not None or y_weights is not None
    if weighted and estimator != "biased":
        raise ValueError(f"weights are for `estimator` 'biased', got {estimator!r}.")
    if root and estimator != "biased":
        raise ValueError(f"`root` is for `estimator` 'biased', got {estimator!r}, which may be negative.")
    if return_estimate and (weighted or root):
        raise ValueError("`return_estimate` needs equal weights and no root, got weights or root=True.")


def kernel_tile(kernel: Any, rows: numpy.ndarray, max_bytes: int) -> Tile:
    """The blocks of k over the rows of one array on the host.

    A Kernel must have its bandwidth.
    """
    if not isinstance(kernel, Kernel):
        return lambda first, second: _user_block(kernel, rows[first], rows[second])
    slope = steepness(kernel)
    if type(kernel) is RBFKernel:
        exponent = SquaredDistances(rows, -0.5 * slope, steepness=slope, max_bytes=max_bytes)

        def gaussian(first: slice, second: slice) -> numpy.ndarray:
            block = exponent(first, second)
            numpy.exp(block, out=block)
            return block

        return gaussian
    squared = SquaredDistances(rows, steepness=slope if kernel.smooth else None, max_bytes=max_bytes)
    return lambda first, second: kernel.of_squared_distance(squared(first, second))


def _on_host(
    kernel: Any,
    arrays: list[numpy.ndarray],
    estimator: str,
    return_estimate: bool,
    options: dict[str, Any],
) -> Any:
    x, y, x_weights, y_weights = (array.astype(numpy.float64, copy=False) for array in arrays)
    if isinstance(kernel, Kernel) and kernel.needs_bandwidth:
        kernel = kernel.with_median(float(median_distance(numpy, x, y)))
    definition = f"squared MMD, E k(X, X') + E k(Y, Y') - 2 E k(X, Y), k = {kernel!r}"
    if estimator == "linear":
        terms = linear_terms(_by_row(kernel), x, y)
        method = f"{len(terms)} disjoint pairs of rows"
        return mean_estimate(terms, method, (len(x), len(y)), definition, floor=0.0)
    tile = kernel_tile(kernel, numpy.concatenate([x, y]), options["max_bytes"])
    if estimator == "biased" and not return_estimate:
        return biased_value(tile, (x_weights, y_weights), **options)
    sums = pair_sums(tile, len(x), len(y), **options)
    return sums.estimate(estimator, definition, floor=0.0) if return_estimate else sums.unbiased()


def steepness(kernel: Kernel) -> float:
    """1 / h^2 of the narrowest term, a bound of the slope of k in |x - y|^2."""
    if isinstance(kernel, SumKernel):
        return max(steepness(term) for term in kernel.terms)
    return float(kernel.inverse_square())  # type: ignore[attr-defined]


def _user_block(kernel: Callable[[Any, Any], Any], x: numpy.ndarray, y: numpy.ndarray) -> numpy.ndarray:
    block = to_host(kernel(x, y)).astype(numpy.float64, copy=False)
    if block.shape != (len(x), len(y)):
        raise ValueError(f"`kernel` must return shape {(len(x), len(y))} for these rows, got {describe(block)}.")
    if not numpy.isfinite(block).all():
        raise ValueError("`kernel` must return finite numbers, got NaN or infinity.")
    return block


def _as_matrix(kernel: Any) -> Callable[[Array, Array], Array]:
    if not isinstance(kernel, Kernel):
        return kernel  # type: ignore[no-any-return]
    return lambda x, y: kernel.of_squared_distance(direct_squared_distances(array_namespace(x), x, y))


def _by_row(kernel: Any) -> Callable[[Array, Array], Array]:
    def radial(x: Array, y: Array) -> Array:
        between = x - y
        return kernel.of_squared_distance(array_namespace(x).sum(between * between, axis=-1))

    def other(x: Array, y: Array) -> Array:
        values = [kernel(x[i : i + 1, :], y[i : i + 1, :])[0, 0] for i in range(x.shape[0])]
        return array_namespace(x).stack(values)

    return radial if isinstance(kernel, Kernel) else other
