"""Certificate: what is proved about one box of a game, with the numbers to prove it again."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from gamedyn.equilibria._certificate_check import verify
from gamedyn.equilibria._certified_proof import RationalBox
from gamedyn.numerics import Verdict

__all__ = ["Certificate"]

_FORMAT = "gamedyn certificate 1"
_VERDICTS = ("differential_nash", "local_minimax", "local_maximin", "attracting", "rule_converges")
_COUNTS = {
    "exactly one": "exactly one stationary point",
    "none": "no stationary point",
    "undecided": "undecided how many stationary points",
}
_TITLES = ("differential Nash", "local minimax", "local maximin", "attracts the flow")


@dataclass(frozen=True, eq=False)
class Certificate:
    """A proof that a box of a game holds exactly one stationary point, or none, and what kind of point it is.

    All numbers of the proof are exact rationals. Print it to read the proof; `check()` makes it again.

    Parameters
    ----------
    game_text : str
        The game's `repr`.
    box : tuple of d pairs of Fraction
        What the statement is about.
    existence : {"exactly one", "none", "undecided"}
        How many zeros of xi the box holds.
    reason : str
        Which test decided, or why none could.
    steps : tuple of boxes
        From `box` down to `enclosure`: each holds Krawczyk's image of the one before, cut with it.
    kind : str
        "nash", "minimax", "attractor", "saddle" or "repeller" where that is proved, as for `classify`; "nonstationary"
        where there is no point; else "undecided".
    differential_nash, local_minimax, local_maximin, attracting : Verdict or None
        On the one point; None where there is none. Local minimax is with player 0 leading, maximin with player 1; None
        where it is not proved that the other's loss is the opposite of the leader's up to what only the leader moves.
        Margins bound the smallest eigenvalue, or real part of an eigenvalue of J: from below for "yes", from above for
        "no".
    eigenvalues : tuple of (real, imag, radius)
        Discs that enclose J's eigenvalues; unions apart from the others hold as many as they have discs.
    rule_text : str or None
        The update rule's `repr`.
    rule_converges : Verdict or None
        Whether the rule converges from all points near enough. Its margin bounds 1 - max |r| over the multipliers r.
    precision : int
        Bits of the proof's arithmetic.
    """

    game_text: str
    box: RationalBox
    existence: str
    reason: str
    steps: tuple[RationalBox, ...]
    kind: str
    precision: int
    differential_nash: Verdict | None = None
    local_minimax: Verdict | None = None
    local_maximin: Verdict | None = None
    attracting: Verdict | None = None
    eigenvalues: tuple[tuple[Fraction, Fraction, Fraction], ...] = ()
    rule_text: str | None = None
    rule_converges: Verdict | None = None
    game: Any = field(default=None, repr=False)
    rule: Any = field(default=None, repr=False)

    @property
    def enclosure(self) -> RationalBox:
        """The smallest box that holds the point."""
        return self.steps[-1]

    @property
    def point(self) -> tuple[float, ...]:
        """The middle of the enclosure, d floats."""
        return tuple(float((low + high) / 2) for low, high in self.enclosure)

    @property
    def is_proved(self) -> bool:
        """Whether it is decided how many points there are, one or none."""
        return self.existence != "undecided"

    def check(self) -> Verdict:
        """Prove every statement again from the stored rationals, at another precision where that suffices.

        Returns
        -------
        Verdict
            "yes" where every inclusion and every answer holds; else "no", with the first that does not.
        """
        return verify(self)

    def __str__(self) -> str:
        """The proof, step by step."""
        lines = [f"{_COUNTS.get(self.existence, self.existence)} of {self.game_text}: {self.kind}"]
        lines.append(f"  arithmetic           balls of {self.precision} bits, every rounding outward")
        lines.append(f"  box                  {_show(self.box)}")
        for step in self.steps[1:]:
            lines.append(f"  all zeros of xi in   {_show(step)}")
        lines.append(f"  {self.existence:<20} {self.reason}")
        if self.existence == "exactly one":
            shown = [(name, getattr(self, key)) for name, key in zip(_TITLES, _VERDICTS[:-1], strict=True)]
            for name, verdict in shown:
                if verdict is not None:
                    lines.append(f"  {name:<20} {_word(verdict)}")
            for real, imag, radius in self.eigenvalues:
                lines.append(
                    f"  eigenvalue of J      {float(real):.12g}{float(imag):+.12g}i within {float(radius):.2g}"
                )
        if self.rule_converges is not None:
            lines.append(f"  {'rule converges':<20} {_word(self.rule_converges)}; {self.rule_text}")
        return "\n".join(lines)

    def to_json(self) -> str:
        """The certificate as JSON, rationals as "p/q"; the game and the rule as text only."""
        document: dict[str, Any] = {
            "format": _FORMAT,
            "game": self.game_text,
            "existence": self.existence,
            "reason": self.reason,
            "kind": self.kind,
            "precision": self.precision,
            "rule": self.rule_text,
            "steps": [[[str(low), str(high)] for low, high in step] for step in self.steps],
            "eigenvalues": [[str(part) for part in disc] for disc in self.eigenvalues],
        }
        for name in _VERDICTS:
            verdict = getattr(self, name)
            document[name] = None if verdict is None else [verdict.answer, verdict.margin, verdict.reason]
        return json.dumps(document, indent=1)

    @classmethod
    def from_json(cls, text: str, game: Any, *, rule: Any = None) -> Certificate:
        """The certificate that `to_json` wrote; nothing in it is believed before `check()`.

        Parameters
        ----------
        text : str
        game : Game
            Whose `repr` is the stored one.
        rule : UpdateRule, optional
            Needed where the certificate is about one.

        Raises
        ------
        ValueError
            If the text is no certificate, or one of another game or rule.
        """
        try:
            document = json.loads(text)
        except (TypeError, ValueError) as error:
            raise ValueError(f"`text` must be the JSON of a certificate, got {str(text)[:40]!r}.") from error
        if not isinstance(document, dict) or document.get("format") != _FORMAT:
            raise ValueError(f"`text` must be a document of format {_FORMAT!r}, got {str(text)[:40]!r}.")
        if document.get("game") != repr(game):
            raise ValueError(f"`game` must be {document.get('game')}, which the certificate is about, got {game!r}.")
        if document.get("rule") != (None if rule is None else repr(rule)):
            raise ValueError(f"`rule` must be {document.get('rule')}, which the certificate is about, got {rule!r}.")
        try:
            steps = tuple(tuple((_rational(low), _rational(high)) for low, high in step) for step in document["steps"])
            discs = tuple((_rational(a), _rational(b), _rational(c)) for a, b, c in document["eigenvalues"])
            verdicts = {name: _verdict(document[name]) for name in _VERDICTS}
            existence, reason, kind = (str(document[name]) for name in ("existence", "reason", "kind"))
            precision = int(document["precision"])
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            raise ValueError(
                f"`text` must hold all fields of a certificate, got one that is wrong: {error}."
            ) from error
        sizes = {len(step) for step in steps}
        if sizes != {sum(game.dims)} or not all(low < high for step in steps for low, high in step):
            raise ValueError(f"`text` must hold boxes of {sum(game.dims)} intervals with low < high.")
        if not 16 <= precision <= 100_000:
            raise ValueError(f"`text` must hold a precision between 16 and 100000 bits, got {precision}.")
        return cls(
            game_text=document["game"],
            box=steps[0],
            steps=steps,
            precision=precision,
            eigenvalues=discs,
            rule_text=document["rule"],
            game=game,
            rule=rule,
            existence=existence,
            reason=reason,
            kind=kind,
            **verdicts,
        )


def _rational(text: Any) -> Fraction:
    """Of "p/q" only: an exponent could ask for a number of any length."""
    if not isinstance(text, str) or not re.fullmatch(r"-?[0-9]{1,4000}(/[0-9]{1,4000})?", text):
        raise ValueError(f"a number is {str(text)[:40]!r}")
    return Fraction(text)


def _verdict(stored: Any) -> Verdict | None:
    if stored is None:
        return None
    answer, margin, reason = stored
    if answer not in ("yes", "no", "undecided"):
        raise ValueError(f"an answer is {answer!r}")
    return Verdict(answer, float(margin), str(reason))


def _word(verdict: Verdict) -> str:
    bound = f", by at least {abs(verdict.margin):.6g}" if verdict.margin and not verdict.is_undecided else ""
    return f"{verdict.answer}: {verdict.reason}{bound}"


def _show(box: RationalBox) -> str:
    """Intervals as their middle and a half width."""
    return " x ".join(f"[{float((low + high) / 2):.15g} +- {float((high - low) / 2):.3g}]" for low, high in box)
