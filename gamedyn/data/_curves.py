"""Two moons and a swiss roll with exact densities: curves of scikit-learn, convolved with their noise."""

from __future__ import annotations

import math

import numpy

from gamedyn._checks import check_positive
from gamedyn.data._noisy_curve import NoisyCurve
from gamedyn.data._planar_law import PlanarLaw

__all__ = ["swiss_roll", "two_moons"]


def two_moons(*, scale: float = 0.1) -> PlanarLaw:
    """(cos t, sin t) or (1 - cos t, 1/2 - sin t), t uniform on [0, pi], plus noise N(0, scale^2 I).

    Parameters
    ----------
    scale : float
        Standard deviation of the noise.

    Notes
    -----
    The law of scikit-learn's `make_moons(noise=scale)`, with t drawn instead of evenly spaced, and an independent draw
    of the moon instead of halves. Its density is an integral along the curves, by quadrature (relative error below
    1e-12 within 10 `scale` of them).

    Examples
    --------
    >>> law = two_moons()
    >>> [round(float(m), 12) for m in law.mean]  # of (0, 2 / pi) and (1, 1 / 2 - 2 / pi)
    [0.5, 0.25]
    """
    return NoisyCurve((_outer_moon, _inner_moon), (0.0, math.pi), 1.0, scale)


def swiss_roll(*, scale: float = 0.25 / 7.5, divisor: float = 7.5) -> PlanarLaw:
    """t (cos t, sin t) / divisor, t uniform on [3 pi / 2, 9 pi / 2], plus noise N(0, scale^2 I).

    Parameters
    ----------
    scale : float
        Standard deviation of the noise, after the division.
    divisor : float
        What the roll is divided by; 1 is scikit-learn's size.

    Notes
    -----
    The first and third coordinate of scikit-learn's `make_swiss_roll(noise=scale * divisor)` over `divisor`; the
    defaults are the settings of WGAN-GP's toy experiments (noise 0.25, divided by 7.5). Note that t, not the length
    along the roll, is uniform: the inner turn is denser. The density is by quadrature (relative error below 1e-12
    within 10 `scale` of the roll).

    References
    ----------
    Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville (2017), Improved training of Wasserstein GANs, and its code.

    Examples
    --------
    >>> law = swiss_roll(divisor=1.0)  # t sin t + cos t grows by 6 pi over an interval of 3 pi
    >>> round(float(law.mean[0]), 12)
    2.0
    """
    check_positive("divisor", divisor)
    end = 4.5 * math.pi
    speed = math.hypot(1.0, end) / divisor
    return NoisyCurve((_Roll(float(divisor)),), (1.5 * math.pi, end), speed, scale)


def _outer_moon(t: numpy.ndarray) -> numpy.ndarray:
    return numpy.stack([numpy.cos(t), numpy.sin(t)], axis=-1)


def _inner_moon(t: numpy.ndarray) -> numpy.ndarray:
    return numpy.stack([1 - numpy.cos(t), 0.5 - numpy.sin(t)], axis=-1)


class _Roll:
    """t (cos t, sin t) / divisor; a class, so that the law can be copied and stored."""

    def __init__(self, divisor: float) -> None:
        self.divisor = divisor

    def __call__(self, t: numpy.ndarray) -> numpy.ndarray:
        circle = numpy.stack([numpy.cos(t), numpy.sin(t)], axis=-1)
        return numpy.asarray(t[:, None] * circle / self.divisor)

    def __repr__(self) -> str:
        return f"_Roll({self.divisor})"
