"""Points at which to cut integrals, by quantiles far into both tails."""

from __future__ import annotations

from collections.abc import Callable

import numpy

from gamedyn.backend import Array, to_host
from gamedyn.distributions._parameters import finite_points

__all__ = ["quantile_points"]

_LEVELS = numpy.array([1e-300, 1e-150, 1e-70, 1e-30, 1e-14, 1e-8, 1e-4, 0.01, 0.1, 0.3, 0.5])


def quantile_points(lower: Callable[..., Array], upper: Callable[..., Array], *parameters: Array) -> tuple[float, ...]:
    """Quantiles from both ends, lower(*parameters, u) and upper(*parameters, u) of SciPy, over the whole batch."""
    hosts = [numpy.asarray(to_host(p), dtype=float).reshape(-1, 1) for p in parameters]
    points = [*lower(*hosts, _LEVELS).ravel(), *upper(*hosts, _LEVELS).ravel()]
    return finite_points(points)
