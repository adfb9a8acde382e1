"""One bifurcation of a fixed point or cycle: what crosses the unit circle, and what is born by the normal form."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.dynamics._cycle_equation import CycleEquation
from gamedyn.dynamics._normal_form import (
    flip_coefficient,
    fold_coefficient,
    neimark_sacker_coefficient,
    pitchfork_coefficient,
)

__all__ = ["Bifurcation", "Bifurcations", "describe"]

# Multipliers this close to the critical one cross with it.
_TOGETHER = 1e-5


@dataclass(frozen=True, eq=False)
class Bifurcation:
    """One point of a branch at which a multiplier crosses the unit circle.

    Parameters
    ----------
    kind : {"fold", "branch point", "flip", "Neimark-Sacker"}
        A multiplier 1 where the branch turns back, or where another one crosses it; -1; a complex pair of modulus 1.
    parameter : float
    state : NumPy array, shape (D,)
        u = [z, memories].
    point : NumPy array, shape (d,)
        z.
    multipliers : NumPy array of complex, shape (D,)
    period : int
        Of the branch.
    turns : float
        For Neimark-Sacker: angle of the pair over 2 pi, the rotation number at birth; else 0 or 1/2.
    multiplicity : int
        How many multipliers, or pairs, cross there at once; the normal forms below are for 1.
    coefficient : float
        Of the normal form: a of x + a x^2, c of -x + c x^3 and x + c x^3 (pitchforks), d of |x| (1 + d |x|^2), the
        first Lyapunov coefficient, x in units of the unit eigenvector. nan at strong resonances and where several
        cross at once.
    coefficient_error : float
        From two lengths of the differences.
    crossing : {"transcritical", "pitchfork", ""}
        How two branches cross: both through all parameters (a is not 0), or one of them turning back there (a is 0
        within its error).
    criticality : {"supercritical", "subcritical", "degenerate", ""}
        "supercritical": what is born (the doubled cycle, a closed curve, two points of a pitchfork) is stable within
        the centre directions, small at first; "subcritical": it is unstable and bounds the basin, beyond which
        iterates leave; "degenerate" where the coefficient is 0 within its error; "" where there is no such word.
    resonance : int
        q if the pair is exp(+-2 pi i / q) with q = 3 or 4, where the normal form has other terms; else 0.
    """

    kind: str
    parameter: float
    state: Any
    point: Any
    multipliers: Any
    period: int
    turns: float
    multiplicity: int
    coefficient: float
    coefficient_error: float
    crossing: str
    criticality: str
    resonance: int

    def __str__(self) -> str:
        where = ", ".join([f"{c:.6g}" for c in self.point[:6]] + ["..."] * (len(self.point) > 6))
        of = "" if self.period == 1 else f" of a cycle of period {self.period}"
        name = f"{self.kind} ({self.crossing})" if self.crossing else self.kind
        said = f"{name}{of} at {self.parameter:.12g}, z = ({where})"
        if self.kind == "Neimark-Sacker":
            said += f", {self.turns:.6g} turns a step"
        if self.resonance:
            said += f"; strong resonance 1:{self.resonance}"
        if self.multiplicity > 1:
            return f"{said}; {self.multiplicity} multipliers or pairs at once, for which there is no coefficient"
        if not math.isfinite(self.coefficient):
            return said if self.resonance else f"{said}; its derivatives give no coefficient"
        tail = f"; {self.criticality}" if self.criticality else ""
        return f"{said}{tail}, coefficient {self.coefficient:.6g}"


class Bifurcations(tuple[Bifurcation, ...]):
    """A tuple of `Bifurcation`, in the order of the branch, that says whether all of the branch was searched.

    Parameters
    ----------
    found : iterable of Bifurcation
    complete : bool
        Whether no part of the branch was left out.
    reason : str
        Which parts were, and why; "" for none.
    """

    complete: bool
    reason: str

    def __new__(cls, found: Iterable[Bifurcation] = (), complete: bool = True, reason: str = "") -> Bifurcations:
        self = super().__new__(cls, found)
        self.complete, self.reason = complete, reason
        return self

    def __str__(self) -> str:
        lines = [str(one) for one in self] or ["no bifurcation"]
        return "\n".join(lines if self.complete else [*lines, f"incomplete: {self.reason}"])


def describe(equation: CycleEquation, x: numpy.ndarray, kind: str) -> Bifurcation:
    """The bifurcation of that kind at x (D + 1,)."""
    u, a = equation.state(x), equation.parameter(x)
    multipliers = equation.multipliers(u, a)
    turns, resonance, critical = {"flip": 0.5}.get(kind, 0.0), 0, complex(-1 if kind == "flip" else 1)
    if kind == "Neimark-Sacker":
        paired = multipliers[multipliers.imag > 1e-9]
        critical = complex(paired[int(numpy.argmin(numpy.abs(numpy.abs(paired) - 1)))])
        critical /= abs(critical)
        turns = float(numpy.angle(critical)) / (2 * math.pi)
        resonance = next((q for q in (3, 4) if abs(turns - 1 / q) < 1e-6), 0)
    multiplicity = _multiplicity(multipliers, critical, kind)
    coefficient, error, crossing = math.nan, math.nan, ""
    if not resonance and multiplicity == 1:
        coefficient, error = _coefficient(equation, u, a, kind, critical)
        if kind == "branch point":
            crossing = "transcritical" if abs(coefficient) > error else "pitchfork"
        if crossing == "pitchfork":
            coefficient, error = _coefficient(equation, u, a, crossing, critical)
    return Bifurcation(
        kind=kind,
        parameter=a,
        state=u,
        point=u[: equation.dimension],
        multipliers=multipliers,
        period=equation.period,
        turns=turns,
        multiplicity=multiplicity,
        coefficient=coefficient,
        coefficient_error=error,
        crossing=crossing,
        criticality=_criticality(crossing or kind, coefficient, error),
        resonance=resonance,
    )


def _multiplicity(multipliers: numpy.ndarray, critical: complex, kind: str) -> int:
    """Pairs of one modulus count together, whatever their angles: their terms mix."""
    if kind == "Neimark-Sacker":
        near = (multipliers.imag > 1e-9) & (numpy.abs(numpy.abs(multipliers) - 1) < _TOGETHER)
    else:
        # Folds are located by the tangent: there the multiplier itself is good to the root of the accuracy.
        near = numpy.abs(multipliers - critical) < _TOGETHER
    return max(1, int(numpy.sum(near)))


def _coefficient(
    equation: CycleEquation, u: numpy.ndarray, a: float, kind: str, critical: complex
) -> tuple[float, float]:
    """The coefficient and its error, from differences of two lengths."""

    def derivative(state: numpy.ndarray) -> Any:
        return equation.derivative(state, a)

    def one(h: float) -> float:
        try:
            if kind == "flip":
                return flip_coefficient(derivative, u, h)
            if kind == "pitchfork":
                return pitchfork_coefficient(derivative, u, h)
            if kind == "Neimark-Sacker":
                return neimark_sacker_coefficient(derivative, u, h, critical)
            return fold_coefficient(derivative, u, h)
        except (numpy.linalg.LinAlgError, ValueError):
            return math.nan

    with numpy.errstate(all="ignore"):
        longer, shorter = one(2e-3), one(1e-3)
    return shorter, abs(shorter - longer) + 1e-9 * (1 + abs(shorter))


def _criticality(kind: str, coefficient: float, error: float) -> str:
    if kind not in ("flip", "Neimark-Sacker", "pitchfork") or not math.isfinite(coefficient):
        return ""
    if abs(coefficient) <= error:
        return "degenerate"
    stable = coefficient > 0 if kind == "flip" else coefficient < 0
    return "supercritical" if stable else "subcritical"
