"""Quantiles, last atoms and entropies of laws on 0, 1, 2, ..., by search and by summation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn._checks import describe
from gamedyn.backend import Array, array_namespace

__all__ = ["atom_window", "check_countable", "counted_entropy", "counting_quantile"]

# exp(-745.2) underflows in double precision.
_UNDERFLOW = 745.2
_MOST_TERMS = 20_000_000
# Counts are drawn, and stepped through, as 64-bit integers.
_LARGEST = 2.0**62
_BLOCK = 1_000_000
# A mass function of this many deviations to a step is summed as well by every step-th term: for a smooth bell the
# error is exp(-2 pi^2 deviations^2).
_STEPS_PER_DEVIATION = 8


def counting_quantile(cdf: Callable[[Array], Array], u: Array, guess: Array, last: Array) -> Array:
    """The smallest count in 0, ..., last with cdf(count) >= u, by doubling and bisection; `last` may be inf.

    The arrays share their shape; `guess` is where to start, such as the mean. The loop runs on the host.
    """
    xp = array_namespace(u)
    low = -xp.ones_like(u)
    high = xp.minimum(xp.ceil(guess) + 1, last)
    limit = 0.1 * float(xp.finfo(u.dtype).max)
    while True:
        short = (cdf(high) < u) & (high < xp.minimum(last, xp.full_like(last, limit)))
        if not bool(xp.any(short)):
            break
        low = xp.where(short, high, low)
        high = xp.where(short, xp.minimum(2 * high + 16, last), high)
    while True:
        middle = xp.floor(0.5 * low + 0.5 * high)
        inner = (middle > low) & (middle < high)
        if not bool(xp.any(inner)):
            break
        reached = cdf(xp.maximum(middle, xp.zeros_like(middle))) >= u
        high = xp.where(inner & reached, middle, high)
        low = xp.where(inner & ~reached, middle, low)
    return high


def check_countable(name: str, parameter: Any, largest: Any) -> None:
    """Raise where draws of a law would not be 64-bit integers, from the largest counts to expect."""
    if not numpy.all(largest < _LARGEST):
        raise ValueError(
            f"`{name}` must leave counts below 2^62 for draws, got {describe(parameter)}, which leaves "
            f"{float(numpy.max(largest)):.3g}."
        )


def atom_window(log_prob: Callable[[Any], Any], mode: float, last: float) -> tuple[float, float]:
    """The first and the last count whose mass is above 1e-323, for one law with its mode, on the host."""

    def carries(k: float) -> bool:
        return float(log_prob(numpy.float64(k))) > -_UNDERFLOW

    ends = []
    for sign, end in ((-1, 0.0), (1, last)):
        inner, step = mode, 1.0
        while inner != end and carries(min(max(inner + sign * step, 0.0), last)):
            inner, step = min(max(inner + sign * step, 0.0), last), 2 * step
        outer = min(max(inner + sign * step, 0.0), last)
        while abs(outer - inner) > 1:
            middle = math.floor(0.5 * (inner + outer))
            if middle in (inner, outer):
                break
            inner, outer = (middle, outer) if carries(middle) else (inner, middle)
        ends.append(outer if carries(outer) else inner)
    return ends[0], ends[1]


def counted_entropy(
    log_prob: Callable[[Any], Any], mode: float, last: float, deviation: float, name: str, value: Any
) -> float:
    """-sum p log p of one law, on the host; every few terms of a wide bell that stands clear of both ends."""
    first, end = atom_window(log_prob, mode, last)
    if not end < _LARGEST:
        raise ValueError(
            f"`{name}` must leave counts below 2^62 for the entropy to be summed, got {describe(value)}, "
            f"which leaves {end:.3g}."
        )
    clear = first > 0 and end < last
    step = max(1, int(deviation / _STEPS_PER_DEVIATION)) if clear else 1
    if not (end - first) / step < _MOST_TERMS:
        raise ValueError(
            f"`{name}` must leave at most {_MOST_TERMS} atoms for the entropy to be summed, got {describe(value)}, "
            f"which leaves {end - first:.3g}."
        )
    total, start = 0.0, first
    while start <= end:
        k = start + step * numpy.arange(min(_BLOCK, (end - start) // step + 1))
        terms = log_prob(k)
        terms = terms[terms > -numpy.inf]
        total -= float(numpy.sum(numpy.exp(terms) * terms))
        start = float(k[-1]) + step
    return step * total
