"""Trajectory and Status: what a simulation returns."""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass, fields
from typing import Any

from gamedyn.backend import Array, array_namespace, like

__all__ = ["Status", "Trajectory"]

_SCHEMA = "gamedyn.trajectory/1"


class Status(enum.IntEnum):
    """How a trajectory ended."""

    CONVERGED = 0
    MAX_STEPS = 1
    DIVERGED = 2


@dataclass(frozen=True)
class Trajectory:
    """A batch of trajectories; a finished one repeats its last finite point.

    Parameters
    ----------
    points : array, shape (T + 1, ..., d)
        Recorded joint points, the start first.
    times : array, shape (T + 1,)
        Step numbers of the records.
    gradient_calls : array, shape (T + 1,)
        Evaluations of xi that a trajectory still moving has spent until each record: the rule's cost times the step.
    status : NumPy array of int, shape (...)
        Values of `Status`.
    stop_step : NumPy array of int, shape (...)
        The step at which each trajectory ended; for DIVERGED, the step whose point was not finite.
    final : array, shape (..., d)
        Last finite point.
    final_state : object
        The rule's state there, to continue from.
    observed : dict
        Name -> array (T + 1, ...) of the chosen observables.
    """

    points: Array
    times: Any
    gradient_calls: Any
    status: Any
    stop_step: Any
    final: Array
    final_state: Any
    observed: dict[str, Any]

    def distance_to(self, z: Any) -> Array:
        """(T + 1, ...): Euclidean distance of every recorded point to z (broadcast to (..., d))."""
        xp = array_namespace(self.points)
        difference = self.points - like(z, self.points)
        # Scaled, so that a trajectory on its way to overflow keeps its finite distance.
        scale = xp.max(xp.abs(difference), axis=-1)
        safe = xp.where(scale > 0, scale, xp.ones_like(scale))
        return scale * xp.sqrt(xp.sum((difference / safe[..., None]) ** 2, axis=-1))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write an uncompressed .npz that `load` reads; whole or not at all, over an older file of that name.

        Parameters
        ----------
        path : path
            The folder must exist. No suffix is added.
        """
        from gamedyn._archive import write_archive

        write_archive(path, _SCHEMA, {name: getattr(self, name) for name in _FIELDS})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Trajectory:
        """The trajectory that `save` wrote, with NumPy arrays.

        States come back as named tuples of the same field names.

        Raises
        ------
        ValueError
            If the file is no trajectory, or was cut or changed; the message names the file.
        FileNotFoundError
            If there is no such file.
        """
        from gamedyn._archive import read_archive

        return cls(**read_archive(path, _SCHEMA, _FIELDS, "a trajectory")[0])


_FIELDS = tuple(field.name for field in fields(Trajectory))
