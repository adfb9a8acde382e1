"""The records of a run: points and observables at chosen steps, put together to a Trajectory at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, to_host
from gamedyn.dynamics._trajectory import Trajectory
from gamedyn.games import Game

__all__ = ["Records"]


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
        times = numpy.arange(0, steps + 1, record_every)
        self.times = times if times[-1] == steps else numpy.append(times, steps)
        self._filled = 0
        self._stores: dict[str, Any] = {}
        self.shape = z.shape
        if not keep_points:
            self._none = array_namespace(z).stack([z])[:0, ...]
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
        self._filled += 1

    def add_many(self, z: Array) -> None:
        """The next records (K, ..., d), all at once."""
        xp = array_namespace(z)
        count = z.shape[0]
        if self.keep_points:
            self._put_many("points", z)
        for name, function in self.observe.items():
            if getattr(function, "stacks", False):
                values = function(self.game, z)
            else:
                values = xp.stack([function(self.game, z[k, ...]) for k in range(count)])
            self._put_many(f"observed.{name}", values)
        self._filled += count

    def finish(self, z: Array, state: Any, ended: Array, stop: Array, gradients: float) -> Trajectory:
        """The trajectory; what is left to record stands still at z."""
        missing = len(self.times) - self._filled
        if missing:
            self.add(z)
            for name, store in self._stores.items():
                if isinstance(store, numpy.ndarray):
                    store[self._filled :] = store[self._filled - 1]
                else:
                    self._stores[name] = store + [store[-1]] * (missing - 1)
        arrays = {name: self._joined(store) for name, store in self._stores.items()}
        return Trajectory(
            points=arrays["points"] if self.keep_points else self._none,
            times=self.times,
            gradient_calls=self.times * float(gradients),
            status=to_host(ended),
            stop_step=to_host(stop),
            final=z,
            final_state=state,
            observed={name: arrays[f"observed.{name}"] for name in self.observe},
        )

    def _put(self, name: str, value: Any) -> None:
        if array_namespace(value) is numpy:
            self._allocated(name, numpy.asarray(value))[self._filled] = value
        else:
            self._stores.setdefault(name, []).append(value)

    def _put_many(self, name: str, values: Any) -> None:
        if array_namespace(values) is numpy:
            self._allocated(name, values[0])[self._filled : self._filled + len(values)] = values
        else:
            self._stores.setdefault(name, []).extend(values[k, ...] for k in range(values.shape[0]))

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
