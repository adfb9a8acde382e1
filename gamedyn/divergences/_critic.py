"""Critics fitted to the variational bound of a kind itself: convex in the weights of fixed features; host-only work."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy

from gamedyn.divergences._gaussian_basis import GaussianBasis
from gamedyn.divergences._kinds import Kind, kind_of
from gamedyn.divergences._logistic import fit_log_ratio
from gamedyn.numerics import sigmoid

__all__ = ["donsker_varadhan", "fit_critic"]

_CENTRES = 50
_RIDGES = (30.0, 3.0, 0.3, 0.03)
"""From the logistic critic alone, nearly, to free Gaussians."""
_PARTS = 3
"""Parts of the rows, of which each in turn judges the ridges."""


def fit_critic(
    x: numpy.ndarray, y: numpy.ndarray, kind: Kind, rng: numpy.random.Generator
) -> Callable[[numpy.ndarray], numpy.ndarray]:
    """A logit v for the bound E_p gain(v) - E_q loss(v) of a kind, as large as weights of features make it.

    v is a weighted sum of 1, the logit of the quadratic logistic regression, and Gaussians around rows of both samples.
    The bound is concave in v for KL either way, their sum, JS and powers between 0 and 1; for other kinds, whose bound
    is not, the weights are those for JS: any critic gives a lower bound. The ridge on the Gaussians is the one with the
    best bound on rows that the weights for that comparison were not fitted to. |v| is cut at the logarithm of the rows.
    """
    concave = kind.functional not in ("tv", "le_cam") and not (kind.functional == "power" and not 0 < kind.alpha < 1)
    target = kind if concave else kind_of("js", None)
    scores = numpy.zeros(len(_RIDGES))
    parts_x, parts_y = (numpy.arange(len(sample)) % _PARTS for sample in (x, y))
    for part in range(_PARTS):
        features = _features(x[parts_x != part], y[parts_y != part], rng)
        path = _path(features(x[parts_x != part]), features(y[parts_y != part]), target, _RIDGES)
        held_x, held_y = features(x[parts_x == part]), features(y[parts_y == part])
        scores += [_bound(held_x @ theta, held_y @ theta, target) for theta in path]
    features = _features(x, y, rng)
    theta = _path(features(x), features(y), target, _RIDGES[: int(numpy.argmax(scores)) + 1])[-1]
    # No sample shows a ratio beyond its size.
    most = math.log(min(len(x), len(y)))
    return lambda rows: numpy.clip(features(rows) @ theta, -most, most)


def _features(
    x: numpy.ndarray, y: numpy.ndarray, rng: numpy.random.Generator
) -> Callable[[numpy.ndarray], numpy.ndarray]:
    logit = fit_log_ratio(x, y)
    bases = [GaussianBasis(x, y, _CENTRES, rng), GaussianBasis(y, x, _CENTRES, rng)]

    def features(rows: numpy.ndarray) -> numpy.ndarray:
        gaussians = [basis.features(basis.squares(rows), basis.median) for basis in bases]
        return numpy.concatenate([numpy.ones((len(rows), 1)), logit(rows)[:, None], *gaussians], axis=1)

    return features


def _bound(v_x: numpy.ndarray, v_y: numpy.ndarray, kind: Kind) -> float:
    """What the critic maximises: the bound, but minus that of a power, which is small where p and q are far apart."""
    gain, loss = kind.contributions(v_x, v_y)
    value = float(gain.mean() - loss.mean())
    value = -value if kind.functional == "power" else value
    return value if numpy.isfinite(value) else -numpy.inf


def _path(at_x: numpy.ndarray, at_y: numpy.ndarray, kind: Kind, ridges: Sequence[float]) -> list[numpy.ndarray]:
    """The best weights for each ridge, from the strongest, whose start is the logit alone, to the weakest."""
    theta = _logit_alone(at_x.shape[1])
    found = []
    for ridge in ridges:
        theta = _newton(at_x, at_y, kind, ridge, theta)
        found.append(theta)
    return found


def _logit_alone(size: int) -> numpy.ndarray:
    """The weights of the logit, the second feature, without a constant and Gaussians."""
    theta = numpy.zeros(size)
    theta[1] = 1.0
    return theta


def _newton(at_x: numpy.ndarray, at_y: numpy.ndarray, kind: Kind, ridge: float, theta: numpy.ndarray) -> numpy.ndarray:
    """The maximiser of `_bound` minus ridge |theta - logit alone|^2 / 2, the constant free but for 1e-6 of that."""
    penalty, centre = numpy.full(len(theta), ridge), _logit_alone(len(theta))
    penalty[0] = 1e-6 * ridge

    def loss(t: numpy.ndarray) -> float:
        return float(penalty @ (t - centre) ** 2) / 2 - _bound(at_x @ t, at_y @ t, kind)

    current = loss(theta)
    for _ in range(30):
        (up, up_curve), (down, down_curve) = _derivatives(at_x @ theta, at_y @ theta, kind)
        gradient = at_y.T @ down / len(at_y) - at_x.T @ up / len(at_x) + penalty * (theta - centre)
        hessian = (at_y.T * down_curve) @ at_y / len(at_y) - (at_x.T * up_curve) @ at_x / len(at_x)
        step = numpy.linalg.solve(hessian + numpy.diag(penalty + 1e-10), gradient)
        decrease, length = float(gradient @ step), 1.0
        # The loss is convex and Newton's direction descends: halving ends.
        while not (new := loss(theta - length * step)) <= current - 1e-4 * length * decrease and length > 1e-6:
            length /= 2
        if not new < current:
            break
        theta, current = theta - length * step, new
        if decrease < 1e-7:
            break
    return theta


def _derivatives(
    v_x: numpy.ndarray, v_y: numpy.ndarray, kind: Kind
) -> tuple[tuple[numpy.ndarray, numpy.ndarray], tuple[numpy.ndarray, numpy.ndarray]]:
    """First and second derivatives in v of what x gains and of what y loses in `_bound`."""
    if kind.functional == "label":
        real, fake = sigmoid(-v_x), sigmoid(v_y)
        return (real, -real * (1 - real)), (fake, fake * (1 - fake))
    # A start may be far from the maximum, where only the direction matters.
    falling, rising = numpy.exp(-numpy.maximum(v_x, -300.0)), numpy.exp(numpy.minimum(v_y, 300.0))
    if kind.functional == "kl":
        return (numpy.ones(len(v_x)), numpy.zeros(len(v_x))), (rising, rising)
    if kind.functional == "reverse_kl":
        return (falling, -falling), (numpy.ones(len(v_y)), numpy.zeros(len(v_y)))
    if kind.functional == "jeffreys":
        return (1 + falling, -falling), (1 + rising, rising)
    a = kind.alpha
    up, down = a * (1 - a) * falling ** (1 - a), a * (1 - a) * rising**a
    return (up, -(1 - a) * up), (down, a * down)


def donsker_varadhan(t_x: numpy.ndarray, t_y: numpy.ndarray) -> tuple[float, float]:
    """E_p T - log E_q e^T and its standard error, from T at independent rows of x and of y.

    The logarithm of the mean of m terms w is too small by var(w) / (2 m E[w]^2) on average, to first order, which would
    raise the bound: it is added.
    """
    highest = float(t_y.max())
    w = numpy.exp(t_y - highest)
    relative = float(w.var(ddof=1)) / (len(w) * float(w.mean()) ** 2)
    value = float(t_x.mean()) - highest - math.log(float(w.mean())) - relative / 2
    return value, math.sqrt(float(t_x.var(ddof=1)) / len(t_x) + relative)
