"""TransportResult: a transport distance with its plan, potentials and bracket."""

from __future__ import annotations

from dataclasses import dataclass

from gamedyn.backend import Array
from gamedyn.transport._critic import TransportCritic

__all__ = ["TransportResult"]


@dataclass(frozen=True, eq=False)
class TransportResult:
    """What a transport problem was found to cost, and the proof.

    Parameters
    ----------
    value : array
        W_p, the root of `transport_cost`.
    transport_cost : float
        sum plan |x - y|^p.
    plan : array, shape (n, m)
        Mass moved from x_i to y_j; its margins are the weights.
    potentials : tuple of array, shapes (n,) and (m,)
        (f, g) with f_i + g_j <= |x_i - y_j|^p.
    critic : TransportCritic
        f extended to all of space.
    lower, upper : float
        A bracket of W_p: the root of the dual value, and of the cost of `plan`, which is feasible.
    gap : float
        upper - lower.
    marginal_error : float
        sum of |margins of plan - weights|.
    method : str
        "assignment" or "lp".
    definition : str
        The formula of `value`.
    """

    value: Array
    transport_cost: float
    plan: Array
    potentials: tuple[Array, Array]
    critic: TransportCritic
    lower: float
    upper: float
    gap: float
    marginal_error: float
    method: str
    definition: str
