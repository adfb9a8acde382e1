"""Gaussian mixtures in the plane with known densities and modes: a ring and a grid."""

from __future__ import annotations

import math

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array
from gamedyn.distributions import Mixture, MultivariateNormal

__all__ = ["gaussian_grid", "gaussian_ring"]


def gaussian_ring(modes: int = 8, *, radius: float = 1.0, scale: float = 0.01) -> Mixture:
    """Equal weights on N(c_k, scale^2 I), c_k = radius (cos 2 pi k / modes, sin 2 pi k / modes), k = 0 .. modes - 1.

    Parameters
    ----------
    modes : int
        Number of modes; the last one is not the first one again.
    radius, scale : float
        Radius of the ring, standard deviation of each mode.

    Notes
    -----
    Public code has put the angles at `linspace(0, 2 pi, modes)`, ends included: one mode fewer, of which one has twice
    the weight. WGAN-GP's "8gaussians" are `gaussian_ring(8, radius=2 / 1.414, scale=0.02 / 1.414)`.

    References
    ----------
    Lin, Khetan, Fanti and Oh (2018), PacGAN: the settings of the defaults.
    Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville (2017), Improved training of Wasserstein GANs, and its code.

    Examples
    --------
    >>> ring = gaussian_ring(4)
    >>> [round(float(v), 12) for v in ring.variance]  # mean of cos^2, plus scale^2
    [0.5001, 0.5001]
    """
    check_integer("modes", modes, minimum=1)
    check_positive("radius", radius)
    angles = 2 * math.pi * numpy.arange(modes) / modes
    return _mixture(radius * numpy.stack([numpy.cos(angles), numpy.sin(angles)], axis=-1), scale)


def gaussian_grid(side: int = 5, *, spacing: float = 2.0, scale: float = 0.05) -> Mixture:
    """Equal weights on N(c, scale^2 I) for the side^2 points c of a square grid around 0.

    Parameters
    ----------
    side : int
        Modes per row.
    spacing, scale : float
        Distance of neighbouring modes, standard deviation of each.

    Notes
    -----
    WGAN-GP's "25gaussians" are `gaussian_grid(5, spacing=2 / 2.828, scale=0.05 / 2.828)`.

    References
    ----------
    Lin, Khetan, Fanti and Oh (2018), PacGAN: the settings of the defaults.
    Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville (2017), Improved training of Wasserstein GANs, and its code.

    Examples
    --------
    >>> grid = gaussian_grid()
    >>> [round(float(v), 12) for v in grid.variance]  # mean of 16, 4, 0, 4, 16, plus scale^2
    [8.0025, 8.0025]
    """
    check_integer("side", side, minimum=1)
    check_positive("spacing", spacing)
    line = spacing * (numpy.arange(side) - (side - 1) / 2)
    return _mixture(numpy.stack(numpy.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2), scale)


def _mixture(centers: Array, scale: float) -> Mixture:
    check_positive("scale", scale)
    covariance = scale**2 * numpy.eye(2)
    modes = [MultivariateNormal(center, covariance) for center in centers]
    return Mixture(numpy.full(len(modes), 1 / len(modes)), modes)
