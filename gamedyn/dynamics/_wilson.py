"""Wilson's interval for a share that was counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

__all__ = ["Share", "wilson_interval"]


@dataclass(frozen=True)
class Share:
    """How many of the starts, which part of them, and Wilson's interval for it."""

    count: int
    value: float
    lower: float
    upper: float

    def __str__(self) -> str:
        return f"{self.value:.4%} ({self.lower:.4%} to {self.upper:.4%})"


def wilson_interval(count: int, total: int, level: float) -> Share:
    """The probabilities p with |count / total - p| <= z sqrt(p (1 - p) / total), z the quantile of `level`.

    Parameters
    ----------
    count, total : int
        0 <= count <= total, total > 0.
    level : float
        In (0, 1).

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    z2 = NormalDist().inv_cdf((1 + level) / 2) ** 2
    share = count / total
    middle = share + z2 / (2 * total)
    half = math.sqrt(z2 * (share * (1 - share) / total + z2 / (4 * total**2)))
    lower, upper = ((middle + sign * half) / (1 + z2 / total) for sign in (-1, 1))
    # At the ends the roots are 0 and 1 but for rounding.
    return Share(count, share, 0.0 if count == 0 else lower, 1.0 if count == total else upper)
