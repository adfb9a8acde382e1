"""target_modes: centres, deviations and weights of the modes of a law whose modes are known."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn.backend import to_host
from gamedyn.data._checkerboard import CheckerboardLaw
from gamedyn.distributions import Distribution, Empirical, Mixture, MultivariateNormal, Normal

__all__ = ["Modes", "target_modes"]


class Modes(NamedTuple):
    """k modes in d dimensions.

    Parameters
    ----------
    centers : array, shape (k, d)
        On the host, float64.
    scale : array, shape (k,)
        Standard deviation of each along every axis; 0 for atoms.
    weights : array, shape (k,)
        Probabilities, sum 1.
    """

    centers: numpy.ndarray
    scale: numpy.ndarray
    weights: numpy.ndarray

    def __str__(self) -> str:
        count, dimension = self.centers.shape
        low, high = self.scale.min(), self.scale.max()
        spread = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
        modes, dimensions = ("mode" if count == 1 else "modes"), ("dimension" if dimension == 1 else "dimensions")
        return f"{count} {modes} in {dimension} {dimensions}, standard deviation {spread}"


def target_modes(law: Distribution) -> Modes:
    """The modes of a mixture of round Gaussians, of a law of atoms, or of a checkerboard.

    Parameters
    ----------
    law : Distribution
        A Mixture of Normals, or of MultivariateNormals with multiples of the unit matrix for covariances; one such law;
        an Empirical, whose atoms are its modes; or `checkerboard`, whose squares are (scale = width / sqrt(12)).

    Returns
    -------
    Modes

    Raises
    ------
    ValueError
        For batches, and laws that have no modes of this kind, such as curves with noise.

    Examples
    --------
    >>> from gamedyn.data import gaussian_ring, target_modes
    >>> print(target_modes(gaussian_ring()))
    8 modes in 2 dimensions, standard deviation 0.01
    """
    if not isinstance(law, Distribution):
        raise TypeError(f"`law` must be a Distribution, got {type(law).__name__}.")
    if law.batch_shape != ():
        raise ValueError(f"`law` must be one law, got a batch of shape {law.batch_shape}.")
    if isinstance(law, Empirical):
        atoms = to_host(law.support_points()).astype(numpy.float64)
        atoms = atoms.reshape(len(atoms), -1)
        masses = numpy.exp(to_host(law.log_prob(law.support_points())).astype(numpy.float64))
        return Modes(atoms[masses > 0], numpy.zeros(int((masses > 0).sum())), masses[masses > 0])
    if isinstance(law, CheckerboardLaw):
        centers = law.centers
        count = len(centers)
        return Modes(centers, numpy.full(count, law.width / 12**0.5), numpy.full(count, 1 / count))
    parts = list(law.components) if isinstance(law, Mixture) else [law]
    weights = to_host(law.weights).astype(numpy.float64) if isinstance(law, Mixture) else numpy.ones(1)
    found = [_round_gaussian(part) for part in parts]
    centers = numpy.stack([center for center, _ in found])
    scale = numpy.asarray([deviation for _, deviation in found])
    return Modes(centers[weights > 0], scale[weights > 0], weights[weights > 0] / weights.sum())


def _round_gaussian(part: Any) -> tuple[numpy.ndarray, float]:
    """(center, standard deviation) of a Gaussian that looks the same in all directions."""
    if isinstance(part, Normal):
        return to_host(part.loc).astype(numpy.float64).reshape(1), float(part.scale)
    if not isinstance(part, MultivariateNormal):
        raise ValueError(
            f"`law` must have modes that are known: Gaussians, atoms or squares, got {type(part).__name__}. Pass the "
            "modes yourself where they are wanted."
        )
    covariance = to_host(part.covariance_matrix).astype(numpy.float64)
    variance = float(numpy.mean(numpy.diagonal(covariance)))
    if numpy.abs(covariance - variance * numpy.eye(len(covariance))).max() > 1e-6 * variance:
        raise ValueError("`law` must have modes that are round: covariances that are multiples of the unit matrix.")
    return to_host(part.loc).astype(numpy.float64), variance**0.5
