"""fit_rate: the contraction factor per step that a trajectory's distances show."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn._checks import check_in_interval
from gamedyn.backend import to_host
from gamedyn.numerics import Estimate

__all__ = ["fit_rate"]

# Distances below this many roundoffs of the largest are rounding noise, not decay.
_NOISE_IN_ROUNDOFFS = 1e4
_FEWEST_POINTS = 8
# Two-sided 95 % quantile of the normal law.
_Z95 = 1.959963984540054


def fit_rate(distances: Any, times: Any = None, *, tail: float = 0.5) -> Estimate:
    """The factor rho in distance_k ~ C rho^k, by least squares on log distance over the tail.

    Near a point where the rule is stable, rho is the spectral radius of its iteration matrix. Complex eigenvalues and
    non-normal matrices make log distance oscillate about its line; the fit is weighted by (s (1 - s))^2 over the
    window s in [0, 1], which vanishes smoothly at both ends, so that a few periods average out instead of tilting the
    line. With fewer than about five periods in the window the estimate may be off by more than its standard error.

    Parameters
    ----------
    distances : array_like, shape (T,) or (T, ...)
        As from `Trajectory.distance_to`. Extra axes are fitted one by one.
    times : array_like, shape (T,), optional
        Step numbers, as in `Trajectory.times`; default 0, 1, 2, ...
    tail : float
        The last share of the usable points to fit, in (0, 1]. Not usable: what comes after a decay to 1e4 roundoffs of
        the largest distance, and a trajectory's repeated last point.

    Returns
    -------
    Estimate
        value rho per step; below 1 contracts. The standard error treats runs of residuals of one sign as one
        observation. 0 for a sequence that reaches zero before there is a tail to fit.

    Raises
    ------
    ValueError
        If fewer than 8 points are left, or a distance is negative or NaN.

    Notes
    -----
    Host-only, O(T).

    Examples
    --------
    >>> fit_rate([0.5**k for k in range(40)]).value.round(12).item()
    0.5
    """
    check_in_interval("tail", tail, 0.0, 1.0, closed="right")
    host = to_host(distances)
    roundoff = float(numpy.finfo(host.dtype).eps) if host.dtype.kind == "f" else float(numpy.finfo(float).eps)
    values = numpy.asarray(host, dtype=numpy.float64)
    if values.ndim == 0:
        raise ValueError("`distances` must have a first axis of records, got a number.")
    steps = numpy.arange(len(values), dtype=float) if times is None else numpy.asarray(to_host(times), dtype=float)
    if steps.shape != values.shape[:1]:
        raise ValueError(f"`times` must have shape {values.shape[:1]} of `distances`' first axis, got {steps.shape}.")
    if not numpy.all(values >= 0):
        raise ValueError("`distances` must be non-negative numbers, got negative or NaN entries.")
    columns = values.reshape(len(values), -1).T
    fits = [_fit(column, steps, tail, roundoff) for column in columns]
    shape = values.shape[1:]
    rate, error, lower, upper = (numpy.asarray([fit[i] for fit in fits]).reshape(shape) for i in range(4))
    return Estimate(
        value=rate,
        standard_error=error,
        lower=lower,
        upper=upper,
        level=0.95,
        method="weighted least squares on log distance over the tail",
        n=numpy.asarray([fit[4] for fit in fits]).reshape(shape)[()],
        definition="rho in distance_k ~ C rho^k, per step",
    )


def _fit(distances: numpy.ndarray, steps: numpy.ndarray, tail: float, roundoff: float) -> tuple[float, ...]:
    """(rate, standard error, lower, upper, points used) of one sequence."""
    usable = _usable(distances, roundoff)
    if usable < _FEWEST_POINTS and distances[-1] == 0:
        return 0.0, 0.0, 0.0, 0.0, usable
    start = min(int(usable * (1 - tail)), usable - _FEWEST_POINTS)
    if start < 0:
        raise ValueError(
            f"`distances` must hold at least {_FEWEST_POINTS} moving points above the rounding noise, got {usable}."
        )
    y, t = numpy.log(distances[start:usable]), steps[start:usable]
    s = (numpy.arange(len(t)) + 0.5) / len(t)
    weight = (s * (1 - s)) ** 2
    weight /= weight.sum()
    centred = t - weight @ t
    coefficients = weight * centred / (weight @ centred**2)
    slope = float(coefficients @ y)
    residual = y - weight @ y - slope * centred
    # Oscillation makes neighbours alike: a run of one sign counts once (independent ones have mean length 2).
    runs = 1 + numpy.count_nonzero(numpy.diff(numpy.sign(residual)))
    inflation = max(1.0, len(t) / (2 * runs))
    deviation = math.sqrt(float(residual @ residual) / (len(t) - 2) * inflation * float(coefficients @ coefficients))
    rate = math.exp(slope)
    return rate, rate * deviation, rate * math.exp(-_Z95 * deviation), rate * math.exp(_Z95 * deviation), len(t)


def _usable(distances: numpy.ndarray, roundoff: float) -> int:
    """How many leading points carry information on the rate."""
    count = len(distances)
    # A trajectory that has ended repeats its last point.
    if count > 1 and distances[-1] == distances[-2]:
        moving = numpy.flatnonzero(distances != distances[-1])
        count = int(moving[-1]) + 2 if len(moving) else count
    top = int(numpy.argmax(distances[:count]))
    small = numpy.flatnonzero(distances[top:count] <= _NOISE_IN_ROUNDOFFS * roundoff * distances[top])
    return top + int(small[0]) if len(small) else count
