"""Distances of many samples from one, which is sorted and projected once."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.divergences import energy_distance
from gamedyn.dynamics._track_masses import Curve, unit_directions
from gamedyn.transport import sinkhorn_divergence, wasserstein_on_line

__all__ = ["measures_of_samples"]

_CACHED = 50_000  # projected values of one block, which stay in a cache


def measures_of_samples(
    x: numpy.ndarray,
    samples: list[numpy.ndarray],
    *,
    projections: int,
    epsilon: float | None,
    kernel: Any,
    rng: Any,
) -> dict[str, Curve]:
    """{measure: the function that computes its curve}.

    Parameters
    ----------
    x : array, shape (n, d)
    samples : list of array, shapes (m, d)
    projections, epsilon, kernel, rng : see `track_divergences`
    """
    found: dict[str, Curve] = {"energy": lambda: numpy.array([float(energy_distance(x, y)) for y in samples])}
    if x.shape[1] == 1:
        found["wasserstein"] = lambda: _on_line(x[:, 0], samples)
    else:
        found["sliced_wasserstein"] = lambda: _sliced(x, samples, unit_directions(rng, projections, x.shape[1]))
    if kernel is not None:
        found["mmd"] = lambda: _mmd(x, samples, kernel)
    if epsilon is not None:
        found["sinkhorn_divergence"] = lambda: numpy.array(
            [float(sinkhorn_divergence(x, y, epsilon=epsilon)) for y in samples]
        )
    return found


def _on_line(x: numpy.ndarray, samples: list[numpy.ndarray]) -> numpy.ndarray:
    x = numpy.sort(x)
    if len({len(y) for y in samples}) == 1:
        return numpy.asarray(wasserstein_on_line(x[None], numpy.stack(samples)[..., 0], check=False))
    return numpy.array([float(wasserstein_on_line(x, y[:, 0], check=False)) for y in samples])


def _sliced(x: numpy.ndarray, samples: list[numpy.ndarray], directions: numpy.ndarray) -> numpy.ndarray:
    totals = numpy.zeros(len(samples))
    chunk = max(1, _CACHED // len(x))
    for start in range(0, len(directions), chunk):
        lines = directions[start : start + chunk]
        target = numpy.sort(lines @ x.T, axis=-1)
        for k, y in enumerate(samples):
            projected = lines @ y.T
            if len(x) == len(y):
                projected.sort(axis=-1)
                projected -= target
                totals[k] += numpy.sum(numpy.abs(projected, out=projected)) / len(x)
            else:
                totals[k] += numpy.sum(wasserstein_on_line(target, projected, check=False))
    return numpy.asarray(totals / len(directions))


def _mmd(x: numpy.ndarray, samples: list[numpy.ndarray], kernel: Any) -> numpy.ndarray:
    own = numpy.mean(kernel(x, x))
    values = [own + numpy.mean(kernel(y, y)) - 2 * numpy.mean(kernel(x, y)) for y in samples]
    return numpy.asarray(numpy.maximum(values, 0.0))
