"""Derivatives of a flow along a solution: V' = D field(z(t)) V, by Gauss-Legendre collocation of order 6."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.dynamics._orbit import FlowSystem

__all__ = ["propagators", "refined_times", "variational_times"]

_ROOT = float(numpy.sqrt(15.0))
# Nodes and weights of the three-stage Gauss method on [0, 1] (Hairer, Norsett, Wanner, Solving ordinary differential
# equations I, II.7).
_NODES = numpy.asarray([0.5 - _ROOT / 10, 0.5, 0.5 + _ROOT / 10])
_STAGES = numpy.asarray(
    [
        [5 / 36, 2 / 9 - _ROOT / 15, 5 / 36 - _ROOT / 30],
        [5 / 36 + _ROOT / 24, 2 / 9, 5 / 36 - _ROOT / 24],
        [5 / 36 + _ROOT / 30, 2 / 9 + _ROOT / 15, 5 / 36],
    ]
)
_WEIGHTS = numpy.asarray([5 / 18, 4 / 9, 5 / 18])


def refined_times(solution: Any, parts: int) -> numpy.ndarray:
    """The integrator's own times with every step cut into `parts`."""
    times = numpy.asarray(solution.t)
    cuts = times[:-1, None] + numpy.diff(times)[:, None] * numpy.arange(parts) / parts
    return numpy.append(cuts.ravel(), times[-1])


def variational_times(system: FlowSystem, solution: Any, parts: int, largest: float) -> numpy.ndarray:
    """Times that cut every step into `parts` or more, such that no derivative times a length passes `largest`.

    Near rest the integrator's own steps are as long as its stability allows, far too long for derivatives.
    """
    times = numpy.asarray(solution.t)
    lengths = numpy.diff(times)
    points = solution.sol(numpy.concatenate([times[:-1], (times[:-1] + times[1:]) / 2])).T.reshape(-1, system.d)
    sizes = numpy.linalg.norm(system.jacobian(points), axis=(-2, -1)).reshape(2, len(lengths), -1).max(axis=(0, 2))
    counts = numpy.maximum(parts, numpy.ceil(lengths * sizes / largest)).astype(int)
    cuts = [start + length * numpy.arange(n) / n for start, length, n in zip(times, lengths, counts, strict=False)]
    return numpy.append(numpy.concatenate(cuts), times[-1])


def propagators(system: FlowSystem, solution: Any, times: numpy.ndarray) -> numpy.ndarray:
    """(N, ..., d, d): the derivative of z(times[k + 1]) in z(times[k]), all steps at once; (N, n, d, d) of a batch."""
    d = system.d
    lengths = numpy.diff(times)
    nodes = times[:-1, None] + lengths[:, None] * _NODES
    values = solution.sol(nodes.ravel()).T
    count = values.shape[1] // d
    slopes = system.jacobian(values.reshape(len(lengths), 3, count, d)) * lengths[:, None, None, None, None]
    # (N, n, 3, d, d)
    slopes = numpy.moveaxis(slopes, 1, 2)
    # Stages K_i = J_i (V + sum_j a_ij K_j) for V = 1: a block system in (K_1, K_2, K_3).
    coupled = _STAGES[:, None, :, None] * slopes[:, :, :, :, None, :]
    matrix = numpy.eye(3 * d) - coupled.reshape(-1, 3 * d, 3 * d)
    stages = numpy.linalg.solve(matrix, slopes.reshape(-1, 3 * d, d)).reshape(-1, count, 3, d, d)
    result = numpy.eye(d) + numpy.einsum("i,ncijk->ncjk", _WEIGHTS, stages)
    return numpy.asarray(result[:, 0] if count == 1 else result)
