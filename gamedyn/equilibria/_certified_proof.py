"""The steps that a certificate is made of: Krawczyk's operator on one box, and verdicts on an enclosure of J."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy

from gamedyn.backend import require, to_host
from gamedyn.equilibria._certified_expressions import LeavesDomain, ball_of
from gamedyn.equilibria._certified_game import IntervalGame
from gamedyn.equilibria._certified_matrices import Disc, Sides, definiteness, eigenvalue_discs, sides
from gamedyn.equilibria._certified_rules import rule_converges
from gamedyn.games import Box, Domain, Reals, player_slices
from gamedyn.numerics import Verdict

__all__ = ["Contraction", "RationalBox", "balls_of", "contract", "judge", "krawczyk"]

RationalBox = tuple[tuple[Fraction, Fraction], ...]
"""((low_1, high_1), ..., (low_d, high_d)), exact."""


class Contraction(NamedTuple):
    """What Krawczyk's operator says about one box."""

    answer: str
    """ "none", "exactly one", or "undecided"."""
    image: Any
    """d balls that hold every zero of xi in the box; None where there are none such."""
    reason: str


def balls_of(box: RationalBox) -> list[Any]:
    """Balls that hold the box.

    Parameters
    ----------
    box : RationalBox
    """
    return [ball_of(low).union(ball_of(high)) for low, high in box]


def contract(game: IntervalGame, box: RationalBox) -> Contraction:
    """K(X) = m - Y xi(m) + (I - Y J(X)) (X - m) against X, m the middle of X, Y near J(m)^-1.

    All zeros of xi in X lie in K(X), whatever Y is. K(X) in the interior of X proves that there is exactly one; K(X)
    apart from X, or 0 outside of xi(X) or of its centred form xi(m) + J(X) (X - m), that there is none.

    Parameters
    ----------
    game : IntervalGame
    box : RationalBox

    References
    ----------
    Krawczyk (1969), Newton-Algorithmen zur Bestimmung von Nullstellen mit Fehlerschranken. Moore (1977), A test for
    existence of solutions to nonlinear systems.
    """
    try:
        excluded, image = krawczyk(game, balls_of(box))
    except LeavesDomain as problem:
        return Contraction("undecided", None, f"the game is not defined, or not smooth, on all of the box: {problem}")
    if excluded:
        return Contraction("none", None, excluded)
    if image is None:
        return Contraction("undecided", None, "J is singular within its enclosure over the box")
    ends = [(ball_of(low), ball_of(high)) for low, high in box]
    if any(k < low or k > high for k, (low, high) in zip(image, ends, strict=True)):
        return Contraction("none", image, "K(box) and the box are disjoint")
    if all(k > low and k < high for k, (low, high) in zip(image, ends, strict=True)):
        return Contraction("exactly one", image, "K(box) lies in the interior of the box")
    return Contraction("undecided", image, "K(box) does not lie in the interior of the box")


def krawczyk(game: IntervalGame, x: Sequence[Any]) -> tuple[str, list[Any] | None]:
    """(why no zero lies in the box, or ""; K(X), or None where the middle of J is singular).

    Parameters
    ----------
    game : IntervalGame
    x : d flint.arb

    Raises
    ------
    LeavesDomain
    """
    field, jacobian = game.field_and_jacobian(x)
    for k, value in enumerate(field):
        if value > 0 or value < 0:
            return f"xi_{k + 1} has no zero over the box", None
    middle = [ball.mid() for ball in x]
    from_middle = [ball - m for ball, m in zip(x, middle, strict=True)]
    at_middle = game.field(middle)
    for k, value in enumerate(at_middle):
        centred = value + _dot(jacobian[k], from_middle)
        if centred > 0 or centred < 0:
            return f"the centred form of xi_{k + 1} has no zero over the box", None
    inverse = _approximate_inverse(jacobian)
    if inverse is None:
        return "", None
    d = len(middle)
    image = []
    for i in range(d):
        value = middle[i] - _dot(inverse[i], at_middle)
        for j in range(d):
            slope = -sum(inverse[i][k] * jacobian[k][j] for k in range(d))
            value = value + (slope + 1 if i == j else slope) * from_middle[j]
        image.append(value)
    if not all(value.is_finite() for value in image):
        return "", None
    return "", image


def _dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        total = total + x * y
    return total


def _approximate_inverse(rows: Sequence[Sequence[Any]]) -> list[list[Any]] | None:
    """Exact numbers near the inverse of the middle, or None."""
    middle = [[value.mid() for value in row] for row in rows]
    if len(middle) == 1:
        value = middle[0][0]
        return None if value.is_zero() else [[(1 / value).mid()]]
    if len(middle) == 2:
        (a, b), (c, d) = middle
        determinant = a * d - b * c
        if not (determinant > 0 or determinant < 0):
            return None
        return [
            [(d / determinant).mid(), (-b / determinant).mid()],
            [(-c / determinant).mid(), (a / determinant).mid()],
        ]
    try:
        inverse = require("flint").arb_mat(middle).inv()
    except ZeroDivisionError:
        return None
    return [[value.mid() for value in row] for row in inverse.tolist()]


