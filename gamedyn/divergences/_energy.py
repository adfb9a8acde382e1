"""Energy distance between two samples, and its permutation test; host-only work."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn._checks import check_choice, check_integer
from gamedyn.backend import as_generator
from gamedyn.divergences._samples import samples_on_host

__all__ = ["TwoSampleTest", "energy_distance", "two_sample_test"]

_BLOCK = 2**22
"""Entries of one block of distances, 32 MB."""


class TwoSampleTest(NamedTuple):
    """The result of `two_sample_test`: the statistic, its p-value, and the statistics of the permuted samples."""

    statistic: float
    pvalue: float
    null: numpy.ndarray


def energy_distance(x: Any, y: Any) -> float:
    """2 E|X - Y| - E|X - X'| - E|Y - Y'| between the laws of the samples themselves: >= 0, and 0 only if they agree.

    All pairs count, each point with itself too (the V-statistic). Not its square root, which some libraries return, and
    not the unbiased U-statistic, which may be negative. In the unit of the columns.

    Parameters
    ----------
    x, y : array_like, shape (n, d) and (m, d), or (n,) and (m,)
        Samples; distances are Euclidean.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If samples do not fit, or hold NaN or infinite entries.

    Notes
    -----
    On the line 2 times the integral of (F - G)^2, by one sort. In d > 1 dimensions O((n + m)^2 d), in blocks.

    References
    ----------
    Szekely and Rizzo (2013), Energy statistics: a class of statistics based on distances.

    Examples
    --------
    >>> energy_distance([0.0, 1.0], [0.0, 3.0])  # 2 * 3/2 - 1/2 - 3/2
    1.0
    """
    x, y = samples_on_host(x, y, at_least=1)
    sign = numpy.concatenate([numpy.full(len(x), 1 / len(x)), numpy.full(len(y), -1 / len(y))])
    return float(_energies(numpy.concatenate([x, y]), sign[:, None])[0])


def two_sample_test(
    x: Any, y: Any, *, statistic: str = "energy", permutations: int = 999, rng: Any = None
) -> TwoSampleTest:
    """Whether two samples come from one law: a permutation test, exact at every sample size.

    Parameters
    ----------
    x, y : array_like, shape (n, d) and (m, d), or (n,) and (m,)
        Independent samples, exchangeable under the hypothesis.
    statistic : {"energy"}
        `energy_distance`, sensitive to every difference of laws.
    permutations : int
        Number of random relabellings.
    rng : None, int or numpy.random.Generator
        Draws them.

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
    -s^T A s for every column s of relabelled signs at once: the distance matrix A is formed once, block by block.

    References
    ----------
    Phipson and Smyth (2010), Permutation p-values should never be zero.

    Examples
    --------
    >>> two_sample_test([0.0, 1.0, 2.0, 3.0], [10.0, 11.0, 12.0, 13.0], permutations=99, rng=0).pvalue < 0.1
    True
    """
    check_choice("statistic", statistic, ("energy",))
    check_integer("permutations", permutations, 1)
    x, y = samples_on_host(x, y)
    rng = as_generator(rng)
    sign = numpy.concatenate([numpy.full(len(x), 1 / len(x)), numpy.full(len(y), -1 / len(y))])
    signs = numpy.column_stack([sign, *(rng.permutation(sign) for _ in range(permutations))])
    energies = _energies(numpy.concatenate([x, y]), signs)
    observed, null = float(energies[0]), energies[1:]
    # A relabelling that gives the same two samples gives the same number up to rounding, and counts.
    reached = int(numpy.count_nonzero(null >= observed * (1 - 1e-10)))
    return TwoSampleTest(observed, (reached + 1) / (permutations + 1), null)


def _energies(rows: numpy.ndarray, signs: numpy.ndarray) -> numpy.ndarray:
    """-s^T A s for every column s of `signs`, A the matrix of distances between rows."""
    if rows.shape[1] == 1:
        order = numpy.argsort(rows[:, 0], kind="stable")
        gaps = numpy.diff(rows[order, 0])
        differences = numpy.cumsum(signs[order], axis=0)[:-1]
        on_line: numpy.ndarray = 2 * gaps @ differences**2
        return on_line
    from scipy.spatial.distance import cdist

    total = numpy.zeros(signs.shape[1])
    step = max(1, _BLOCK // len(rows))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        total -= numpy.sum(signs[part] * (cdist(rows[part], rows) @ signs), axis=0)
    # Rounding may leave -1e-17 where the samples agree.
    return numpy.maximum(total, 0.0)
