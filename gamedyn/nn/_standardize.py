"""Values less their mean, over their standard deviation, and the derivatives of that."""

from __future__ import annotations

import math
from typing import NamedTuple

from gamedyn.backend import Array, array_namespace

__all__ = ["Standardized", "mean", "standardize"]


class Standardized(NamedTuple):
    """n = (x - m) r with r = (v + eps)^(-1/2), m and v the mean and variance over `axes`.

    The Jacobian g -> r (g - mean g - n mean(n g)) is symmetric, so that it serves tangents and cotangents.

    Parameters
    ----------
    n : array, shape of x
    r : array, shape of x with axes of length 1
    axes : tuple of int
        Negative, so that leading axes of tangents do not matter.
    """

    n: Array
    r: Array
    axes: tuple[int, ...]

    def product(self, g: Array) -> Array:
        """r (g - mean g - n mean(n g))."""
        return self.r * self._bracket(g)

    def tangent(self, x_dot: Array) -> tuple[Array, Array]:
        """(n_dot, r_dot / r = -r mean(n x_dot))."""
        return self.product(x_dot), -self.r * self._mean(self.n * x_dot)

    def product_tangent(self, n_dot: Array, rate: Array, g: Array, g_dot: Array) -> Array:
        """The tangent of `product`, with rate = r_dot / r."""
        n = self.n
        moved = n_dot * self._mean(n * g) + n * self._mean(n_dot * g)
        return self.r * (rate * self._bracket(g) + self._bracket(g_dot) - moved)

    def _bracket(self, g: Array) -> Array:
        return g - self._mean(g) - self.n * self._mean(self.n * g)

    def _mean(self, values: Array) -> Array:
        return mean(values, self.axes)


def standardize(x: Array, axes: tuple[int, ...], eps: float) -> Standardized:
    """x standardised over `axes`; analytic, as the variance is a mean of squares, not of moduli."""
    deviation = x - mean(x, axes)
    r = 1 / array_namespace(x).sqrt(mean(deviation * deviation, axes) + eps)
    return Standardized(deviation * r, r, axes)


def mean(values: Array, axes: tuple[int, ...]) -> Array:
    """The mean over `axes`, which stay with length 1; the standard's own mean takes no complex numbers."""
    count = math.prod(values.shape[axis] for axis in axes)
    return array_namespace(values).sum(values, axis=axes, keepdims=True) / count
