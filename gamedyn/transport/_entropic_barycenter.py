"""Barycenters of weighted point sets on a given support, by iterative Bregman projections."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array
from gamedyn.transport._cost import Cost, MatrixCost, PointCost
from gamedyn.transport._sinkhorn_ascent import Margins
from gamedyn.transport._sinkhorn_kernel import KernelMargins
from gamedyn.transport._sinkhorn_log import LogMargins, log_masses
from gamedyn.transport._sinkhorn_progress import budgeted
from gamedyn.transport._sinkhorn_stages import Budget, placed
from gamedyn.transport._supports import read_supports
from gamedyn.transport._weights import shares_of

__all__ = ["entropic_barycenter"]


def entropic_barycenter(
    samples: Sequence[Array],
    support: Array,
    *,
    epsilon: float,
    order: float = 2,
    sample_weights: Sequence[Array | None] | None = None,
    barycenter_weights: Array | None = None,
    debias: bool = False,
    tolerance: float | None = None,
    max_iterations: int = 5000,
    max_bytes: int = 2**30,
    progress: bool = False,
) -> Array:
    """argmin over laws b on the support of sum_k w_k (min over plans P of a_k and b of sum P c + eps sum P log P).

    The entropy blurs: the barycenter of one law is that law convolved with exp(-c / eps). With `debias` half the
    entropic cost of b with itself is subtracted from the sum, and the barycenter of one law on the support is that law.

    Parameters
    ----------
    samples : sequence of array_like, shapes (n_k, d) or (n_k,)
        The point sets.
    support : array_like, shape (m, d) or (m,)
        Where the barycenter may put mass.
    epsilon : float
        The temperature, in units of the cost.
    order : float
        p >= 1, of the cost |x - y|^p.
    sample_weights : sequence of array_like or None, optional, shapes (n_k,)
        Masses a_k, each divided by its sum; equal for a set whose entry is None.
    barycenter_weights : array_like, optional, shape (k,)
        Non-negative w, divided by their sum; equal where not given.
    debias : bool
        Whether to take the blur out.
    tolerance : float, optional
        Bound of the w-mean L1 error of the plans' margins in the samples, with that of b's own plan where it is
        debiased; 1e-6 where not given.
    max_iterations : int
        Sweeps.
    max_bytes : int
        What costs and kernels may take together; beyond it they are made anew block by block in every sweep.
    progress : bool
        Whether to show a bar on stderr (needs tqdm).

    Returns
    -------
    array, shape (m,)
        The masses of b on the support, of sum 1. A constant: no derivatives flow through it.

    Raises
    ------
    ValueError
        For no samples, weights that do not fit, and as `sinkhorn`.

    Warns
    -----
    UserWarning
        If the sweeps did not suffice.

    Notes
    -----
    A sweep fits every plan to its sample and then all of them to their weighted geometric mean on the support.

    References
    ----------
    Benamou, Carlier, Cuturi, Nenna and Peyre (2015), Iterative Bregman projections for regularized transportation
    problems.
    Janati, Cuturi and Gramfort (2020), Debiased Sinkhorn barycenters.

    Examples
    --------
    Between two Diracs at 0 and 2, on a support of which they share the middle:

    >>> masses = entropic_barycenter([[0.0], [2.0]], [0.0, 1.0, 2.0], epsilon=0.05)
    >>> masses.round(6).tolist()
    [0.0, 1.0, 0.0]
    """
    check_positive("epsilon", epsilon)
    given = list(samples)
    if not given:
        raise ValueError("`samples` must hold a point set, got none.")
    weights = [None] * len(given) if sample_weights is None else list(sample_weights)
    if len(weights) != len(given):
        raise ValueError(f"`sample_weights` must have an entry for each of {len(given)} samples, got {len(weights)}.")
    labels = {"x": "samples", "y": "support", "x_weights": "sample_weights"}
    problems = [
        read_supports(x, support, None, order, w, None, labels=labels) for x, w in zip(given, weights, strict=True)
    ]
    xp = problems[0].xp
    shares = [
        float(share)
        for share in shares_of(xp, barycenter_weights, problems[0].b, len(given), "barycenter_weights", "samples")
    ]
    with budgeted("entropic_barycenter", tolerance, max_iterations, -(-max_bytes // len(given)), progress) as budget:
        sides = []
        for problem in problems:
            # A point without mass has a potential of -inf, which no kernel takes in.
            some = problem.a > 0
            cost = PointCost(problem.points.x[some], problem.points.y, float(order))
            sides.append(_Side(cost, problem.a[some], problem.b, float(epsilon), budget))
        own = None
        if debias:
            points = problems[0].points.y
            own = _Side(PointCost(points, points, float(order)), problems[0].b, problems[0].b, float(epsilon), budget)
        with numpy.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
            return _project(xp, sides, shares, own, budget)


class _Side:
    """One sample's plan u_i exp(-c_ij / eps) v_j: its kernel, and log u and log v."""

    def __init__(self, cost: Cost, a: Array, b: Array, epsilon: float, budget: Budget) -> None:
        placement = placed(cost, a, epsilon, budget)
        self.log_a, self.tolerance = log_masses(a), placement.tolerance
        self.u, self.v = 0 * a, 0 * b
        ones = (0 * a + 1, 0 * b + 1)
        self._log = LogMargins(placement.cost, *ones, epsilon, placement.entries, None)
        self._margins: Margins = self._log
        if placement.stored and isinstance(placement.cost, MatrixCost):
            self._margins = KernelMargins(placement.cost, *ones, epsilon, self.u, self.v)

    def rows(self, xp: Any) -> Array:
        """log sum_j u_i K_ij v_j."""
        found = self._margins.rows(self.u, self.v)
        if not bool(xp.all(xp.isfinite(found))):
            self._margins = self._log
            found = self._margins.rows(self.u, self.v)
        self._margins.absorb(self.u, self.v)
        return found

    def columns(self, xp: Any) -> Array:
        """log sum_i u_i K_ij v_j."""
        found = self._margins.columns(self.u, self.v)
        if not bool(xp.all(xp.isfinite(found))):
            self._margins = self._log
            found = self._margins.columns(self.u, self.v)
        return found


