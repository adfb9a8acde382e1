"""Two Gaussian modes on the line or in d dimensions."""

from __future__ import annotations

import numpy

from gamedyn._checks import check_in_interval, check_integer, check_positive
from gamedyn.distributions import Mixture, MultivariateNormal, Normal

__all__ = ["two_gaussians"]


def two_gaussians(dimension: int = 1, *, distance: float = 4.0, scale: float = 0.5, weight: float = 0.5) -> Mixture:
    """(1 - weight) N(-distance / 2 e_1, scale^2 I) + weight N(distance / 2 e_1, scale^2 I).

    Parameters
    ----------
    dimension : int
        1 gives a law on the line, d > 1 one of vectors, whose modes differ in the first coordinate.
    distance, scale : float
        Distance of the modes, standard deviation of each.
    weight : float
        Of the mode on the right, strictly between 0 and 1.

    Examples
    --------
    >>> float(two_gaussians().variance)  # 2^2 + 0.5^2
    4.25
    """
    check_integer("dimension", dimension, minimum=1)
    check_positive("distance", distance)
    check_positive("scale", scale)
    check_in_interval("weight", weight, 0.0, 1.0, closed="neither")
    weights = [1 - weight, weight]
    if dimension == 1:
        return Mixture(weights, [Normal(side * distance / 2, scale) for side in (-1, 1)])
    first = numpy.eye(dimension)[0]
    covariance = scale**2 * numpy.eye(dimension)
    return Mixture(weights, [MultivariateNormal(side * distance / 2 * first, covariance) for side in (-1, 1)])
