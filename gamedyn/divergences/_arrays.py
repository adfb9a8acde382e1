"""KL and JS terms of NumPy masses: faster forms, equal to those of the classes, with few masks and temporaries."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from gamedyn.divergences._series import JENSEN_SHANNON, NEAR, RELATIVE_ENTROPY

__all__ = ["jensen_shannon_of_arrays", "relative_entropy_of_arrays"]

_Terms = Callable[[numpy.ndarray, numpy.ndarray, numpy.ndarray], numpy.ndarray]


def relative_entropy_of_arrays(p: Any, q: Any, difference: Any) -> numpy.ndarray | None:
    """p log(p / q) - p + q: q where p = 0, inf where p > 0 = q; None where the general form must serve."""
    return _near_or_far(p, q, difference, _relative_entropy, _relative_entropy_series, _lone_entropy)


def jensen_shannon_of_arrays(p: Any, q: Any, difference: Any) -> numpy.ndarray | None:
    """[p log(2p / (p + q)) + q log(2q / (p + q))] / 2; None where the general form must serve."""
    return _near_or_far(
        p, q, difference, _jensen_shannon, _jensen_shannon_series, lambda p, q: (p + q) * (math.log(2) / 2)
    )


def _lone_entropy(p: numpy.ndarray, q: numpy.ndarray) -> numpy.ndarray:
    return numpy.where(p > 0, math.inf, q)


def _relative_entropy(a: numpy.ndarray, b: numpy.ndarray, gap: numpy.ndarray) -> numpy.ndarray:
    terms: numpy.ndarray = a / b
    numpy.log(terms, out=terms)
    terms *= a
    terms -= gap
    return terms


def _relative_entropy_series(gap: numpy.ndarray, d: numpy.ndarray) -> numpy.ndarray:
    """As `relative_entropy_series`."""
    square = d * d
    terms = _polynomial(square, RELATIVE_ENTROPY)
    square += d
    terms *= square
    terms += 1
    terms *= d
    terms *= gap
    return terms


def _jensen_shannon(a: numpy.ndarray, b: numpy.ndarray, gap: numpy.ndarray) -> numpy.ndarray:
    half = (a + b) / 2
    terms: numpy.ndarray = a * numpy.log(a / half)
    terms += b * numpy.log(b / half)
    terms *= 0.5
    return terms


def _jensen_shannon_series(gap: numpy.ndarray, d: numpy.ndarray) -> numpy.ndarray:
    """As `jensen_shannon_series`."""
    terms = _polynomial(d * d, JENSEN_SHANNON)
    terms *= d
    terms *= gap
    terms *= 0.25
    return terms


def _near_or_far(
    p: Any,
    q: Any,
    difference: Any,
    closed: _Terms,
    series: Callable[[numpy.ndarray, numpy.ndarray], numpy.ndarray],
    lone: Callable[[numpy.ndarray, numpy.ndarray], numpy.ndarray],
) -> numpy.ndarray | None:
    """The series for all entries, overwritten by the closed form where masses are far from each other.

    `lone` gives the terms where a mass is 0. None for other libraries, and for far masses so small that their ratio
    could over- or underflow.
    """
    if type(p) is not numpy.ndarray or type(q) is not numpy.ndarray or p.ndim == 0 or p.size == 0:
        return None
    least = 1e-150 if p.dtype == numpy.float64 else 1e-18
    total = p + q
    # 0 / subnormal = 0: an outcome without any mass is near, and adds nothing; any mass at all is not.
    numpy.maximum(total, numpy.finfo(total.dtype).smallest_subnormal, out=total)
    contrast = numpy.divide(difference, total, out=total)
    near = numpy.abs(contrast) < NEAR
    count = numpy.count_nonzero(near)
    if count == near.size:
        return series(difference, contrast)
    if count == 0:
        far: Any = ...
        terms = numpy.empty(near.shape, dtype=contrast.dtype)
    else:
        far = ~near
        contrast[far] = 0
        terms = series(difference, contrast)
    a, b, gap = p[far], q[far], difference[far]
    if a.min() > least and b.min() > least:
        terms[far] = closed(a, b, gap)
        return terms
    empty = (a == 0) | (b == 0)
    filled_a, filled_b = numpy.where(empty, 1, a), numpy.where(empty, 1, b)
    if not (filled_a.min() > least and filled_b.min() > least):
        return None
    terms[far] = numpy.where(empty, lone(a, b), closed(filled_a, filled_b, numpy.where(empty, 0, gap)))
    return terms


def _polynomial(z: numpy.ndarray, coefficients: Sequence[float]) -> numpy.ndarray:
    """The sum of coefficients[k] z^k for 0 <= z < NEAR^2, without the last terms where they are below the rounding."""
    largest, count = float(z.max()), 2
    while count < len(coefficients) and largest**count * coefficients[count] > 2.0**-56 * coefficients[0]:
        count += 1
    value: numpy.ndarray = z * coefficients[count - 1]
    value += coefficients[count - 2]
    for coefficient in reversed(coefficients[: count - 2]):
        value *= z
        value += coefficient
    return value
