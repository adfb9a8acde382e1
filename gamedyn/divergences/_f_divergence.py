"""The f-divergence of a generator given by name of a class or as a function."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gamedyn._checks import describe
from gamedyn.backend import Array
from gamedyn.divergences._base import FDivergence
from gamedyn.divergences._generated import GeneratedDivergence

__all__ = ["f_divergence"]


def f_divergence(
    p: Any,
    q: Any,
    f: FDivergence | Callable[[Array], Array],
    *,
    slope_at_infinity: float | None = None,
    axis: int = -1,
    keepdims: bool = False,
    normalize: bool | None = False,
    check: bool = True,
    **options: Any,
) -> Any:
    """D_f(p, q) = sum q f(p / q).

    Parameters
    ----------
    p, q : array_like or Distribution
        Of one shape along `axis`, or two laws of one event shape.
    f : FDivergence, or callable
        An object, evaluated in its own stable form; or a convex function of an array u >= 0, whose value at 0 is its
        limit there: short for `GeneratedDivergence(f, slope_at_infinity=...)`.
    slope_at_infinity : float, optional
        For a callable: lim f(u) / u for u -> inf, inf allowed. Needed where q = 0 < p.
    axis, keepdims, normalize, check, **options : see `FDivergence.__call__`

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError
        Where p > 0 = q and the slope of a callable is not given, or a callable returns NaN.
    TypeError
        If f is neither, and as at `FDivergence.__call__`.

    Notes
    -----
    q f(p / q) of a callable cancels where p is close to q: the absolute error is of the order of eps, so that values
    below that have no digits. The classes do not cancel.

    Examples
    --------
    >>> float(f_divergence([0.5, 0.5], [0.25, 0.75], lambda u: abs(u - 1) / 2))
    0.25
    """
    if isinstance(f, FDivergence):
        if slope_at_infinity is not None:
            raise ValueError("`slope_at_infinity` belongs to a callable `f`; an FDivergence brings its own.")
        return f(p, q, axis, keepdims=keepdims, normalize=normalize, check=check, **options)
    if not callable(f):
        raise TypeError(f"`f` must be an FDivergence or a callable, got {describe(f)} of type {type(f).__name__}.")
    slope = math.nan if slope_at_infinity is None else slope_at_infinity
    divergence = GeneratedDivergence(f, slope_at_infinity=slope)
    return divergence(p, q, axis, keepdims=keepdims, normalize=normalize, check=check, **options)
