"""Logarithms of Poisson and binomial terms with real counts, without the cancellation of log Gamma functions."""

from __future__ import annotations

import math

import numpy

from gamedyn.backend import Array, array_namespace, special
from gamedyn.numerics import relative_entropy_gap, stirling_remainder, xlogy

__all__ = ["log_binomial_term", "log_poisson_term"]

# From here on log Gamma(k + 1), of the order k log k, is replaced by its remainder of the order 1 / k.
_LARGE = 8.0


def log_poisson_term(k: Array, rate: Array, successor: Array) -> Array:
    """log of rate^k e^-rate / Gamma(k + 1) for real k > -1 and rate >= 0 (arrays of one library that broadcast).

    The successor k + 1 is passed in as well, as known to full relative accuracy: it may be tiny.
    For large k it is -deviance(k, rate) - log(2 pi k) / 2 - (what Stirling's formula leaves), after Loader (2000), Fast
    and accurate computation of binomial probabilities.
    """
    xp = array_namespace(k, rate)
    k, rate, successor = xp.broadcast_arrays(k, rate, successor)
    large = k >= _LARGE
    ten = xp.full_like(k, 10.0)
    small, counts = xp.where(large, xp.ones_like(k), k), xp.where(large, k, ten)
    direct = xlogy(small, rate) - rate - special(xp).gammaln(xp.where(large, ten, successor))
    deviance = relative_entropy_gap(counts, xp.where(large, rate, ten))
    return xp.where(large, -deviance - 0.5 * xp.log(2 * math.pi * counts) - stirling_remainder(counts), direct)


def log_binomial_term(k: Array, rest: Array, p: Array, q: Array, log_p: Array, log_q: Array) -> Array:
    """log of Gamma(k + rest + 1) / (Gamma(k + 1) Gamma(rest + 1)) p^k q^rest, q = 1 - p, for real k, rest >= 0.

    As a Poisson term, with the deviances of both counts; arrays of one library that broadcast.
    """
    xp = array_namespace(k, rest, p, q)
    k, rest, p, q, log_p, log_q = xp.broadcast_arrays(k, rest, p, q, log_p, log_q)
    inner, one = (k > 0) & (rest > 0), xp.ones_like(k)
    a, b = xp.where(inner, k, one), xp.where(inner, rest, one)
    n = a + b
    deviance = _deviance(a, n, p, log_p) + _deviance(b, n, q, log_q)
    remainder = stirling_remainder(n) - stirling_remainder(a) - stirling_remainder(b)
    value = remainder - deviance - 0.5 * (math.log(2 * math.pi) + xp.log(a) + xp.log(b / n))
    # Only one kind of outcome: k log p, with 0 log 0 = 0.
    zero = 0 * k
    with numpy.errstate(over="ignore"):
        sure = k * xp.where(k > 0, log_p, zero) + rest * xp.where(rest > 0, log_q, zero)
    return xp.where(inner, value, sure)


def _deviance(k: Array, n: Array, p: Array, log_p: Array) -> Array:
    """k log(k / (n p)) - k + n p, from log p where p underflows."""
    xp = array_namespace(k)
    limits, one = xp.finfo(k.dtype), xp.ones_like(k)
    rare = p < float(limits.smallest_normal) / float(limits.eps)
    with numpy.errstate(over="ignore"):
        by_log = k * (xp.log(k / n) - xp.where(rare, log_p, 0 * one)) - k
    return xp.where(rare, by_log, relative_entropy_gap(k, n * xp.where(rare, one, p)))
