"""Divergences of many pmfs from one, all at once, and over points with everything sorted once."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import host_normal
from gamedyn.divergences import GANDivergence, jensen_shannon_divergence, kl_divergence
from gamedyn.numerics import sigmoid, softplus
from gamedyn.objectives import optimal_discriminator
from gamedyn.transport import sinkhorn_divergence

__all__ = ["Curve", "bernoulli_gap", "generator_signals", "measures_of_masses", "unit_directions"]

Curve = Callable[[], numpy.ndarray]


def measures_of_masses(
    p: numpy.ndarray,
    q: numpy.ndarray,
    *,
    points: numpy.ndarray | None,
    logits: Any,
    projections: int,
    epsilon: float | None,
    kernel: Any,
    rng: Any,
) -> dict[str, Curve]:
    """{measure: the function that computes its curve}.

    Parameters
    ----------
    p, q : array, shapes (n,) and (T, n)
    points : array, shape (n, d), or None
    logits : array of shape (T, n) or (n,), or None
    projections, epsilon, kernel, rng : see `track_divergences`
    """
    js = functools.cache(lambda: numpy.asarray(jensen_shannon_divergence(p, q)))
    signals = functools.cache(lambda: generator_signals(p, q))
    found: dict[str, Curve] = {
        "kl": lambda: numpy.asarray(kl_divergence(p, q)),
        "reverse_kl": lambda: numpy.asarray(kl_divergence(q, p)),
        "js": js,
        "gan_value": lambda: 2 * js() - math.log(4),
        "saturating_gradient": lambda: signals()[0],
        "nonsaturating_gradient": lambda: signals()[1],
    }
    if logits is not None:
        found["discriminator_gap"] = lambda: numpy.sum(
            (p + q) * bernoulli_gap(optimal_discriminator(p, q), logits), axis=-1
        )
    if points is None:
        return found
    change = q - p
    if points.shape[1] == 1:
        levels = functools.cache(lambda: _levels(change, points[:, 0]))
        found["wasserstein"] = lambda: numpy.abs(levels()[0]) @ levels()[1]
        found["energy"] = lambda: 2 * levels()[0] ** 2 @ levels()[1]
    else:
        found["sliced_wasserstein"] = lambda: _sliced(
            change, points, unit_directions(rng, projections, points.shape[1])
        )
        found["energy"] = lambda: numpy.maximum(-_form(change, _distances(points)), 0.0)
    if kernel is not None:
        found["mmd"] = lambda: numpy.maximum(_form(change, numpy.asarray(kernel(points, points))), 0.0)
    if epsilon is not None:
        pair = functools.partial(sinkhorn_divergence, points, points, epsilon=epsilon, x_weights=p)
        found["sinkhorn_divergence"] = lambda: numpy.array([float(pair(y_weights=row)) for row in q])
    return found


def bernoulli_gap(v: numpy.ndarray, s: numpy.ndarray) -> numpy.ndarray:
    """KL of Bernoulli laws of logits v and s, finite where both are, whatever they are.

    Parameters
    ----------
    v, s : array
        The optimal logit, and that of the discriminator.
    """
    v, s = numpy.broadcast_arrays(v, s)
    with numpy.errstate(invalid="ignore"):
        near = numpy.abs(s - v) < 1
        far = numpy.zeros(v.shape)
        for sign in (1, -1):
            share = sigmoid(sign * v)
            far += numpy.where(share > 0, share * (softplus(-sign * s) - softplus(-sign * v)), 0.0)
    a, b = (numpy.where(near, sign * v, 0.0) for sign in (1, -1))
    shares = sigmoid(a)[..., None], sigmoid(b)[..., None]
    # Next to each other the difference of losses would cancel.
    close = GANDivergence().gap(*shares, numpy.where(near, s, 0.0)[..., None], check=False)
    return numpy.where(near, close, far)


def generator_signals(p: numpy.ndarray, q: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Norms of the gradients of E_q log(1 - D) and of -E_q log D in the logits of q = softmax, at the optimal D.

    Parameters
    ----------
    p, q : array, shapes (n,) and (T, n)
    """
    v = optimal_discriminator(p, q)
    near = numpy.abs(v) < 1
    small = numpy.where(near, v, 0.0)
    norms = []
    for sign in (1, -1):
        # softplus(v) - log 2, the same constant taken from every loss: exact where v is small.
        loss = numpy.where(near, numpy.log1p(numpy.expm1(sign * small) / 2), softplus(sign * v) - math.log(2))
        certain = (q > 0) & (loss == math.inf)
        loss = numpy.where((q > 0) & ~certain, loss, 0.0)
        slope = q * (loss - numpy.sum(q * loss, axis=-1, keepdims=True))
        norm = numpy.sqrt(numpy.sum(slope * slope, axis=-1))
        norms.append(numpy.where(numpy.any(certain, axis=-1), math.inf, norm))
    return norms[0], norms[1]


def unit_directions(rng: Any, count: int, d: int) -> numpy.ndarray:
    """Those of `sliced_wasserstein` from the same seed, shape (count, d).

    Parameters
    ----------
    rng : see `track_divergences`
    count, d : int
    """
    normal = numpy.asarray(host_normal(rng, (count, d), numpy))
    return numpy.asarray(normal / numpy.sqrt(numpy.sum(normal * normal, axis=-1, keepdims=True)))


def _levels(change: numpy.ndarray, points: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """G - F between neighbouring points, shape (T, n - 1), and the lengths between them."""
    order = numpy.argsort(points, kind="stable")
    return numpy.cumsum(change[:, order], axis=-1)[:, :-1], numpy.diff(points[order])


def _sliced(change: numpy.ndarray, points: numpy.ndarray, directions: numpy.ndarray) -> numpy.ndarray:
    total = numpy.zeros(len(change))
    for line in directions @ points.T:
        levels, lengths = _levels(change, line)
        total += numpy.abs(levels) @ lengths
    return numpy.asarray(total / len(directions))


def _distances(points: numpy.ndarray) -> numpy.ndarray:
    gaps = points[:, None, :] - points
    return numpy.asarray(numpy.sqrt(numpy.sum(gaps * gaps, axis=-1)))


def _form(change: numpy.ndarray, matrix: numpy.ndarray) -> numpy.ndarray:
    """sum_ij change_i matrix_ij change_j for every row: the differences of expectations, cancelled beforehand."""
    return numpy.asarray(numpy.sum(change @ matrix * change, axis=-1))
