"""Matrices of balls: definiteness, eigenvalue enclosures, and on which side of a line or circle eigenvalues lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy

from gamedyn.backend import require
from gamedyn.numerics import Verdict

__all__ = ["Disc", "Sides", "definiteness", "eigenvalue_discs", "float_above", "float_below", "merged", "sides"]


class Disc(NamedTuple):
    """A disc of the complex plane, all three exact balls; connected discs hold as many eigenvalues as they are."""

    real: Any
    imag: Any
    radius: Any


class Sides(NamedTuple):
    """How many eigenvalues are proved to lie within the stable region, and how many outside of it."""

    inside: int
    outside: int
    margin: float
    """A bound on how far inside the worst one lies; negative where one is outside."""


def float_below(x: Any) -> float:
    """A float that is at most every number of the ball.

    Parameters
    ----------
    x : flint.arb
    """
    return math.nextafter(float(x.lower()), -math.inf)


def float_above(x: Any) -> float:
    """A float that is at least every number of the ball.

    Parameters
    ----------
    x : flint.arb
    """
    return math.nextafter(float(x.upper()), math.inf)


def definiteness(rows: Sequence[Sequence[Any]], what: str) -> Verdict:
    """Whether every symmetric matrix within the balls is positive definite ("yes"), or none is ("no").

    Parameters
    ----------
    rows : d sequences of d flint.arb
    what : str
        The matrix's name, for the reason.

    Returns
    -------
    Verdict
        Its margin is a lower bound on the smallest eigenvalue for "yes", an upper one for "no".
    """
    d = len(rows)
    if d == 1:
        value = rows[0][0]
        if value > 0:
            return Verdict("yes", max(float_below(value), 0.0), f"{what} is positive definite")
        if value <= 0:
            return Verdict("no", min(float_above(value), 0.0), f"{what} is not positive definite")
        return Verdict("undecided", 0.0, f"{what} is 0 within its enclosure")
    middle = numpy.asarray([[float(rows[max(i, j)][min(i, j)]) for j in range(d)] for i in range(d)])
    # Where a float cannot hold them, coordinates and pivots decide alone.
    values, vectors = numpy.linalg.eigh(middle if numpy.all(numpy.isfinite(middle)) else numpy.eye(d))
    if _has_positive_pivots(rows, 0.0):
        shifts = [float(values[0]) * share for share in (1 - 1e-9, 1 - 1e-3, 0.5, 0.1) if values[0] > 0]
        margin = next((shift for shift in shifts if _has_positive_pivots(rows, shift)), 0.0)
        return Verdict("yes", margin, f"{what} is positive definite")
    arb = require("flint").arb
    # Coordinates first: a zero on the diagonal is exact.
    for vector in (*numpy.eye(d), vectors[:, 0]):
        v = [arb(float(x)) for x in vector]
        form = sum(v[i] * rows[i][j] * v[j] for i in range(d) for j in range(d))
        if form <= 0:
            quotient = form / sum((x * x for x in v), arb(0))
            return Verdict("no", min(float_above(quotient), 0.0), f"{what} is not positive definite")
    return Verdict("undecided", 0.0, f"{what} is singular within its enclosure")


def _has_positive_pivots(rows: Sequence[Sequence[Any]], shift: float) -> bool:
    """Whether elimination in the lower triangle of A - shift I meets positive pivots only."""
    d = len(rows)
    a = [[rows[i][j] - (shift if i == j else 0.0) for j in range(i + 1)] for i in range(d)]
    for k in range(d):
        if not a[k][k] > 0:
            return False
        for i in range(k + 1, d):
            factor = a[i][k] / a[k][k]
            for j in range(k + 1, i + 1):
                a[i][j] = a[i][j] - factor * a[j][k]
    return True


def eigenvalue_discs(rows: Sequence[Sequence[Any]]) -> tuple[Disc, ...]:
    """Gershgorin's discs of V^-1 A V, V the approximate eigenvectors of the midpoint: they enclose all eigenvalues.

    Parameters
    ----------
    rows : d sequences of d flint.arb
    """
    flint = require("flint")
    a = flint.acb_mat([list(row) for row in rows])
    d = len(rows)
    similar = a
    try:
        _, vectors = a.mid().eig(right=True, algorithm="approx")
        candidate = vectors.mid().solve(a * vectors.mid())
        if all(candidate[i, j].is_finite() for i in range(d) for j in range(d)):
            similar = candidate
    except (ZeroDivisionError, ValueError):
        pass
    discs = []
    for i in range(d):
        center = similar[i, i].mid()
        rest = sum((similar[i, j].abs_upper() for j in range(d) if j != i), (similar[i, i] - center).abs_upper())
        discs.append(Disc(center.real, center.imag, rest.upper()))
    return tuple(discs)


def sides(rows: Sequence[Sequence[Any]], discs: Sequence[Disc], *, of_circle: bool) -> Sides:
    """How many eigenvalues lie in the open right half-plane, or in the open unit disc, and how many beyond its edge.

    By connected unions of discs, and where those do not say, by the signs of Routh's array of the characteristic
    polynomial: as many roots have a positive real part as there are changes of sign down its first column, and none is
    imaginary where no entry of it is 0.

    Parameters
    ----------
    rows : d sequences of d flint.arb
    discs : sequence of Disc
        Of the same matrix.
    of_circle : bool
        The unit disc instead of the right half-plane.

    References
    ----------
    Gantmacher (1959), The theory of matrices, volume 2, on the Routh-Hurwitz problem.
    """
    arb = require("flint").arb
    inner, outer = [], []
    for disc in discs:
        if of_circle:
            size = (disc.real * disc.real + disc.imag * disc.imag).sqrt()
            inner.append(1 - size - disc.radius)
            outer.append(size - disc.radius - 1)
        else:
            inner.append(disc.real - disc.radius)
            outer.append(-disc.real - disc.radius)
    inside = outside = 0
    margins = []
    for component in _components(discs):
        if all(inner[k] > 0 for k in component):
            inside += len(component)
            margins.append(min(float_below(inner[k]) for k in component))
        elif all(outer[k] > 0 for k in component):
            outside += len(component)
            margins.append(-min(float_below(outer[k]) for k in component))
    if inside + outside < len(discs):
        counts = _routh_counts(_polynomial(rows, of_circle))
        if counts is not None:
            # Routh's counts are of roots left and right; mapped from the circle, the left ones are the inner ones.
            inside, outside = counts if of_circle else counts[::-1]
            margins = [0.0]
        else:
            trace = sum((rows[k][k] for k in range(len(rows))), arb(0))
            if not of_circle and trace < 0 and not outside:
                outside, margins = 1, [0.0]
    return Sides(inside, outside, min(margins, default=0.0))


def merged(discs: Sequence[Disc]) -> tuple[Disc, ...]:
    """The discs, those of a connected union replaced by one around four times all of it.

    Where J has no basis of eigenvectors, nearby matrices have other discs in about the same place.

    Parameters
    ----------
    discs : sequence of Disc
    """
    wider = list(discs)
    for component in _components(discs):
        if len(component) > 1:
            real = (sum(discs[k].real for k in component) / len(component)).mid()
            imag = (sum(discs[k].imag for k in component) / len(component)).mid()
            away = [
                (((discs[k].real - real) ** 2 + (discs[k].imag - imag) ** 2).sqrt() + discs[k].radius).upper()
                for k in component
            ]
            radius = 4 * away[0]
            for size in away[1:]:
                radius = radius.max(4 * size)
            for k in component:
                wider[k] = Disc(real, imag, radius.upper())
    return tuple(wider)


def _components(discs: Sequence[Disc]) -> list[list[int]]:
    """The discs in groups that are proved to be apart from each other."""
    groups: list[list[int]] = []
    for k, disc in enumerate(discs):
        touching = [group for group in groups if any(_may_touch(disc, discs[j]) for j in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([k, *(j for group in touching for j in group)])
    return groups


def _may_touch(first: Disc, second: Disc) -> bool:
    x, y, reach = first.real - second.real, first.imag - second.imag, first.radius + second.radius
    return not x * x + y * y > reach * reach


def _polynomial(rows: Sequence[Sequence[Any]], of_circle: bool) -> list[Any]:
    """The characteristic polynomial, highest power first; of_circle: of w = (r - 1) / (r + 1), times (1 - w)^d."""
    flint = require("flint")
    found = flint.arb_mat([list(row) for row in rows]).charpoly()
    d = len(rows)
    if not of_circle:
        return [found[k] for k in range(d, -1, -1)]
    up, down = flint.arb_poly([1, 1]), flint.arb_poly([1, -1])
    mapped = flint.arb_poly([0])
    for k in range(d + 1):
        mapped = mapped + flint.arb_poly([found[k]]) * up**k * down ** (d - k)
    return [mapped[k] for k in range(d, -1, -1)]


def _routh_counts(coefficients: list[Any]) -> tuple[int, int] | None:
    """(roots with negative, with positive real part), where no entry of Routh's first column can be 0."""
    zero = require("flint").arb(0)
    degree = len(coefficients) - 1
    upper, lower = coefficients[::2], coefficients[1::2]
    column = [upper[0]]
    for _ in range(degree):
        lower = lower or [zero]
        if not (lower[0] > 0 or lower[0] < 0):
            return None
        column.append(lower[0])
        ratio = upper[0] / lower[0]
        following = [
            (upper[k + 1] if k + 1 < len(upper) else zero) - ratio * (lower[k + 1] if k + 1 < len(lower) else zero)
            for k in range(max(len(upper), len(lower)) - 1)
        ]
        upper, lower = lower, following
    if not (column[0] > 0 or column[0] < 0):
        return None
    changes = sum(1 for a, b in pairwise(column) if (a > 0) != (b > 0))
    return degree - changes, changes
