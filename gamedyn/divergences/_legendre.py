"""Derivative and Legendre transform of a function on u >= 0 that is given by its values alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import Array, device_of, to_device, to_host
from gamedyn.numerics import complex_step_jvp

__all__ = ["legendre_transform", "slope_of"]

_Function = Callable[[Array], Array]

# Weights of f(u + k h) - f(u - k h), k = 1, 2, 3, of the central difference of order 6.
_STENCIL = (3 / 4, -3 / 20, 1 / 60)
_POINTS = 700
_GOLDEN = (math.sqrt(5) - 1) / 2


def slope_of(xp: Any, f: _Function, u: Array) -> Array:
    """f'(u) for u > 0: by complex step where differences do not contradict it, else by differences of order 6.

    A function that takes the modulus of its argument, or compares it, is not analytic, and complex step then answers
    something else than the derivative.
    """
    eps = float(xp.finfo(u.dtype).eps)
    step = eps ** (1 / 7)
    with numpy.errstate(all="ignore"):
        right, left = ([f(u * (1 + sign * k * step)) for k in (1, 2, 3)] for sign in (1, -1))
        total = sum(weight * (b - a) for weight, a, b in zip(_STENCIL, left, right, strict=True))
        differences = total / (u * step)
        try:
            exact = complex_step_jvp(f, u, u) / u
        except (TypeError, ValueError, RuntimeError):
            return differences
        here = f(u)
        noise = 100 * eps * xp.abs(here) / (u * step)
        # The change of the slope over one step is what both may be off by at a point where it is 0.
        change = xp.abs(left[0] - 2 * here + right[0]) / (u * step)
        apart = xp.abs(exact - differences) > 1e-4 * (xp.abs(differences) + change) + noise
    # NaN counts as a contradiction.
    return xp.where(apart | xp.isnan(exact), differences, exact)


def legendre_transform(xp: Any, f: _Function, t: Array, slope: float) -> Array:
    """sup over u >= 0 of u t - f(u), on the host: the best of a geometric grid, refined by golden section.

    inf where the best is the last point of the grid, or t is above `slope`, the limit of f(u) / u, nan if unknown.
    """
    limit = math.log(float(xp.finfo(t.dtype).max)) / 2
    eps = float(xp.finfo(t.dtype).eps)
    host = to_host(t).astype("float64").reshape(-1, 1)

    def values(u: numpy.ndarray) -> numpy.ndarray:
        return to_host(f(to_device(u, xp, dtype=t.dtype, device=device_of(t)))).astype("float64")

    with numpy.errstate(all="ignore"):
        exponents = numpy.concatenate([[-math.inf], numpy.linspace(-limit, limit, _POINTS)])
        grid = numpy.exp(exponents)
        f_grid = values(grid)
        # Far out rounding alone would win: the error of each value is held against it.
        score = grid * host - f_grid - 4 * eps * (abs(grid * host) + abs(f_grid))
        best = numpy.argmax(numpy.where(numpy.isnan(score), -math.inf, score), axis=-1)
        found = grid[best] * host[:, 0] - f_grid[best]
        low = exponents[numpy.maximum(best - 1, 1)]
        high = exponents[numpy.minimum(best + 1, _POINTS)]
        for _ in range(75):
            left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
            u, w = numpy.exp(left), numpy.exp(right)
            rising = u * host[:, 0] - values(u) < w * host[:, 0] - values(w)
            low, high = numpy.where(rising, left, low), numpy.where(rising, high, right)
        middle = numpy.exp((low + high) / 2)
        refined = middle * host[:, 0] - values(middle)
    # At u = 0 and at the ends of the grid there is nothing to refine.
    found = numpy.where((best > 0) & (refined > found), refined, found)
    found = numpy.where((best == _POINTS) | (host[:, 0] > slope), math.inf, found)
    return to_device(found.reshape(t.shape), xp, dtype=t.dtype, device=device_of(t))
