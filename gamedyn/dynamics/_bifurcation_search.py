"""Where fixed points and cycles of a rule change their number or stability."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.dynamics._bifurcation import Bifurcation, Bifurcations, describe
from gamedyn.dynamics._continuation import Branch
from gamedyn.dynamics._cycle_equation import CycleEquation, NoFixedPointError
from gamedyn.updates import StepMap

__all__ = ["find_bifurcations", "locate_flip"]

# Branch points come first: a pitchfork's own turning is told from a fold by them.
_KINDS = ("branch point", "fold", "flip", "Neimark-Sacker")
# Up to this size products of all pairs of multipliers are tested by a determinant; beyond, pairs outside are counted.
_LARGEST_COMPOUND = 20
# Test functions below this are 0: points of a branch are good to 1e-13.
_ZERO = 1e-11
# Neighbours this close have no direction.
_SAME = 1e-10


def find_bifurcations(family: Callable[[float], StepMap], branch: Branch) -> Bifurcations:
    """The folds, branch points, flips and Neimark-Sacker points on a branch, in its order.

    Parameters
    ----------
    family : callable
        a -> StepMap, the one of the branch.
    branch : Branch
        From `continue_fixed_points`.

    Returns
    -------
    Bifurcations
        A tuple of `Bifurcation`. Where the curve between two points cannot be followed, or multipliers stay on the
        circle, nothing is reported: then `complete` is False and `reason` names the parameters.

    Notes
    -----
    Between neighbouring points of the branch a zero is looked for of the tangent's component along the parameter
    (folds), of the determinant of the derivative of G(u, a) bordered by the tangent (branch points), of det(M + I)
    (flips), and of det(M^(2) - I) with M^(2) the second compound of M, whose eigenvalues are the products of pairs of
    multipliers (Neimark-Sacker; real pairs of product 1 are left out). The number of multipliers outside the unit
    circle is compared as well, so that two that cross at once are not missed. Zeros are located by Brent's method
    along the branch, to about the accuracy of its points, 1e-13; a bifurcation at the first or the last point counts.
    Two of one kind between neighbours of the branch may be taken for one or none: a smaller step tells them apart.

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
    low, high = branch.bounds
    equation = CycleEquation(family, branch.period, low, high)
    equation.start(float(branch.parameters[0]), branch.states[0])
    rows = [equation.join(u, a) for u, a in zip(branch.states, branch.parameters, strict=True)]
    rows = [row for k, row in enumerate(rows) if not k or float(numpy.linalg.norm(row - rows[k - 1])) > _SAME]
    found: list[Bifurcation] = []
    skipped: list[tuple[float, float, str]] = []
    before: _Segment | None = None
    for k, (first, second) in enumerate(itertools.pairwise(rows)):
        try:
            segment = _Segment(equation, first, second - first)
        except ValueError as error:
            skipped.append(_between(equation, first, second, str(error)))
            before = None
            continue
        here, failed = _events(segment, before, last=k == len(rows) - 2)
        skipped += [_between(equation, first, second, why) for why in failed]
        found += [describe(equation, x, kind) for kind, x in here]
        stays = [kind for kind in _KINDS if segment.stays(kind)]
        if stays:
            skipped.append(_between(equation, first, second, f"multipliers stay critical ({', '.join(stays)})"))
        before = segment
    return Bifurcations(_without_repeats(found), not skipped, _told(skipped))


def _events(
    segment: _Segment, before: _Segment | None, *, last: bool
) -> tuple[list[tuple[str, numpy.ndarray]], list[str]]:
    """The kinds and places x of what happens on a segment, and which kinds could not be looked for, and why."""
    here: list[tuple[str, numpy.ndarray]] = []
    failed: dict[str, str] = {}
    for kind in _KINDS:
        name = kind
        try:
            x = segment.zero(kind, before, last=last)
            if x is not None and kind == "branch point":
                x = segment.crossing(x)
        except ValueError as error:
            if not (kind == "fold" and here):
                failed[kind] = f"{kind}: {error}"
            continue
        if x is not None and kind == "fold" and not here and segment.equation.crosses(x):
            # The branch that turns back in a pitchfork, whose crossing the determinant was too small to show.
            with contextlib.suppress(NoFixedPointError):
                name, x = "branch point", segment.equation.branch_point(x)
                failed.pop(name, None)
        if x is not None and not (name == "fold" and any(_same_place(x, other) for _, other in here)):
            here.append((name, x))
    return here, list(failed.values())


