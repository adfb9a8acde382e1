"""Wasserstein distances between weighted point sets in any dimension, exact and proved."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_positive
from gamedyn.backend import Array, device_of, off_tape, on_tape, to_device, to_host
from gamedyn.distributions import Distribution
from gamedyn.transport._between_laws import wasserstein_between_laws
from gamedyn.transport._critic import TransportCritic
from gamedyn.transport._exact import METHODS, ExactSolution, choose, host_shares, solve_exactly
from gamedyn.transport._on_line import wasserstein_on_line
from gamedyn.transport._plan import SparsePlan
from gamedyn.transport._point_costs import power_costs
from gamedyn.transport._result import TransportResult
from gamedyn.transport._sinkhorn import sinkhorn
from gamedyn.transport._supports import Supports, read_supports

__all__ = ["wasserstein_distance"]

_EXACT_BELOW = 5e-4  # of the largest cost: for temperatures below, an exact solver is faster than Sinkhorn's algorithm
_TEMPERATURE = 1e-3  # of the largest cost, where none is given


def wasserstein_distance(
    x: Array,
    y: Array,
    order: float = 1,
    x_weights: Array | None = None,
    y_weights: Array | None = None,
    method: str = "auto",
    return_result: bool = False,
    *,
    power: bool = False,
    epsilon: float | None = None,
) -> Any:
    """W_p = (min over plans of sum plan_ij |x_i - y_j|^p)^(1/p), exactly, with Euclidean distances.

    Parameters
    ----------
    x, y : array_like, shapes (n, d) and (m, d), or (n,) and (m,) on the line
        The two samples; or two laws, as in `wasserstein_between_laws`, which takes `order` and `power` alone.
    order : float
        p >= 1, finite.
    x_weights, y_weights : array_like, optional, shapes (n,) and (m,)
        Non-negative masses; each set is divided by its sum. Equal where not given.
    method : str
        "assignment" (equal sizes and weights), "lp" (any), "network_simplex" (any; needs POT, the faster by far with
        weights in few dimensions), "sinkhorn" (an approximation with a bracket), or "auto": on the line the sorted
        formula where no result is asked for, else the assignment where it applies, else the network simplex where POT
        is installed and there are pairs enough to repay its import of seconds (250 000, or 4096 where it is imported
        already), else the linear program.
    return_result : bool
        Whether to return the TransportResult with plan, potentials, critic and bracket.
    power : bool
        Whether the number returned is W_p^p.
    epsilon : float, optional
        Temperature of "sinkhorn", in units of |x - y|^p; 1e-3 of the largest where not given. With "auto" it allows
        Sinkhorn's algorithm, which is taken from 5e-4 of the largest cost on; below, exact solvers are faster.

    Returns
    -------
    array of shape (), or TransportResult
        In the unit of x.

    Raises
    ------
    ValueError
        For non-finite points, invalid weights, dimensions that differ, or supports too large for an exact solution.
    MissingExtraError
        For "network_simplex" without POT.

    Warns
    -----
    UserWarning
        If the bracket of an exact solution stays open: by more than 1e-6 of the distance and 1e-7 of the largest one.

    Notes
    -----
    Solved on the host. The potentials are made feasible by c-transforms and the plan by rounding to its margins, so
    that [lower, upper] holds the distance whatever the solver did; it may stay open for large p, where costs span more
    digits than a solver has. Without `return_result` an assignment is not proved. With PyTorch and JAX first
    derivatives flow to points and weights, by the envelope theorem; they are finite where points coincide, and where
    the distance has a kink one of its subgradients is given. Those of "sinkhorn" are slopes at its plan and potentials,
    an approximation as its value is. Not inside jit.

    References
    ----------
    Peyre and Cuturi (2019), Computational optimal transport.
    Altschuler, Weed and Rigollet (2017), Near-linear time approximation algorithms for optimal transport via Sinkhorn
    iteration.

    Examples
    --------
    >>> square = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    >>> moved = [[3.0, 4.0], [4.0, 4.0], [3.0, 5.0], [4.0, 5.0]]
    >>> float(wasserstein_distance(square, moved, order=2))  # a translation by (3, 4)
    5.0
    """
    if isinstance(x, Distribution) or isinstance(y, Distribution):
        if return_result or method != "auto" or any(a is not None for a in (x_weights, y_weights, epsilon)):
            raise ValueError("two laws take neither weights, `method`, `epsilon` nor `return_result`.")
        return wasserstein_between_laws(x, y, order, power=power)
    if order == math.inf:
        raise ValueError(
            "`order` must lie in [1, inf), got inf. For samples on the line wasserstein_on_line takes inf."
        )
    check_choice("method", method, (*METHODS, "sinkhorn"))
    if epsilon is not None:
        check_positive("epsilon", epsilon)
    supports = read_supports(x, y, None, order, x_weights, y_weights)
    order, given = float(order), supports.given
    if method == "auto" and not return_result and epsilon is None and given["x"].shape[1] == 1:
        on_line = {name: array[:, 0] if name in ("x", "y") else array for name, array in given.items()}
        return wasserstein_on_line(**on_line, order=order, power=power)
    if method == "auto" and epsilon is not None and epsilon >= _EXACT_BELOW * supports.cost.largest():
        method = "sinkhorn"
    if method == "sinkhorn":
        result = _entropic(supports, order, epsilon)
    else:
        result = _exact(supports, order, method, return_result)
    if return_result:
        return result
    return result.transport_cost if power else result.value


def _exact(supports: Supports, order: float, method: str, return_result: bool) -> TransportResult:
    xp, given = supports.xp, supports.given
    x, y = (to_host(off_tape(given[name])).astype(float) for name in ("x", "y"))
    a, b = (host_shares(masses) for masses in (supports.a, supports.b))
    chosen = choose(method, a, b)
    # In units of extreme coordinates no square over- or underflows.
    size = max(float(numpy.max(numpy.abs(points))) for points in (x, y))
    size = 1.0 if 1e-100 < size < 1e100 or size == 0 else size
    x, y = (points / size if size != 1 else points for points in (x, y))
    cost, unit, rounding = power_costs(x, y, order)
    unit *= size
    weighted = any(on_tape(given[name]) for name in ("x_weights", "y_weights") if name in given)
    found = solve_exactly(cost, a, b, chosen, prove=return_result or weighted, rounding=rounding)
    lower, upper = (unit * end ** (1 / order) for end in (found.lower, found.upper))
    largest = unit * float(numpy.max(cost)) ** (1 / order)
    if is_open := upper - lower > 1e-6 * upper + 1e-7 * largest:
        warnings.warn(f"the transport distance is only known to lie in [{lower:g}, {upper:g}].", stacklevel=3)
    i, j, masses = found.entries
    gaps = x[i] - y[j]
    lengths = numpy.sqrt(numpy.sum(gaps * gaps, axis=1))
    value = size * _norm(lengths, masses, order)

    def back(array: Any) -> Array:
        return to_device(array, xp, dtype=given["x"].dtype, device=device_of(given["x"]))

    slopes = {}
    if supports.differentiated:
        by_x, by_y = _point_slopes(gaps, lengths * (size / (value or 1.0)), found, order, (x.shape, y.shape))
        slopes = {"x": back(by_x), "y": back(by_y)}
        if weighted and found.potentials is not None:
            by_weights = (unit * _root_slope(found.paid, order) * potential for potential in found.potentials)
            slopes |= supports.mass_slopes(*map(back, by_weights), normalized=True)
    with numpy.errstate(over="ignore"):
        paid, slope = numpy.float64(value) ** order, order * numpy.float64(value) ** (order - 1)
        potentials = [_times(potential, numpy.float64(unit) ** order) for potential in found.potentials or ()]
    transport_cost = supports.attach(back(paid), {name: float(slope) * by for name, by in slopes.items()})
    index = [to_device(k, xp, device=device_of(given["x"])) for k in (i, j)]
    return TransportResult(
        value=supports.attach(back(value), slopes),
        transport_cost=transport_cost,
        objective=transport_cost,
        plan=SparsePlan(index[0], index[1], back(masses), cost.shape),
        potentials=(back(potentials[0]), back(potentials[1])) if potentials else None,
        critic=TransportCritic(points=y * size, potential=potentials[1], order=order) if potentials else None,
        marginal_error=found.marginal_error,
        lower=lower,
        upper=upper,
        converged=not is_open,
        iterations=found.iterations,
        method=found.method,
        definition=_definition(order),
    )


def _entropic(supports: Supports, order: float, epsilon: float | None) -> TransportResult:
    """Sinkhorn's plan, taken as one for W_p: its cost lies above the optimum by at most the entropic term."""
    largest, finest = supports.cost.largest(), supports.xp.finfo(supports.a.dtype)
    # Squares come before any power.
    least = (float(finest.smallest_normal) / float(finest.eps)) ** (order / max(order, 2))
    if largest < least and not supports.is_one_point():
        raise ValueError(
            f"`x` and `y` must be further apart for `method` 'sinkhorn', got costs that underflow at order {order:g}. "
            "Scale them up, or leave `method` out."
        )
    if epsilon is None:
        epsilon = _TEMPERATURE * largest if 0 < largest < math.inf else 1.0
    fixed = {name: off_tape(array) for name, array in supports.given.items()}
    result: TransportResult = sinkhorn(**fixed, epsilon=epsilon, order=order, return_result=True)
    paid = result.transport_cost
    value = paid ** (1 / order)
    slope = _root_slope(float(paid), order)
    slopes = {}
    if supports.differentiated:
        by_points = result.plan.position_gradients()
        slopes = dict(zip(("x", "y"), by_points, strict=True))
        slopes |= supports.mass_slopes(*(result.potentials or ()), normalized=True)
    transport_cost = supports.attach(paid, slopes)
    return replace(
        result,
        value=supports.attach(value, {name: slope * by for name, by in slopes.items()}),
        transport_cost=transport_cost,
        lower=result.lower ** (1 / order),
        upper=result.upper ** (1 / order),
        definition=f"{_definition(order)}, at Sinkhorn's plan for eps = {epsilon:g}; lower and upper hold the distance",
    )


