"""The standard error of any statistic of two samples, from its spread over subsamples."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy

__all__ = ["subsampled_error"]

_SHARE = 0.25
_ENOUGH = 500
"""Rows of a subsample from which its spread is taken to shrink as that of the whole does."""


def subsampled_error(
    statistic: Callable[[numpy.ndarray, numpy.ndarray], float],
    x: numpy.ndarray,
    y: numpy.ndarray,
    *,
    smallest: int,
    subsamples: int,
    rng: numpy.random.Generator,
) -> float:
    """The spread over subsamples of some share s of the rows, divided by sqrt(1 / s - 1).

    Drawn without replacement, subsamples share data: the variance of a sample mean over them is 1 / s - 1 times that of
    the mean of the whole. The share is a quarter for small samples; for large ones it falls to n^(2/3) rows, so that
    all subsamples together cost about as much as the whole. nan where the smaller sample gives fewer than `smallest`.
    """
    least = min(len(x), len(y))
    share = min(_SHARE, max(_ENOUGH, least ** (2 / 3)) / least)
    sizes = [int(share * len(sample)) for sample in (x, y)]
    if min(sizes) < smallest or subsamples < 2:
        return math.nan
    values = []
    for _ in range(subsamples):
        rows = [rng.choice(len(sample), size, replace=False) for sample, size in zip((x, y), sizes, strict=True)]
        values.append(statistic(x[rows[0]], y[rows[1]]))
    return float(numpy.std(values, ddof=1) / math.sqrt(1 / share - 1))
