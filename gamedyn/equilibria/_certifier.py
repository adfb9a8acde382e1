"""certify: a proof of how many stationary points a box holds and of which kind, in ball arithmetic."""

from __future__ import annotations

import math
import numbers
import weakref
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import require, to_host
from gamedyn.equilibria._certificate import Certificate
from gamedyn.equilibria._certified_expressions import LeavesDomain, ball_of, fraction_of
from gamedyn.equilibria._certified_game import IntervalGame, interval_game
from gamedyn.equilibria._certified_matrices import eigenvalue_discs, merged
from gamedyn.equilibria._certified_proof import RationalBox, balls_of, contract, judge
from gamedyn.equilibria._certified_rules import check_certifiable_rule
from gamedyn.games import Game, StochasticGame
from gamedyn.numerics import Verdict

__all__ = ["Certifier", "as_box_or_point", "certifier_of", "certify"]

_MOST_STEPS = 100
_FARTHEST = Fraction(1, 10)
_SHRINKS = Fraction(99, 100)


def certify(game: Game, box_or_point: Any, *, rule: Any = None, precision: int = 128) -> Certificate:
    """Prove that a box holds exactly one stationary point, or none, and what kind of point it is.

    Krawczyk's operator K(X) = m - Y xi(m) + (I - Y J(X)) (X - m) in the interior of X proves exactly one zero of xi in
    X; the own Hessians, the Schur complements and the eigenvalues of J over a box that holds it prove its kind.

    Parameters
    ----------
    game : Game
        A SymbolicGame, an affine one, or TimescaleSeparated, ConsensusRegularized or Counted around one. Floats among
        its parameters are the binary rationals that they are.
    box_or_point : array_like, shape (d, 2) or (d,)
        ((low_1, high_1), ...); or a point: then a box is found around a zero of xi near it, by Newton's method. Where
        that leads farther away than a tenth of 1 + |z|, the certificate is about a small box around the point itself.
        Numbers may be Fractions.
    rule : UpdateRule, optional
        Whose local convergence is judged, too.
    precision : int
        Bits of the arithmetic.

    Returns
    -------
    Certificate
        Print it for the proof; `check()` makes the proof again.

    Raises
    ------
    TypeError
        If the game or the rule is none that can be certified.
    ValueError
        If the box is empty, not finite, or does not fit the game.
    MissingExtraError
        If python-flint is not installed.

    Notes
    -----
    Host-only. The statement is about zeros of xi, in the domain or not. Derivatives are SymPy's; everything else is
    ball arithmetic with outward rounding, and what it cannot decide is "undecided". The game's code is made once:
    certificates after the first are faster.

    References
    ----------
    Krawczyk (1969), Newton-Algorithmen zur Bestimmung von Nullstellen mit Fehlerschranken.

    Examples
    --------
    >>> from gamedyn.games import Quadratic
    >>> proof = certify(Quadratic.from_jacobian([[1.0, 2.0], [-2.0, 1.0]], (1, 1)), [[-1, 1], [-1, 2]])
    >>> proof.existence, proof.kind
    ('exactly one', 'nash')
    """
    return certifier_of(game).certify(box_or_point, rule=rule, precision=precision)


