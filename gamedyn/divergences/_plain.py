"""Sums of KL and JS terms in their plain form, for NumPy masses, row by row where it keeps every digit."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.divergences._blocks import summed
from gamedyn.divergences._pair import Pair

if TYPE_CHECKING:
    from gamedyn.divergences._base import FDivergence

__all__ = ["JENSEN_SHANNON", "RELATIVE_ENTROPY", "Kernel", "plain_sum"]

_ENTRIES = 32768
"""Entries of one block, whose temporaries fit the caches of current processors."""

_COLUMNS = 8192
"""Outcomes of one block: longer dot products would start the threads of a BLAS, which cost more than they save."""

_FAINT = 2.0**-50
"""A mass above which no quotient of two of a pmf over- or underflows, or rounds to its limit."""

Kernel = Callable[[numpy.ndarray, numpy.ndarray, numpy.ndarray, bool], tuple[numpy.ndarray, ...]]
"""(p, q, work of their shape, whether there are zeros) -> (sums of the divergence, of p, and of q) by rows."""


def _entropy_by_log(p: numpy.ndarray, q: numpy.ndarray, work: numpy.ndarray, zeros: bool) -> Any:
    """Sum of p log(p / q) - p + q."""
    numpy.divide(p, q, out=work)
    if zeros:
        # 0 log(tiny) = 0, and 0 / 0 counts as tiny too.
        numpy.fmax(work, numpy.finfo(work.dtype).tiny, out=work)
    numpy.log(work, out=work)
    value = numpy.vecdot(p, work)
    # After the logarithms, when the block is in the cache.
    p_sum, q_sum = numpy.add.reduce(p, axis=-1), numpy.add.reduce(q, axis=-1)
    value -= p_sum - q_sum
    return value, p_sum, q_sum


def _entropy_by_log1p(p: numpy.ndarray, q: numpy.ndarray, work: numpy.ndarray, zeros: bool) -> Any:
    """Sum of p log1p((p - q) / q) - p + q."""
    gap = p - q
    numpy.divide(gap, q, out=work)
    if zeros:
        numpy.fmax(work, numpy.finfo(work.dtype).epsneg - 1, out=work)
    numpy.log1p(work, out=work)
    work *= p
    work -= gap
    return numpy.add.reduce(work, axis=-1), numpy.add.reduce(p, axis=-1), numpy.add.reduce(q, axis=-1)


def _jensen_shannon_by_log(p: numpy.ndarray, q: numpy.ndarray, work: numpy.ndarray, zeros: bool) -> Any:
    """Sum of [p log(p / (p + q)) + q log(q / (p + q)) + (p + q) log 2] / 2."""
    total = p + q
    value = None
    for mass in (p, q):
        numpy.divide(mass, total, out=work)
        if zeros:
            numpy.fmax(work, numpy.finfo(work.dtype).tiny, out=work)
        numpy.log(work, out=work)
        part = numpy.vecdot(mass, work)
        value = part if value is None else value + part
    p_sum, q_sum = numpy.add.reduce(p, axis=-1), numpy.add.reduce(q, axis=-1)
    value += math.log(2) * (p_sum + q_sum)
    value *= 0.5
    return value, p_sum, q_sum


def _jensen_shannon_by_log1p(p: numpy.ndarray, q: numpy.ndarray, work: numpy.ndarray, zeros: bool) -> Any:
    """Sum of [p log1p(d) + q log1p(-d)] / 2 with d = (p - q) / (p + q)."""
    total = p + q
    if zeros:
        numpy.maximum(total, numpy.finfo(work.dtype).tiny, out=total)
    d = numpy.subtract(p, q)
    d /= total
    if zeros:
        # Where d is 1 or -1 one logarithm is infinite, of an outcome without mass.
        limit = 1 - numpy.finfo(work.dtype).epsneg
        numpy.clip(d, -limit, limit, out=d)
    value = numpy.vecdot(p, numpy.log1p(d, out=work))
    numpy.negative(d, out=d)
    value += numpy.vecdot(q, numpy.log1p(d, out=work))
    value *= 0.5
    return value, numpy.add.reduce(p, axis=-1), numpy.add.reduce(q, axis=-1)


RELATIVE_ENTROPY = ((_entropy_by_log, 2.0**-5), (_entropy_by_log1p, 2.0**-12))
JENSEN_SHANNON = ((_jensen_shannon_by_log, 2.0**-5), (_jensen_shannon_by_log1p, 2.0**-13))
"""Forms, the fastest first, each with the share of the masses above which a sum is right to about 1e-14 of itself.

The logarithm of a quotient is off by eps, hence the sum by some eps of the masses. That of 1 + d is off by eps |d|,
hence the sum by some eps of sum |p - q|, which is at most some sqrt(masses times sum).
"""


def _by_columns(kernel: Kernel, p: numpy.ndarray, q: numpy.ndarray, work: numpy.ndarray, zeros: bool) -> Any:
    """The kernel's three sums, of rows of any length."""
    size = p.shape[-1]
    if size <= _COLUMNS:
        return kernel(p, q, work[: len(p)], zeros)
    parts = []
    for start in range(0, size, _COLUMNS):
        a, b = p[:, start : start + _COLUMNS], q[:, start : start + _COLUMNS]
        parts.append(kernel(a, b, work[: len(p), : a.shape[-1]], zeros))
    return numpy.sum(numpy.array(parts), axis=0)


