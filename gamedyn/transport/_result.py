"""TransportResult: a transport distance with its plan, potentials and bracket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array

__all__ = ["TransportResult"]


@dataclass(frozen=True, eq=False)
class TransportResult:
    """What a transport problem was found to cost, and the proof; None stands for what a solver does not give.

    Parameters
    ----------
    value : array
        The number that the function returns without `return_result`, such as W_p.
    transport_cost : array or float
        sum plan_ij cost_ij, with cost |x - y|^p between points.
    objective : array or float
        What the solver minimised: `transport_cost`, plus the terms of a regularised or unbalanced problem.
    plan : array or SparsePlan
        Mass moved from x_i to y_j, shape (n, m); what is no array has `shape`, `dense()`, `margins()`, `apply(values)`.
    potentials : tuple of array, shapes (n,) and (m,)
        (f, g); of an exact problem f_i + g_j <= cost_ij.
    critic : callable
        f extended to all of space.
    marginal_error : float
        sum of |margins of plan - weights|.
    lower, upper : float
        A bracket that holds the exact value whatever the solver did; nan where none was asked for.
    converged : bool
        Whether the solver reached its tolerance.
    iterations : int
        Its steps, 0 where that has no meaning.
    method : str
        Which solver found it.
    definition : str
        The formula of `value`.
    """

    value: Array
    transport_cost: Any
    objective: Any
    plan: Any = None
    potentials: tuple[Array, Array] | None = None
    critic: Callable[[Array], Array] | None = None
    marginal_error: float = 0.0
    lower: float = float("nan")
    upper: float = float("nan")
    converged: bool = True
    iterations: int = 0
    method: str = ""
    definition: str = ""

    @property
    def gap(self) -> float:
        """upper - lower: how far the value can be from the optimum."""
        return self.upper - self.lower
