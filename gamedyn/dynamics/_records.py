"""The records of a run: points and observables at chosen steps, put together to a Trajectory at the end."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, to_host
from gamedyn.dynamics._trajectory import Trajectory
from gamedyn.games import Game

__all__ = ["Records"]

_LONGEST_KEPT = 2**17


class Records:
    """Points and observables at steps 0, k, 2k, ... and at the last step.

    Parameters
    ----------
    game : Game
        That observables see.
    z : array, shape (..., d)
        The start, recorded at once.
    steps, record_every : int
    observe : mapping of str to callable
    keep_points : bool
    """

    def __init__(
        self,
        game: Game,
        z: Array,
        steps: int,
        record_every: int,
        observe: Mapping[str, Callable[[Game, Array], Array]],
        keep_points: bool,
    ) -> None:
        self.game, self.observe, self.keep_points = game, observe, keep_points
        # Arrays of a short run are kept for the next one like it; those of a long one would fill the memory.
        self._schedule, self._short = (steps, record_every), steps <= _LONGEST_KEPT * record_every
        self.times = _times(*self._schedule) if self._short else _times.__wrapped__(*self._schedule)
        self.filled = 0
        self._stores: dict[str, Any] = {}
        self.shape = z.shape
        if not keep_points:
            self._none = array_namespace(z).empty((0, *z.shape), dtype=z.dtype, device=device_of(z))
        self.add(z)

    @property
    def wants_points(self) -> bool:
        """Whether anything is recorded."""
        return self.keep_points or bool(self.observe)

    def add(self, z: Array) -> None:
        """The next record."""
        if self.keep_points:
            self._put("points", z)
        for name, function in self.observe.items():
            self._put(f"observed.{name}", function(self.game, z))
        self.filled += 1

    def add_many(self, z: Array) -> None:
        """The next records (K, ..., d), all at once."""
        self.add_groups(z[:, None, ...], z.shape[0])

    def room(self, count: int) -> numpy.ndarray | None:
        """Where the next `count` points belong, (count, ..., d), to be written before `add_room`; None off the host."""
        store = self._stores.get("points")
        return store[self.filled : self.filled + count] if isinstance(store, numpy.ndarray) else None

    def add_room(self, z: numpy.ndarray) -> None:
        """The next records, whose points z stand in their room."""
        self._add_observed(z[:, None, ...], len(z))

    def add_groups(self, z: Array, count: int) -> None:
        """The next `count` records, the first ones of J K that are given as (J, K, ..., d)."""
        if self.keep_points:
            self._put_many("points", z, count)
        self._add_observed(z, count)

    def _add_observed(self, z: Array, count: int) -> None:
        for name, function in self.observe.items():
            if getattr(function, "stacks", False):
                values = function(self.game, z)
            else:
                xp, length = array_namespace(z), z.shape[1]
                each = [function(self.game, z[k // length, k % length, ...]) for k in range(count)]
                values = xp.stack(each)[:, None, ...]
            self._put_many(f"observed.{name}", values, count)
        self.filled += count

    def finish(self, z: Array, state: Any, ended: Array, stop: Array, gradients: float) -> Trajectory:
        """The trajectory; what is left to record stands still at z."""
        missing = len(self.times) - self.filled
        if missing:
            self.add(z)
            for name, store in self._stores.items():
                if isinstance(store, numpy.ndarray):
                    store[self.filled :] = store[self.filled - 1]
                else:
                    self._stores[name] = store + [store[-1]] * (missing - 1)
        arrays = {name: self._joined(store) for name, store in self._stores.items()}
        cost = float(gradients)
        return Trajectory(
            points=arrays["points"] if self.keep_points else self._none,
            times=self.times,
            gradient_calls=_gradient_calls(*self._schedule, cost) if self._short else self.times * cost,
            status=to_host(ended),
            stop_step=to_host(stop),
            final=z,
            final_state=state,
            observed={name: arrays[f"observed.{name}"] for name in self.observe},
        )

    def _put(self, name: str, value: Any) -> None:
        if array_namespace(value) is numpy:
            self._allocated(name, numpy.asarray(value))[self.filled] = value
        else:
            self._stores.setdefault(name, []).append(value)

    def _put_many(self, name: str, values: Any, count: int) -> None:
        length = values.shape[1]
        if array_namespace(values) is numpy:
            store = self._allocated(name, values[0, 0])[self.filled : self.filled + count]
            whole = count // length
            # Splitting an axis copies nothing, joining two of them would.
            store[: whole * length].reshape(whole, length, *values.shape[2:])[:] = values[:whole]
            if count % length:
                store[whole * length :] = values[whole, : count % length]
        else:
            self._stores.setdefault(name, []).extend(values[k // length, k % length, ...] for k in range(count))

    def _allocated(self, name: str, value: numpy.ndarray) -> numpy.ndarray:
        if name not in self._stores:
            if value.ndim == 2 and value.flags.f_contiguous and not value.flags.c_contiguous:
                # Coordinate by coordinate, as the loop holds its points: nothing is transposed on the way.
                turned = numpy.empty((len(self.times), *value.shape[::-1]), dtype=value.dtype)
                self._stores[name] = numpy.moveaxis(turned, -1, 1)
            else:
                self._stores[name] = numpy.empty((len(self.times), *value.shape), dtype=value.dtype)
        return self._stores[name]  # type: ignore[no-any-return]

    def _joined(self, store: Any) -> Array:
        return store if isinstance(store, numpy.ndarray) else array_namespace(store[0]).stack(store)


@functools.lru_cache(maxsize=8)
def _times(steps: int, record_every: int) -> numpy.ndarray:
    """0, k, 2 k, ..., steps; shared by runs of the same length, and therefore read-only."""
    times = numpy.arange(0, steps + record_every, record_every)
    times[-1] = steps
    times.setflags(write=False)
    return times


@functools.lru_cache(maxsize=8)
def _gradient_calls(steps: int, record_every: int, gradients: float) -> numpy.ndarray:
    """`gradients` at each of these times, as read-only."""
    calls = _times(steps, record_every) * gradients
    calls.setflags(write=False)
    return calls
