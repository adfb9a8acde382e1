"""KL and JS terms of strictly positive NumPy masses: faster forms, equal to those of the classes, without masks."""

from __future__ import annotations

from collections.abc import Callable

import numpy

from gamedyn.backend import Array
from gamedyn.divergences._series import NEAR, jensen_shannon_series, relative_entropy_series

__all__ = ["are_positive", "jensen_shannon_of_positive", "relative_entropy_of_positive"]


def are_positive(p: Array, q: Array) -> bool:
    """Whether the functions below serve: NumPy arrays without zeros, and without masses whose ratio could overflow."""
    if type(p) is not numpy.ndarray or type(q) is not numpy.ndarray or p.ndim == 0 or p.size == 0:
        return False
    least = 1e-150 if p.dtype == numpy.float64 else 1e-18
    return bool(p.min() > least and q.min() > least)


def relative_entropy_of_positive(p: Array, q: Array, difference: Array) -> Array:
    """p log(p / q) - p + q."""
    terms = p / q
    numpy.log(terms, out=terms)
    terms *= p
    terms -= difference
    return _corrected(terms, p + q, difference, relative_entropy_series)


def jensen_shannon_of_positive(p: Array, q: Array, difference: Array) -> Array:
    """[p log(2p / (p + q)) + q log(2q / (p + q))] / 2."""
    total = p + q
    terms = numpy.log(2 * p / total)
    terms *= p
    terms += q * numpy.log(2 * q / total)
    terms *= 0.5
    return _corrected(terms, total, difference, jensen_shannon_series)


def _corrected(terms: Array, total: Array, difference: Array, series: Callable[[Array, Array], Array]) -> Array:
    """`terms`, overwritten by the series where masses are close: by all entries, or by those alone if they are few."""
    contrast = difference / total
    near = numpy.abs(contrast) < NEAR
    count = numpy.count_nonzero(near)
    if count == near.size:
        return series(difference, contrast)
    if count:
        terms = numpy.ascontiguousarray(terms)
        index = numpy.flatnonzero(near)
        terms.reshape(-1)[index] = series(difference.reshape(-1)[index], contrast.reshape(-1)[index])
    return terms
