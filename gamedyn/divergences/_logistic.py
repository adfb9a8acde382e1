"""A discriminator fitted by Newton's method: ridge logistic regression on quadratic features; host-only work."""

from __future__ import annotations

from collections.abc import Callable

import numpy

from gamedyn.numerics import sigmoid, softplus

__all__ = ["fit_log_ratio"]

_QUADRATIC_COLUMNS = 16
"""Up to this many columns all products are features, above it only squares."""

_RIDGE = 1.0
"""Penalty on standardised features, in units of one row."""


_FOLDS = 3
"""Parts of the training rows, of which each in turn judges the fit to the others."""


def fit_log_ratio(x: numpy.ndarray, y: numpy.ndarray) -> Callable[[numpy.ndarray], numpy.ndarray]:
    """An estimate of log p / q, a function of (n, d) arrays, from x drawn from p and y drawn from q.

    Both samples weigh the same, whatever their sizes, so that the logit of the discriminator is the log-ratio. Its
    values are clipped to the range that they have on the training rows, so that no row outside can be worth more, and
    multiplied by the number in [0, 1] that suits rows that it was not fitted to: with many columns and few rows a fit
    is far too sure of itself, and e to the power of it, which a bound of KL averages, worthless.
    """
    log_ratio = _fit(x, y)
    parts_x, parts_y = (numpy.arange(len(sample)) % _FOLDS for sample in (x, y))
    held = []
    for part in range(_FOLDS):
        fitted = _fit(x[parts_x != part], y[parts_y != part])
        held.append((fitted(x[parts_x == part]), fitted(y[parts_y == part])))
    trust = _temper(*(numpy.concatenate(side) for side in zip(*held, strict=True)))
    return lambda values: trust * log_ratio(values)


def _temper(s_x: numpy.ndarray, s_y: numpy.ndarray) -> float:
    """The a in [0, 1] that minimises the mean of softplus(-a s) over x and softplus(a s) over y, which is convex."""

    def slope(a: float) -> float:
        return float(numpy.mean(s_y * sigmoid(a * s_y)) - numpy.mean(s_x * sigmoid(-a * s_x)))

    if slope(0.0) >= 0:
        return 0.0
    lower, upper = 0.0, 1.0
    for _ in range(30):
        middle = (lower + upper) / 2
        lower, upper = (middle, upper) if slope(middle) < 0 else (lower, middle)
    return upper


def _fit(x: numpy.ndarray, y: numpy.ndarray) -> Callable[[numpy.ndarray], numpy.ndarray]:
    rows = numpy.concatenate([x, y])
    centre, scale = rows.mean(axis=0), rows.std(axis=0)
    scale = numpy.where(scale > 0, scale, 1.0)

    def features(values: numpy.ndarray) -> numpy.ndarray:
        z = (values - centre) / scale
        i, j = numpy.triu_indices(z.shape[1]) if z.shape[1] <= _QUADRATIC_COLUMNS else (range(z.shape[1]),) * 2
        return numpy.concatenate([numpy.ones((len(z), 1)), z, z[:, i] * z[:, j]], axis=1)

    design = features(rows)
    label = numpy.concatenate([numpy.ones(len(x)), -numpy.ones(len(y))])
    weight = numpy.concatenate([numpy.full(len(x), 0.5 / len(x)), numpy.full(len(y), 0.5 / len(y))]) * len(rows)
    theta = _newton(design, label, weight)
    fitted = design @ theta
    lowest, highest = fitted.min(), fitted.max()
    return lambda values: numpy.clip(features(values) @ theta, lowest, highest)


def _newton(design: numpy.ndarray, label: numpy.ndarray, weight: numpy.ndarray) -> numpy.ndarray:
    """The minimiser of sum w softplus(-label s) + ridge |theta|^2 / 2, s = design theta, the intercept left out."""
    penalty = numpy.full(design.shape[1], _RIDGE)
    penalty[0] = 0.0
    theta = numpy.zeros(design.shape[1])

    def loss(t: numpy.ndarray) -> float:
        return float(weight @ softplus(-label * (design @ t)) + penalty @ t**2 / 2)

    current = loss(theta)
    for _ in range(50):
        s = design @ theta
        gradient = design.T @ (-weight * label * sigmoid(-label * s)) + penalty * theta
        curvature = weight * sigmoid(s) * sigmoid(-s)
        hessian = (design.T * curvature) @ design + numpy.diag(penalty + 1e-10 * len(label))
        step = numpy.linalg.solve(hessian, gradient)
        decrease = float(gradient @ step)
        length = 1.0
        # The loss is convex and Newton's direction descends: halving ends.
        while (new := loss(theta - length * step)) > current - 1e-4 * length * decrease and length > 1e-6:
            length /= 2
        theta, current = theta - length * step, min(new, current)
        if decrease < 1e-10 * len(label):
            break
    return theta
