"""What a curve does in the long run: flat, converges, oscillates or diverges, whatever its unit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.dynamics._rate import fit_rate
from gamedyn.numerics import Estimate

__all__ = ["Behaviour", "behaviour"]

_FEWEST = 8
# A spread of the second half below this share of the largest value is no motion.
_FLAT = 1e-9


@dataclass(frozen=True)
class Behaviour:
    """One word for a curve, and the numbers behind it.

    Parameters
    ----------
    word : str
        "flat", "converges", "oscillates", "diverges" or "undecided".
    reason : str
        One sentence with the numbers that decided.
    rate : Estimate or None
        As from `fit_rate`, the factor per step, where the word is "converges" or "diverges" and it could be fitted.
    period : float or None
        In steps, where the word is "oscillates".
    """

    word: str
    reason: str
    rate: Estimate | None = None
    period: float | None = None


def behaviour(excess: Any, times: Any) -> Behaviour:
    """The word for values >= 0 whose optimum is 0; multiplying all of them by a number > 0 changes nothing.

    Parameters
    ----------
    excess, times : array_like, shape (T,)
        Values, inf allowed, at increasing step numbers.

    Raises
    ------
    ValueError
        For nan, which no divergence is.
    """
    y, t = numpy.asarray(excess, dtype=float), numpy.asarray(times, dtype=float)
    if numpy.isnan(y).any():
        raise ValueError(f"`excess` must hold no nan, got one at record {int(numpy.argmax(numpy.isnan(y)))}.")
    if len(y) < _FEWEST:
        return Behaviour("undecided", f"{len(y)} records are fewer than {_FEWEST}.")
    infinite = numpy.flatnonzero(y == math.inf)
    if len(infinite) == len(y):
        return Behaviour("flat", "inf at every record.")
    if len(infinite) and infinite[-1] == len(y) - 1:
        return Behaviour("diverges", f"inf at the last record, finite at {len(y) - len(infinite)} others.")
    if len(infinite):
        y, t = y[infinite[-1] + 1 :], t[infinite[-1] + 1 :]
        if len(y) < _FEWEST:
            return Behaviour("undecided", f"inf until {len(y)} records before the end.")
    return _of_finite(numpy.maximum(y, 0.0), t)


def _of_finite(y: numpy.ndarray, t: numpy.ndarray) -> Behaviour:
    largest, half = float(numpy.max(y)), y[len(y) // 2 :]
    spread, level = float(numpy.max(half) - numpy.min(half)), float(half[-1])
    if spread <= _FLAT * largest and (level > _FLAT * largest or largest == 0):
        return Behaviour("flat", f"the second half stays at {level:.6g} within {_FLAT:g} of the largest value.")
    quarter = len(y) // 4
    # Maxima of stretches are an envelope: the zeros of an oscillation do not count as decay.
    early, late = float(numpy.max(y[:quarter])), float(numpy.max(y[-quarter:]))
    try:
        rate = fit_rate(y, t)
    except ValueError:  # too few points above the rounding noise
        rate = None
    if late <= early / 2 and (rate is None or rate.upper < 1):
        shown = "too few records above rounding for a rate" if rate is None else f"by {float(rate):.6g} per step"
        return Behaviour("converges", f"the last quarter is at most {late:.3g}, the first {early:.3g}, {shown}.", rate)
    if late >= 2 * early and rate is not None and rate.lower > 1:
        return Behaviour(
            "diverges",
            f"the last quarter reaches {late:.3g}, the first {early:.3g}, by {float(rate):.6g} per step.",
            rate,
        )
    period = _period(half, t[len(y) // 2 :])
    if period is not None:
        low = float(numpy.min(half))
        return Behaviour(
            "oscillates", f"between {low:.3g} and {float(numpy.max(half)):.3g}, every {period:.6g} steps.", None, period
        )
    return Behaviour("undecided", f"the first quarter reaches {early:.3g}, the last {late:.3g}, without a period.")


def _period(y: numpy.ndarray, t: numpy.ndarray) -> float | None:
    """The mean time between upward crossings of the middle, if there are two periods or more of like length."""
    above = y - (numpy.max(y) + numpy.min(y)) / 2
    rising = numpy.flatnonzero((above[:-1] < 0) & (above[1:] >= 0))
    if len(rising) < 3:
        return None
    share = above[rising] / (above[rising] - above[rising + 1])
    gaps = numpy.diff(t[rising] + share * (t[rising + 1] - t[rising]))
    mean = float(numpy.mean(gaps))
    return mean if float(numpy.max(gaps) - numpy.min(gaps)) <= mean / 2 else None