def judge(
    game: IntervalGame,
    jacobian: Sequence[Sequence[Any]],
    enclosure: RationalBox,
    domain: Domain,
    rule: Any,
    discs: Sequence[Disc] | None = None,
) -> dict[str, Any]:
    """The verdicts on the stationary point of an enclosure, from J over it, and its kind in one word.

    Parameters
    ----------
    game : IntervalGame
    jacobian : d sequences of d flint.arb
    enclosure : RationalBox
    domain : Domain
    rule : UpdateRule or None
    discs : sequence of Disc, optional
        Of J's eigenvalues, where they are known.
    """
    slices = player_slices(game.dims)
    own = [
        definiteness([row[block] for row in jacobian[block]], f"player {player}'s own Hessian")
        for player, block in enumerate(slices)
    ]
    nash = _all(own)
    minimax, maximin = (
        _leads(jacobian, slices, leader, own, nash) if game.leaders[leader] else None for leader in (0, 1)
    )
    discs = eigenvalue_discs(jacobian) if discs is None else discs
    found = sides(jacobian, discs, of_circle=False)
    d = len(jacobian)
    if found.inside == d:
        attracting = Verdict("yes", max(found.margin, 0.0), "every eigenvalue of J has a positive real part")
    elif found.outside:
        attracting = Verdict("no", min(found.margin, 0.0), "an eigenvalue of J has a negative real part")
    else:
        attracting = Verdict("undecided", 0.0, "the smallest real part of J's eigenvalues is 0 within its enclosure")
    verdict = None
    if rule is not None:
        verdict = rule_converges(rule, [list(row) for row in jacobian], game.dims)
        if rule.heeds_domain and not _is_inside(enclosure, domain):
            verdict = Verdict(
                "undecided", 0.0, "the rule projects, and the point is not proved to lie inside the domain"
            )
    return {
        "kind": _kind(nash, minimax, attracting, found, d),
        "differential_nash": nash,
        "local_minimax": minimax,
        "local_maximin": maximin,
        "attracting": attracting,
        "rule_converges": verdict,
    }


def _leads(
    jacobian: Sequence[Sequence[Any]], slices: Sequence[slice], leader: int, own: Sequence[Verdict], nash: Verdict
) -> Verdict:
    """Whether the follower's Hessian and the leader's Schur complement are positive definite."""
    name = "the Schur complement of player " + str(leader)
    follower = own[1 - leader]
    if not follower.is_yes:
        return follower
    x, y = slices[leader], slices[1 - leader]
    matrix = require("flint").arb_mat
    j = {
        (a, b): matrix([list(row[q]) for row in jacobian[p]])
        for a, p in (("x", x), ("y", y))
        for b, q in (("x", x), ("y", y))
    }
    try:
        complement = j["x", "x"] - j["x", "y"] * j["y", "y"].solve(j["y", "x"])
    except ZeroDivisionError:
        return Verdict("undecided", 0.0, f"{name} is not proved to exist")
    found = definiteness(complement.tolist(), name)
    if nash.is_yes and not found.is_yes:
        return Verdict("yes", 0.0, "a differential Nash equilibrium is one")
    return found


def _all(verdicts: Sequence[Verdict]) -> Verdict:
    for answer in ("no", "undecided"):
        for verdict in verdicts:
            if verdict.answer == answer:
                return verdict
    return Verdict("yes", min(v.margin for v in verdicts), "every player's own Hessian is positive definite")


def _kind(nash: Verdict, minimax: Verdict | None, attracting: Verdict, found: Sides, size: int) -> str:
    if nash.is_yes:
        return "nash"
    if minimax is not None and minimax.is_yes:
        return "minimax"
    # What may still be a Nash or a minimax point has no other name.
    if nash.is_undecided or (minimax is not None and minimax.is_undecided) or attracting.is_undecided:
        return "undecided"
    if attracting.is_yes:
        return "attractor"
    if found.inside:
        return "saddle"
    # With an eigenvalue of either sign a saddle, with none on the axis a repeller; else either.
    return "repeller" if found.outside == size else "undecided"


def _is_inside(enclosure: RationalBox, domain: Domain) -> bool:
    """Whether the enclosure is proved to lie in the interior of the domain."""
    if type(domain) is Reals:
        return True
    if type(domain) is not Box:
        return False
    d = len(enclosure)
    lower = numpy.broadcast_to(numpy.asarray(to_host(domain.lower), dtype=float), (d,))
    upper = numpy.broadcast_to(numpy.asarray(to_host(domain.upper), dtype=float), (d,))
    # Comparisons of a Fraction with a float, infinite too, are exact.
    return all(
        low > a and high < b for (low, high), a, b in zip(enclosure, lower.tolist(), upper.tolist(), strict=True)
    )
