"""Monte Carlo estimators of KL(p, q) from the log-ratio at draws of p, where both log-densities are known."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_in_interval, check_integer
from gamedyn.backend import Array, float_arrays
from gamedyn.divergences._quiet import exponential, polynomial
from gamedyn.numerics import Estimate

__all__ = ["estimate_kl_from_log_ratio"]

_DEFINITIONS = {
    "k1": "KL(p, q), in nats: the mean of v = log(p / q) over draws of p",
    "k2": "KL(p, q) up to its third order in log(p / q), in nats: the mean of v^2 / 2 over draws of p",
    "k3": "KL(p, q), in nats: the mean of e^-v - 1 + v over draws of p",
}

_NEAR = 0.5
# (e^-v - 1 + v) / v^2 in powers of v; the first term left out is below 0.5^15 / 17! < 1e-18 at _NEAR.
_SERIES = tuple((-1) ** j / math.factorial(j + 2) for j in range(15))


def estimate_kl_from_log_ratio(
    log_ratio: Any, *, estimator: str = "k3", axis: int = -1, level: float = 0.95, check: bool = True
) -> Estimate:
    """KL(p, q) = E_p log(p / q) from v = log p(x) - log q(x) at independent draws x of p.

    Parameters
    ----------
    log_ratio : array_like, shape (..., n, ...)
        v, along `axis`; inf where q is 0.
    estimator : {"k1", "k2", "k3"}
        "k1": the mean of v, without bias, of either sign. "k2": the mean of v^2 / 2, never negative, biased by the
        third order in v. "k3": the mean of e^-v - 1 + v, never negative, and without bias where p > 0 wherever q > 0,
        so that the mean of e^-v = q / p is 1.
    axis : int
        Axis of the draws, at least 2 of them.
    level : float
        Nominal coverage of the interval.
    check : bool
        Whether values are validated, which reads them on the host.

    Returns
    -------
    Estimate
        Its value, standard error and ends are arrays of the library, dtype and device of the input, of shape (...). For
        "k2" the standard error knows nothing of the bias.

    Raises
    ------
    ValueError
        For fewer than two draws, NaN, or -inf, which no draw of p has.

    Notes
    -----
    Near p = q the parts of "k3" cancel: below |v| = 1/2 it is v^2 times a series. Its spread is then that of v^2 / 2,
    far below that of v; where q is much larger than p somewhere, e^-v has a larger spread than v, or none.

    References
    ----------
    Schulman (2020), Approximating KL divergence.

    Examples
    --------
    >>> import numpy
    >>> x = numpy.random.default_rng(0).normal(size=10000)  # p = N(0, 1), q = N(1/2, 1): v = 1/8 - x / 2, KL = 1/8
    >>> estimate = estimate_kl_from_log_ratio(0.125 - x / 2)
    >>> bool(estimate.lower < 0.125 < estimate.upper)
    True
    """
    check_choice("estimator", estimator, _DEFINITIONS)
    check_in_interval("level", level, 0.0, 1.0, closed="neither")
    xp, v = float_arrays(log_ratio, names=("log_ratio",))
    check_integer("axis", axis)
    if v.ndim > 0 and not -v.ndim <= axis < v.ndim:
        raise ValueError(f"`log_ratio` has shape {tuple(v.shape)}, which has no axis {axis}.")
    n = v.shape[axis] if v.ndim > 0 else 1
    if n < 2:
        raise ValueError(f"`log_ratio` must hold at least 2 draws along `axis`, got {n}.")
    if check and not bool(xp.all(v > -math.inf)):
        raise ValueError("`log_ratio` must hold neither NaN nor -inf.")
    # Finite terms may have an infinite mean, or an infinite spread.
    with numpy.errstate(over="ignore"):
        if estimator == "k1":
            terms = v
        else:
            terms = v * v / 2 if estimator == "k2" else _bregman(xp, v)
        value = xp.mean(terms, axis=axis)
        # Where a term is infinite the spread is not a number.
        finite = xp.isfinite(value)
        kept = xp.where(xp.expand_dims(finite, axis=axis), terms, 0.0)
        spread = xp.sqrt(xp.var(kept, axis=axis, correction=1) / n)
    error = xp.where(finite, spread, math.nan)
    half = statistics.NormalDist().inv_cdf((1 + level) / 2) * xp.where(finite, spread, 0.0)
    return Estimate(value, error, value - half, value + half, level, estimator, n, _DEFINITIONS[estimator])


def _bregman(xp: Any, v: Array) -> Array:
    """e^-v - 1 + v >= 0, without cancellation at 0."""
    near = xp.abs(v) < _NEAR
    small = xp.where(near, v, 0.0)
    large = xp.where(near, 1.0, v)
    return xp.where(near, small * small * polynomial(small, _SERIES), exponential(xp, -large) - 1 + large)
