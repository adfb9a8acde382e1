"""The transport problem by POT's network simplex, where that library is installed."""

from __future__ import annotations

import importlib.util
import sys
import warnings

import numpy

from gamedyn.backend import require
from gamedyn.transport._sparse_margins import Entries, with_margins

__all__ = ["network_simplex", "network_simplex_is_installed", "network_simplex_is_loaded"]


def network_simplex_is_installed() -> bool:
    """Whether POT can be imported; it is not imported to find out."""
    return importlib.util.find_spec("ot") is not None


def network_simplex_is_loaded() -> bool:
    """Whether POT has been imported, which takes seconds where PyTorch and JAX are installed."""
    return "ot" in sys.modules


def network_simplex(cost: numpy.ndarray, a: numpy.ndarray, b: numpy.ndarray) -> tuple[Entries, numpy.ndarray, int]:
    """(entries, g, 0) of min <plan, cost> over plans with margins a and b.

    Parameters
    ----------
    cost : array, shape (n, m)
        Non-negative.
    a, b : array, shapes (n,) and (m,)
        Positive, each of sum 1.
    """
    pot = require("ot")
    # In units of the largest cost: POT's tolerances are absolute.
    scale = float(numpy.max(cost)) or 1.0
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        plan, log = pot.emd(a, b * (a.sum() / b.sum()), cost / scale, numItermax=10_000_000, log=True)
    plan, potential = numpy.asarray(plan), numpy.asarray(log["v"])
    if not abs(float(plan.sum()) - 1) < 1e-6 or not numpy.all(numpy.isfinite(potential)):
        raise RuntimeError(f"POT did not solve the transport problem: {log.get('warning')}. Use `method` 'lp'.")
    rows, columns = numpy.nonzero(plan)
    return with_margins((rows, columns, plan[rows, columns]), a, b), scale * potential, 0
