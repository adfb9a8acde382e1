"""A claim on divergences estimated from samples: they find the true value within their own errors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.divergences import estimate_divergence

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_SIZE = 3000
# Two-sided level 1e-6 of Student's t with 29 degrees of freedom: standard errors come from 30 subsamples.
_QUANTILE = 6.17


def _true_js(shift: float) -> float:
    """JS of N(0,1) and N(shift,1) = log 2 - E log(1 + e^(-shift^2/2 - shift Z)), by SciPy's quadrature."""
    from scipy.integrate import quad

    def integrand(z: float) -> float:
        return float(numpy.logaddexp(0, -(shift**2) / 2 - shift * z)) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    return math.log(2) - float(quad(integrand, -12, 12, epsabs=1e-12)[0])


def _estimates(rng: Generator, factor: float) -> Evidence:
    """KL and JS from two samples, by nearest neighbours and by a classifier, against factor times the truth."""
    shift = float(rng.uniform(0.7, 1.5))
    x, y = rng.normal(size=_SIZE), rng.normal(shift, 1.0, _SIZE)
    found = [
        estimate_divergence(x, y, kind, method=method, rng=rng)
        for method in ("knn", "classifier")
        for kind in ("kl", "js")
    ]
    truth = factor * numpy.array([shift**2 / 2, _true_js(shift)] * 2)
    tolerance = [_QUANTILE * float(each.standard_error) for each in found]
    return Evidence(
        truth, [float(each) for each in found], tolerance, "6.17 standard errors: level 1e-6 of t with 29 degrees"
    )


def _consistent(rng: Generator) -> Evidence:
    """3,000 draws of N(0,1) and of N(d,1). Neighbours and a classifier find KL = d^2/2 and JS (equality)."""
    return _estimates(rng, 1.0)


def _consistent_control(rng: Generator) -> Evidence:
    """Against twice the truth."""
    return _estimates(rng, 2.0)


CLAIMS = (
    Claim(
        id="div.kl-estimators-consistent",
        statement="KL and JS of N(0,1), N(d,1) from 3,000 draws each, by neighbours and by a classifier",
        source="Wang, Kulkarni & Verdu 2009; Ross 2014",
        relation="==",
        check=_consistent,
        control=_consistent_control,
        full=True,
    ),
)
