"""The f-divergence of a generator given by name of a class or as a function."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gamedyn._checks import describe
from gamedyn.backend import Array
from gamedyn.divergences._base import FDivergence
from gamedyn.divergences._evaluate import pair_of_masses

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
    p, q : array_like, or Distribution where f is an FDivergence
        Of one shape along `axis`.
    f : FDivergence, or callable
        An object, evaluated in its own stable form; or a convex function of an array u >= 0, for pmfs only, whose value
        at 0 is its limit there.
    slope_at_infinity : float, optional
        For a callable: lim f(u) / u for u -> inf, inf allowed. Needed where q = 0 < p.
    axis, keepdims, normalize, check, **options : see `FDivergence.__call__`
        A callable takes no further options.

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError
        Where p > 0 = q and the slope of a callable is not given, or a callable returns NaN.
    TypeError
        If f is neither.

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
    if options:
        raise TypeError(f"a callable `f` takes no option {sorted(options)[0]!r}. Pass an FDivergence.")
    pair = pair_of_masses(p, q, axis=axis, normalize=normalize, log=False, check=check)
    xp, p, q = pair.xp, pair.p, pair.q
    shared = q > 0
    u = p / xp.where(shared, q, 1.0)
    inner = f(xp.where(shared, u, 1.0))
    if check and bool(xp.any(xp.isnan(inner))):
        raise ValueError("`f` must be defined at every ratio p / q >= 0, got NaN. Give it its limit at 0.")
    lone = (p > 0) & ~shared
    if slope_at_infinity is None:
        if check and bool(xp.any(lone)):
            raise ValueError("`slope_at_infinity` must be given, since p > 0 where q = 0 in some outcome.")
        slope_at_infinity = math.inf
    # inf times a mass that is not there would be NaN.
    outside = math.inf if math.isinf(slope_at_infinity) else slope_at_infinity * p
    value = xp.sum(xp.where(shared, q * inner, xp.where(lone, outside, 0.0 * p)), axis=-1)
    return xp.expand_dims(value, axis=axis) if keepdims else value