class Certifier:
    """A game's certificates: `certify` without the code that is made once for each game.

    Parameters
    ----------
    game : Game
        As for `certify`.

    Raises
    ------
    TypeError
        If it is none that can be certified.
    """

    def __init__(self, game: Game) -> None:
        require("flint")
        if not isinstance(game, (Game, StochasticGame)):
            hint = " Call it to make one." if isinstance(game, type) else ""
            raise TypeError(f"`game` must be a Game, got {type(game).__name__}.{hint}")
        full = game.full()
        self.interval: IntervalGame = interval_game(full)
        self.text, self.domain = repr(game), full.domain
        # Not the game itself where it keys the cache: the cache would keep it alive.
        self._game = weakref.ref(game)

    def certify(
        self, box_or_point: Any, *, rule: Any = None, precision: int = 128, game: Game | None = None
    ) -> Certificate:
        """As the function `certify`.

        Parameters
        ----------
        box_or_point, rule, precision
            As there.
        game : Game, optional
            The one this belongs to; needed only where nothing else holds it.
        """
        check_integer("precision", precision, minimum=32)
        if rule is not None:
            check_certifiable_rule(rule, self.interval.dims)
        given: Any = as_box_or_point(box_or_point, sum(self.interval.dims))
        game = self._game() if game is None else game
        with require("flint").ctx.workprec(precision):
            if isinstance(given[0], tuple):
                return self.prove(given, rule, precision, game)
            return self._around(given, rule, precision, game)

    def prove(self, box: RationalBox, rule: Any, precision: int, game: Game | None) -> Certificate:
        """The certificate of a box, at the precision of work.

        Parameters
        ----------
        box : RationalBox
        rule : UpdateRule or None
        precision : int
        game : Game
        """
        steps = [box]
        existence, reason = "undecided", ""
        while True:
            found = contract(self.interval, steps[-1])
            if found.answer != "undecided":
                existence, reason = found.answer, found.reason
            elif existence == "undecided":
                reason = found.reason
            elif found.image is None:
                # Proved on a larger box: this one is of no use.
                steps.pop()
            if found.image is None or len(steps) == _MOST_STEPS:
                break
            smaller = _cut(found.image, steps[-1], precision)
            before, after = (max(high - low for low, high in b) for b in (steps[-1], smaller))
            if found.answer == "none" or not all(low < high for low, high in smaller) or not after < before * _SHRINKS:
                break
            steps.append(smaller)
        kinds: dict[str, Any] = {"kind": "nonstationary" if existence == "none" else "undecided"}
        if existence == "exactly one":
            kinds = self._kinds(steps[-1], rule, precision)
        return Certificate(
            game_text=self.text,
            box=box,
            existence=existence,
            reason=reason,
            steps=tuple(steps),
            precision=precision,
            rule_text=None if rule is None else repr(rule),
            game=game,
            rule=rule,
            **kinds,
        )

    def _kinds(self, enclosure: RationalBox, rule: Any, precision: int) -> dict[str, Any]:
        jacobian = self.interval.jacobian(balls_of(enclosure))
        discs = eigenvalue_discs(jacobian)
        kinds = judge(self.interval, jacobian, enclosure, self.domain, rule, discs)
        # A little weaker than what was found, so that another precision proves them again.
        stated = merged(discs)
        spare = ball_of(Fraction(1, 2**precision))
        wider = [(disc.radius * (1 + 2.0**-16) + spare).upper() for disc in stated]
        kinds = {name: _weaken(value) if isinstance(value, Verdict) else value for name, value in kinds.items()}
        stored = zip(stated, wider, strict=True)
        kinds["eigenvalues"] = tuple(
            (fraction_of(disc.real), fraction_of(disc.imag), fraction_of(radius)) for disc, radius in stored
        )
        return kinds

    def _around(self, point: Sequence[Fraction], rule: Any, precision: int, game: Game | None) -> Certificate:
        """The certificate of a box around the zero that Newton's method finds."""
        size = 1 + max(abs(value) for value in point)
        found = self._newton([ball_of(value).mid() for value in point], precision)
        if found is None or max(abs(a - b) for a, b in zip(found, point, strict=True)) > _FARTHEST * size:
            found = list(point)
        certificate = None
        for bits in (16, 30, 45, precision // 2):
            radius = size / 2**bits
            box = tuple((value - radius, value + radius) for value in found)
            certificate = self.prove(box, rule, precision, game)
            if certificate.is_proved:
                break
        return certificate  # type: ignore[return-value]

    def _newton(self, start: list[Any], precision: int) -> list[Fraction] | None:
        flint = require("flint")
        z = start
        for _ in range(_MOST_STEPS):
            try:
                field, jacobian = self.interval.field_and_jacobian(z)
                step = flint.arb_mat(jacobian).solve(flint.arb_mat([[value] for value in field]))
            except (LeavesDomain, ZeroDivisionError):
                return None
            moved = [(z[k] - step[k, 0]).mid() for k in range(len(z))]
            if not all(value.is_finite() for value in moved):
                return None
            length = max(abs(float(step[k, 0].mid())) for k in range(len(z)))
            z = moved
            if length <= 2.0 ** (-precision // 2) * (1 + max(abs(float(value)) for value in z)):
                return [fraction_of(value) for value in z]
        return None


_CERTIFIERS: weakref.WeakKeyDictionary[Any, Certifier] = weakref.WeakKeyDictionary()


def certifier_of(game: Any) -> Certifier:
    """The game's Certifier, made once for as long as the game lives.

    Parameters
    ----------
    game : Game
    """
    try:
        found = _CERTIFIERS.get(game)
    except TypeError:
        return Certifier(game)
    if found is None:
        found = Certifier(game)
        _CERTIFIERS[game] = found
    return found


def as_box_or_point(given: Any, d: int) -> Any:
    """A box of rationals, or a point of d rationals.

    Parameters
    ----------
    given : array_like, shape (d, 2) or (d,)
    d : int

    Raises
    ------
    ValueError
        If it has another shape, is not finite, or an interval is empty.
    """
    if hasattr(given, "dtype"):
        given = numpy.asarray(to_host(given)).tolist()
    rows = list(given) if isinstance(given, (list, tuple)) else None
    if rows is None or len(rows) != d:
        shape = "nothing of the kind" if rows is None else f"{len(rows)} entries"
        raise ValueError(f"`box_or_point` must have {d} intervals (low, high), or {d} numbers, got {shape}.")
    if not any(map(_is_sequence, rows)):
        return tuple(_exact(value) for value in rows)
    box = []
    for k, row in enumerate(rows):
        pair = list(row) if _is_sequence(row) else [row]
        if len(pair) != 2:
            raise ValueError(f"`box_or_point` must have pairs (low, high), got {len(pair)} numbers in entry {k}.")
        low, high = _exact(pair[0]), _exact(pair[1])
        if not low < high:
            raise ValueError(f"`box_or_point` must have low < high, got ({pair[0]}, {pair[1]}) in entry {k}.")
        box.append((low, high))
    return tuple(box)


def _is_sequence(row: Any) -> bool:
    return isinstance(row, (list, tuple)) or bool(getattr(row, "shape", None))


def _exact(value: Any) -> Fraction:
    if isinstance(value, numbers.Rational) and not isinstance(value, bool):
        return Fraction(int(value.numerator), int(value.denominator))
    try:
        number = float(value)
        # What is no float, such as sqrt(2), would be rounded.
        if math.isfinite(number) and number == value:
            return Fraction(number)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"`box_or_point` must hold finite floats or rationals, got {value!r}.")


def _cut(image: Sequence[Any], box: RationalBox, precision: int) -> RationalBox:
    """The image, a little wider, cut with the box."""
    cut = []
    for ball, (low, high) in zip(image, box, strict=True):
        radius = fraction_of(ball.rad())
        # Room for the image at another precision, where that costs no steps.
        spare = radius / (4 if 4 * radius < high - low else 256) + Fraction(1, 2**precision)
        below, above = fraction_of(ball.lower()) - spare, fraction_of(ball.upper()) + spare
        cut.append((max(low, below), min(high, above)))
    return tuple(cut)


def _weaken(verdict: Verdict) -> Verdict:
    return Verdict(verdict.answer, verdict.margin * (1 - 1e-6), verdict.reason)
