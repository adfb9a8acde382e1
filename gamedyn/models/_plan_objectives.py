"""Cotangents of critic outputs under an objective: calls of ufuncs for the simple ones, its own methods for others."""

from __future__ import annotations

import numpy

from gamedyn.models._plan_buffers import Tape
from gamedyn.objectives import Hinge, LeastSquares, Minimax, NonSaturating, Objective, Wasserstein

__all__ = ["add_discriminator_cotangent", "add_generator_cotangent"]


def add_discriminator_cotangent(
    tape: Tape, objective: Objective, s: numpy.ndarray, out: numpy.ndarray, scale: float
) -> None:
    """out <- scale (a'(s) on the first half of the rows, b'(s) on the second).

    Parameters
    ----------
    tape : Tape
    objective : Objective
    s, out : array, shape (..., 2 n, 1)
    scale : float
    """
    n = s.shape[-2] // 2
    # Most objectives pay the same on real samples as on fake ones, at minus the output.
    sign = numpy.ones_like(s)
    sign[..., :n, :] = -1
    if type(objective) in (Minimax, NonSaturating):
        _sigmoid(tape, s, sign, sign, out, scale)
    elif type(objective) is Wasserstein:
        numpy.multiply(sign, scale, out=out)
    elif type(objective) is Hinge:
        mask, scaled = numpy.empty(s.shape, bool), scale * sign
        tape.append((numpy.multiply, (s, sign, out)))
        tape.append((numpy.greater, (out, -numpy.ones_like(s), mask)))
        tape.append((numpy.multiply, (mask, scaled.astype(s.dtype), out)))
    elif isinstance(objective, LeastSquares) and type(objective) is LeastSquares:
        labels = numpy.where(sign < 0, objective.real_label, objective.fake_label)
        _distance(tape, s, labels, out, scale)
    else:
        factor = numpy.asarray(scale, s.dtype)

        def derivatives() -> None:
            on_real, on_fake = objective.discriminator_derivative(s[..., :n, :], s[..., n:, :])
            numpy.multiply(on_real, factor, out[..., :n, :])
            numpy.multiply(on_fake, factor, out[..., n:, :])

        tape.append((derivatives, ()))


def add_generator_cotangent(
    tape: Tape, objective: Objective, s: numpy.ndarray, out: numpy.ndarray, scale: float
) -> None:
    """out <- scale c'(s).

    Parameters
    ----------
    tape : Tape
    objective : Objective
    s, out : array, shape (..., n, 1)
    scale : float
    """
    ones = numpy.ones_like(s)
    if type(objective) is Minimax:
        _sigmoid(tape, s, ones, -ones, out, scale)
    elif type(objective) is NonSaturating:
        _sigmoid(tape, s, -ones, -ones, out, scale)
    elif type(objective) in (Wasserstein, Hinge):
        out.fill(-scale)
    elif isinstance(objective, LeastSquares) and type(objective) is LeastSquares:
        _distance(tape, s, objective.generator_target * ones, out, scale)
    else:
        factor = numpy.asarray(scale, s.dtype)

        def derivative() -> None:
            numpy.multiply(objective.generator_derivative(s), factor, out)

        tape.append((derivative, ()))


def _sigmoid(
    tape: Tape, s: numpy.ndarray, inside: numpy.ndarray, outside: numpy.ndarray, out: numpy.ndarray, scale: float
) -> None:
    """out <- scale outside sigmoid(inside s), by 1 / (1 + e^-x), which keeps its digits where it is small."""
    one = numpy.asarray(1, s.dtype)
    tape.append((numpy.multiply, (s, -inside, out)))
    tape.append((numpy.exp, (out, out)))
    tape.append((numpy.add, (out, one, out)))
    tape.append((numpy.divide, ((scale * outside).astype(s.dtype), out, out)))


def _distance(tape: Tape, s: numpy.ndarray, labels: numpy.ndarray, out: numpy.ndarray, scale: float) -> None:
    """out <- scale (s - labels)."""
    tape.append((numpy.subtract, (s, labels.astype(s.dtype), out)))
    tape.append((numpy.multiply, (out, numpy.asarray(scale, s.dtype), out)))
