"""Estimate: a number found by sampling or quadrature, with its error and how it was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Estimate"]


@dataclass(frozen=True)
class Estimate:
    """A value with its uncertainty.

    Parameters
    ----------
    value : float or array
        The estimate.
    standard_error : float or array
        Its standard error; for a quadrature, its error estimate; nan where none is known.
    lower, upper : float or array
        The interval that covers the truth at `level`.
    level : float
        Nominal coverage, 1 for a guaranteed bracket.
    method : str
        How the number was found.
    n : int or tuple of int
        Sample sizes, or evaluations of the integrand.
    definition : str
        The formula that the number estimates, with its unit.
    """

    value: Any
    standard_error: Any
    lower: Any
    upper: Any
    level: float
    method: str
    n: Any
    definition: str

    @property
    def interval(self) -> tuple[Any, Any]:
        """(lower, upper)."""
        return (self.lower, self.upper)

    def __float__(self) -> float:
        """The value alone."""
        return float(self.value)