def plain_sum(divergence: FDivergence, p: Any, q: Any, *, axis: int, check: bool) -> Any:
    """The sums over outcomes, or None where the general code must serve, which also names what is wrong with an input.

    Parameters
    ----------
    divergence : FDivergence
        Has `plain_forms`.
    p, q : array
        As given by the caller; to be taken as they are, not logarithms.
    axis : int
        Axis of the outcomes.
    check : bool
        Whether sums must be 1.
    """
    if type(p) is not numpy.ndarray or type(q) is not numpy.ndarray or p.shape != q.shape or p.dtype != q.dtype:
        return None
    if axis not in (-1, p.ndim - 1) or p.dtype.char not in "df" or p.size == 0:
        return None
    if not (p.flags.c_contiguous and q.flags.c_contiguous):
        return None
    size = p.shape[-1]
    rows_p, rows_q = p.reshape(-1, size), q.reshape(-1, size)
    step = max(1, _ENTRIES // size)
    work = numpy.empty((min(step, len(rows_p)), min(size, _COLUMNS)), dtype=p.dtype)
    parts, level = [], 0
    for start in range(0, len(rows_p), step):
        # Blocks are much like the one before: forms that gave nothing there are tried again on every eighth.
        level = 0 if start // step % 8 == 0 else level
        found = _block_sum(divergence, rows_p[start : start + step], rows_q[start : start + step], work, check, level)
        if found is None:
            return None
        part, level = found
        parts.append(part)
    value = parts[0] if len(parts) == 1 else numpy.concatenate(parts)
    if divergence.supremum < math.inf:
        # Rounding of the sum must not carry a bounded divergence past its bound.
        value = numpy.minimum(value, divergence.supremum)
    return value.reshape(p.shape[:-1])[()]


def _block_sum(divergence: FDivergence, p: Any, q: Any, work: numpy.ndarray, check: bool, level: int) -> Any:
    """(sums of some rows, first form from `level` on that settled one); None for masses that are no pmfs."""
    low_p, low_q = numpy.minimum.reduce(p, axis=None), numpy.minimum.reduce(q, axis=None)
    if not (low_p >= 0 and low_q >= 0):
        return None
    if low_p > _FAINT and low_q > _FAINT:
        found = _first_form(divergence, p, q, work, level, False)
    else:
        with numpy.errstate(all="ignore"):
            found = _first_form(divergence, p, q, work, level, True)
    p_sum, q_sum, part, level = found
    if check and not _are_one(p_sum, q_sum, 2.0**-26 if p.dtype.char == "d" else 2.0**-11.5):
        return None
    return part, level


def _first_form(divergence: FDivergence, p: Any, q: Any, work: Any, level: int, zeros: bool) -> Any:
    """(sums of p, sums of q, divergence by rows, first form that settled one)."""
    forms = divergence.plain_forms[level:]
    if not forms:
        return numpy.add.reduce(p, axis=-1), numpy.add.reduce(q, axis=-1), _accurate(divergence, p, q), level
    kernel, share = forms[0]
    part, p_sum, q_sum = _by_columns(kernel, p, q, work, zeros)
    if len(p) == 1:
        # Python's numbers: for a few outcomes the calls cost more than the arithmetic.
        settled: Any = share * (p_sum.item() + q_sum.item()) < part.item() < math.inf
        if settled:
            return p_sum, q_sum, part, level
        return _first_form(divergence, p, q, work, level + 1, zeros)
    settled = part > share * (p_sum + q_sum)
    infinite = part == math.inf
    if infinite.any():
        # Rightly so where q has no mass, else by overflow of a quotient.
        settled[infinite] = numpy.any((q[infinite] == 0) & (p[infinite] > 0), axis=-1)
    if not settled.any():
        return _first_form(divergence, p, q, work, level + 1, zeros)
    if not settled.all():
        left = numpy.flatnonzero(~settled)
        part[left] = _first_form(divergence, p[left], q[left], work, level + 1, zeros)[2]
    return p_sum, q_sum, part, level


def _are_one(p_sum: numpy.ndarray, q_sum: numpy.ndarray, tolerance: float) -> bool:
    if len(p_sum) == 1:
        return bool(abs(p_sum.item() - 1) <= tolerance and abs(q_sum.item() - 1) <= tolerance)
    return bool(max(abs(p_sum - 1).max(), abs(q_sum - 1).max()) <= tolerance)


def _accurate(divergence: FDivergence, p: numpy.ndarray, q: numpy.ndarray) -> Any:
    return summed(numpy, lambda *rows: divergence.terms(Pair(numpy, *rows)), (p, q))
