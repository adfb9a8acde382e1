"""Exact transport for a matrix of costs, of whatever kind."""

from __future__ import annotations

import warnings
from typing import Any

import numpy

from gamedyn.backend import Array, device_of, off_tape, on_tape, to_device, to_host
from gamedyn.transport._exact import choose, host_shares, solve_exactly
from gamedyn.transport._plan import SparsePlan
from gamedyn.transport._result import TransportResult
from gamedyn.transport._supports import read_supports

__all__ = ["optimal_transport"]


def optimal_transport(
    cost: Array,
    x_weights: Array | None = None,
    y_weights: Array | None = None,
    method: str = "auto",
    return_result: bool = False,
) -> Any:
    """min over plans of sum plan_ij cost_ij, where the plan's rows sum to x_weights and its columns to y_weights.

    Parameters
    ----------
    cost : array_like, shape (n, m)
        Finite and non-negative. A forbidden pair is one of a cost that no plan would pay.
    x_weights, y_weights, method, return_result
        As in `wasserstein_distance`, without "sinkhorn", for which `sinkhorn` takes `cost` itself.

    Returns
    -------
    array of shape (), or TransportResult
        In the unit of the cost. There is no critic, since a matrix knows no points.

    Raises
    ------
    ValueError
        For costs that are negative or not finite, invalid weights, or supports too large for an exact solution.

    Warns
    -----
    UserWarning
        If the bracket stays open by more than 1e-6 of the value and 1e-9 of the largest cost.

    Notes
    -----
    Solved on the host. First derivatives flow to the cost, as the plan, and to the weights, as the potentials.

    Examples
    --------
    >>> float(optimal_transport([[1.0, 2.0], [4.0, 3.0]]))  # both on the diagonal
    2.0
    """
    supports = read_supports(None, None, cost, 1.0, x_weights, y_weights)
    xp, given = supports.xp, supports.given
    costs = to_host(off_tape(given["cost"])).astype(float)
    a, b = (host_shares(masses) for masses in (supports.a, supports.b))
    chosen = choose(method, a, b)
    # Sums of extreme costs may over- or underflow.
    largest = float(numpy.max(costs))
    unit = 1.0 if 1e-100 < largest < 1e100 or largest == 0 else largest
    weighted = any(on_tape(given[name]) for name in ("x_weights", "y_weights") if name in given)
    found = solve_exactly(costs / unit if unit != 1 else costs, a, b, chosen, prove=return_result or weighted)
    lower, upper = unit * found.lower, unit * found.upper
    if is_open := upper - lower > 1e-6 * upper + 1e-9 * largest:
        warnings.warn(f"the transport cost is only known to lie in [{lower:g}, {upper:g}].", stacklevel=2)

    def back(array: Any) -> Array:
        return to_device(array, xp, dtype=given["cost"].dtype, device=device_of(given["cost"]))

    i, j, masses = found.entries
    index = [to_device(k, xp, device=device_of(given["cost"])) for k in (i, j)]
    plan = SparsePlan(index[0], index[1], back(masses), costs.shape)
    potentials = None
    if found.potentials is not None:
        potentials = back(unit * found.potentials[0]), back(unit * found.potentials[1])
    slopes = {}
    if supports.differentiated:
        slopes = {"cost": plan.dense()}
        if weighted and potentials is not None:
            slopes |= supports.mass_slopes(*potentials, normalized=True)
    value = supports.attach(back(unit * found.paid), slopes)
    if not return_result:
        return value
    return TransportResult(
        value=value,
        transport_cost=value,
        objective=value,
        plan=plan,
        potentials=potentials,
        marginal_error=found.marginal_error,
        lower=lower,
        upper=upper,
        converged=not is_open,
        iterations=found.iterations,
        method=found.method,
        definition="min over plans of sum plan cost, weights of sum 1",
    )
