"""PeriodicOrbit: a cycle of a rule or a flow, with its period, amplitude and multipliers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.numerics import Verdict

__all__ = ["PeriodicOrbit"]


@dataclass(frozen=True)
class PeriodicOrbit:
    """A cycle, refined by Newton's method.

    Parameters
    ----------
    points : NumPy array, shape (n, d)
        Of a map, the p points in their order, the one with the largest first coordinate first; of a flow, 256 points at
        equal distances in time, from the one with the largest first coordinate.
    period : int or float
        Minimal: steps of a map, time of a flow.
    amplitude : NumPy array, shape (d,)
        Half of max - min of every coordinate.
    multipliers : NumPy array of complex, shape (m,)
        Eigenvalues of the derivative of the map along the whole cycle, largest modulus first; a flow's without the
        trivial one. On simplices, of directions along them.
    trivial_error : float
        |r - 1| of a flow's trivial multiplier r, which is 1 in theory: a measure of the errors of the others. 0 for
        maps.
    stable : Verdict
        "yes" where all multipliers lie inside the unit circle by more than their errors, "no" where one lies outside,
        "undecided" on the circle (a centre, for instance).
    residual : float
        Largest miss after a stretch between shooting points, over 1 + their size.
    converged : bool
        Whether Newton's method met the tolerance with a cycle that is not a resting point.
    reason : str
        Why, in one sentence.
    """

    points: Any
    period: Any
    amplitude: Any
    multipliers: Any
    trivial_error: float
    stable: Verdict
    residual: float
    converged: bool
    reason: str

    def __str__(self) -> str:
        if not self.converged:
            return f"no periodic orbit: {self.reason}"
        sizes = ", ".join(f"{a:.6g}" for a in self.amplitude)
        moduli = ", ".join(f"{abs(r):.6g}" for r in self.multipliers)
        kind = {"yes": "stable", "no": "unstable", "undecided": "of undecided stability"}[str(self.stable.answer)]
        return f"{kind} cycle of period {self.period:.10g}, amplitude ({sizes}), moduli of multipliers ({moduli})"
