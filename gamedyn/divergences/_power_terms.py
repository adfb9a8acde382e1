"""Terms of the divergences made of powers p^a q^(1 - a), without cancellation at p = q and at the poles a = 0 and 1."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.backend import Array
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._quiet import exponential, polynomial, stable_expm1
from gamedyn.divergences._terms import log_ratio

__all__ = ["affinity_terms", "alpha_terms", "mean_gap_terms", "power_quotient"]

# (e^x - 1 - x) / x^2 in powers of x; the first term left out is below 1/20! < 1e-18 for |x| < 1.
_SECOND_ORDER = tuple(1 / math.factorial(k + 2) for k in range(18))


def power_quotient(a: float, v: Array) -> Array:
    """(e^(a v) - 1) / a, v where a = 0; stable next to a v = 0, +-inf where it overflows."""
    return stable_expm1(a * v) / a if a != 0 else v


def alpha_terms(pair: Pair, alpha: float) -> Array:
    """[p^alpha q^(1 - alpha) - alpha p - (1 - alpha) q] / (alpha (alpha - 1)), its limits at alpha = 0 and 1.

    Non-negative, the gap between an arithmetic and a geometric mean; q / alpha where p = 0 and p / (1 - alpha) where
    q = 0, for alpha between 0 and 1.
    """
    xp = pair.xp
    both = pair.p_positive & pair.q_positive
    only_p = _quotient(xp, pair.p, 1 - alpha) if alpha < 1 else xp.where(pair.p_positive, math.inf, 0.0 * pair.p)
    only_q = _quotient(xp, pair.q, alpha) if alpha > 0 else xp.where(pair.q_positive, math.inf, 0.0 * pair.q)
    # The mass that is 0 has a finite derivative at powers that leave one.
    if alpha < 0:
        only_p = only_p + pair.q / alpha
    if alpha > 1:
        only_q = only_q - pair.p / (alpha - 1)
    lone = xp.where(pair.p_positive, only_p, xp.where(pair.q_positive, only_q, 0.0))
    return xp.where(both, _shared_terms(pair, alpha), lone)


def _quotient(xp: Any, mass: Array, divisor: float) -> Array:
    """mass / divisor, inf where it overflows."""
    fits = mass < float(xp.finfo(mass.dtype).max) * min(divisor, 1.0)
    return xp.where(fits, xp.where(fits, mass, 0.0) / divisor, math.inf)


def mean_gap_terms(pair: Pair, alpha: float) -> Array:
    """alpha p + (1 - alpha) q - p^alpha q^(1 - alpha): alpha (1 - alpha) times `alpha_terms`, finite at its poles."""
    xp = pair.xp
    both = pair.p_positive & pair.q_positive
    shared = alpha * (1 - alpha) * _shared_terms(pair, alpha)
    # A negative power of 0 is infinite.
    only_p = alpha * pair.p if alpha <= 1 else xp.where(pair.p_positive, -math.inf, 0.0 * pair.p)
    only_q = (1 - alpha) * pair.q if alpha >= 0 else xp.where(pair.q_positive, -math.inf, 0.0 * pair.q)
    return xp.where(both, shared, xp.where(pair.p_positive, only_p, xp.where(pair.q_positive, only_q, 0.0)))


def affinity_terms(pair: Pair, alpha: float) -> Array:
    """p^alpha q^(1 - alpha); where one of them is 0, 0, and inf where that 0 has a negative power."""
    xp = pair.xp
    only_p = xp.where(pair.p_positive & ~pair.q_positive, math.inf if alpha > 1 else 0.0, 0.0 * pair.p)
    only_q = xp.where(pair.q_positive & ~pair.p_positive, math.inf if alpha < 0 else 0.0, 0.0 * pair.q)
    return xp.where(pair.p_positive & pair.q_positive, _power(pair, alpha), only_p + only_q)


def _shared_terms(pair: Pair, alpha: float) -> Array:
    """The terms where both masses are positive."""
    # From the exponent as it is given: 1 - alpha is rounded.
    power = _power(pair, alpha)
    # The terms of (p, q, alpha) are those of (q, p, 1 - alpha): the pole at 1 becomes that at 0.
    return _below_half(pair, alpha, power) if alpha <= 0.5 else _below_half(pair.swapped, 1 - alpha, power)


def _below_half(pair: Pair, a: float, power: Array) -> Array:
    """`_shared_terms` for a <= 1/2, given p^a q^(1 - a)."""
    xp, v = pair.xp, log_ratio(pair)
    near = xp.abs(v) < 1
    x = xp.where(near, v, 0.0)
    # With E(x) = (e^x - 1 - x) / x^2: q v^2 [E(v) - a E(a v)] / (1 - a), whose parts do not cancel for a <= 1/2.
    close = pair.q * x * x * ((_second_order(xp, x) - a * _second_order(xp, a * x)) / (1 - a))
    # q (e^(a v) - 1) / a, from powers of the masses once e^(a v) is far from 1: they lose less than exp(a v) does.
    if a == 0:
        quotient = pair.q * v
    else:
        small = xp.abs(a * v) < 1
        direct = pair.q * (xp.expm1(xp.where(small, a * v, 0.0)) / a)
        quotient = xp.where(small, direct, (xp.where(small, pair.q, power) - pair.q) / a)
    return xp.where(near, close, (pair.difference - quotient) / (1 - a))


def _second_order(xp: Any, x: Array) -> Array:
    """(e^x - 1 - x) / x^2."""
    near = xp.abs(x) < 1
    far = xp.where(near, 1.0, x)
    fits = far < 700 if x.dtype == xp.float64 else far < 80
    value = (exponential(xp, xp.where(fits, far, 1.0)) - 1 - xp.where(fits, far, 1.0)) / (far * far)
    close = polynomial(xp.where(near, x, 0.0), _SECOND_ORDER)
    return xp.where(near, close, xp.where(fits, value, math.inf))


def _power(pair: Pair, a: float) -> Array:
    """p^a q^(1 - a) where both are positive, else 1; inf where it overflows."""
    xp = pair.xp
    both = pair.p_positive & pair.q_positive
    limit = math.log(float(xp.finfo(pair.p.dtype).max)) * (1 - 1e-6)
    if pair.log_p is not None:
        log_p, log_q = xp.where(both, pair.log_p, 0.0), xp.where(both, pair.log_q, 0.0)
        # The logarithm of a density may be as large as floats get.
        with numpy.errstate(over="ignore"):
            return exponential(xp, a * log_p + (1 - a) * log_q)
    p, q = xp.where(both, pair.p, 1.0), xp.where(both, pair.q, 1.0)
    v = xp.where(both, pair.log_ratio, 0.0)
    exponent = xp.log(q) + a * v
    # Roots neither overflow nor lose the digits of subnormal masses: q (p / q)^a = (sqrt q (sqrt p / sqrt q)^a)^2.
    fits = (exponent < limit) & (xp.abs(v) < 2 * limit)
    root = xp.sqrt(q)
    half = (xp.sqrt(xp.where(fits, p, q)) / root) ** (a / 2)
    square = xp.where(fits, root * half * half, 1.0)
    return xp.where(fits, square * square, exponential(xp, exponent))
