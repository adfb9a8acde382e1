"""What noise leaves of a rule on the bilinear game: exact second moments, and their measurement on many planes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.dynamics import simulate
from gamedyn.games import Bilinear, NoisyGame
from gamedyn.updates import UpdateRule

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["moment_error", "noisy_moments", "second_moments"]


def second_moments(h: Any, g: Any, s: float, scale: float) -> tuple[Any, Any]:
    """(|m_k|^2, V_k): V_{k+1} = |m_k|^2 V_k + 2 scale^2 h_k^2 (1 + g_k^2 s^2) from V_0 = 0, V_k = E|z_k|^2 in a plane.

    z+ = z - h (J (z - g (J z + e)) + e') with m = 1 - h g s^2 - i h s on s x y. The noise - h e' + h g J e has the same
    second moment whether e and e' are one draw or two: e and J e are orthogonal.

    Parameters
    ----------
    h, g : array, shape (K,)
        Steps and looks ahead.
    s, scale : float
        The coupling, and the standard deviation of the noise in every coordinate.

    Returns
    -------
    array, shape (K,), and array, shape (K + 1,)
    """
    factors = (1 - h * g * s**2) ** 2 + (h * s) ** 2
    added = 2 * scale**2 * h**2 * (1 + (g * s) ** 2)
    moments = numpy.zeros(len(h) + 1)
    for k in range(len(h)):
        moments[k + 1] = factors[k] * moments[k] + added[k]
    return factors, moments


def moment_error(factors: Any, moments: Any, planes: int) -> float:
    """The standard error of the mean over k >= 1 and over `planes` of |z_k|^2 / V_k.

    From z_0 = 0 the points are circular Gaussians: Cov(|z_j|^2, |z_k|^2) = V_j^2 |m_j ... m_{k-1}|^2 for j < k.
    """
    later, total = 0.0, 1.0
    for k in range(len(factors) - 1, 0, -1):
        later = factors[k] * moments[k] / moments[k + 1] * (1 + later)
        total += 1 + 2 * later
    return float(numpy.sqrt(total / planes)) / len(factors)


def noisy_moments(rng: Generator, rule: UpdateRule, s: float, scale: float, steps: int, planes: int) -> Any:
    """(steps + 1,): the mean of |z_k|^2 over independent planes of s x y with noise of this scale, from 0."""
    game = NoisyGame(Bilinear(s * numpy.eye(planes)), scale)
    points = simulate(game, rule, numpy.zeros(2 * planes), steps, rng=rng).points
    return (points**2).sum(-1) / planes
