"""The permutation test of whether two samples come from one law; host-only work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy

from gamedyn._checks import check_choice, check_integer
from gamedyn.backend import as_generator
from gamedyn.divergences._energy import negative_distance_tile
from gamedyn.divergences._kernels import Kernel, KernelLike, as_kernel
from gamedyn.divergences._median_distance import median_distance
from gamedyn.divergences._mmd import kernel_tile
from gamedyn.divergences._pairwise import line_forms, matrix_forms
from gamedyn.divergences._samples import samples_on_host

__all__ = ["TwoSampleTest", "permutation_pvalue", "two_sample_test"]


class TwoSampleTest(NamedTuple):
    """The result of `two_sample_test`: the statistic, its p-value, and the statistics of the permuted samples."""

    statistic: float
    pvalue: float
    null: numpy.ndarray


def two_sample_test(
    x: Any,
    y: Any,
    *,
    statistic: str | Callable[[numpy.ndarray, numpy.ndarray], Any] = "energy",
    kernel: KernelLike = "rbf",
    permutations: int = 999,
    rng: Any = None,
    max_bytes: int = 2**28,
    progress: bool = False,
) -> TwoSampleTest:
    """Whether two samples come from one law: a permutation test, exact at every sample size.

    Parameters
    ----------
    x, y : array_like, shape (n, d) and (m, d), or (n,) and (m,)
        Independent samples, exchangeable under the hypothesis.
    statistic : {"energy", "mmd"} or callable
        "energy": `energy_distance`, without a parameter. "mmd": the biased squared `maximum_mean_discrepancy`. Both
        see every difference of laws. A function of two samples (n, d) and (m, d), larger the further they are apart,
        is called for every relabelling.
    kernel : str, Kernel or callable
        As in `maximum_mean_discrepancy`, for "mmd". A median bandwidth is that of the pooled sample, which relabelling
        does not change.
    permutations : int
        Number of random relabellings.
    rng : None, int or numpy.random.Generator
        Draws them.
    max_bytes : int
        Bound on working memory beside a few copies of the samples: relabellings are served in groups, each with a
        pass over the pairs.
    progress : bool
        Whether to show a bar, by tqdm on stderr, in d > 1 dimensions.

    Returns
    -------
    TwoSampleTest
        (statistic, pvalue, null). pvalue = (b + 1) / (permutations + 1), b the number of relabellings that are at least
        as far apart: never 0, and uniform or larger under the hypothesis.

    Raises
    ------
    ValueError
        If samples do not fit, or hold NaN or infinite entries.

    Notes
    -----
    s^T A s for every column s of relabelled signs at once: each block of the kernel matrix A is made once, and meets
    all relabellings in one matrix product.

    References
    ----------
    Phipson and Smyth (2010), Permutation p-values should never be zero.
    Gretton, Borgwardt, Rasch, Scholkopf and Smola (2012), A kernel two-sample test.

    Examples
    --------
    >>> two_sample_test([0.0, 1.0, 2.0, 3.0], [10.0, 11.0, 12.0, 13.0], permutations=99, rng=0).pvalue < 0.1
    True
    """
    if not callable(statistic):
        check_choice("statistic", statistic, ("energy", "mmd"))
    check_integer("permutations", permutations, 1)
    check_integer("max_bytes", max_bytes, 2**16)
    x, y = samples_on_host(x, y)
    rng = as_generator(rng)
    rows = numpy.concatenate([x, y])
    if callable(statistic):
        orders = [numpy.arange(len(rows)), *(rng.permutation(len(rows)) for _ in range(permutations))]
        values = numpy.array([float(statistic(rows[o[: len(x)]], rows[o[len(x) :]])) for o in orders])
        if not numpy.isfinite(values).all():
            raise ValueError("`statistic` must return a finite number for every relabelling, got NaN or infinity.")
    else:
        sign = numpy.concatenate([numpy.full(len(x), 1 / len(x)), numpy.full(len(y), -1 / len(y))])
        forms = _forms(rows, statistic, kernel, rng, max_bytes, progress)
        # The signs, sorted or multiplied, are held a few times.
        group = max(2, max_bytes // (32 * len(rows)))
        parts = []
        # The first is that of the samples, the last, of the sizes alone, that of a sum in which nothing cancels.
        for start in range(0, permutations + 2, group):
            signs = numpy.empty((min(group, permutations + 2 - start), len(rows)))
            for number, row in enumerate(signs, start):
                row[:] = abs(sign) if number > permutations else rng.permutation(sign) if number else sign
            parts.append(forms(signs.T))
        *found, whole = numpy.concatenate(parts)
        noise = 64 * float(numpy.finfo(numpy.float64).eps) * abs(float(whole))
        values = numpy.maximum(found, 0.0)
        return TwoSampleTest(float(values[0]), permutation_pvalue(values[0], values[1:], noise), values[1:])
    return TwoSampleTest(float(values[0]), permutation_pvalue(values[0], values[1:]), values[1:])


def permutation_pvalue(observed: float, null: numpy.ndarray, noise: float = 0.0) -> float:
    """(b + 1) / (m + 1), b the number of the m values that are at least as large as the one observed, up to `noise`."""
    # A relabelling that gives the same two samples gives the same number up to rounding, and counts.
    reached = int(numpy.count_nonzero(null >= observed - 1e-10 * abs(observed) - noise))
    return (reached + 1) / (len(null) + 1)


def _forms(
    rows: numpy.ndarray, statistic: str, kernel: KernelLike, rng: Any, max_bytes: int, progress: bool
) -> Callable[[numpy.ndarray], numpy.ndarray]:
    """The function that maps columns of signs to their statistics."""
    if statistic == "energy" and rows.shape[1] == 1:
        return lambda signs: line_forms(rows[:, 0], signs)
    if statistic == "energy":
        tile = negative_distance_tile(rows, max_bytes)
    else:
        chosen = as_kernel(kernel)
        if isinstance(chosen, Kernel) and chosen.needs_bandwidth:
            # Shuffled, so that the rows that a median of many is taken from do not depend on the labels.
            chosen = chosen.with_median(float(median_distance(numpy, rng.permutation(rows))))
        tile = kernel_tile(chosen, rows, max_bytes)
    return lambda signs: matrix_forms(tile, signs, max_bytes=max_bytes, progress=progress)
