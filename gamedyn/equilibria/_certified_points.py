"""certify_all: branch and bound that proves that all stationary points of a box were found."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer
from gamedyn.backend import require
from gamedyn.equilibria._certificate import Certificate
from gamedyn.equilibria._certified_expressions import LeavesDomain, fraction_of
from gamedyn.equilibria._certified_proof import RationalBox, balls_of, krawczyk
from gamedyn.equilibria._certified_rules import check_certifiable_rule
from gamedyn.equilibria._certifier import Certifier, as_box_or_point, certifier_of
from gamedyn.games import Game

__all__ = ["CertifiedPoints", "certify_all"]

_SEARCH_BITS = 64
_NARROWEST = 2.0**-30
_NAMED_LEFT = 5


@dataclass(frozen=True)
class CertifiedPoints:
    """All stationary points of a box, each with its certificate, and what is left undecided of the box.

    Parameters
    ----------
    game_text : str
        The game's `repr`.
    box : tuple of d pairs of Fraction
        What was searched.
    certificates : tuple of Certificate
        One for each point whose enclosure meets the box, sorted; each says that there is exactly one in its own box.
    complete : bool
        Whether all of the box is decided: then it holds these points and no others. A point whose enclosure reaches
        over a face lies in the box, or outside of it by less than the enclosure's width.
    undecided : tuple of boxes
        Where further points may lie: none where `complete`.
    boxes : int
        How many were looked at.
    """

    game_text: str
    box: RationalBox
    certificates: tuple[Certificate, ...]
    complete: bool
    undecided: tuple[RationalBox, ...]
    boxes: int

    def __len__(self) -> int:
        """The number of points."""
        return len(self.certificates)

    def __str__(self) -> str:
        """A table: one line for each point."""
        state = "all of them: complete" if self.complete else f"{len(self.undecided)} boxes undecided"
        points = "stationary point" if len(self) == 1 else "stationary points"
        lines = [f"{len(self)} {points} of {self.game_text} ({state}, {self.boxes} boxes looked at)"]
        for certificate in self.certificates:
            width = max(float(high - low) for low, high in certificate.enclosure)
            # Centres of intervals around 0 are rounding.
            point = ", ".join(f"{value if abs(value) > width else 0:.12g}" for value in certificate.point)
            rule = (
                "" if certificate.rule_converges is None else f"  rule converges: {certificate.rule_converges.answer}"
            )
            lines.append(f"  {certificate.kind:<11} ({point}) within {width:.1e}{rule}")
        for box in self.undecided[:_NAMED_LEFT]:
            lines.append("  undecided   " + " x ".join(f"[{float(low):.9g}, {float(high):.9g}]" for low, high in box))
        if len(self.undecided) > _NAMED_LEFT:
            lines.append(f"  ... and {len(self.undecided) - _NAMED_LEFT} more boxes")
        return "\n".join(lines)


def certify_all(
    game: Game, box: Any, *, max_boxes: int = 100_000, rule: Any = None, precision: int = 128
) -> CertifiedPoints:
    """All stationary points of a box, with a proof that there are no others.

    Boxes where xi, its centred form or Krawczyk's operator leave no room for a zero are thrown away; those where
    Krawczyk's operator contracts hold exactly one; the others shrink to its image, or are cut in two.

    Parameters
    ----------
    game : Game
        As for `certify`.
    box : array_like, shape (d, 2)
        ((low_1, high_1), ...).
    max_boxes : int
        The budget. Where it ends, the result is marked incomplete.
    rule : UpdateRule, optional
        Whose local convergence is judged at each point.
    precision : int
        Bits of the certificates' arithmetic.

    Returns
    -------
    CertifiedPoints
        Print it for a table.

    Raises
    ------
    TypeError, ValueError, MissingExtraError
        As for `certify`.

    Notes
    -----
    Host-only. Points where J is singular, and lines of points, stay undecided in boxes of 1e-9 of the size, or at the
    budget. The largest boxes go first.

    References
    ----------
    Moore, Kearfott and Cloud (2009), Introduction to interval analysis.

    Examples
    --------
    The gradient of f = x^3/3 - x + x y - y^2 and its opposite vanishes where y = x/2 and x^2 + x/2 - 1 = 0.

    >>> import sympy
    >>> from gamedyn.games import SymbolicGame
    >>> x, y = sympy.symbols("x y")
    >>> f = x**3 / 3 - x + x * y - y**2
    >>> found = certify_all(SymbolicGame([f, -f], [x, y]), [(-3, 3), (-3, 3)])
    >>> found.complete, [c.kind for c in found.certificates]
    (True, ['saddle', 'nash'])
    """
    certifier = certifier_of(game)
    check_integer("precision", precision, minimum=32)
    check_integer("max_boxes", max_boxes, minimum=1)
    if rule is not None:
        check_certifiable_rule(rule, certifier.interval.dims)
    exact = as_box_or_point(box, sum(certifier.interval.dims))
    if not isinstance(exact[0], tuple):
        raise ValueError(f"`box` must have shape ({len(exact)}, 2), got a point.")
    search = _Search(certifier, game, exact, rule, precision)
    search.run(max_boxes)
    return search.result()


class _Search:
    """The boxes still to be looked at, and what was found."""

    def __init__(self, certifier: Certifier, game: Game, box: RationalBox, rule: Any, precision: int) -> None:
        self.flint = require("flint")
        self.certifier, self.game, self.box = certifier, game, box
        self.rule, self.precision = rule, precision
        self.found: list[Certificate] = []
        # Balls of the boxes in which a point is proved to be the only one.
        self.claimed: list[tuple[list[Any], Certificate]] = []
        self.left: list[RationalBox] = []
        self.boxes = 0
        self.sizes = [float(high - low) for low, high in box]
        with self.flint.ctx.workprec(_SEARCH_BITS):
            self.queue: deque[list[Any]] = deque([balls_of(box)])

    def run(self, max_boxes: int) -> None:
        """Look at boxes until none, or no budget, is left."""
        with self.flint.ctx.workprec(_SEARCH_BITS):
            while self.queue and self.boxes < max_boxes:
                self.boxes += 1
                self.look_at(self.queue.popleft())
            self.left.extend(_rational(x) for x in self.queue)

    def look_at(self, x: list[Any]) -> None:
        """Throw the box away, prove a point in it, shrink it or cut it in two."""
        if any(_within(x, box) for box, _ in self.claimed):
            return
        try:
            excluded, image = krawczyk(self.certifier.interval, x)
        except LeavesDomain:
            self.cut(x)
            return
        if excluded or (image is not None and not all(k.overlaps(ball) for k, ball in zip(image, x, strict=True))):
            return
        if image is None:
            self.cut(x)
            return
        # How much smaller K(X) is than X, in the worst coordinate.
        shares = [float(k.rad()) / float(ball.rad()) for k, ball in zip(image, x, strict=True)]
        if max(shares) < 0.9 and self.prove(x, image):
            return
        # A little wider: a side without width would keep Krawczyk's image from its interior.
        wider = [self.flint.arb(k, ball.rad() / 1024) for k, ball in zip(image, x, strict=True)]
        smaller = [k.intersection(ball) for k, ball in zip(wider, x, strict=True)]
        kept = [float(s.rad()) / float(ball.rad()) for s, ball in zip(smaller, x, strict=True)]
        if math.prod(kept) < 0.7 and max(kept) <= 1:
            self.push(smaller)
        else:
            self.cut(x)

    def prove(self, x: list[Any], image: list[Any]) -> bool:
        """Whether a box around X is proved to hold exactly one point; it is wider, so that points on faces count."""
        wide = [
            self.flint.arb(k.mid(), 1.5 * (abs(k.mid() - ball.mid()) + ball.rad()).upper())
            for k, ball in zip(image, x, strict=True)
        ]
        try:
            excluded, again = krawczyk(self.certifier.interval, wide)
        except LeavesDomain:
            return False
        if excluded:
            return True
        if again is None or not all(ball.contains_interior(k) for k, ball in zip(again, wide, strict=True)):
            return False
        with self.flint.ctx.workprec(self.precision):
            certificate = self.certifier.prove(_rational(wide), self.rule, self.precision, self.game)
        if certificate.existence != "exactly one":
            return False
        point = balls_of(certificate.enclosure)
        if any(float(k.rad()) > 0.5 * float(ball.rad()) for k, ball in zip(point, wide, strict=True)):
            # K(X) barely lies inside of X and tells neither place nor kind: smaller boxes do.
            return False
        # The zero of another wide box is this one where its enclosure lies in this box, in which there is one only.
        known = any(_within(point, box) or _within(balls_of(other.enclosure), wide) for box, other in self.claimed)
        if not known and any(_overlap(point, balls_of(other.enclosure)) for _, other in self.claimed):
            # One point or two: smaller boxes tell.
            return False
        self.claimed.append((wide, certificate))
        if not known and not self.is_outside(certificate.enclosure):
            self.found.append(certificate)
        return True

    def is_outside(self, enclosure: RationalBox) -> bool:
        """Whether the enclosure misses the box that was asked for."""
        return any(high < a or low > b for (low, high), (a, b) in zip(enclosure, self.box, strict=True))

    def cut(self, x: list[Any]) -> None:
        """Into two halves of the widest side, as shares of the whole box; the narrowest boxes stay undecided."""
        shares = [float(ball.rad()) / size for ball, size in zip(x, self.sizes, strict=True)]
        widest = shares.index(max(shares))
        if shares[widest] < _NARROWEST:
            self.left.append(_rational(x))
            return
        ball = x[widest]
        middle = ball.mid()
        for half in (ball.lower().union(middle), middle.union(ball.upper())):
            self.push([*x[:widest], half, *x[widest + 1 :]])

    def push(self, x: list[Any]) -> None:
        """To the end of the queue: the largest boxes go first."""
        self.queue.append(x)

    def result(self) -> CertifiedPoints:
        """What was found, sorted."""
        left = [box for box in self.left if not self.is_outside(box)]
        points = sorted(self.found, key=lambda certificate: certificate.point)
        return CertifiedPoints(
            game_text=self.certifier.text,
            box=self.box,
            certificates=tuple(points),
            complete=not left,
            undecided=tuple(left),
            boxes=self.boxes,
        )


def _within(x: Sequence[Any], box: Sequence[Any]) -> bool:
    return all(outer.contains(ball) for outer, ball in zip(box, x, strict=True))


def _overlap(x: Sequence[Any], y: Sequence[Any]) -> bool:
    return all(a.overlaps(b) for a, b in zip(x, y, strict=True))


def _rational(x: Sequence[Any]) -> RationalBox:
    """A box that holds the balls."""
    return tuple((fraction_of(ball.lower()), fraction_of(ball.upper())) for ball in x)
