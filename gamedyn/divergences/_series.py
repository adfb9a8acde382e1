"""Series of the KL and JS terms in the contrast d = (p - q) / (p + q), where the closed form would cancel."""

from __future__ import annotations

from gamedyn.backend import Array
from gamedyn.divergences._quiet import polynomial

__all__ = [
    "JENSEN_SHANNON",
    "NEAR",
    "RELATIVE_ENTROPY",
    "jensen_shannon_series",
    "log_ratio_series",
    "relative_entropy_series",
]

NEAR = 0.1
"""Contrasts below which the series serve; above, the closed forms lose at most a digit."""

# (atanh(d) - d) / d^3 in powers of d^2; the first term left out is below d^16 / 19 < 1e-17 at NEAR.
RELATIVE_ENTROPY = tuple(1 / (2 * k + 3) for k in range(8))
# psi(d) / d^2 in powers of d^2; the first term left out is below d^16 / 153 < 1e-18 at NEAR.
JENSEN_SHANNON = tuple(1 / (k * (2 * k - 1)) for k in range(1, 9))


def relative_entropy_series(difference: Array, d: Array) -> Array:
    """p log(p / q) - p + q for |d| < NEAR, from p - q and d.

    With log(p / q) = 2 atanh d and p = (p + q)(1 + d) / 2, the parts of first order cancel by hand:
    (p - q) d [1 + (1 + d) d (1/3 + d^2 / 5 + ...)].
    """
    return difference * d * (1 + d * (1 + d) * polynomial(d * d, RELATIVE_ENTROPY))


def log_ratio_series(d: Array) -> Array:
    """log(p / q) = 2 atanh d for |d| < NEAR."""
    return 2 * d * (1 + d * d * polynomial(d * d, RELATIVE_ENTROPY))


def jensen_shannon_series(difference: Array, d: Array) -> Array:
    """(p + q) psi(d) / 4 for |d| < NEAR, psi(d) = (1 + d) log(1 + d) + (1 - d) log(1 - d) = d^2 + d^4 / 6 + ..."""
    return difference * d * polynomial(d * d, JENSEN_SHANNON) / 4
