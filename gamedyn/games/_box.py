"""Boxes: coordinatewise bounds, each finite or open."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, float_arrays, like, to_host
from gamedyn.games._domain import Domain
from gamedyn.numerics import real_part, sigmoid

__all__ = ["Box"]


class Box(Domain):
    """{z : lower <= z <= upper}, coordinatewise.

    The mirror map is that of the Fermi-Dirac entropy (z - l) log(z - l) + (u - z) log(u - z) where both bounds are
    finite, of the Boltzmann-Shannon entropy t log t - t, t the distance to the bound, where one is, and the identity
    where none is. A coordinate at a bound has an infinite dual coordinate, so that mirror steps leave it there.

    Parameters
    ----------
    lower, upper : array_like, broadcastable to (d,)
        Bounds with lower <= upper; infinite entries leave a side open.

    Raises
    ------
    ValueError
        If a bound is nan, a lower one is above its upper one, or no number lies between them.

    Examples
    --------
    >>> import numpy
    >>> box = Box([0.0, 0.0], [1.0, numpy.inf])
    >>> box.project(numpy.array([2.0, -1.0])).tolist()
    [1.0, 0.0]
    >>> box.mirror(numpy.array([0.5, 1.0])).tolist()
    [0.0, 0.0]
    """

    def __init__(self, lower: Any, upper: Any) -> None:
        _, self.lower, self.upper = float_arrays(lower, upper, names=("lower", "upper"))
        low, high = to_host(self.lower), to_host(self.upper)
        if not numpy.all(low <= high):
            raise ValueError(f"`lower` must be at most `upper` in every coordinate, got {lower!r} and {upper!r}.")
        if numpy.any(low == numpy.inf) or numpy.any(high == -numpy.inf):
            raise ValueError(f"`lower` must be below inf and `upper` above -inf, got {lower!r} and {upper!r}.")
        sizes = numpy.broadcast_shapes(low.shape, high.shape)
        self.size = None if sizes in ((), (1,)) else int(sizes[-1])
        self._open_below, self._open_above = numpy.broadcast_arrays(numpy.isinf(low), numpy.isinf(high))

    def __repr__(self) -> str:
        return f"Box({to_host(self.lower).tolist()}, {to_host(self.upper).tolist()})"

    def _bounds(self, z: Array) -> tuple[Array, Array]:
        return like(self.lower, z), like(self.upper, z)

    def contains(self, z: Array) -> Any:
        """Whether every coordinate lies between its bounds."""
        xp = array_namespace(z)
        lower, upper = self._bounds(z)
        return xp.all((z >= lower) & (z <= upper), axis=-1)

    def project(self, z: Array) -> Array:
        """Coordinatewise clipping."""
        xp = array_namespace(z)
        lower, upper = self._bounds(z)
        if not xp.isdtype(z.dtype, "complex floating"):
            return xp.minimum(xp.maximum(z, lower), upper)
        return xp.where(xp.real(z) < lower, lower, xp.where(xp.real(z) > upper, upper, z))

    def mirror(self, z: Array) -> Array:
        """log((z - l) / (u - z)), log(z - l), -log(u - z) or z, by which bounds are finite."""
        xp = array_namespace(z)
        lower, upper = self._bounds(z)
        open_below, open_above = self._open(z)
        zero = xp.zeros_like(z)
        # An infinite bound would make inf - inf of what `where` throws away.
        below = _log(xp.where(open_below, zero + 1, z - xp.where(open_below, 0.0, lower)))
        above = _log(xp.where(open_above, zero + 1, xp.where(open_above, 0.0, upper) - z))
        return xp.where(open_below & open_above, z, below - above)

    def mirror_inverse(self, dual: Array) -> Array:
        """l + (u - l) sigmoid(dual), l + exp(dual), u - exp(-dual) or the dual point, by which bounds are finite."""
        xp = array_namespace(dual)
        lower, upper = self._bounds(dual)
        open_below, open_above = self._open(dual)
        low, high = xp.where(open_below, 0.0, lower), xp.where(open_above, 0.0, upper)
        zero = xp.zeros_like(dual)
        # From the nearer bound, so that neither loses its last digits to the other.
        positive = real_part(dual) > 0
        both = xp.where(positive, high - (high - low) * sigmoid(-dual), low + (high - low) * sigmoid(dual))
        from_below = low + xp.exp(xp.where(open_above, dual, zero))
        from_above = high - xp.exp(xp.where(open_below, -dual, zero))
        one = xp.where(open_below, from_above, from_below)
        return xp.where(open_below & open_above, dual, xp.where(open_below | open_above, one, both))

    def tangent_projection(self, z: Array, v: Array) -> Array:
        """v without its components that point out of the box at a bound."""
        xp = array_namespace(z, v)
        lower, upper = self._bounds(z)
        out = ((real_part(z) <= lower) & (real_part(v) < 0)) | ((real_part(z) >= upper) & (real_part(v) > 0))
        return xp.where(out, xp.zeros_like(v), v)

    def _open(self, z: Array) -> tuple[Array, Array]:
        """Which sides are open, where z lives."""
        return like(self._open_below, z) > 0, like(self._open_above, z) > 0


def _log(x: Array) -> Array:
    """log x, minus infinity at 0 without a warning."""
    xp = array_namespace(x)
    zero = x == 0
    return xp.where(zero, -xp.inf, xp.log(xp.where(zero, xp.ones_like(x), x)))
