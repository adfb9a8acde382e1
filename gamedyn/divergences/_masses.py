"""Probabilities at the public border: validation, normalisation, and the axis of the outcomes."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import Array, to_host
from gamedyn.numerics import logsumexp

__all__ = ["common_shape", "outcomes_last", "unit_factor", "validated"]


def unit_factor(base: float | None) -> float:
    """What turns nats into logarithms to `base`: 1 / log(base), 1 for None."""
    if base is None:
        return 1.0
    if isinstance(base, bool) or not isinstance(base, (int, float, numpy.integer, numpy.floating)):
        raise TypeError(f"`base` must be a number or None, got {base!r} of type {type(base).__name__}.")
    if not (base > 1 and math.isfinite(base)):
        raise ValueError(f"`base` must be greater than 1, got {base}. None gives nats, 2 gives bits.")
    return 1.0 / math.log(float(base))


def outcomes_last(xp: Any, array: Array, name: str, axis: int) -> Array:
    """`array` with the axis of its outcomes moved to the end."""
    check_integer("axis", axis)
    if not -array.ndim <= axis < array.ndim:
        raise ValueError(f"`{name}` has shape {tuple(array.shape)}, which has no axis {axis}.")
    if array.shape[axis] == 0:
        raise ValueError(f"`{name}` must have at least one outcome, got shape {tuple(array.shape)}.")
    return array if axis in (-1, array.ndim - 1) else xp.moveaxis(array, axis, -1)


def common_shape(xp: Any, first: Array, second: Array, names: tuple[str, str]) -> tuple[Array, Array]:
    """Both arrays, outcomes last, broadcast over the batch; the numbers of outcomes must agree."""
    if first.shape == second.shape:
        return first, second
    shapes = f"{tuple(first.shape)} and {tuple(second.shape)}"
    if first.shape[-1] != second.shape[-1]:
        raise ValueError(
            f"`{names[0]}` and `{names[1]}` must have the same number of outcomes, got "
            f"{first.shape[-1]} and {second.shape[-1]} (shapes {shapes} with the outcomes last)."
        )
    try:
        first, second = xp.broadcast_arrays(first, second)
    except (ValueError, RuntimeError, TypeError) as error:
        raise ValueError(f"`{names[0]}` and `{names[1]}` must have shapes that broadcast, got {shapes}.") from error
    return first, second


def validated(
    xp: Any, array: Array, name: str, *, axis: int, normalize: bool | None, log: bool, check: bool
) -> tuple[Array, Array]:
    """Masses (or log-masses) with the outcomes moved to the end, and their sum (or its log), of length 1 there.

    The rules: every mass finite and >= 0; their sum 1 within sqrt(eps) of the dtype (`normalize=False`), else below
    sqrt(max) of the dtype, and for `True` not below its inverse, so that no product or ratio of two sums overflows.
    Logarithms that are normalised have their sum taken off, which has no such limit: what is below sqrt(max) passes.
    """
    if normalize not in (True, False, None):
        raise TypeError(f"`normalize` must be True, False or None, got {normalize!r}.")
    array = outcomes_last(xp, array, name, axis)
    if not check and not normalize:
        return array, None
    total = logsumexp(array, axis=-1, keepdims=True) if log else xp.sum(array, axis=-1, keepdims=True)
    if check:
        lower, upper = _limits(float(xp.finfo(array.dtype).eps), float(xp.finfo(array.dtype).max), normalize, log)
        entries = array < math.inf if log else array >= 0
        # One synchronisation; NaN fails every comparison.
        if not bool(xp.all(entries) & xp.all((total >= lower) & (total <= upper))):
            raise _complaint(to_host(array), to_host(total)[..., 0], name, axis, normalize, log, (lower, upper))
    return array, total


def _limits(eps: float, largest: float, normalize: bool | None, log: bool) -> tuple[float, float]:
    """Smallest and largest sum (or log of the sum) that passes."""
    if normalize is False:
        tolerance = math.sqrt(eps)
        return (-tolerance, tolerance) if log else (1 - tolerance, 1 + tolerance)
    upper = math.sqrt(largest) / math.e
    if log:
        return (-upper, upper) if normalize else (-math.inf, math.log(upper))
    return (1 / upper if normalize else 0.0), upper


def _complaint(
    host: numpy.ndarray,
    total: numpy.ndarray,
    name: str,
    axis: int,
    normalize: bool | None,
    log: bool,
    limits: tuple[float, float],
) -> ValueError:
    """The error for the first entry, else the first sum, that breaks a rule; `host` has its outcomes last."""

    def first(bad: numpy.ndarray) -> tuple[int, ...]:
        return tuple(int(i) for i in numpy.argwhere(bad)[0])

    def entry(bad: numpy.ndarray) -> tuple[float, tuple[int, ...]]:
        # The index in the caller's order of axes.
        *batch, outcome = first(bad)
        batch.insert(axis % host.ndim, outcome)
        return float(host[first(bad)]), tuple(batch)

    if numpy.isnan(host).any():
        return ValueError(f"`{name}` must not hold NaN, got one at index {entry(numpy.isnan(host))[1]}.")
    bad = host == numpy.inf if log else (host < 0) | (host == numpy.inf)
    if bad.any():
        rule = "finite log-probabilities or -inf" if log else "finite non-negative probabilities"
        value, index = entry(bad)
        return ValueError(f"`{name}` must hold {rule}, got {value} at index {index}.")
    where = first(~((total >= limits[0]) & (total <= limits[1])))
    place, found = (f" at batch index {where}" if where else ""), float(total[where])
    if normalize is False:
        return ValueError(
            f"{f'exp(`{name}`)' if log else f'`{name}`'} must sum to 1 over its outcomes, got "
            f"{math.exp(found) if log else found:.9g}{place}. "
            "Pass normalize=True to divide by the sum, or normalize=None for unnormalised masses."
        )
    what = f"the log of the sum of exp(`{name}`)" if log else f"the sum of `{name}`"
    return ValueError(f"{what} must lie between {limits[0]:.3g} and {limits[1]:.3g}, got {found:.9g}{place}.")
