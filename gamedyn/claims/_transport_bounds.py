"""Claims that bound Wasserstein distances: by each other, by moments, on the circle, and of projections."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import pmfs, within_rounding
from gamedyn.transport import sliced_wasserstein, wasserstein_distance, wasserstein_on_circle, wasserstein_on_line

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_ORDERS = (1.0, 1.5, 2.0, 4.0)


def _narrow_samples(rng: Generator) -> tuple[Any, Any]:
    """Pairs of 9 points on the line within a unit length; in the first row a shift."""
    x, y = rng.uniform(0, 0.5, (2, 20, 9))
    y[0] = x[0] + 0.25
    return x, y


def _sorted_powers(x: Any, y: Any, order: float) -> Any:
    """W_p^p of equally many points of the line."""
    return (abs(numpy.sort(x) - numpy.sort(y)) ** order).mean(-1)


def _orders(rng: Generator) -> Evidence:
    """Samples on the line. W_1 <= W_1.5 <= W_2 <= W_4 <= W_inf, with equality for a shift (upper bounds)."""
    x, y = _narrow_samples(rng)
    bounds = [_sorted_powers(x, y, p) ** (1 / p) for p in _ORDERS[1:]]
    bounds.append(abs(numpy.sort(x) - numpy.sort(y)).max(-1))
    shift = [-wasserstein_on_line(x[0], y[0], order=p) for p in (*_ORDERS, math.inf)]
    measured = [*numpy.concatenate([wasserstein_on_line(x, y, order=p) for p in _ORDERS]), *map(float, shift)]
    return within_rounding([*numpy.concatenate(bounds), *[-0.25] * 5], measured, terms=16)


def _orders_control(rng: Generator) -> Evidence:
    """Powers without their roots, which fall with the order where distances are below 1."""
    x, y = _narrow_samples(rng)
    bounds = [_sorted_powers(x, y, p) for p in _ORDERS[1:]]
    measured = [wasserstein_on_line(x, y, order=p, power=True) for p in _ORDERS[:-1]]
    return within_rounding(numpy.stack(bounds), numpy.stack(measured), terms=16)


def _moments(x: Any, y: Any, *, overlap: bool) -> float:
    """|m - n|^2 + tr A + tr B - 2 sum of roots of the eigenvalues of AB, of means and covariances, and its root."""
    (m, a), (n, b) = ((each.mean(0), numpy.cov(each.T, bias=True)) for each in (x, y))
    roots = numpy.sqrt(numpy.linalg.eigvals(a @ b).real.clip(0)).sum() if overlap else 0.0
    return math.sqrt(((m - n) ** 2).sum() + a.trace() + b.trace() - 2 * roots)


def _gelbrich_evidence(rng: Generator, *, overlap: bool) -> Evidence:
    x, z = rng.normal(size=(2, 15, 3))
    factor = rng.normal(size=(3, 5))
    images = (z * rng.uniform(0.5, 2, 3) + 1.0, x @ (factor @ factor.T / 5 + 0.2 * numpy.eye(3)) + 0.5)
    found = [float(wasserstein_distance(x, y, order=2)) for y in images]
    bounds = [_moments(x, y, overlap=overlap) for y in images]
    return within_rounding([*bounds, -bounds[1]], [*found, -found[1]], terms=4096, size=10.0)


def _gelbrich(rng: Generator) -> Evidence:
    """Clouds in space. W_2 >= the distance of normal laws of their moments; equal for y = Sx + b, S > 0 (bounds)."""
    return _gelbrich_evidence(rng, overlap=True)


def _gelbrich_control(rng: Generator) -> Evidence:
    """Without the overlap of the covariances: the cost of the independent plan."""
    return _gelbrich_evidence(rng, overlap=False)


def _around(rng: Generator, *, free: bool) -> Evidence:
    """W_1 on a circle of length 1 against the integral of |F - G - a|, a the median of F - G, or 0."""
    x, y, a, b = rng.uniform(0, 1, (20, 9)), rng.uniform(0, 1, (20, 12)), pmfs(rng, 20, 9), pmfs(rng, 20, 12)
    z = numpy.sort(numpy.concatenate([x, y, numpy.zeros((20, 1))], -1), -1)
    f = ((x[:, None, :] <= z[..., None]) * a[:, None, :]).sum(-1)
    height = f - ((y[:, None, :] <= z[..., None]) * b[:, None, :]).sum(-1)
    length = numpy.diff(z, append=1.0)
    rows = numpy.arange(20)[:, None]
    order = numpy.argsort(height, -1)
    middle = (numpy.cumsum(length[rows, order], -1) < 0.5).sum(-1)
    level = numpy.sort(height, -1)[rows[:, 0], middle] if free else numpy.zeros(20)
    predicted = (abs(height - level[:, None]) * length).sum(-1)
    found = wasserstein_on_circle(x, y, period=1.0, x_weights=a, y_weights=b)
    return within_rounding(predicted, found, terms=64)


def _circle(rng: Generator) -> Evidence:
    """Weighted samples on a circle. W_1 = integral of |F - G - a|, a the median of F - G (equality)."""
    return _around(rng, free=True)


def _circle_control(rng: Generator) -> Evidence:
    """As on the line: a = 0."""
    return _around(rng, free=False)


def _point_masses(rng: Generator, *, projected: bool) -> Evidence:
    """SW_1 and SW_2 of two points in 2, 3 and 6 dimensions."""
    predicted, measured, errors = [], [], []
    for d in (2, 3, 6):
        shift = rng.normal(size=(1, d))
        size = math.sqrt((shift**2).sum())
        means = (math.exp(math.lgamma(d / 2) - math.lgamma((d + 1) / 2)) / math.sqrt(math.pi), 1 / math.sqrt(d))
        for order, mean in zip((1, 2), means, strict=True):
            points = numpy.zeros((1, d)), shift
            found = sliced_wasserstein(*points, order, projections=600, directions="orthogonal", rng=rng)
            predicted.append(size * (mean if projected else 1.0))
            measured.append(float(found))
            errors.append(float(found.standard_error) + 1e-14 * size)
    return Evidence(
        predicted, measured, 4.9 * numpy.array(errors), "4.9 standard errors of 600 projections, none for SW_2"
    )


def _sliced_points(rng: Generator) -> Evidence:
    """Points s apart in n dimensions. SW_1 = s Gamma(n/2) / (sqrt(pi) Gamma((n+1)/2)), SW_2 = s / sqrt n (equality)."""
    return _point_masses(rng, projected=True)


def _sliced_points_control(rng: Generator) -> Evidence:
    """The distance itself."""
    return _point_masses(rng, projected=False)


CLAIMS = (
    Claim(
        id="ot.w-order",
        statement="W_p <= W_q for p <= q, up to W_inf, with equality for translations",
        source="Villani 2009",
        relation="<=",
        check=_orders,
        control=_orders_control,
    ),
    Claim(
        id="ot.gelbrich",
        statement="W_2 >= its value for normal laws of the same moments; equal for y = S x + b, S > 0",
        source="Gelbrich 1990",
        relation=">=",
        check=_gelbrich,
        control=_gelbrich_control,
    ),
    Claim(
        id="ot.circle-median",
        statement="W1 on a circle = integral of |F - G - a|, a the median of F - G",
        source="Delon, Salomon & Sobolevski 2010",
        relation="==",
        check=_circle,
        control=_circle_control,
    ),
    Claim(
        id="ot.sliced-points",
        statement="points s apart in n dimensions: SW1 = s Gamma(n/2)/(sqrt(pi) Gamma((n+1)/2)), SW2 = s/sqrt(n)",
        source="derived: moments on the sphere",
        relation="==",
        check=_sliced_points,
        control=_sliced_points_control,
    ),
)
