"""One integration of a flow on the host, step by step, with its events, and the reason why it ended."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.dynamics._flow_solution import Event, FlowStatus

__all__ = ["Run", "integrate"]

# A step is looked at in four parts, so that two zeros of an event in one step are not missed.
_PARTS = 4
# Steps that vanish where the point has grown this much tell of a blow-up, elsewhere of a field that ends there.
_GROWTH = 1e6


@dataclass
class Run:
    """A finished integration from y0: its steps and interpolants, the times of each event's zeros, and how it ended."""

    y0: Any
    steps: list[float]
    interpolants: list[Any]
    event_times: list[list[float]]
    end: float
    status: FlowStatus
    reason: str

    def at(self, t: Any) -> Any:
        """(T, n): the state at the times t (T,), the last one where the run had ended."""
        from scipy.integrate import OdeSolution

        if not self.interpolants or len(t) == 0:
            return numpy.broadcast_to(self.y0, (len(t), len(self.y0))).copy()
        low, high = sorted((self.steps[0], self.end))
        return OdeSolution(self.steps, self.interpolants)(numpy.clip(t, low, high)).T


def integrate(
    velocity: Callable[[float, Any], Any],
    y0: Any,
    span: tuple[float, float],
    solver_class: Any,
    tolerance: float,
    events: Sequence[Event],
    max_steps: int,
) -> Run:
    """Follow y' = velocity(t, y) until the span ends, a terminal event, a failure, or max_steps."""
    start, stop = span
    run = Run(y0, [start], [], [[] for _ in events], start, FlowStatus.FINISHED, f"reached t = {stop:g}")
    seen = _Watched(velocity)
    if not numpy.all(numpy.isfinite(seen(start, y0))):
        run.status, run.reason = FlowStatus.FAILED, f"the field is not finite at the start, t = {start:g}"
        return run
    values = [float(event.function(start, y0)) for event in events]
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        # Integrators warn of what the status says.
        warnings.simplefilter("ignore")
        solver = solver_class(seen, start, y0, stop, rtol=tolerance, atol=tolerance / 100)
        while solver.status == "running":
            if len(run.interpolants) == max_steps:
                run.status, run.reason = FlowStatus.MAX_STEPS, f"stopped after {max_steps} steps at t = {run.end:g}"
                return run
            y = solver.y
            if not _step(solver, seen):
                run.status, run.reason = _failure(run.end, y, y0)
                return run
            run.interpolants.append(solver.dense_output())
            run.steps.append(float(solver.t))
            run.end = float(solver.t)
            if _watch(run, events, values):
                return run
    return run


class _Watched:
    """The velocity, which remembers whether its last value was finite."""

    def __init__(self, velocity: Callable[[float, Any], Any]) -> None:
        self._velocity = velocity
        self.finite = True

    def __call__(self, t: float, y: Any) -> Any:
        value = self._velocity(t, y)
        self.finite = bool(numpy.all(numpy.isfinite(value)))
        return value


def _step(solver: Any, seen: _Watched) -> bool:
    """One step; False where it failed."""
    try:
        solver.step()
    except (ValueError, numpy.linalg.LinAlgError):
        # Implicit methods refuse to factor what has overflowed; errors of the field itself are the caller's.
        if seen.finite:
            raise
        return False
    return solver.status != "failed" and bool(numpy.all(numpy.isfinite(solver.y)))


def _failure(t: float, y: Any, y0: Any) -> tuple[FlowStatus, str]:
    size, before = float(numpy.max(numpy.abs(y))), float(numpy.max(numpy.abs(y0)))
    if size > _GROWTH * (1 + before):
        return FlowStatus.BLOW_UP, f"blew up at t = {t:.9g}, where a coordinate had grown to {size:.3g}"
    return (
        FlowStatus.FAILED,
        f"the integrator's steps vanished at t = {t:.9g}, where the field is not smooth or not finite",
    )


def _watch(run: Run, events: Sequence[Event], values: list[float]) -> bool:
    """Add the zeros of the last step; whether one of them ended the run."""
    if not events:
        return False
    from scipy.optimize import brentq

    interpolant = run.interpolants[-1]
    times = numpy.linspace(run.steps[-2], run.steps[-1], _PARTS + 1)
    found = []
    for k, event in enumerate(events):
        before = values[k]
        for low, high in itertools.pairwise(times):
            after = float(event.function(float(high), interpolant(high)))
            rising = before < 0 <= after
            if (rising or before > 0 >= after) and event.direction in (0, 1 if rising else -1):
                zero = (
                    high
                    if after == 0
                    else brentq(lambda t, f=event.function: float(f(t, interpolant(t))), low, high, xtol=1e-14)
                )
                found.append((abs(zero - times[0]), float(zero), k))
            before = after
        values[k] = before
    for _, zero, k in sorted(found):
        run.event_times[k].append(zero)
        if events[k].terminal:
            run.end, run.status, run.reason = zero, FlowStatus.EVENT, f"event {k} at t = {zero:.9g}"
            return True
    return False
