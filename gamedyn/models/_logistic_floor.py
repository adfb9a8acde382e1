"""The least mean loss of a logistic regression, by Newton's method, also where it is reached at infinity only."""

from __future__ import annotations

import numpy

__all__ = ["logistic_floor"]

_ITERATIONS = 200
# Of the Newton decrement: what is left of a loss that is reached at infinity is about as much.
_SMALLEST = 1e-12


def logistic_floor(inputs: numpy.ndarray, bits: numpy.ndarray) -> float:
    """inf over w, b of mean log(1 + e^a) - y a, a = <w, x> + b, to about 1e-10.

    Where the bits can be told apart exactly, and in directions in which some can, the loss falls for ever, and Newton's
    steps have the length 1: what is left of the loss falls by e at each. Inputs that depend on each other do no harm.

    Parameters
    ----------
    inputs : array of float64, shape (n, p)
    bits : array of float64, shape (n,)
        Zeros and ones.

    References
    ----------
    Boyd and Vandenberghe (2004), Convex optimization (the decrement as what is left, the line search).
    """
    n = len(bits)
    design = numpy.concatenate([inputs, numpy.ones((n, 1))], axis=1)
    logits, loss = numpy.zeros(n), numpy.log(2.0)
    for _ in range(_ITERATIONS):
        probs = 0.5 * (1 + numpy.tanh(logits / 2))
        gradient = design.T @ (probs - bits) / n
        curvature = design.T @ ((probs * (1 - probs))[:, None] * design) / n
        # Far out, and for inputs that depend on each other, the Hessian is singular to rounding.
        curvature.flat[:: len(gradient) + 1] += 1e-14 + 1e-12 * curvature.diagonal()
        step = numpy.linalg.solve(curvature, gradient)
        decrement = float(gradient @ step)
        if decrement < _SMALLEST:
            break
        size, ahead = 1.0, design @ step
        while size > 1e-10:
            new = _loss(logits - size * ahead, bits)
            if new <= loss - 0.25 * size * decrement:
                break
            size /= 2
        else:
            # Rounding leaves nothing to gain.
            break
        logits, loss = logits - size * ahead, new
    return float(loss)


def _loss(logits: numpy.ndarray, bits: numpy.ndarray) -> float:
    # log(1 + e^a) - y a = log(1 + e^(a (1 - 2 y))) for a bit y.
    return float(numpy.logaddexp(0.0, logits * (1 - 2 * bits)).mean())
