"""Entropic optimal transport by Sinkhorn's algorithm, with a certified bracket of the unregularised cost."""

from __future__ import annotations

import math
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.transport._entropic_certificate import entropic_bracket
from gamedyn.transport._entropic_critic import EntropicCritic
from gamedyn.transport._lazy_plan import EntropicPlan
from gamedyn.transport._result import TransportResult
from gamedyn.transport._sinkhorn_progress import budgeted, warn_if_unfinished
from gamedyn.transport._sinkhorn_stages import Solution, solve
from gamedyn.transport._supports import Supports, read_supports

__all__ = ["objective_on_tape", "sinkhorn"]


def sinkhorn(
    x: Array | None = None,
    y: Array | None = None,
    *,
    epsilon: float,
    order: float = 2,
    x_weights: Array | None = None,
    y_weights: Array | None = None,
    cost: Array | None = None,
    tolerance: float | None = None,
    max_iterations: int = 5000,
    max_bytes: int = 2**30,
    return_result: bool = False,
    progress: bool = False,
) -> Any:
    """OT_eps = min over plans P of sum P_ij c_ij + eps KL(P | a b^T), with c_ij = |x_i - y_j|^p or a matrix given.

    This number is in units of the cost: no root is taken, and the entropic term, which is >= 0, is part of it. Other
    libraries return sum P_ij c_ij alone (`transport_cost` of the result), or the entropy of P in place of the
    divergence from a b^T, which is less by eps (H(a) + H(b)).

    Parameters
    ----------
    x, y : array_like, optional, shapes (n, d) and (m, d), or (n,) and (m,)
        The two samples.
    epsilon : float
        The temperature, in units of the cost.
    order : float
        p >= 1.
    x_weights, y_weights : array_like, optional, shapes (n,) and (m,)
        Non-negative masses a and b; each set is divided by its sum. Equal where not given.
    cost : array_like, optional, shape (n, m)
        Non-negative, in place of x and y.
    tolerance : float, optional
        Bound of the L1 error of the plan's margins; 1e-6 where not given, and never less than what the dtype can tell:
        4 u max c / eps with u its rounding unit.
    max_iterations : int
        Sweeps, a row and a column step each.
    max_bytes : int
        What cost and kernel may take; where they need more, both are made anew block by block in every sweep. For
        points alone: a matrix given is there already.
    return_result : bool
        Whether to return the TransportResult.
    progress : bool
        Whether to show a bar on stderr (needs tqdm).

    Returns
    -------
    array of shape (), or TransportResult
        Of the result, `value` and `objective` are OT_eps; `transport_cost` is sum P_ij c_ij; `plan` is an EntropicPlan,
        whose row margins are off by `marginal_error` in all; `potentials` (f, g) are the gradients of OT_eps in the
        masses up to constants; `plan.position_gradients()` are those in x and y; `critic` extends f to all of space;
        [lower, upper] holds the cost of exact transport, min sum P_ij c_ij.

    Raises
    ------
    ValueError
        For an epsilon <= 0, or too small for the dtype to tell (then exact transport gives the same number); for
        non-finite points or costs, negative costs or weights, or shapes that do not fit.

    Warns
    -----
    UserWarning
        If the sweeps did not suffice. The value is then a lower bound of OT_eps; the bracket holds.

    Notes
    -----
    Temperatures fall from the size of the costs to epsilon. Where memory allows, a sweep is two products with a kernel
    that takes in the potentials; elsewhere, and where the kernel would under- or overflow, it is two sums of
    exponentials in the log domain. Steps are over-relaxed as far as the dual still ascends. Sweeps grow like
    1 / sqrt(eps): below an epsilon of about 5e-4 of the largest cost the exact `wasserstein_distance` is faster.
    With PyTorch and JAX first derivatives flow to points, weights and costs, also where points coincide; not inside
    jit, since the number of sweeps depends on the values.

    References
    ----------
    Cuturi (2013), Sinkhorn distances: lightspeed computation of optimal transport.
    Peyre and Cuturi (2019), Computational optimal transport.
    Schmitzer (2019), Stabilized sparse scaling algorithms for entropy regularized transport problems.
    Thibault, Chizat, Dossal and Papadakis (2021), Overrelaxed Sinkhorn-Knopp algorithm for regularized optimal
    transport.
    Altschuler, Weed and Rigollet (2017), Near-linear time approximation algorithms for optimal transport via Sinkhorn
    iteration.

    Examples
    --------
    Two points on each side, at costs 0 and 1: by symmetry f = g = -log((1 + 1/e) / 2) / 2 at eps = 1.

    >>> import math
    >>> value = sinkhorn([0.0, 1.0], [0.0, 1.0], epsilon=1.0, tolerance=1e-12)
    >>> math.isclose(value, -math.log((1 + math.exp(-1)) / 2), rel_tol=1e-12)
    True
    """
    check_positive("epsilon", epsilon)
    epsilon = float(epsilon)
    supports = read_supports(x, y, cost, order, x_weights, y_weights)
    with budgeted("sinkhorn", tolerance, max_iterations, max_bytes, progress) as budget:
        solution = solve(supports.cost, supports.a, supports.b, epsilon, (math.inf, math.inf), budget)
        warn_if_unfinished("sinkhorn", solution)
        value = objective_on_tape(supports, solution, epsilon)
        return _result(supports, solution, epsilon, order, value) if return_result else value


def objective_on_tape(supports: Supports, solution: Solution, epsilon: float) -> Array:
    """<a, f> + <b, g>, which is the dual objective where the column margins are right, with its first derivatives."""
    xp, a, b, f, g = supports.xp, supports.a, supports.b, solution.f, solution.g
    value = xp.sum(a * f) + xp.sum(b * g)
    if not supports.differentiated:
        return value
    plan = EntropicPlan(supports.cost, a, b, f, g, epsilon, solution.entries)
    slopes = supports.mass_slopes(f, g, normalized=True)
    if "cost" in supports.given:
        slopes["cost"] = plan.dense()
    else:
        slopes["x"], slopes["y"] = plan.position_gradients()
    return supports.attach(value, slopes)


def _result(supports: Supports, solution: Solution, epsilon: float, order: float, value: Array) -> TransportResult:
    xp, a, b = supports.xp, supports.a, supports.b
    shift = (xp.sum(a * solution.f) - xp.sum(b * solution.g)) / 2
    f, g = solution.f - shift, solution.g + shift
    working = EntropicPlan(solution.cost, a, b, f, g, epsilon, solution.entries)
    lower, upper = entropic_bracket(working, supports.cost.rounding())
    points = "cost" not in supports.given
    plan = EntropicPlan(supports.cost, a, b, f, g, epsilon, solution.entries)
    cost = f"|x - y|^{order:g}" if points else "cost"
    return TransportResult(
        value=value,
        transport_cost=working.transport_cost(),
        objective=value,
        plan=plan,
        potentials=(f, g),
        critic=EntropicCritic(supports.given["y"], b, g, float(order), epsilon) if points else None,
        marginal_error=solution.error,
        lower=lower,
        upper=upper,
        converged=solution.converged,
        iterations=solution.iterations,
        method=solution.method,
        definition=f"value = objective = min over plans P of sum P {cost} + eps KL(P | a b^T), eps = {epsilon:g}, "
        f"a and b of sum 1; transport_cost = sum P {cost}; lower and upper hold min sum P {cost}",
    )
