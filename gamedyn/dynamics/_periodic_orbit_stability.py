"""Whether a cycle attracts, from its multipliers and their error; and what a search that failed returns."""

from __future__ import annotations

import numpy

from gamedyn.dynamics._periodic_orbit import PeriodicOrbit
from gamedyn.numerics import Verdict

__all__ = ["failed", "judge", "sorted_multipliers"]


def sorted_multipliers(product: numpy.ndarray) -> numpy.ndarray:
    """Eigenvalues, largest modulus first."""
    values = numpy.linalg.eigvals(product).astype(complex)
    return values[numpy.argsort(-numpy.abs(values), kind="stable")]


def judge(multipliers: numpy.ndarray, error: float) -> Verdict:
    """Stability by the largest modulus against 1 with an error; no multipliers at all attract nothing, nor repel."""
    largest = float(numpy.max(numpy.abs(multipliers))) if len(multipliers) else 0.0
    margin = 1.0 - largest
    if margin > error:
        return Verdict("yes", margin, f"the largest multiplier has modulus {largest:.6g}, inside the unit circle")
    if margin < -error:
        return Verdict("no", margin, f"the largest multiplier has modulus {largest:.6g}, outside the unit circle")
    return Verdict("undecided", margin, f"the largest modulus, {largest:.10g}, is 1 within its error {error:.1e}")


def failed(points: numpy.ndarray, reason: str, residual: float = float("inf")) -> PeriodicOrbit:
    """A result that says why there is none."""
    nothing = numpy.empty(0, dtype=complex)
    undecided = Verdict("undecided", float("nan"), "no periodic orbit was found")
    unknown = numpy.full(points.shape[-1], numpy.nan)
    return PeriodicOrbit(points, float("nan"), unknown, nothing, float("nan"), undecided, residual, False, reason)