def _definition(order: float) -> str:
    return f"(min over plans of sum plan |x - y|^{order:g})^(1/{order:g}), Euclidean, weights of sum 1"


def _norm(lengths: numpy.ndarray, masses: numpy.ndarray, order: float) -> float:
    """(sum masses lengths^p)^(1/p)."""
    largest = float(numpy.max(lengths))
    if largest == 0:
        return 0.0
    return float(largest * numpy.sum(masses * (lengths / largest) ** order) ** (1 / order))


def _times(values: numpy.ndarray, factor: Any) -> numpy.ndarray:
    """values factor, where the factor may be infinite and 0 stays 0."""
    product: numpy.ndarray = numpy.multiply(values, factor, out=numpy.zeros_like(values), where=values != 0)
    return product


def _root_slope(paid: float, order: float) -> float:
    """d(C^(1/p)) / dC, 0 at C = 0, where it is infinite for p > 1."""
    return paid ** (1 / order - 1) / order if paid > 0 else 0.0


def _point_slopes(
    gaps: numpy.ndarray, lengths: numpy.ndarray, found: ExactSolution, order: float, shapes: Any
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """dW/dx_i = sum_j plan_ij (l_ij / W)^(p-1) (x_i - y_j) / l_ij with l the lengths, and dW/dy; 0 where l = 0."""
    i, j, masses = found.entries
    own = numpy.sqrt(numpy.sum(gaps * gaps, axis=1, keepdims=True))
    directions = numpy.divide(gaps, own, out=numpy.zeros_like(gaps), where=own > 0)
    moved = (masses * lengths ** (order - 1))[:, None] * directions
    by_x, by_y = numpy.zeros(shapes[0]), numpy.zeros(shapes[1])
    numpy.add.at(by_x, i, moved)
    numpy.subtract.at(by_y, j, moved)
    return by_x, by_y
