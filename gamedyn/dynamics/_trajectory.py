"""Trajectory and Status: what a simulation returns."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, array_namespace, like

__all__ = ["Status", "Trajectory"]


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
        Evaluations of xi spent until each record.
    status : NumPy array of int, shape (...)
        Values of `Status`.
    stop_step : NumPy array of int, shape (...)
        The step at which each trajectory ended.
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
        return xp.sqrt(xp.sum(difference**2, axis=-1))
