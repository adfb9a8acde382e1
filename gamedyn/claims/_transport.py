"""Claims on Wasserstein distances as such: duality, the formula on the line, metric axioms, bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import pmf_pairs, pmfs, within_rounding
from gamedyn.claims._oracles import total_variation
from gamedyn.transport import sliced_wasserstein, wasserstein_distance, wasserstein_on_line

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _largest_difference(z: Any, difference: Any, lipschitz: float) -> float:
    """max of sum difference_i f(z_i) over f with |f(s) - f(t)| <= lipschitz |s - t|: a linear program of its own."""
    from scipy.optimize import linprog

    n = len(z)
    i, j = numpy.nonzero(~numpy.eye(n, dtype=bool))
    rows = numpy.zeros((len(i), n))
    rows[numpy.arange(len(i)), i], rows[numpy.arange(len(i)), j] = 1.0, -1.0
    bounds = [(0, 0), *[(None, None)] * (n - 1)]
    found = linprog(-difference, A_ub=rows, b_ub=lipschitz * abs(z[i] - z[j]), bounds=bounds, method="highs")
    if found.fun is None:
        raise RuntimeError(f"the linear program was not solved: {found.message}")
    return -float(found.fun)


def _duality_evidence(rng: Generator, lipschitz: float) -> Evidence:
    x, y = rng.normal(size=6), rng.normal(1.0, 2.0, 7)
    a, b = pmfs(rng, 1, 6)[0], pmfs(rng, 1, 7)[0]
    found = wasserstein_distance(x, y, x_weights=a, y_weights=b, method="lp", return_result=True)
    z = numpy.linspace(-6, 8, 200)
    steepest = abs(numpy.diff(found.critic(z[:, None])) / numpy.diff(z)).max()
    dual = _largest_difference(numpy.concatenate([x, y]), numpy.concatenate([a, -b]), lipschitz)
    measured = [found.upper, found.lower, wasserstein_on_line(x, y, x_weights=a, y_weights=b), max(steepest - 1, 0)]
    return Evidence([dual, dual, dual, 0.0], measured, 1e-8, "feasibility tolerances of the linear programs")


def _duality(rng: Generator) -> Evidence:
    """Weighted points on the line. Best plan = best 1-Lipschitz critic = integral on the line (equality).

    The critic that the library returns has slope at most 1.
    """
    return _duality_evidence(rng, 1.0)


def _duality_control(rng: Generator) -> Evidence:
    """Critics of slope up to 2."""
    return _duality_evidence(rng, 2.0)


def _samples(rng: Generator) -> tuple[Any, ...]:
    """Two weighted samples of different widths, 20 times: their distribution functions cross."""
    x, y = rng.normal(size=(20, 9)), 3 * rng.normal(size=(20, 12))
    return x, y, pmfs(rng, 20, 9), pmfs(rng, 20, 12)


def _signed_area(x: Any, y: Any, a: Any, b: Any, *, absolute: bool) -> Any:
    """The integral of |F - G|, or of F - G, between the sorted points."""
    z = numpy.sort(numpy.concatenate([x, y], -1), -1)
    f = ((x[:, None, :] <= z[..., None]) * a[:, None, :]).sum(-1)
    g = ((y[:, None, :] <= z[..., None]) * b[:, None, :]).sum(-1)
    difference = (f - g)[:, :-1]
    return ((abs(difference) if absolute else difference) * numpy.diff(z, axis=-1)).sum(-1)


def _cdf(rng: Generator) -> Evidence:
    """Weighted samples. W1 = integral of |F - G| (equality)."""
    x, y, a, b = _samples(rng)
    measured = wasserstein_on_line(x, y, x_weights=a, y_weights=b)
    return within_rounding(_signed_area(x, y, a, b, absolute=True), measured, terms=256, size=10.0)


def _cdf_control(rng: Generator) -> Evidence:
    """Without the absolute value: the difference of the means."""
    x, y, a, b = _samples(rng)
    measured = wasserstein_on_line(x, y, x_weights=a, y_weights=b)
    return within_rounding(_signed_area(x, y, a, b, absolute=False), measured, terms=256, size=10.0)


def _equal_samples(rng: Generator) -> tuple[Any, Any, Any]:
    """x, y, z of 8 points each; in the first row shifts of each other, where the triangle is flat."""
    x, y, z = rng.normal(size=(3, 20, 8)) * rng.uniform(0.5, 3, (3, 20, 1))
    y[0], z[0] = x[0] + 1, x[0] + 2
    return x, y, z


def _sorted_distance(x: Any, y: Any, order: int = 1) -> Any:
    """W_p^p of equally many unweighted points: sorted against sorted."""
    return (abs(numpy.sort(x) - numpy.sort(y)) ** order).mean(-1)


def _metric(rng: Generator) -> Evidence:
    """Any samples. W1(x, z) <= W1(x, y) + W1(y, z), W1(x, z) = W1(z, x), W1(x, x) = 0 (upper bounds)."""
    x, y, z = _equal_samples(rng)
    bound = _sorted_distance(x, y) + _sorted_distance(y, z)
    there, back = wasserstein_on_line(x, z), wasserstein_on_line(z, x)
    measured = numpy.stack([there, there - back, back - there, wasserstein_on_line(x, x[:, ::-1])])
    return within_rounding(numpy.stack([bound, *numpy.zeros((3, 20))]), measured, terms=256, size=10.0)


def _metric_control(rng: Generator) -> Evidence:
    """W2 without its root."""
    x, y, z = _equal_samples(rng)
    bound = _sorted_distance(x, y, 2) + _sorted_distance(y, z, 2)
    return within_rounding(bound, wasserstein_on_line(x, z, order=2) ** 2, terms=256, size=10.0)


def _on_points(rng: Generator, factor: float) -> Evidence:
    points = numpy.sort(rng.normal(size=6))
    p, q = pmf_pairs(rng, 20)
    ends = numpy.array([1.0, 0, 0, 0, 0, 1.0])
    p[0], q[0] = ends * [0.8, 0, 0, 0, 0, 0.2], ends * [0.3, 0, 0, 0, 0, 0.7]
    every = numpy.broadcast_to(points, p.shape)
    measured = wasserstein_on_line(every, every, x_weights=p, y_weights=q)
    return within_rounding(factor * (points[-1] - points[0]) * total_variation(p, q), measured, terms=256, size=5.0)


def _diameter(rng: Generator) -> Evidence:
    """Laws on points of the line. W1 <= diameter * TV, reached when mass moves from end to end (upper bound)."""
    return _on_points(rng, 1.0)


def _diameter_control(rng: Generator) -> Evidence:
    """Half of the diameter."""
    return _on_points(rng, 0.5)


def _sliced(rng: Generator, exponent: float) -> Evidence:
    """SW2 of a cloud in three dimensions and a shifted cloud, of another cloud, against W2 / 3^exponent."""
    from scipy.optimize import linear_sum_assignment

    x = rng.normal(size=(12, 3))
    predicted, estimates = [], []
    for y in (x + rng.normal(size=3), 2 * rng.normal(size=(12, 3))):
        cost = ((x[:, None] - y[None]) ** 2).sum(-1)
        predicted.append(numpy.sqrt(cost[linear_sum_assignment(cost)].mean()) / 3**exponent)
        estimates.append(sliced_wasserstein(x, y, order=2, projections=400, rng=rng))
    measured = [float(each) for each in estimates]
    tolerance = [4.9 * float(each.standard_error) for each in estimates]
    # For the shift the bound is attained: the estimate may not lie below it either.
    predicted, measured = [*predicted, -predicted[0]], [*measured, -measured[0]]
    return Evidence(predicted, measured, [*tolerance, tolerance[0]], "4.9 standard errors of 400 projections")


def _sliced_bound(rng: Generator) -> Evidence:
    """Clouds in d = 3. SW2 <= W2 / sqrt(d), with equality for a shift (upper bound)."""
    return _sliced(rng, 0.5)


def _sliced_control(rng: Generator) -> Evidence:
    """W2 / d."""
    return _sliced(rng, 1.0)


CLAIMS = (
    Claim(
        id="ot.kantorovich-duality",
        statement="best plan = best 1-Lipschitz critic = integral on the line, and the critic's slope is <= 1",
        source="Kantorovich & Rubinstein 1958",
        relation="==",
        check=_duality,
        control=_duality_control,
    ),
    Claim(
        id="ot.w1-cdf",
        statement="W1 = integral of |F - G|",
        source="Vallender 1974",
        relation="==",
        check=_cdf,
        control=_cdf_control,
    ),
    Claim(
        id="ot.w1-metric",
        statement="W1(x, z) <= W1(x, y) + W1(y, z), W1(x, z) = W1(z, x), W1(x, x) = 0",
        source="Villani 2009",
        relation="<=",
        check=_metric,
        control=_metric_control,
    ),
    Claim(
        id="ot.w1-le-diam-tv",
        statement="W1(p, q) <= diameter of the support * TV(p, q)",
        source="Villani 2009",
        relation="<=",
        check=_diameter,
        control=_diameter_control,
    ),
    Claim(
        id="ot.sliced-le-w",
        statement="SW2 <= W2 / sqrt(d), with equality for translations",
        source="Bonnotte 2013; Bonneel et al. 2015",
        relation="<=",
        check=_sliced_bound,
        control=_sliced_control,
    ),
)