def locate_flip(equation: CycleEquation, first: numpy.ndarray, second: numpy.ndarray) -> Bifurcation | None:
    """The flip between two points (D + 1,) of a curve, if there is one."""
    if float(numpy.linalg.norm(second - first)) <= _SAME:
        return None
    try:
        x = _Segment(equation, first, second - first).zero("flip", None, last=True)
    except ValueError:
        return None
    return None if x is None else describe(equation, x, "flip")


class _Segment:
    """The curve between two of its points, by the share s in [0, 1] of the chord."""

    def __init__(self, equation: CycleEquation, first: numpy.ndarray, chord: numpy.ndarray) -> None:
        self.equation, self.first, self.chord = equation, first, chord
        self.normal = chord / numpy.linalg.norm(chord)
        self._ends = (self._at(0.0), self._at(1.0))
        self._values = {kind: tuple(self._test(kind, *end, zero=_ZERO) for end in self._ends) for kind in _KINDS}

    def _at(self, s: float) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray, numpy.ndarray]:
        """x, the tangent, M and D G there."""
        x = self.first + s * self.chord
        if 0 < s < 1:
            x = self.equation.correct(x, self.normal)
        slopes = self.equation.jacobian(x)
        tangent = self.equation.tangent_of(slopes, self.normal)
        return x, tangent, slopes[:, :-1] + numpy.eye(len(slopes)), slopes

    def stays(self, kind: str) -> bool:
        """Whether the test function is 0 all along."""
        return self._values[kind] == (0.0, 0.0) and _is_there(kind, self._ends[0][2])

    def zero(self, kind: str, before: _Segment | None, *, last: bool) -> numpy.ndarray | None:
        """x where the test function of that kind vanishes; ends belong to the segment that follows them.

        Parameters
        ----------
        kind : str
        before : _Segment, optional
            The one that ends where this begins; None at the first point of the branch.
        last : bool
            Whether the last point of this segment is to be tested, too.
        """
        from scipy.optimize import brentq

        left, right = self._values[kind]
        if left == 0 and right != 0:
            past = None if before is None else before._values[kind][0]
            crosses = (
                past is None or past * right < 0 or (past != 0 and before is not None and self._changes(kind, before))
            )
            x, _, matrix, _ = self._ends[0]
            return x if crosses and _is_there(kind, matrix) else None
        if right == 0:
            x, _, matrix, _ = self._ends[1]
            return x if last and left != 0 and _is_there(kind, matrix) else None
        if left * right < 0:
            s = brentq(lambda share: self._test(kind, *self._at(share)), 0.0, 1.0, xtol=1e-15, rtol=1e-14)
            x, _, matrix, _ = self._at(float(s))
            if kind == "branch point":
                # Good to half of the digits only, in which no multiplier need be 1 yet: `branch_point` decides.
                return x
        elif self._changes(kind, self):
            x, _, matrix, _ = self._at(self._by_count(kind))
        else:
            return None
        return x if _is_there(kind, matrix) else None

    def crossing(self, x: numpy.ndarray) -> numpy.ndarray | None:
        """Where two branches cross near x; None where the determinant jumped over 0 at a pole."""
        exact = self.equation.branch_point(x)
        matrix = self.equation.derivative(self.equation.state(exact), self.equation.parameter(exact))
        return exact if numpy.all(numpy.isfinite(matrix)) and _is_there("branch point", matrix) else None

    @staticmethod
    def _test(
        kind: str,
        x: numpy.ndarray,
        tangent: numpy.ndarray,
        matrix: numpy.ndarray,
        slopes: numpy.ndarray,
        zero: float = 0.0,
    ) -> float:
        if kind == "fold":
            return _rounded(float(tangent[-1]), zero)
        identity = numpy.eye(len(matrix))
        if kind == "branch point":
            return _signed(numpy.vstack([slopes, tangent]), zero)
        if kind == "flip":
            return _signed(matrix + identity, zero)
        compound = _second_compound(matrix)
        if len(compound):
            return _signed(compound - numpy.eye(len(compound)), zero)
        values = numpy.linalg.eigvals(matrix)
        paired = values[numpy.abs(values.imag) > 1e-9]
        return _rounded(float(numpy.min(numpy.abs(numpy.abs(paired) - 1))), zero) if len(paired) else 1.0

    def _changes(self, kind: str, since: _Segment) -> bool:
        """Whether the number of such multipliers outside differs between the ends, from the first one of `since`."""
        if kind not in _COUNTS:
            return False
        # Multipliers that stay on the circle are outside by rounding only.
        first, last = (_count(kind, end[2] / (1 + _ZERO / 10)) for end in (since._ends[0], self._ends[1]))
        return first != last

    def _by_count(self, kind: str) -> float:
        """Where two multipliers cross at once and no sign changes: by bisection on how many are outside."""
        low, high, before = 0.0, 1.0, _count(kind, self._ends[0][2])
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if _count(kind, self._at(middle)[2]) == before else (low, middle)
        return high


