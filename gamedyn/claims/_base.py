"""Claim and Evidence: a theorem, what it predicts, and what an experiment measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["Claim", "Evidence"]

_RELATIONS = ("==", "<=", ">=")


@dataclass(frozen=True)
class Evidence:
    """One measurement set against its prediction; the arrays broadcast, and the worst entry decides.

    Parameters
    ----------
    predicted : float or array
        What the theorem says, found without the code under test.
    measured : float or array
        What the library found.
    tolerance : float or array
        Absolute, >= 0.
    tolerance_source : str
        Where the tolerance comes from: "rounding: 64 ulp", "quadrature error estimate", "4.9 standard errors".
    """

    predicted: Any
    measured: Any
    tolerance: Any
    tolerance_source: str

    def violation(self, relation: str) -> float:
        """How far the worst entry breaks `relation`, in units of its tolerance; <= 1 confirms, nan is undecided.

        Parameters
        ----------
        relation : str
            "==", "<=" (measured <= predicted) or ">=".
        """
        return float(numpy.max(self._ratios(relation)))

    def worst(self, relation: str) -> tuple[float, float, float]:
        """(predicted, measured, tolerance) of the worst entry."""
        ratios = self._ratios(relation)
        # nan outranks every number: an entry that cannot be judged must be seen.
        index = int(numpy.argmax(numpy.where(numpy.isnan(ratios), math.inf, ratios)))
        shape = ratios.shape
        entry = [
            numpy.broadcast_to(numpy.asarray(a, float), shape).reshape(-1)
            for a in (self.predicted, self.measured, self.tolerance)
        ]
        return tuple(float(a[index]) for a in entry)  # type: ignore[return-value]

    def _ratios(self, relation: str) -> Any:
        predicted, measured, tolerance = numpy.broadcast_arrays(
            *(numpy.atleast_1d(numpy.asarray(a, float)) for a in (self.predicted, self.measured, self.tolerance))
        )
        # inf == inf is agreement, and its difference would be nan.
        same = predicted == measured
        with numpy.errstate(invalid="ignore", divide="ignore"):
            signed = numpy.where(same, 0.0, measured - predicted)
            excess = {"==": numpy.abs(signed), "<=": signed, ">=": -signed}[relation]
            # 0 / 0 is agreement where no tolerance is needed.
            return numpy.where(excess == 0, 0.0, excess / tolerance)


@dataclass(frozen=True)
class Claim:
    """A theoretical statement with the experiment that checks it.

    Parameters
    ----------
    id : str
        Fixed name, such as "gan.value-identity".
    statement : str
        The equation in one line.
    source : str
        Author, year, theorem or equation.
    relation : str
        Of measured to predicted: "==", "<=" or ">=".
    check : callable
        check(rng) -> Evidence on one drawn instance.
    control : callable
        control(rng) -> Evidence that must be refuted: the same experiment with something essential broken.
    expected : str
        "holds", or "refuted" for a statement that is false as usually stated.
    full : bool
        Whether it runs only under ``--full`` (trained and Monte Carlo claims).
    """

    id: str
    statement: str
    source: str
    relation: str
    check: Callable[[Generator], Evidence]
    control: Callable[[Generator], Evidence]
    expected: str = "holds"
    full: bool = False

    def __post_init__(self) -> None:
        if self.relation not in _RELATIONS:
            raise ValueError(f"`relation` must be one of {_RELATIONS}, got {self.relation!r}.")
        if self.expected not in ("holds", "refuted"):
            raise ValueError(f"`expected` must be 'holds' or 'refuted', got {self.expected!r}.")
