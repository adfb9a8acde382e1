"""integrate_flow: a flow between its steps, too, with events, and blow-up as an answer in the place of an error."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer, check_positive
from gamedyn.backend import Array, device_of, float_arrays, to_device, to_host
from gamedyn.dynamics._fields import gradient_field
from gamedyn.dynamics._flow_run import Run, integrate
from gamedyn.dynamics._flow_solution import Event, FlowSolution, FlowStatus
from gamedyn.games import Game

__all__ = ["integrate_flow"]

_METHODS = ("RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA")


def integrate_flow(
    game: Game,
    z0: Any,
    span: tuple[float, float],
    *,
    field: Callable[[Game, Array], Array] | None = None,
    tolerance: float = 1e-10,
    events: Sequence[Event] = (),
    max_norm: float | None = None,
    max_steps: int = 100_000,
    method: str = "DOP853",
) -> FlowSolution:
    """z' = -xi(z), or z' = field(game, z), from z0 over a span of time, at every time of it.

    Parameters
    ----------
    game : Game
    z0 : array_like, shape (..., d)
        Starting points at span[0].
    span : pair of float
        Start and end; backwards where the end is less.
    field : callable, optional
        field(game, z) -> velocity, of the shape of z: one of `gradient_field`, `timescale_field(tau)`,
        `consensus_field(gamma)`, `hamiltonian_field`, `replicator_field`, `best_response_field(T)`,
        `modified_field(rule)`, the `flow` method of a rule, or your own.
    tolerance : float
        Relative local error bound; the absolute one is a hundredth of it; a hundred roundings of
        z0's precision at the least.
    events : sequence of Event
        Functions of (t, z) whose zeros are found, and which may end a trajectory.
    max_norm : float, optional
        A trajectory with a coordinate that large counts as blown up.
    max_steps : int
        Of the integrator, for each integration.
    method : {"DOP853", "RK45", "RK23", "Radau", "BDF", "LSODA"}
        SciPy's integrators. DOP853 has order 8; Radau, BDF and LSODA serve stiff fields (players of very different
        speeds), with interpolants of lower order than their steps.

    Returns
    -------
    FlowSolution
        Callable at times of the span; `times`, `points`, `status`, `reason`, `end`, and the events' times and points.

    Raises
    ------
    TypeError
        If an event is no `Event`.
    ValueError
        If shapes do not fit, the field's included, the span is empty, or a start is beyond `max_norm`.

    Notes
    -----
    Integration runs on the host; the field is evaluated where z0 lives. A batch is one system whose tolerance is
    divided by the square root of its size, for SciPy bounds a mean over coordinates. Where there are events or a
    `max_norm`, or one trajectory stops the system, trajectories are integrated one by one. Zeros of events are looked
    for in quarters of steps, on the interpolant.

    Examples
    --------
    On x y the flow x' = -y, y' = x turns by t: from (1, 0) it crosses the y axis at pi / 2.

    >>> from gamedyn.games import Bilinear
    >>> axis = Event(lambda t, z: float(z[0]), terminal=True)
    >>> solution = integrate_flow(Bilinear([[1.0]]), [1.0, 0.0], (0.0, 9.0), events=[axis])
    >>> solution.event_times[0].round(9).tolist()
    [1.570796327]
    >>> print(solution)
    flow from t = 0 to 9: 1 EVENT; event 0 at t = 1.57079633
    """
    from scipy import integrate as integrators

    check_positive("tolerance", tolerance)
    check_integer("max_steps", max_steps, minimum=1)
    check_choice("method", method, _METHODS)
    span = _ends(span)
    border = _Border(game, z0, field)
    members = border.first.reshape(-1, border.first.shape[-1])
    watched = border.watched(events, max_norm)

    def run(y0: Any, shape: tuple[int, ...]) -> Run:
        bound = max(tolerance / numpy.sqrt(math.prod(shape[:-1])), 100 * border.eps)
        return integrate(border.velocity(shape), y0, span, getattr(integrators, method), bound, watched, max_steps)

    together = not watched and len(members) != 1
    runs = [run(members.ravel(), border.first.shape)] if together else []
    if not together or runs[0].status is not FlowStatus.FINISHED:
        runs, together = [run(member, member.shape) for member in members], False
    for one in runs:
        if max_norm is not None and one.status is FlowStatus.EVENT and one.event_times[-1]:
            one.status = FlowStatus.BLOW_UP
            one.reason = f"a coordinate passed max_norm = {max_norm:g} at t = {one.end:.9g}"
    return _solution(border, runs, span, len(events), together)


class _Border:
    """Where points pass between the host, which integrates, and the library and device of z0."""

    def __init__(self, game: Game, z0: Any, field: Callable[[Game, Array], Array] | None) -> None:
        self.xp, z = float_arrays(z0, names=("z0",))
        d = sum(game.dims)
        if z.ndim == 0 or z.shape[-1] != d:
            raise ValueError(f"`z0` must have shape (..., {d}) for players of sizes {game.dims}, got {tuple(z.shape)}.")
        if 0 in z.shape:
            raise ValueError(f"`z0` must hold a point at least, got shape {tuple(z.shape)}.")
        self.field = gradient_field if field is None else field
        self.game, self.dtype, self.device = game, z.dtype, device_of(z)
        self.eps = float(self.xp.finfo(z.dtype).eps)
        self.first = numpy.asarray(to_host(z), dtype=numpy.float64)
        self.calls = 0

    def on_device(self, values: Any) -> Array:
        return to_device(numpy.ascontiguousarray(values), self.xp, dtype=self.dtype, device=self.device)

    def velocity(self, shape: tuple[int, ...]) -> Callable[[float, Any], Any]:
        """The field on flat host arrays of points of that shape."""

        def speed(_: float, flat: Any) -> Any:
            self.calls += 1
            found = self.field(self.game, self.on_device(flat.reshape(shape)))
            if tuple(found.shape) != shape:
                raise ValueError(f"`field` must return the shape {shape} of its points, got {tuple(found.shape)}.")
            return numpy.asarray(to_host(found), dtype=numpy.float64).ravel()

        return speed

    def watched(self, events: Sequence[Event], max_norm: float | None) -> list[Event]:
        """The events on host points, and last the one of max_norm."""
        for event in events:
            if not isinstance(event, Event):
                raise TypeError(f"`events` must hold Event(function, ...), got {type(event).__name__}.")
        found = [self._on_host(event) for event in events]
        if max_norm is not None:
            check_positive("max_norm", max_norm)
            if numpy.abs(self.first).max() >= max_norm:
                raise ValueError(f"`max_norm` must exceed every coordinate of `z0`, got {max_norm}.")
            found.append(Event(lambda t, y: float(numpy.abs(y).max() - max_norm), 1, True))
        return found

    def _on_host(self, event: Event) -> Event:
        return Event(lambda t, y: float(event.function(t, self.on_device(y))), event.direction, event.terminal)


def _solution(border: _Border, runs: list[Run], span: tuple[float, float], events: int, together: bool) -> FlowSolution:
    batch = border.first.shape[:-1]

    def at(t: Any) -> Array:
        return border.on_device(numpy.stack([one.at(t) for one in runs], axis=1).reshape(len(t), *border.first.shape))

    def spread(values: list[Any]) -> Any:
        return numpy.full(batch, values[0]) if together else numpy.asarray(values).reshape(batch)

    furthest = max(runs, key=lambda one: (abs(one.end - span[0]), len(one.steps)))
    times = numpy.asarray([*furthest.steps[:-1], furthest.end])
    found = [_of_members(runs, k, batch, border.on_device) for k in range(events)]
    return FlowSolution(
        times=times,
        points=at(times),
        status=spread([int(one.status) for one in runs]),
        end=spread([one.end for one in runs]),
        reason=min(runs, key=lambda one: abs(one.end - span[0])).reason,
        event_times=tuple(t for t, _ in found),
        event_points=tuple(p for _, p in found),
        evaluations=border.calls,
        _span=span,
        _at=at,
    )


def _ends(span: Any) -> tuple[float, float]:
    ends = numpy.asarray(span, dtype=numpy.float64)
    if ends.shape != (2,) or not numpy.all(numpy.isfinite(ends)) or ends[0] == ends[1]:
        raise ValueError(f"`span` must be two different finite times, got {span!r}.")
    return float(ends[0]), float(ends[1])


def _of_members(runs: list[Run], k: int, batch: tuple[int, ...], on_device: Callable[[Any], Array]) -> tuple[Any, Any]:
    """Times and points of event k: arrays of one trajectory, object arrays of a batch."""
    times = [numpy.asarray(one.event_times[k]) for one in runs]
    points = [on_device(one.at(t)) for one, t in zip(runs, times, strict=True)]
    if not batch:
        return times[0], points[0]
    boxes = []
    for values in (times, points):
        box = numpy.empty(len(values), dtype=object)
        for i, value in enumerate(values):
            box[i] = value
        boxes.append(box.reshape(batch))
    return boxes[0], boxes[1]