def _outside(values: numpy.ndarray) -> Any:
    return numpy.abs(values) > 1


_COUNTS: dict[str, Callable[[numpy.ndarray], int]] = {
    "flip": lambda values: int(numpy.sum(_outside(values) & (values.real < 0) & (numpy.abs(values.imag) < 1e-9))),
    "Neimark-Sacker": lambda values: int(numpy.sum(_outside(values) & (numpy.abs(values.imag) >= 1e-9))),
}


def _count(kind: str, matrix: numpy.ndarray) -> int:
    return _COUNTS[kind](numpy.linalg.eigvals(matrix))


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


def _rounded(value: float, zero: float) -> float:
    return value if abs(value) > zero else 0.0


def _signed(matrix: numpy.ndarray, zero: float) -> float:
    """The determinant's sign times the smallest singular value: the same zeros, without over- or underflow."""
    singular = numpy.linalg.svd(matrix, compute_uv=False)
    return _rounded(float(numpy.linalg.slogdet(matrix)[0]) * float(singular[-1]), zero * max(1.0, float(singular[0])))


def _second_compound(matrix: numpy.ndarray) -> Any:
    """The 2 x 2 minors, rows and columns by pairs i < j: eigenvalues are the products of pairs of the matrix's."""
    size = len(matrix)
    if not 2 <= size <= _LARGEST_COMPOUND:
        return numpy.zeros((0, 0))
    i, j = numpy.triu_indices(size, 1)
    return numpy.asarray(
        matrix[numpy.ix_(i, i)] * matrix[numpy.ix_(j, j)] - matrix[numpy.ix_(i, j)] * matrix[numpy.ix_(j, i)]
    )


def _between(
    equation: CycleEquation, first: numpy.ndarray, second: numpy.ndarray, why: str
) -> tuple[float, float, str]:
    return equation.parameter(first), equation.parameter(second), why


def _told(skipped: list[tuple[float, float, str]]) -> str:
    """The stretches in words, neighbours with one reason as one."""
    joined: list[tuple[float, float, str]] = []
    for first, second, why in skipped:
        if joined and joined[-1][1:] == (first, why):
            joined[-1] = (joined[-1][0], second, why)
        else:
            joined.append((first, second, why))
    told = [f"from {first:.6g} to {second:.6g}, {why}" for first, second, why in joined]
    return "; ".join(told if len(told) <= 4 else [*told[:3], f"and {len(told) - 3} more"])


def _same_place(x: numpy.ndarray, other: numpy.ndarray) -> bool:
    return float(numpy.max(numpy.abs(x - other))) < 1e-4


def _without_repeats(found: list[Bifurcation]) -> list[Bifurcation]:
    """A curve that closes, or a zero next to a point of the branch, is seen from both sides."""
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
