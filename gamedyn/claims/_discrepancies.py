"""Claims on discrepancies between samples: energy distance and MMD are one, and Stein's is zero at its own law."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.divergences import RBFKernel, energy_distance, kernel_stein_discrepancy, maximum_mean_discrepancy

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_DRAWS = 600
_SHIFT = 2.0


def _distances(x: Any, y: Any) -> Any:
    return numpy.sqrt(((x[:, None, :] - y[None]) ** 2).sum(-1))


def _from_origin(x: Any, y: Any) -> Any:
    """The kernel |x| + |y| - |x - y| that a distance induces: positive definite, with the origin for its base point."""
    sizes = (numpy.sqrt((each**2).sum(-1)) for each in (x, y))
    return next(sizes)[:, None] + next(sizes)[None] - _distances(x, y)


def _squared_mmd(kernel: Any, x: Any, y: Any) -> float:
    return float(kernel(x, x).mean() + kernel(y, y).mean() - 2 * kernel(x, y).mean())


def _energy(rng: Generator) -> Evidence:
    """Clouds in the plane. 2 E|X-Y| - E|X-X'| - E|Y-Y'| = MMD^2 of the kernel |x| + |y| - |x-y| (equality)."""
    x, y = rng.normal(size=(30, 2)), rng.normal(0.5, 1.5, (40, 2))
    measured = [energy_distance(x, y), maximum_mean_discrepancy(x, y, _from_origin)]
    return within_rounding(_squared_mmd(_from_origin, x, y), [float(each) for each in measured], terms=64, size=5.0)


def _energy_control(rng: Generator) -> Evidence:
    """Squared distances in the kernel: twice the squared distance of the means."""
    x, y = rng.normal(size=(30, 2)), rng.normal(0.5, 1.5, (40, 2))
    predicted = _squared_mmd(lambda a, b: -(_distances(a, b) ** 2), x, y)
    return within_rounding(predicted, float(energy_distance(x, y)), terms=64, size=5.0)


def _second_moment(width: float) -> float:
    """E u(X, X')^2 under N(0,1), u the Stein kernel of its score -x and k = exp(-r^2 / (2 h^2)), by Gauss-Hermite."""
    nodes, weights = numpy.polynomial.hermite_e.hermegauss(60)
    r, s = nodes[:, None] - nodes[None], 1 / width**2
    k = numpy.exp(-(r**2) * s / 2)
    # s(x) s(y) k + s(x) dk/dy + s(y) dk/dx + d2k/dxdy with s(x) = -x
    stein = k * (nodes[:, None] * nodes[None] - r**2 * s + s - (r * s) ** 2)
    return float(weights @ stein**2 @ weights) / (2 * math.pi)


def _stein_evidence(rng: Generator, *, seen: float) -> Evidence:
    """Unbiased KSD^2 of draws of N(d,1) against N(0,1), for d = 0 and d = 2, predicted for a shift of seen * d."""
    z = rng.normal(size=(2, _DRAWS))
    width, variance = 1.5, 2 / (_DRAWS * (_DRAWS - 1)) * _second_moment(1.5)
    kernel = RBFKernel(width)
    own = kernel_stein_discrepancy(z[0], lambda x: -x, kernel, estimator="unbiased")
    other = kernel_stein_discrepancy(z[1] + _SHIFT, lambda x: -x, kernel, estimator="unbiased", return_estimate=True)
    # The scores differ by d everywhere, so KSD^2 = d^2 E k(X, X'), and X - X' is N(0, 2).
    predicted = [0.0, (seen * _SHIFT) ** 2 * width / math.sqrt(width**2 + 2)]
    tolerance = [20 * math.sqrt(variance), 6.0 * float(other.standard_error)]
    source = "20 standard deviations of a sum of chi-squares; 6 standard errors"
    return Evidence(predicted, [float(own), float(other.value)], tolerance, source)


def _stein(rng: Generator) -> Evidence:
    """600 draws of N(d,1), score of N(0,1). KSD^2 = d^2 h / sqrt(h^2 + 2), which is 0 at d = 0 (equality)."""
    return _stein_evidence(rng, seen=1.0)


def _stein_control(rng: Generator) -> Evidence:
    """As if it were 0 for the shifted law too."""
    return _stein_evidence(rng, seen=0.0)


CLAIMS = (
    Claim(
        id="div.energy-is-mmd",
        statement="2 E|X - Y| - E|X - X'| - E|Y - Y'| = MMD^2 of the kernel |x| + |y| - |x - y|",
        source="Sejdinovic et al. 2013",
        relation="==",
        check=_energy,
        control=_energy_control,
    ),
    Claim(
        id="div.stein-zero",
        statement="KSD^2 of N(d,1) against N(0,1) = d^2 h / sqrt(h^2 + 2) for the kernel exp(-r^2/(2h^2)); 0 at d = 0",
        source="Liu, Lee & Jordan 2016",
        relation="==",
        check=_stein,
        control=_stein_control,
    ),
)
