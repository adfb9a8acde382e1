"""geomloss's numbers: costs |x - y|^p / p, temperatures given as a length, kernels halved."""

from __future__ import annotations

from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.divergences import RBFKernel, energy_distance, maximum_mean_discrepancy
from gamedyn.transport import sinkhorn_divergence

__all__ = ["energy_loss", "gaussian_loss", "sinkhorn_loss"]


def sinkhorn_loss(x: Any, y: Any, p: float = 2, blur: float = 0.05) -> Array:
    """SamplesLoss("sinkhorn", p, blur): the Sinkhorn divergence of the cost |x - y|^p / p at epsilon = blur^p.

    geomloss approaches it with its option `scaling` near 1; at its default of 0.5 it is further off.

    Parameters
    ----------
    x, y : array_like, shapes (n, d) and (m, d)
        Equal masses.
    p : float
        Order, >= 1.
    blur : float
        A length > 0, in the unit of x.

    Returns
    -------
    array of shape ()

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.transport.sinkhorn_divergence`.

    Examples
    --------
    >>> float(sinkhorn_loss([[0.0]], [[2.0]]))  # 2^2 / 2
    2.0
    """
    check_positive("blur", blur)
    # min <P, c / p> + e KL = (min <P, c> + p e KL) / p.
    found: Array = sinkhorn_divergence(x, y, epsilon=p * blur**p, order=p, tolerance=1e-9) / p
    return found


def energy_loss(x: Any, y: Any) -> float:
    """SamplesLoss("energy"): half of the energy distance, E|X - Y| - (E|X - X'| + E|Y - Y'|) / 2.

    geomloss adds a small number under the root of every distance, so that its own zeros are not quite zero.

    Parameters
    ----------
    x, y : array_like, shapes (n, d) and (m, d)

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.divergences.energy_distance`.

    Examples
    --------
    >>> energy_loss([[0.0]], [[2.0]])
    2.0
    """
    return float(energy_distance(x, y)) / 2


def gaussian_loss(x: Any, y: Any, blur: float = 0.05) -> float:
    """SamplesLoss("gaussian", blur): half of the squared MMD of exp(-|x - y|^2 / (2 blur^2)).

    Parameters
    ----------
    x, y : array_like, shapes (n, d) and (m, d)
    blur : float
        Bandwidth > 0, in the unit of x.

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        As `gamedyn.divergences.maximum_mean_discrepancy`.

    Examples
    --------
    >>> gaussian_loss([[0.0]], [[2.0]])  # points many bandwidths apart: (1 + 1 - 2 exp(-800)) / 2
    1.0
    """
    return float(maximum_mean_discrepancy(x, y, RBFKernel(blur))) / 2
