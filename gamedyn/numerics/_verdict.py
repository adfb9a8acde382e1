"""Verdict: a three-valued answer with its margin and reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Verdict"]


@dataclass(frozen=True)
class Verdict:
    """An answer that is proved ("yes" or "no") or left open ("undecided").

    Parameters
    ----------
    answer : str, or NumPy array of str for a batch
        "yes", "no" or "undecided".
    margin : float or NumPy array
        How far the deciding quantity lies from its threshold; positive speaks for "yes".
    reason : str
        One sentence: which test decided, or why none could.

    Examples
    --------
    >>> Verdict("yes", 0.5, "smallest eigenvalue at least 0.5").is_yes
    True
    """

    answer: Any
    margin: Any
    reason: str

    @property
    def is_yes(self) -> Any:
        """Whether the answer is a proved "yes" (an array for a batch)."""
        return self.answer == "yes"

    @property
    def is_no(self) -> Any:
        """Whether the answer is a proved "no" (an array for a batch)."""
        return self.answer == "no"

    @property
    def is_undecided(self) -> Any:
        """Whether neither could be proved (an array for a batch)."""
        return self.answer == "undecided"

    def __bool__(self) -> bool:
        """Refuse: an undecided answer is neither true nor false."""
        raise TypeError("a Verdict has three values. Ask for `.is_yes`, `.is_no` or `.is_undecided`.")
