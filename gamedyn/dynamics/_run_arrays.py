"""What generated code works on: all trajectories of a run, coordinate by coordinate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["RunArrays"]


@dataclass
class RunArrays:
    """Arrays that generated code reads and writes.

    Parameters
    ----------
    z : array, shape (d, B)
        Points.
    floats, integers : array, shapes (., B)
        Memories.
    parameters : array, shape (., B)
        Hyper-parameters.
    ended, stop : array of int64, shape (B,)
        As in `Trajectory`; those that are MAX_STEPS still move.
    bound, tolerance : float
        `max_norm` and `tolerance`, where the code looks at them.
    plan : object
        What code keeps from block to block.
    """

    z: Any
    floats: Any
    integers: Any
    parameters: Any
    ended: Any
    stop: Any
    bound: float
    tolerance: float
    plan: Any = None
