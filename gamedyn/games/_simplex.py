"""The probability simplex, with exact Euclidean projection and the entropic mirror map."""

from __future__ import annotations

import math
from typing import Any

from gamedyn.backend import Array, array_namespace, device_of, real_dtype
from gamedyn.games._domain import Domain
from gamedyn.numerics import real_part

__all__ = ["Simplex"]


class Simplex(Domain):
    """{z : z_k >= 0, sum_k z_k = 1}: mixed strategies over d actions.

    The mirror potential is sum z log z: dual coordinates are logarithms, and `mirror_inverse` is the softmax. An action
    without mass has the dual coordinate -inf, and softmax returns it to exactly 0.

    References
    ----------
    Held, Wolfe, Crowder (1974), Validation of subgradient optimization (the projection by sorting).

    Examples
    --------
    >>> import numpy
    >>> Simplex().project(numpy.array([1.0, 0.5, -3.0])).tolist()
    [0.75, 0.25, 0.0]
    >>> Simplex().mirror_inverse(numpy.array([5.0, 5.0, -numpy.inf])).tolist()
    [0.5, 0.5, 0.0]
    """

    def __repr__(self) -> str:
        return "Simplex()"

    def contains(self, z: Array) -> Any:
        """Whether no coordinate is negative and they sum to 1 within sqrt(eps) of the precision."""
        xp = array_namespace(z)
        tolerance = math.sqrt(xp.finfo(z.dtype).eps)
        return xp.all(z >= 0, axis=-1) & (xp.abs(xp.sum(z, axis=-1) - 1) <= tolerance)

    def project(self, z: Array) -> Array:
        """max(z - tau, 0), tau such that it sums to 1: exact, by sorting, O(d log d)."""
        xp = array_namespace(z)
        # The projection does not depend on a common shift; without it large coordinates would cancel.
        shifted = z - xp.max(real_part(z), axis=-1, keepdims=True)
        nowhere = xp.zeros(z.shape, dtype=xp.bool, device=device_of(z))
        return _above_waterline(shifted, nowhere, 1.0)

    def mirror(self, z: Array) -> Array:
        """log z; -inf where an action has no mass."""
        xp = array_namespace(z)
        zero = z == 0
        return xp.where(zero, -xp.inf, xp.log(xp.where(zero, xp.ones_like(z), z)))

    def mirror_inverse(self, dual: Array) -> Array:
        """exp(dual) / sum exp(dual); at least one entry must be finite."""
        xp = array_namespace(dual)
        weights = xp.exp(dual - xp.max(real_part(dual), axis=-1, keepdims=True))
        return weights / xp.sum(weights, axis=-1, keepdims=True)

    def tangent_projection(self, z: Array, v: Array) -> Array:
        """v - tau, and max(v - tau, 0) for actions without mass at z, tau such that it sums to 0."""
        xp = array_namespace(z, v)
        z, v = xp.broadcast_arrays(z, v)
        return _above_waterline(v, real_part(z) > 0, 0.0)


def _above_waterline(v: Array, free: Array, total: float) -> Array:
    """w of the given total, nearest to v among those with w_k >= 0 wherever `free` is false.

    w = v - tau on free entries and max(v - tau, 0) on others. The others that stay positive are the largest ones; the
    k-th largest is among them where it exceeds the tau that it and those before it would have.
    """
    xp = array_namespace(v)
    level = real_part(v)
    zero = xp.zeros_like(level)
    ones = xp.astype(free, level.dtype)
    count = xp.sum(ones, axis=-1, keepdims=True)
    excess = xp.sum(xp.where(free, level, zero), axis=-1, keepdims=True) - total
    bound = -xp.sort(xp.where(free, zero + xp.inf, -level), axis=-1)
    rank = count + xp.arange(1, v.shape[-1] + 1, dtype=real_dtype(v), device=device_of(v))
    positive = bound * rank > excess + xp.cumulative_sum(bound, axis=-1)
    # The smallest entry that stays; those equal to it stay as well.
    smallest = xp.min(xp.where(positive, bound, zero + xp.inf), axis=-1, keepdims=True)
    support = free | (level >= smallest)
    size = xp.maximum(xp.sum(xp.astype(support, level.dtype), axis=-1, keepdims=True), xp.ones_like(count))
    tau = (xp.sum(xp.where(support, v, xp.zeros_like(v)), axis=-1, keepdims=True) - total) / size
    # Rounding may leave a bound entry next to the waterline a hair below it.
    below = ~support | (~free & (level < real_part(tau)))
    return xp.where(below, xp.zeros_like(v), v - tau)
