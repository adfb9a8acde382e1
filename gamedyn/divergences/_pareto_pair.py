"""KL and Renyi between two Pareto laws."""

from __future__ import annotations

import math
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.distributions import Pareto
from gamedyn.divergences._excess import log_ratio
from gamedyn.divergences._segment import renyi, renyi_of_small_order
from gamedyn.divergences._segments_gamma import between_rates

__all__ = ["renyi_between_paretos"]


def renyi_between_paretos(p: Pareto, q: Pareto, alpha: float) -> Array:
    """That of the tails beyond the larger scale, as of exponential laws, and what the smaller scale adds.

    For scale_p >= scale_q the integral of p^alpha q^(1 - alpha) loses the factor (scale_q / scale_p)^((1 - alpha) a2);
    for scale_p < scale_q the factor (scale_p / scale_q)^(alpha a1) where alpha < 1, and is inf from 1 on.
    """
    names = ("p.scale", "p.alpha", "q.scale", "q.alpha")
    xp, m1, a1, m2, a2 = float_arrays(p.scale, p.alpha, q.scale, q.alpha, names=names)
    tails = renyi(between_rates(a1, a2), alpha) if alpha > 0.5 else renyi_of_small_order(between_rates(a2, a1), alpha)
    distance = log_ratio(xp, m1, m2)
    missing: Any = alpha / (1 - alpha) * a1 * xp.abs(distance) if alpha < 1 else math.inf
    return tails + xp.where(m1 >= m2, a2 * xp.abs(distance), missing)
