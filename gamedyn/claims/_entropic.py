"""Claims on entropic transport: its limits at both ends of the temperature, its sign, and normal laws."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.transport import sinkhorn, sinkhorn_divergence

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_TOLERANCE = 1e-9


def _clouds(rng: Generator) -> tuple[Any, Any, Any]:
    """Two clouds of 8 points in the plane, and the matrix of squared distances."""
    x, y = rng.normal(size=(8, 2)), rng.normal(0.7, 1.3, (8, 2))
    return x, y, ((x[:, None] - y[None]) ** 2).sum(-1)


def _entropic_cost(x: Any, y: Any, epsilon: float) -> float:
    return float(sinkhorn(x, y, epsilon=epsilon, tolerance=_TOLERANCE))


def _transport_cost(cost: Any) -> float:
    from scipy.optimize import linear_sum_assignment

    return float(cost[linear_sum_assignment(cost)].mean())


def _limit(rng: Generator) -> Evidence:
    """Clouds of n points. W <= OT_eps <= W + eps log n; S_eps(x, y) >= 0 and S_eps(x, x) = 0 (bounds).

    The upper bound puts the best permutation, whose divergence from independence is log n, into the objective.
    """
    x, y, cost = _clouds(rng)
    exact, epsilons = _transport_cost(cost), (3.0, 0.3, 0.02)
    found = numpy.array([_entropic_cost(x, y, epsilon) for epsilon in epsilons])
    upper = exact + math.log(8) * numpy.array(epsilons)
    signs = [-sinkhorn_divergence(x, y, epsilon=eps) for eps in (3.0, 0.3)]
    signs.append(sinkhorn_divergence(x, x[::-1], epsilon=0.3))
    measured = [*-found, *found, *(float(each) for each in signs)]
    predicted = [*[-exact] * 3, *upper, 0.0, 0.0, 0.0]
    return Evidence(predicted, measured, _TOLERANCE * cost.max(), "the margins' L1 error times the largest cost")


def _limit_control(rng: Generator) -> Evidence:
    """As if the entropic term were not there: OT_eps <= W."""
    x, y, cost = _clouds(rng)
    return Evidence(_transport_cost(cost), _entropic_cost(x, y, 0.3), _TOLERANCE * cost.max(), "as above")


def _gaps(x: Any, y: Any, order: int) -> tuple[float, float]:
    """E c(X, Y) - (E c(X, X') + E c(Y, Y')) / 2 for c = |x - y|^order, and the largest c."""
    pairs = [((a[:, None] - b[None]) ** 2).sum(-1) ** (order / 2) for a, b in ((x, y), (x, x), (y, y))]
    across, *own = (float(pair.mean()) for pair in pairs)
    return across - sum(own) / 2, max(float(pair.max()) for pair in pairs)


def _hot_evidence(rng: Generator, factor: float) -> Evidence:
    """S_eps at an eps of 10^5 times the largest cost, for the costs |x - y| and |x - y|^2."""
    x, y, _ = _clouds(rng)
    predicted, measured, tolerance = [], [], []
    for order in (1, 2):
        limit, largest = _gaps(x, y, order)
        epsilon = 1e5 * largest
        predicted.append(factor * limit)
        measured.append(float(sinkhorn_divergence(x, y, epsilon=epsilon, order=order)))
        # OT_eps >= -eps log E e^(-c / eps) >= E c - max(c)^2 / (8 eps), by Hoeffding's lemma.
        tolerance.append(largest**2 / (8 * epsilon))
    return Evidence(predicted, measured, tolerance, "max(c)^2 / (8 eps), by Hoeffding's lemma")


def _hot(rng: Generator) -> Evidence:
    """Clouds, costs c = |x - y|^p, p = 1, 2. As eps -> inf S_eps tends to MMD^2 / 2 of the kernel -c (equality)."""
    return _hot_evidence(rng, 1.0)


def _hot_control(rng: Generator) -> Evidence:
    """MMD^2, without the half."""
    return _hot_evidence(rng, 2.0)


def _normal_grid(loc: float, scale: float) -> tuple[Any, Any]:
    """Equally spaced points out to 7 scales, and their masses."""
    z = numpy.linspace(-7, 7, 71)
    mass = numpy.exp(-(z**2) / 2)
    return loc + scale * z, mass / mass.sum()


def _normal_evidence(rng: Generator, *, entropy: bool) -> Evidence:
    """OT_eps of two normal laws by sums on grids, against the minimum over the covariance c of normal couplings.

    -2 + eps c / (s^2 t^2 - c^2) = 0 has the root c = sqrt(s^2 t^2 + eps^2 / 16) - eps / 4.
    """
    loc, s, t, epsilon = rng.normal(), rng.uniform(0.7, 1.4), rng.uniform(0.7, 1.4), rng.uniform(0.5, 2.0)
    (x, a), (y, b) = _normal_grid(0.0, s), _normal_grid(loc, t)
    measured = float(sinkhorn(x, y, epsilon=epsilon, x_weights=a, y_weights=b, tolerance=_TOLERANCE))
    c = math.sqrt((s * t) ** 2 + epsilon**2 / 16) - epsilon / 4 if entropy else s * t
    bits = -epsilon / 2 * math.log(1 - (c / (s * t)) ** 2) if entropy else 0.0
    predicted = loc**2 + s**2 + t**2 - 2 * c + bits
    # The sums stand for integrals of smooth functions, whose error falls like exp(-2 pi^2 / spacing^2).
    return Evidence(predicted, measured, 1e-8, "margins' L1 error 1e-9 times costs near the bulk; tails below 1e-11")


def _normal(rng: Generator) -> Evidence:
    """N(0,s^2), N(m,t^2), cost |x-y|^2. OT_eps = m^2 + s^2 + t^2 - 2c - eps/2 log(1 - (c/(st))^2) (equality).

    With c = sqrt(s^2 t^2 + eps^2/16) - eps/4.
    """
    return _normal_evidence(rng, entropy=True)


def _normal_control(rng: Generator) -> Evidence:
    """Without entropy: m^2 + (s - t)^2."""
    return _normal_evidence(rng, entropy=False)


CLAIMS = (
    Claim(
        id="ot.sinkhorn-limit",
        statement="W <= OT_eps <= W + eps log n; S_eps(x, y) >= 0 and S_eps(x, x) = 0",
        source="Cuturi 2013; Feydy et al. 2019",
        relation="<=",
        check=_limit,
        control=_limit_control,
    ),
    Claim(
        id="ot.sinkhorn-to-mmd",
        statement="S_eps tends to MMD^2 / 2 of the kernel -|x - y|^p as eps tends to inf, p = 1, 2",
        source="Genevay et al. 2018; Feydy et al. 2019",
        relation="==",
        check=_hot,
        control=_hot_control,
    ),
    Claim(
        id="ot.sinkhorn-normal",
        statement="OT_eps(N(0,s^2),N(m,t^2)) = m^2+s^2+t^2 - 2c - eps/2 log(1 - c^2/(st)^2), c^2 + c eps/2 = (st)^2",
        source="Janati et al. 2020",
        relation="==",
        check=_normal,
        control=_normal_control,
    ),
)
