"""Where fixed points and cycles of a rule change their number or stability, and what is born there."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.dynamics._continuation import Branch
from gamedyn.dynamics._cycle_equation import CycleEquation, NoFixedPointError
from gamedyn.dynamics._normal_form import flip_coefficient, fold_coefficient, neimark_sacker_coefficient
from gamedyn.updates import StepMap

__all__ = ["Bifurcation", "find_bifurcations", "locate_flip"]

_KINDS = ("fold", "branch point", "flip", "Neimark-Sacker")
# Up to this size products of all pairs of multipliers are tested by a determinant.
_LARGEST_COMPOUND = 45


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
    coefficient : float
        Of the normal form: a of x + a x^2, c of -x + c x^3, d of |x| (1 + d |x|^2), the first Lyapunov coefficient, x in
        units of the unit eigenvector. nan at strong resonances.
    coefficient_error : float
        From two lengths of the differences.
    criticality : str
        "supercritical": what is born (the doubled cycle, a closed curve) is stable within the centre directions, small
        at first; "subcritical": it is unstable and bounds the basin, beyond which iterates leave; "degenerate" where the
        coefficient is 0 within its error; "" for folds and branch points, and at strong resonances.
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
    coefficient: float
    coefficient_error: float
    criticality: str
    resonance: int

    def __str__(self) -> str:
        where = ", ".join(f"{c:.6g}" for c in self.point)
        of = "" if self.period == 1 else f" of a cycle of period {self.period}"
        said = f"{self.kind}{of} at {self.parameter:.12g}, z = ({where})"
        if self.kind == "Neimark-Sacker":
            said += f", {self.turns:.6g} turns a step"
        if self.resonance:
            return f"{said}; strong resonance 1:{self.resonance}"
        tail = f"; {self.criticality}" if self.criticality else ""
        return f"{said}{tail}, coefficient {self.coefficient:.6g}"


def find_bifurcations(family: Callable[[float], StepMap], branch: Branch) -> tuple[Bifurcation, ...]:
    """The folds, branch points, flips and Neimark-Sacker points on a branch, in its order.

    Parameters
    ----------
    family : callable
        a -> StepMap, the one of the branch.
    branch : Branch
        From `continue_fixed_points`.

    Returns
    -------
    tuple of Bifurcation

    Notes
    -----
    Between neighbouring points of the branch a zero is looked for of the tangent's component along the parameter
    (folds), of the determinant of the derivative of G(u, a) bordered by the tangent (branch points), of det(M + I)
    (flips), and of det(M^(2) - I) with M^(2) the second compound of M, whose eigenvalues are the products of pairs of
    multipliers (Neimark-Sacker; real pairs of product 1 are left out). The number of multipliers outside the unit
    circle is compared as well, so that two that cross at once are not missed. Zeros are located by Brent's method
    along the branch, to about the accuracy of its points, 1e-13.

    References
    ----------
    Kuznetsov, Elements of Applied Bifurcation Theory.

    Examples
    --------
    The logistic map r x (1 - x) is descent of step 1 on a cubic; its fixed point 1 - 1 / r doubles at r = 3.

    >>> from gamedyn.dynamics import continue_fixed_points
    >>> from gamedyn.games import FunctionGame
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> def family(r):
    ...     cubic = FunctionGame([lambda x: (1 - r) * x**2 / 2 + r * x**3 / 3], (1,))
    ...     return StepMap(SimultaneousGradientDescent(1.0), cubic)
    >>> branch = continue_fixed_points(family, [0.6], (2.5, 3.5))
    >>> found, = find_bifurcations(family, branch)
    >>> found.kind, round(found.parameter, 10), found.criticality
    ('flip', 3.0, 'supercritical')
    """
    equation = _equation_of(family, branch)
    rows = [equation.join(u, a) for u, a in zip(branch.states, branch.parameters, strict=True)]
    found: list[Bifurcation] = []
    for first, second in zip(rows, rows[1:], strict=False):
        chord = second - first
        if not float(numpy.linalg.norm(chord)):
            continue
        segment = _Segment(equation, first, chord)
        for kind in _KINDS:
            x = segment.zero(kind)
            if x is not None and kind == "branch point":
                x = equation.branch_point(x)
            if x is not None:
                found.append(_describe(equation, x, kind))
    return tuple(_without_repeats(found))


def locate_flip(equation: CycleEquation, first: numpy.ndarray, second: numpy.ndarray) -> Bifurcation | None:
    """The flip between two points (D + 1,) of a curve, if there is one."""
    if not float(numpy.linalg.norm(second - first)):
        return None
    try:
        x = _Segment(equation, first, second - first).zero("flip")
    except NoFixedPointError:
        return None
    return None if x is None else _describe(equation, x, "flip")


class _Segment:
    """The curve between two of its points, by the share s in [0, 1] of the chord."""

    def __init__(self, equation: CycleEquation, first: numpy.ndarray, chord: numpy.ndarray) -> None:
        self.equation, self.first, self.chord = equation, first, chord
        self.normal = chord / numpy.linalg.norm(chord)
        self._ends = (self._at(0.0), self._at(1.0))

    def _at(self, s: float) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
        """x, the tangent and M there."""
        x = self.first + s * self.chord
        if 0 < s < 1:
            x = self.equation.correct(x, self.normal)
        tangent = self.equation.tangent(x, self.normal)
        return x, tangent, self.equation.derivative(self.equation.state(x), self.equation.parameter(x))

    def zero(self, kind: str) -> numpy.ndarray | None:
        """x where the test function of that kind vanishes."""
        from scipy.optimize import brentq

        values = [self._test(kind, *end) for end in self._ends]
        if values[0] * values[1] < 0 or (values[1] == 0 and values[0] != 0):
            s = brentq(lambda share: self._test(kind, *self._at(share)), 0.0, 1.0, xtol=1e-15, rtol=1e-14)
            x, _, matrix = self._at(float(s))
        elif kind in _COUNTS and self._count(kind, 0) != self._count(kind, 1):
            x, _, matrix = self._at(self._by_count(kind))
        else:
            return None
        return x if _is_there(kind, matrix) else None

    def _test(self, kind: str, x: numpy.ndarray, tangent: numpy.ndarray, matrix: numpy.ndarray) -> float:
        if kind == "fold":
            return float(tangent[-1])
        identity = numpy.eye(len(matrix))
        if kind == "branch point":
            return _signed(numpy.vstack([self.equation.jacobian(x), tangent]))
        if kind == "flip":
            return _signed(matrix + identity)
        compound = _second_compound(matrix)
        return _signed(compound - numpy.eye(len(compound))) if len(compound) else 1.0

    def _count(self, kind: str, end: int) -> int:
        return _COUNTS[kind](numpy.linalg.eigvals(self._ends[end][2]))

    def _by_count(self, kind: str) -> float:
        """Where two multipliers cross at once and no sign changes: by bisection on how many are outside."""
        low, high, before = 0.0, 1.0, self._count(kind, 0)
        for _ in range(60):
            middle = (low + high) / 2
            count = _COUNTS[kind](numpy.linalg.eigvals(self._at(middle)[2]))
            low, high = (middle, high) if count == before else (low, middle)
        return high


def _outside(values: numpy.ndarray) -> numpy.ndarray:
    return numpy.abs(values) > 1


_COUNTS: dict[str, Callable[[numpy.ndarray], int]] = {
    "flip": lambda values: int(numpy.sum(_outside(values) & (values.real < 0) & (values.imag == 0))),
    "Neimark-Sacker": lambda values: int(numpy.sum(_outside(values) & (values.imag != 0))),
}


def _is_there(kind: str, matrix: numpy.ndarray) -> bool:
    """Whether a multiplier of that kind lies on the circle: a pole, a jump or a real pair of product 1 is none."""
    values = numpy.linalg.eigvals(matrix)
    near = 1e-6 * (1 + float(numpy.max(numpy.abs(values))))
    if kind in ("fold", "branch point"):
        return bool(numpy.min(numpy.abs(values - 1)) < 1e-4)
    if kind == "flip":
        return bool(numpy.min(numpy.abs(values + 1)) < near)
    paired = values[numpy.abs(values.imag) > 1e-9]
    return bool(len(paired)) and bool(numpy.min(numpy.abs(numpy.abs(paired) - 1)) < near)


def _describe(equation: CycleEquation, x: numpy.ndarray, kind: str) -> Bifurcation:
    u, a = equation.state(x), equation.parameter(x)
    multipliers = equation.multipliers(u, a)
    turns, resonance, critical = {"flip": 0.5}.get(kind, 0.0), 0, 1.0 + 0j
    if kind == "Neimark-Sacker":
        paired = multipliers[multipliers.imag > 1e-9]
        critical = complex(paired[int(numpy.argmin(numpy.abs(numpy.abs(paired) - 1)))])
        turns = float(numpy.angle(critical)) / (2 * math.pi)
        resonance = next((q for q in (3, 4) if abs(turns - 1 / q) < 1e-6), 0)
    coefficient, error = math.nan, math.nan
    if not resonance:
        with numpy.errstate(all="ignore"):
            coefficient, other = (_coefficient(equation, u, a, kind, critical, h) for h in (2e-3, 1e-3))
        error = abs(other - coefficient) + 1e-9 * (1 + abs(other))
        coefficient = other
    return Bifurcation(
        kind=kind,
        parameter=a,
        state=u,
        point=u[: equation.dimension],
        multipliers=multipliers,
        period=equation.period,
        turns=turns,
        coefficient=coefficient,
        coefficient_error=error,
        criticality=_criticality(kind, coefficient, error),
        resonance=resonance,
    )


def _coefficient(equation: CycleEquation, u: numpy.ndarray, a: float, kind: str, critical: complex, h: float) -> float:
    def derivative(state: numpy.ndarray) -> numpy.ndarray:
        return equation.derivative(state, a)

    try:
        if kind == "flip":
            return flip_coefficient(derivative, u, h)
        if kind == "Neimark-Sacker":
            return neimark_sacker_coefficient(derivative, u, h, critical / abs(critical))
        return fold_coefficient(derivative, u, h)
    except (numpy.linalg.LinAlgError, ValueError):
        return math.nan


def _criticality(kind: str, coefficient: float, error: float) -> str:
    if kind not in ("flip", "Neimark-Sacker") or not math.isfinite(coefficient):
        return ""
    if abs(coefficient) <= error:
        return "degenerate"
    stable = coefficient > 0 if kind == "flip" else coefficient < 0
    return "supercritical" if stable else "subcritical"


def _signed(matrix: numpy.ndarray) -> float:
    """The determinant's sign times the smallest singular value: a zero of the determinant without over- or underflow."""
    sign = float(numpy.linalg.slogdet(matrix)[0])
    return sign * float(numpy.linalg.svd(matrix, compute_uv=False)[-1])


