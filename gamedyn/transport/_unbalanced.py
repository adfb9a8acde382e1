"""Unbalanced entropic transport: margins that may differ from the masses, at the price of a divergence."""

from __future__ import annotations

import math
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.transport._lazy_plan import EntropicPlan
from gamedyn.transport._result import TransportResult
from gamedyn.transport._sinkhorn_hot import HotMargins
from gamedyn.transport._sinkhorn_progress import budgeted, warn_if_unfinished
from gamedyn.transport._sinkhorn_stages import Solution, is_hot, solve
from gamedyn.transport._supports import Supports, read_supports

__all__ = ["unbalanced_sinkhorn"]


def unbalanced_sinkhorn(
    x: Array | None = None,
    y: Array | None = None,
    *,
    epsilon: float,
    marginal_penalty: float | tuple[float, float],
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
    """min over P >= 0 of sum P c + eps KL(P | a b^T) + tau_1 KL(P 1 | a) + tau_2 KL(P^T 1 | b).

    Here KL(p | q) = sum p log(p / q) - p + q, also of masses that differ; a and b are taken as they are, not divided by
    their sums. In units of the cost: no root is taken.

    Parameters
    ----------
    x, y : array_like, optional, shapes (n, d) and (m, d), or (n,) and (m,)
        The two samples.
    epsilon : float
        The temperature, in units of the cost.
    marginal_penalty : float or tuple of float
        tau of both margins, or of each; inf makes a margin an equation.
    order : float
        p >= 1, of the cost |x - y|^p.
    x_weights, y_weights : array_like, optional, shapes (n,) and (m,)
        Non-negative masses a and b of any sums; 1 / n and 1 / m where not given.
    cost : array_like, optional, shape (n, m)
        Non-negative, in place of x and y.
    tolerance : float, optional
        Bound of sum |row sums of P - a exp(-f / tau_1)|, relative to the mass of a; 1e-6 where not given, and never
        less than what the dtype can tell.
    max_iterations, max_bytes, progress
        As in `sinkhorn`.
    return_result : bool
        Whether to return the TransportResult.

    Returns
    -------
    array of shape (), or TransportResult
        Of the result, `value` and `objective` are the minimum, `transport_cost` is sum P c, and `marginal_error` is
        the residual that `tolerance` bounds. Neither bracket nor critic.

    Raises
    ------
    ValueError
        As `sinkhorn`; for penalties that are not positive; for inf twice and masses that differ; for an epsilon so far
        above costs or penalties that the value would lose its digits.

    Warns
    -----
    UserWarning
        If the sweeps did not suffice. The value is then a lower bound.

    Notes
    -----
    Margins of the optimal plan are a exp(-f / tau_1) and b exp(-g / tau_2). Each sweep moves a constant from one
    potential to the other, the mode in which alternate steps are slowest. With PyTorch and JAX first derivatives flow
    to points, weights and costs.

    References
    ----------
    Chizat, Peyre, Schmitzer and Vialard (2018), Scaling algorithms for unbalanced optimal transport problems.
    Sejourne, Vialard and Peyre (2022), Faster unbalanced optimal transport: translation invariant Sinkhorn and 1-D
    Frank-Wolfe.

    Examples
    --------
    Between Diracs of masses 1 and 2 at cost c, the plan is one number p, with
    (eps + 2 tau) log p = (eps + tau) log(1 * 2) - c.

    >>> import math
    >>> given = {"cost": [[0.5]], "epsilon": 0.1, "marginal_penalty": 1.0, "tolerance": 1e-12}
    >>> result = unbalanced_sinkhorn(**given, x_weights=[1.0], y_weights=[2.0], return_result=True)
    >>> math.isclose(result.plan.dense()[0, 0], math.exp((1.1 * math.log(2) - 0.5) / 2.1), rel_tol=1e-11)
    True
    """
    check_positive("epsilon", epsilon)
    epsilon = float(epsilon)
    penalties = _penalties(marginal_penalty)
    supports = read_supports(x, y, cost, order, x_weights, y_weights, normalize=False)
    _check_masses(supports, penalties)
    most = min(penalties) / float(supports.xp.finfo(supports.a.dtype).smallest_normal)
    if epsilon > most:
        raise ValueError(
            f"`epsilon` must be at most {most:.1g} for `marginal_penalty` = {min(penalties):g}, got {epsilon:g}."
        )
    with budgeted("unbalanced_sinkhorn", tolerance, max_iterations, max_bytes, progress) as budget:
        solution = solve(supports.cost, supports.a, supports.b, epsilon, penalties, budget)
    warn_if_unfinished("unbalanced_sinkhorn", solution)
    plan = EntropicPlan(supports.cost, supports.a, supports.b, solution.f, solution.g, epsilon, solution.entries)
    value = _on_tape(supports, solution, plan, penalties)
    return _result(supports, solution, plan, penalties, order, value) if return_result else value


def _penalties(given: Any) -> tuple[float, float]:
    pair = given if isinstance(given, tuple) else (given, given)
    if len(pair) != 2:
        raise ValueError(f"`marginal_penalty` must be one number or two, got {len(pair)}.")
    for penalty in pair:
        if penalty != math.inf:
            check_positive("marginal_penalty", penalty)
    return float(pair[0]), float(pair[1])


def _check_masses(supports: Supports, penalties: tuple[float, float]) -> None:
    if penalties == (math.inf, math.inf):
        masses = float(supports.xp.sum(supports.a)), float(supports.xp.sum(supports.b))
        if abs(masses[0] - masses[1]) > 1e-6 * max(masses):
            raise ValueError(
                f"`marginal_penalty` must be finite for one margin where the masses differ, got inf and sums "
                f"{masses[0]:g} and {masses[1]:g}."
            )


def _on_tape(supports: Supports, solution: Solution, plan: EntropicPlan, penalties: tuple[float, float]) -> Array:
    """The dual objective, with its first derivatives."""
    xp, a, b, epsilon = supports.xp, supports.a, supports.b, plan.epsilon
    # tau (1 - exp(-f / tau)), f for an equation: what a unit of mass adds.
    gains = [
        p if tau == math.inf else -tau * xp.expm1(-p / tau)
        for p, tau in zip((solution.f, solution.g), penalties, strict=True)
    ]
    by_rows, by_columns = _excesses(xp, supports, solution, plan, penalties)
    value = xp.sum(a * gains[0]) + xp.sum(b * gains[1]) - xp.sum(b * by_columns)
    _check_digits(supports, solution, epsilon, penalties, float(value))
    if not supports.differentiated:
        return value
    by_a, by_b = gains[0] - by_rows, gains[1] - by_columns
    slopes = supports.mass_slopes(by_a, by_b, normalized=False)
    if "cost" in supports.given:
        slopes["cost"] = plan.dense()
    else:
        slopes["x"], slopes["y"] = plan.position_gradients()
    return supports.attach(value, slopes)


def _excesses(
    xp: Any, supports: Supports, solution: Solution, plan: EntropicPlan, penalties: tuple[float, float]
) -> tuple[Array, Array]:
    """eps (margin / mass - the other side's mass) of rows and columns, what the plan adds to a b^T."""
    a, b, f, g, epsilon = supports.a, supports.b, solution.f, solution.g, plan.epsilon
    if not is_hot(solution.cost.largest(), epsilon):
        # The margins are those of the potentials.
        densities = [
            xp.ones_like(p) if tau == math.inf else xp.exp(-p / tau) for p, tau in zip((f, g), penalties, strict=True)
        ]
        return epsilon * (densities[0] - xp.sum(b)), epsilon * (densities[1] - xp.sum(a))
    rows, columns = [], xp.zeros_like(b)
    for part, cost in solution.cost.blocks(solution.entries):
        added = epsilon * xp.expm1((f[part, None] + g - cost) / epsilon)
        rows.append(added @ b)
        columns = columns + a[part] @ added
    return rows[0] if len(rows) == 1 else xp.concat(rows), columns


def _check_digits(
    supports: Supports, solution: Solution, epsilon: float, penalties: tuple[float, float], value: float
) -> None:
    """Raise where the potentials, of the size of epsilon or the penalties, have lost the digits of a small value."""
    largest, unit = solution.cost.largest(), float(supports.xp.finfo(supports.a.dtype).eps)
    size, most = min(epsilon, max(penalties)), largest / unit
    if largest == 0 or size <= most or solution.method == HotMargins.method:
        return
    # The value is stationary: errors of the potentials count by their squares.
    if not size * (8 * unit) ** 2 * max(float(supports.xp.sum(supports.a)), 1.0) <= 1e-9 * abs(value):
        raise ValueError(
            f"`epsilon` must be at most {most:.1g} for costs up to {largest:.3g}, beyond which a fixed margin leaves "
            f"the value no digits unless both masses are 1, got {epsilon:g}."
        )


def _result(
    supports: Supports,
    solution: Solution,
    plan: EntropicPlan,
    penalties: tuple[float, float],
    order: float,
    value: Array,
) -> TransportResult:
    cost = "cost" if "cost" in supports.given else f"|x - y|^{order:g}"
    return TransportResult(
        value=value,
        transport_cost=plan.transport_cost(),
        objective=value,
        plan=plan,
        potentials=(plan.f, plan.g),
        marginal_error=solution.error,
        converged=solution.converged,
        iterations=solution.iterations,
        method=solution.method,
        definition=f"value = objective = min over P >= 0 of sum P {cost} + eps KL(P | a b^T) + tau_1 KL(P 1 | a) + "
        f"tau_2 KL(P^T 1 | b), eps = {plan.epsilon:g}, tau = {penalties[0]:g} and {penalties[1]:g}, "
        f"KL(p | q) = sum p log(p / q) - p + q; transport_cost = sum P {cost}",
    )
