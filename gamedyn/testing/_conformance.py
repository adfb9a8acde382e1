"""conformance: how far any library's divergence or distance is from 30-digit references on the edge cases."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_positive
from gamedyn.testing._references import LINE, MASSES, OF_JOINT, OF_ONE, TRANSPORT, reference

__all__ = ["Conformance", "ConformanceCase", "conformance"]

_TOLERANCE = {"float64": 1e-12, "float32": 1e-5}
_WITH_PARAMETER = {
    "alpha_divergence": "alpha",
    "renyi_divergence": "alpha",
    "tsallis_divergence": "alpha",
    "wasserstein_on_line": "order",
    "sinkhorn": "epsilon",
    "sinkhorn_divergence": "epsilon",
}


@dataclass(frozen=True)
class ConformanceCase:
    """One row of the table.

    Parameters
    ----------
    case : str
        What the arguments are.
    reference : str
        The true value of these floats, to 30 digits.
    found : float
        What the function gave; nan where it raised.
    error : float
        |found - reference| / max(|reference|, smallest normal number of the dtype), of the squares for roots whose
        square is below that number, and over the largest cost for a Sinkhorn divergence that is 0; inf for nan, for a
        wrong infinity and for an error.
    tolerance : float
        The largest error that passes.
    passed : bool
    note : str
        The error that the function raised, or nothing.
    """

    case: str
    reference: str
    found: float
    error: float
    tolerance: float
    passed: bool
    note: str


@dataclass(frozen=True)
class Conformance:
    """All rows; ``str`` of it is the table.

    Parameters
    ----------
    name, definition : str
        What was asked of the function.
    cases : tuple of ConformanceCase
    """

    name: str
    definition: str
    cases: tuple[ConformanceCase, ...]

    @property
    def passed(self) -> bool:
        """Whether every case passed."""
        return all(case.passed for case in self.cases)

    @property
    def failures(self) -> tuple[ConformanceCase, ...]:
        """The cases that did not pass."""
        return tuple(case for case in self.cases if not case.passed)

    def __str__(self) -> str:
        """One line for each case."""
        width = max(len(case.case) for case in self.cases)
        lines = [f"{self.name} = {self.definition}"]
        lines.append(f"{'case':{width}}  {'reference':37}  {'found':23}  {'error':>7}  passed")
        for case in self.cases:
            end = f"{'yes' if case.passed else 'NO'}{'  ' + case.note if case.note else ''}"
            lines.append(f"{case.case:{width}}  {case.reference:37}  {case.found!r:23}  {case.error:7.1e}  {end}")
        return "\n".join(lines)


def conformance(
    function: Callable[..., Any],
    name: str,
    *,
    alpha: float = 0.5,
    order: float = 1,
    epsilon: float = 0.5,
    tolerance: float | None = None,
) -> Conformance:
    """Compare `function`, of any library, with references of at least 30 digits where libraries are known to fail.

    Parameters
    ----------
    function : callable
        Of (p, q), two NumPy pmfs, for divergences: ordinary, equal, nearly equal down to a KL of 1e-23, with zeros,
        subnormal and almost all mass, disjoint, in single precision. Of (p,) for "entropy"; of the joint pmf with the
        rows p / 2 and q / 2 for "mutual_information". Of (x, y), two samples on the line, for distances: of unequal
        sizes, with ties, far from 0, huge and tiny. Its result is read by ``float``.
    name : str
        What it should compute: the name of a function of ``gamedyn.divergences`` on two pmfs, "wasserstein_on_line",
        "energy_distance", "energy_distance_root", "sinkhorn" or "sinkhorn_divergence". The table states the definition,
        so that roots, bases and factors can be brought into line by a lambda.
    alpha : float
        Of the alpha, Renyi and Tsallis divergences: which one `function` is.
    order : float
        Of "wasserstein_on_line": which one `function` is; inf allowed.
    epsilon : float
        Of the Sinkhorn names: which one `function` is. Their cases have at most two points a side, and closed forms.
    tolerance : float, optional
        Bound of the relative error; 1e-12, and 1e-5 for inputs in single precision, where not given.

    Returns
    -------
    Conformance
        The table; `passed` and `failures` sum it up. Nothing is raised for a function that is wrong, or that raises.

    Raises
    ------
    ValueError
        For an unknown name, or a tolerance that is not positive.

    Notes
    -----
    References are made from the definitions by mpmath, which comes with SymPy, from the exact values of the floats; no
    code is shared with the functions of this library. All pmfs sum to 1 exactly but for one subnormal mass.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.divergences import kl_divergence
    >>> conformance(kl_divergence, "kl_divergence").passed
    True
    >>> textbook = lambda p, q: numpy.sum(p * numpy.log(p / q))
    >>> [case.case for case in conformance(textbook, "kl_divergence").failures][1]
    'nearly equal, by 2^-24'
    """
    check_choice("name", name, (*MASSES, *LINE, *TRANSPORT))
    if tolerance is not None:
        check_positive("tolerance", tolerance)
    wanted = _WITH_PARAMETER.get(name)
    parameter = None if wanted is None else float({"alpha": alpha, "order": order, "epsilon": epsilon}[wanted])
    family = MASSES if name in MASSES else LINE if name in LINE else TRANSPORT
    pairs = {id(MASSES): _pmfs, id(LINE): _samples, id(TRANSPORT): _few_points}[id(family)]()
    rows = [_row(function, name, parameter, tolerance, *pair) for pair in pairs]
    definition = family[name][1] + ("" if wanted is None else f", {wanted} = {parameter:g}")
    return Conformance(name, definition, tuple(rows))


def _row(
    function: Callable[..., Any], name: str, parameter: float | None, tolerance: float | None, case: str, *pair: Any
) -> ConformanceCase:
    from mpmath import mpf, nstr, workdps

    truth = reference(name, pair, parameter)
    definition = {**MASSES, **LINE, **TRANSPORT}[name][1]
    arguments = tuple(array.copy() for array in pair)
    if name in OF_ONE:
        arguments = arguments[:1]
    elif name in OF_JOINT:
        arguments = (numpy.stack(arguments) / 2,)
    found, note = math.nan, ""
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found = float(function(*arguments))
        except Exception as raised:  # whatever it is, it is this row's result
            note = f"{type(raised).__name__}: {raised}".splitlines()[0][:80]
    dtype = pair[0].dtype
    with workdps(60):
        text = nstr(truth, 30)
        if math.isnan(found):
            distance = math.inf
        elif math.isinf(found) or abs(truth) > float(numpy.finfo(dtype).max):
            distance = 0.0 if found == math.inf and truth > float(numpy.finfo(dtype).max) else math.inf
        else:
            value, least = mpf(found), mpf(float(numpy.finfo(dtype).smallest_normal))
            if definition.startswith("square root") and truth**2 < least:
                # What is lost by design is lost before the root is taken.
                value, truth = value**2, truth**2
            if name in TRANSPORT and abs(truth) < least:
                # A difference of two equal costs is right when it is within their rounding.
                least = mpf(float(numpy.max((pair[0][:, None] - pair[1]) ** 2)))
            distance = float(abs(value - truth) / max(abs(truth), least))
    bound = _TOLERANCE[dtype.name] if tolerance is None else tolerance
    return ConformanceCase(case, text, found, distance, bound, distance <= bound, note)


def _pmfs() -> Iterator[tuple[Any, ...]]:
    """(case, p, q): masses that are exact binary fractions and sum to 1."""
    base = numpy.array([5.0, 9.0, 1.0, 17.0, 3.0, 13.0, 2.0, 14.0]) / 64
    signs = numpy.array([1.0, -1.0, -1.0, 1.0, 1.0, 1.0, -1.0, -1.0])
    skew = numpy.array([1.0, 2.0, 4.0, 8.0, 16.0, 1.0, 0.0, 0.0])
    yield "ordinary", numpy.array([0.25, 0.25, 0.5]), numpy.array([0.5, 0.125, 0.375])
    yield "ordinary, 8 outcomes", base, base[::-1].copy()
    yield "equal", base, base.copy()
    for power in (18, 24, 31, 40):
        yield f"nearly equal, by 2^-{power}", base, base + signs * 2.0**-power
    yield "zeros of p", numpy.array([0.5, 0.5, 0.0]), numpy.array([0.25, 0.25, 0.5])
    yield "zeros of q", numpy.array([0.25, 0.25, 0.5]), numpy.array([0.5, 0.5, 0.0])
    yield "zeros of both", skew / 32, numpy.array([8.0, 8.0, 4.0, 4.0, 4.0, 4.0, 0.0, 0.0]) / 32
    yield "zeros at other places", numpy.array([0.5, 0.5, 0.0]), numpy.array([0.0, 0.25, 0.75])
    yield "disjoint", numpy.array([1.0, 0.0]), numpy.array([0.0, 1.0])
    yield "a subnormal mass of q alone", numpy.array([1.0, 0.0]), numpy.array([1.0, 5e-324])
    yield "a subnormal mass of p alone", numpy.array([5e-324, 1.0]), numpy.array([0.0, 1.0])
    yield "half against a subnormal mass", numpy.array([0.5, 0.5]), numpy.array([1.0, 5e-324])
    yield "half against 1e-30", numpy.array([0.5, 0.5]), numpy.array([1.0, 1e-30])
    almost = numpy.array([1 - 2.0**-53, 2.0**-53])
    yield "1 - 1e-16 against half", almost, numpy.array([0.5, 0.5])
    yield "1 - 1e-16 against certainty", almost, numpy.array([1.0, 0.0])
    single = base.astype("float32")
    yield "single precision", single, single[::-1].copy()
    for power in (12, 17):
        near = (base + signs * 2.0**-power).astype("float32")
        yield f"single precision, nearly equal, by 2^-{power}", single, near


def _samples() -> Iterator[tuple[Any, ...]]:
    """(case, x, y)."""
    x, y = numpy.array([0.5, -2.0, 3.25, 1.0]), numpy.array([4.0, 0.25, -1.5, 2.0])
    yield "equal sizes", x, y
    yield "unequal sizes", x, numpy.array([1.5, 0.25, 7.0])
    yield "one point", x, numpy.array([0.75])
    yield "ties", numpy.array([1.0, 1.0, 2.0]), numpy.array([2.0, 1.0, 2.0, 2.0])
    yield "equal", x, x[::-1].copy()
    yield "near, by 2^-40", x, x + 2.0**-40
    yield "far from 0", x + 2.0**20, x + 2.0**20 + 2.0**-20
    yield "huge", x * 2.0**900, y * 2.0**900
    yield "tiny", x * 2.0**-900, y * 2.0**-900
    yield "single precision", x.astype("float32"), y.astype("float32")
    yield "single precision, far from 0", (x + 1024).astype("float32"), (x + 1024 + 2.0**-8).astype("float32")


def _few_points() -> Iterator[tuple[Any, ...]]:
    """(case, x, y), of one or two points."""
    yield "two Diracs", numpy.array([0.25]), numpy.array([3.0])
    yield "a Dirac against two points", numpy.array([0.25]), numpy.array([3.0, -1.0])
    yield "two points", numpy.array([0.0, 1.0]), numpy.array([0.25, 2.0])
    yield "two points, crossed", numpy.array([1.0, 0.0]), numpy.array([-0.5, 1.5])
    yield "equal", numpy.array([0.0, 1.0]), numpy.array([1.0, 0.0])
    yield "far from 0", numpy.array([0.0, 1.0]) + 2.0**20, numpy.array([0.25, 2.0]) + 2.0**20
    yield "cold: costs of 100", numpy.array([0.0, 10.0]), numpy.array([1.0, 12.0])