def _second_compound(matrix: numpy.ndarray) -> numpy.ndarray:
    """The 2 x 2 minors, rows and columns by pairs i < j: eigenvalues are the products of pairs of the matrix's."""
    size = len(matrix)
    if not 2 <= size <= _LARGEST_COMPOUND:
        return numpy.zeros((0, 0))
    i, j = numpy.triu_indices(size, 1)
    return numpy.asarray(
        matrix[numpy.ix_(i, i)] * matrix[numpy.ix_(j, j)] - matrix[numpy.ix_(i, j)] * matrix[numpy.ix_(j, i)]
    )


def _equation_of(family: Callable[[float], StepMap], branch: Branch) -> CycleEquation:
    low, high = branch.bounds
    equation = CycleEquation(family, branch.period, low, high)
    equation.start(float(branch.parameters[0]), branch.states[0])
    return equation


def _without_repeats(found: list[Bifurcation]) -> list[Bifurcation]:
    """A zero at a point of the branch is seen from both sides, and a fold's singular derivative is no second event."""
    kept: list[Bifurcation] = []
    for one in found:
        same = [
            other
            for other in kept
            if other.kind == one.kind
            and abs(other.parameter - one.parameter) <= 1e-9 * (1 + abs(one.parameter))
            and numpy.allclose(other.state, one.state, rtol=0, atol=1e-7)
        ]
        if not same:
            kept.append(one)
    return kept