def _project(xp: Any, sides: list[_Side], shares: list[float], own: _Side | None, budget: Budget) -> Array:
    tolerance = max(side.tolerance for side in sides)
    # log of the debiasing factor: the scaling of the plan of b with itself.
    factor = xp.zeros_like(sides[0].v)
    for sweep in range(budget.max_iterations + 1):
        error, logarithm = 0.0, factor
        for side, share in zip(sides, shares, strict=True):
            excess = side.rows(xp) - side.log_a
            error += share * float(xp.sum(xp.exp(side.log_a) * xp.abs(xp.expm1(excess))))
            side.u = side.u - excess
            column = side.columns(xp) - side.v
            logarithm = logarithm + share * column
            side.v = -column
        for side in sides:
            side.v = side.v + logarithm
        if own is not None:
            # Half steps of d K d = b, as for any plan of a law with itself.
            own.u = own.v = factor
            excess = own.rows(xp) - logarithm
            error += float(xp.sum(xp.exp(logarithm) * xp.abs(xp.expm1(excess))))
            factor = factor - excess / 2
        if budget.tick is not None:
            budget.tick(1.0)
        if sweep > 0 and error <= tolerance:
            break
    else:
        warnings.warn(
            f"entropic_barycenter stopped after {budget.max_iterations} sweeps with a marginal error of {error:.1e}, "
            f"above {tolerance:.1e}. Raise `max_iterations` or `epsilon`.",
            stacklevel=3,
        )
    masses = xp.exp(logarithm)
    return masses / xp.sum(masses)
