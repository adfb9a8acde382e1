"""Verdicts on many points at once, each with a reason of its own, before they become a `Verdict`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn.numerics import Verdict

__all__ = ["Answers", "all_of", "answers_of", "choose", "negated", "put", "take", "worded"]


class Answers(NamedTuple):
    """Three-valued answers at N points."""

    answer: numpy.ndarray
    """(N,) of str"""
    margin: numpy.ndarray
    """(N,)"""
    reason: numpy.ndarray
    """(N,) of objects"""

    @property
    def is_yes(self) -> numpy.ndarray:
        """(N,): proved."""
        return self.answer == "yes"  # type: ignore[no-any-return]

    @property
    def is_no(self) -> numpy.ndarray:
        """(N,): disproved."""
        return self.answer == "no"  # type: ignore[no-any-return]

    @property
    def is_undecided(self) -> numpy.ndarray:
        """(N,): open."""
        return self.answer == "undecided"  # type: ignore[no-any-return]

    def verdict(self, batch: tuple[int, ...]) -> Verdict:
        """As a Verdict on a batch of this shape; on one point for ()."""
        if not batch:
            return Verdict(str(self.answer[0]), float(self.margin[0]), str(self.reason[0]))
        reasons = set(self.reason.tolist())
        reason = reasons.pop() if len(reasons) == 1 else "see each point alone"
        return Verdict(self.answer.reshape(batch), self.margin.reshape(batch), reason)


def answers_of(answer: Any, margin: numpy.ndarray, reason: Any) -> Answers:
    """Answers at as many points as there are margins (N,); the others are one for all, or (N,).

    Parameters
    ----------
    answer, reason : str or array
    margin : array, shape (N,)
    """
    count = len(margin)
    answers = numpy.broadcast_to(numpy.asarray(answer, dtype="<U9"), (count,)).copy()
    reasons = numpy.empty(count, dtype=object)
    reasons[:] = reason
    return Answers(answers, numpy.asarray(margin, dtype=float), reasons)


def worded(answer: numpy.ndarray, margin: numpy.ndarray, words: dict[str, str]) -> Answers:
    """Answers (N,) whose reasons follow from them.

    Parameters
    ----------
    answer, margin : array, shape (N,)
    words : dict
        The reason for each answer.
    """
    reasons = numpy.empty(len(margin), dtype=object)
    for each, reason in words.items():
        reasons[answer == each] = reason
    return answers_of(answer, margin, reasons)


def choose(mask: numpy.ndarray, first: Answers, second: Answers) -> Answers:
    """The first ones where the mask holds, else the second ones.

    Parameters
    ----------
    mask : array, shape (N,)
    first, second : Answers
    """
    return Answers(*(numpy.where(mask, a, b) for a, b in zip(first, second, strict=True)))


def take(answers: Answers, index: Any) -> Answers:
    """Those at some of the points.

    Parameters
    ----------
    answers : Answers
    index : index of an array
    """
    return Answers(*(each[index] for each in answers))


def put(answers: Answers, index: Any, some: Answers) -> Answers:
    """With some of the points' answers replaced.

    Parameters
    ----------
    answers, some : Answers
    index : index of an array
    """
    copies = Answers(*(each.copy() for each in answers))
    for target, source in zip(copies, some, strict=True):
        target[index] = source
    return copies


def negated(answers: Answers) -> Answers:
    """The answers to the opposite question."""
    flipped = numpy.where(answers.is_yes, "no", numpy.where(answers.is_no, "yes", "undecided"))
    return Answers(flipped.astype("<U9"), -answers.margin, answers.reason)


def all_of(parts: list[Answers], reason: str) -> Answers:
    """The conjunction: a proved "no" decides, then an "undecided"; `reason` where all are "yes".

    Parameters
    ----------
    parts : list of Answers
    reason : str
    """
    answer = numpy.stack([part.answer for part in parts])
    margin = numpy.stack([part.margin for part in parts])
    reasons = numpy.stack([part.reason for part in parts])
    any_no, any_open = (answer == "no").any(axis=0), (answer == "undecided").any(axis=0)
    deciding = numpy.where(any_no, answer == "no", numpy.where(any_open, answer == "undecided", True))
    # A margin of nan is that of an open answer, and smaller than nothing.
    index = numpy.argmin(numpy.where(deciding & ~numpy.isnan(margin), margin, numpy.inf), axis=0)
    index = numpy.where(deciding[index, numpy.arange(len(index))], index, numpy.argmax(deciding, axis=0))
    at = (index, numpy.arange(len(index)))
    found = numpy.where(any_no, "no", numpy.where(any_open, "undecided", "yes"))
    return answers_of(found, margin[at], numpy.where(any_no | any_open, reasons[at], reason))
