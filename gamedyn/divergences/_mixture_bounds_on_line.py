"""Bounds of KL between two mixtures of normal laws on the line, as close as the cuts of the line are fine."""

from __future__ import annotations

import math

import numpy

from gamedyn.divergences._normal_mixtures import NormalMixture

__all__ = ["kl_bounds_on_line"]

# Of each component, in units of its deviation.
_CUTS = numpy.sinh(numpy.linspace(-3.0, 3.0, 1201))


def kl_bounds_on_line(p: NormalMixture, q: NormalMixture) -> tuple[float, float]:
    """(lower, upper), after Nielsen and Sun (2016), Guaranteed bounds on information-theoretic measures of univariate
    mixtures using piecewise log-sum-exp inequalities.

    On each piece of the line log p is the log of one weighted component, a quadratic whose integral under p is closed,
    plus log(1 + sum of the ratios of the others to it). The ratios are exponentials of quadratics and so bounded by
    their values at the ends and at a vertex inside. The same for log q.
    """
    deviations = numpy.concatenate([_deviations(p), _deviations(q)])
    centres = numpy.concatenate([p.means, q.means])[:, 0]
    cuts = numpy.unique(centres[:, None] + deviations[:, None] * _CUTS)
    left, right = numpy.concatenate([[-math.inf], cuts]), numpy.concatenate([cuts, [math.inf]])
    moments = _moments(p, left, right)
    mass = moments.sum(axis=0)[0]
    main_p, low_p, high_p = _piecewise(p, left, right, p, moments)
    main_q, low_q, high_q = _piecewise(q, left, right, p, moments)
    main = main_p - main_q
    return float((main + mass * (low_p - high_q)).sum()), float((main + mass * (high_p - low_q)).sum())


def _deviations(law: NormalMixture) -> numpy.ndarray:
    deviations: numpy.ndarray = numpy.sqrt(law.covariances[:, 0, 0])
    return deviations


def _moments(law: NormalMixture, left: numpy.ndarray, right: numpy.ndarray) -> numpy.ndarray:
    """Weighted integrals of 1, z and z^2 over each piece under each component, z standardised; (k, 3, pieces)."""
    from scipy.special import ndtr

    a, b = ((x - law.means) / _deviations(law)[:, None] for x in (left, right))
    # From the side on which both are small.
    flip = a > 0
    mass = ndtr(numpy.where(flip, -a, b)) - ndtr(numpy.where(flip, -b, a))
    density_a, density_b = (numpy.exp(-x * x / 2) / math.sqrt(2 * math.pi) for x in (a, b))
    first = density_a - density_b
    ends = [numpy.where(numpy.isfinite(x), x, 0.0) * density for x, density in ((a, density_a), (b, density_b))]
    integrals = numpy.stack([mass, first, mass + ends[0] - ends[1]], axis=1)
    weighted: numpy.ndarray = law.weights[:, None, None] * integrals
    return weighted


def _piecewise(
    law: NormalMixture, left: numpy.ndarray, right: numpy.ndarray, p: NormalMixture, moments: numpy.ndarray
) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Of each piece, the integral under p of the log of the chosen component, and bounds of what log law adds to it."""
    weights, means, deviations = law.weights, law.means[:, 0], _deviations(law)
    constants = numpy.log(weights / (deviations * math.sqrt(2 * math.pi)))
    chosen = _dominating(constants, means, deviations, left, right)
    # Log of each weighted component over that of the chosen one: (A x + B) x + C.
    rate = 1 / deviations**2
    quadratic = (rate[chosen] - rate[:, None]) / 2
    # About the chosen centre, so that the coefficients of far components do not cancel.
    offset = means[:, None] - means[chosen]
    linear = rate[:, None] * offset
    constant = constants[:, None] - constants[chosen] - rate[:, None] * offset**2 / 2

    def exponent(x: numpy.ndarray) -> numpy.ndarray:
        y = x - means[chosen]
        infinite = numpy.isinf(y)
        y = numpy.where(infinite, 0.0, y)
        inner = (quadratic * y + linear) * y + constant
        # In a tail the chosen component is the widest, towards which the others vanish unless they are the same.
        return numpy.where(infinite & ((quadratic != 0) | (linear != 0)), -math.inf, inner)

    at_left, at_right = exponent(left), exponent(right)
    vertex = means[chosen] - linear / numpy.where(quadratic == 0, 1.0, 2 * quadratic)
    inside = (quadratic != 0) & (vertex > left) & (vertex < right)
    at_vertex = constant - linear**2 / numpy.where(quadratic == 0, 1.0, 4 * quadratic)
    low, high = numpy.minimum(at_left, at_right), numpy.maximum(at_left, at_right)
    low = numpy.where(inside, numpy.minimum(low, at_vertex), low)
    high = numpy.where(inside, numpy.maximum(high, at_vertex), high)
    others = numpy.arange(len(weights))[:, None] != chosen
    low, high = (
        numpy.logaddexp(0.0, numpy.logaddexp.reduce(numpy.where(others, x, -math.inf), axis=0)) for x in (low, high)
    )
    # E (x - c)^2 with x = m + s z under each component of p.
    shift, size = p.means - means[chosen], _deviations(p)[:, None]
    squares = shift**2 * moments[:, 0] + 2 * shift * size * moments[:, 1] + size**2 * moments[:, 2]
    return constants[chosen] * moments[:, 0].sum(axis=0) - rate[chosen] / 2 * squares.sum(axis=0), low, high


def _dominating(
    constants: numpy.ndarray,
    means: numpy.ndarray,
    deviations: numpy.ndarray,
    left: numpy.ndarray,
    right: numpy.ndarray,
) -> numpy.ndarray:
    """The largest weighted component at the middle of each piece; in the tails, the one that wins at infinity."""
    middle = (numpy.maximum(left, right.min()) + numpy.minimum(right, left.max())) / 2
    logs = constants[:, None] - ((middle - means[:, None]) / deviations[:, None]) ** 2 / 2
    chosen: numpy.ndarray = logs.argmax(axis=0)
    chosen[0] = numpy.lexsort((constants, -means, deviations))[-1]
    chosen[-1] = numpy.lexsort((constants, means, deviations))[-1]
    return chosen
