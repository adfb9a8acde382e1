"""GradientReport: what a gradient check found, as a table that names the worst entry."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

__all__ = ["GradientCheck", "GradientReport"]


@dataclass(frozen=True)
class GradientCheck:
    """One array of one derivative, compared.

    Attributes
    ----------
    derivative : str
        "forward", "jvp", "backward" or "backward_jvp".
    result : str
        The array: "y_dot", or a variable's name with _bar or _bar_dot.
    direction : str
        What moves: "x", a parameter's name, "y_bar", or "everything".
    error : float
        The largest difference, relative to the largest entry (in `backward`: to the terms of the adjoint identity); inf
        where shapes differ.
    index : tuple of int
        Of the largest difference in the array; () where only a sum was compared.
    entry : tuple of int or None
        Of the direction: which entry of it moves when the difference is largest; None unless the check failed.
    found, expected : float, or tuple of int
        Both values there, or both shapes.
    passed : bool
    """

    derivative: str
    result: str
    direction: str
    error: float
    index: tuple[int, ...]
    entry: tuple[int, ...] | None
    found: Any
    expected: Any
    passed: bool

    @property
    def place(self) -> str:
        """The entry and the direction, such as "y_dot[0, 1] along weight[2, 1]"."""
        return f"{self.result}{_brackets(self.index)} along {self.direction}{_brackets(self.entry)}"

    def sentence(self, method: str) -> str:
        """What was found and what `method` says, with index and direction."""
        if isinstance(self.found, tuple):
            return f"`{self.derivative}`: {self.result} has shape {self.found}, expected {self.expected}."
        where = f" at index {self.index}" if self.index else ""
        return (
            f"`{self.derivative}`: {self.result}{where} is {self.found!r}, by {method} {self.expected!r}, along "
            f"{self.direction}{_brackets(self.entry)}."
        )


@dataclass(frozen=True)
class GradientReport:
    """Every derivative of a layer against complex step or differences; prints as a table.

    Attributes
    ----------
    layer : str
        The layer's repr.
    method : str
        "complex step", or "differences".
    tolerance : float
        For each check's error.
    checks : tuple of GradientCheck
        In the order forward, jvp, backward, backward_jvp.
    """

    layer: str
    method: str
    tolerance: float
    checks: tuple[GradientCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether all checks passed."""
        return all(check.passed for check in self.checks)

    @property
    def worst(self) -> GradientCheck:
        """The largest error; where checks failed, that of the first derivative that failed: later ones rest on it."""
        failed = [check for check in self.checks if not check.passed]
        return _largest([check for check in failed if check.derivative == failed[0].derivative] or list(self.checks))

    def largest_errors(self) -> dict[str, float]:
        """Derivative -> its largest relative error."""
        return {name: _largest(checks).error for name, checks in self._by_derivative().items()}

    def __str__(self) -> str:
        """A line for each derivative, and what is wrong."""
        verdict = "passed" if self.passed else "FAILED"
        lines = [
            f"gradient check of {self.layer}",
            f"{verdict} at {self.tolerance:g}, by {self.method}",
            f"{'derivative':<13} {'checks':>6} {'largest error':>13}  at",
        ]
        for name, checks in self._by_derivative().items():
            worst = _largest(checks)
            lines.append(f"{name:<13} {len(checks):>6} {worst.error:>13.1e}  {worst.place}")
        return "\n".join(lines if self.passed else [*lines, self.worst.sentence(self.method)])

    def _by_derivative(self) -> dict[str, list[GradientCheck]]:
        groups: dict[str, list[GradientCheck]] = {}
        for check in self.checks:
            groups.setdefault(check.derivative, []).append(check)
        return groups


def _largest(checks: list[GradientCheck]) -> GradientCheck:
    """The first nan, if there is one, counts as the largest."""
    return max(checks, key=lambda check: math.inf if math.isnan(check.error) else check.error)


def _brackets(index: tuple[int, ...] | None) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""
