"""FlowSolution, FlowStatus and Event: what an integrated flow returns, how it ended, and what it is watched for."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_choice
from gamedyn.backend import Array

__all__ = ["Event", "FlowSolution", "FlowStatus"]


class FlowStatus(enum.IntEnum):
    """How a trajectory of a flow ended."""

    FINISHED = 0
    EVENT = 1
    BLOW_UP = 2
    FAILED = 3
    MAX_STEPS = 4


@dataclass(frozen=True, eq=False)
class Event:
    """A function of time and point whose zeros along a trajectory are found.

    Parameters
    ----------
    function : callable
        (t, z) -> float, with z of shape (d,).
    direction : {-1, 0, 1}
        Only zeros passed upwards (1), downwards (-1), or both, in the order of integration.
    terminal : bool
        Whether the trajectory ends there.

    Raises
    ------
    TypeError
        If the function is not callable.
    ValueError
        For another direction.
    """

    function: Callable[[float, Array], float]
    direction: int = 0
    terminal: bool = False

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise TypeError(f"`function` must be a callable (t, z) -> float, got {type(self.function).__name__}.")
        check_choice("direction", self.direction, (-1, 0, 1))


@dataclass(frozen=True, eq=False)
class FlowSolution:
    """Points of a flow at every time of its span; a trajectory that ended repeats its last point.

    Parameters
    ----------
    times : NumPy array, shape (K,)
        The integrator's steps, from the start of the span; where trajectories were integrated one by one, those of the
        one that went furthest.
    points : array, shape (K, ..., d)
        There.
    status : NumPy array of int, shape (...)
        Values of `FlowStatus`.
    end : NumPy array, shape (...)
        The last time that each trajectory reached: of a blow-up, its time from below.
    reason : str
        One sentence on the trajectory that got least far.
    event_times : tuple of NumPy arrays
        One per event: the times of its zeros, (n,); for a batch an object array of the batch shape of such arrays.
    event_points : tuple of arrays
        The points there, (n, d), in the same form.
    evaluations : int
        Of the field, on all trajectories that were integrated together.
    """

    times: Any
    points: Array
    status: Any
    end: Any
    reason: str
    event_times: tuple[Any, ...]
    event_points: tuple[Any, ...]
    evaluations: int
    _span: tuple[float, float] = field(repr=False)
    _at: Callable[[Any], Array] = field(repr=False)

    @property
    def complete(self) -> bool:
        """Whether every trajectory reached the end of the span or a terminal event."""
        return bool(numpy.all(self.status <= FlowStatus.EVENT))

    def __call__(self, t: Any) -> Array:
        """(..., d) at one time of the span, or (T, ..., d) at several, by the integrator's own interpolant.

        Raises
        ------
        ValueError
            If a time lies outside the span.
        """
        at = numpy.asarray(t, dtype=numpy.float64)
        low, high = min(self._span), max(self._span)
        if at.ndim > 1 or not numpy.all((at >= low) & (at <= high)):
            raise ValueError(f"`t` must be times in [{low:g}, {high:g}], one or a list, got {at.ravel()[:3].tolist()}.")
        values = self._at(numpy.atleast_1d(at))
        return values if at.ndim else values[0, ...]

    def __str__(self) -> str:
        names, counts = numpy.unique(numpy.asarray(self.status), return_counts=True)
        ends = ", ".join(f"{n} {FlowStatus(s).name}" for s, n in zip(names.tolist(), counts.tolist(), strict=True))
        start, stop = self._span
        return f"flow from t = {start:g} to {stop:g}: {ends}; {self.reason}"
