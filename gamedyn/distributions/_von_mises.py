"""The von Mises law on the circle."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from gamedyn._checks import check_nonnegative
from gamedyn.backend import Array, as_generator, float_arrays, like, special, to_device, to_host
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    check_finite,
    draw_shape,
    finite_points,
    freeze_parameters,
    hosted,
    place_of,
    quantile_argument,
)
from gamedyn.numerics import bessel_ratio_complement, gauss_legendre

__all__ = ["VonMises"]

# exp(-40) is below the rounding of 1: beyond, a piece of the circle adds nothing to what is nearer to the mode.
_NEGLIGIBLE = 40.0
_NODES = 48
_STEPS = (0.25, 1.0, 3.0, 8.0, 20.0, 38.6)


@dataclass(frozen=True, eq=False)
class VonMises(Distribution):
    """log p(x) = k cos(x - loc) - log I0(k) - log 2 pi on [-pi, pi), k the concentration.

    Parameters
    ----------
    loc, concentration : array_like, broadcastable
        Mode, an angle, and concentration k >= 0; 0 is the uniform law on the circle. Their broadcast shape is
        batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If a parameter is not finite, or `concentration` is negative.

    Notes
    -----
    The circle is cut at -pi, whatever `loc` is: log_prob is -inf outside [-pi, pi], and cdf is the mass from -pi on.
    It is computed by Gauss-Legendre quadrature of the density, 48 nodes for each monotone piece, to full relative
    accuracy in the lower tail; the quantile by a safeguarded Newton iteration on it, which the host controls. `mean` is
    the circular mean, loc brought to [-pi, pi), and `variance` the circular variance 1 - I1(k) / I0(k).

    Examples
    --------
    >>> float(VonMises(0.0, 2.0).cdf(0.0))
    0.5
    """

    loc: Array
    concentration: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    support = "circle"

    def __post_init__(self) -> None:
        freeze_parameters(self, "loc", "concentration")
        if self.check:
            check_finite("loc", self.loc)
            check_nonnegative("concentration", self.concentration)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.loc.shape)

    def _aligned(self, x: Array) -> tuple[Any, Array, Array, Array]:
        """The namespace, x, loc brought to [-pi, pi), and the concentration."""
        names = ("x", "loc", "concentration")
        xp, x, loc, k = float_arrays(x, self.loc, self.concentration, names=names)
        x, loc, k = xp.broadcast_arrays(x, loc, k)
        return xp, x, _wrapped(xp, loc), k

    def log_prob(self, x: Array) -> Array:
        xp, x, loc, k = self._aligned(x)
        inside = (x >= -math.pi) & (x <= math.pi)
        half = xp.sin(0.5 * (xp.where(inside, x, loc) - loc))
        # k cos - log I0(k) = -2 k sin^2 - log(e^-k I0(k)), in which the large k has cancelled.
        value = -2 * k * half * half - xp.log(special(xp).i0e(k)) - math.log(2 * math.pi)
        return xp.where(inside, value, xp.where(xp.isnan(x), x, xp.full_like(x, -xp.inf)))

    def score(self, x: Array) -> Array:
        xp, x, loc, k = self._aligned(x)
        inside = (x >= -math.pi) & (x <= math.pi)
        return xp.where(inside, -k * xp.sin(xp.where(inside, x, loc) - loc), xp.full_like(x, xp.nan))

    def cdf(self, x: Array) -> Array:
        xp, x, loc, k = self._aligned(x)
        bound = xp.full_like(x, math.pi)
        return _mass(xp, xp.minimum(xp.maximum(x, -bound), bound), loc, k)

    def icdf(self, u: Array) -> Array:
        xp, u, loc, k = quantile_argument(self, u, self.loc, self.concentration)
        u, loc, k = xp.broadcast_arrays(u, loc, k)
        loc, upper = _wrapped(xp, loc), u > 0.5
        # 1 - u is exact for u >= 1/2; the upper half is the lower half of the mirrored law.
        level, loc = xp.where(upper, 1 - u, u), xp.where(upper, -loc, loc)
        found = _lower_quantile(xp, level, loc, k)
        return xp.where(upper, -found, found)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.loc)
        draws = as_generator(rng).vonmises(0.0, to_host(self.concentration), draw_shape(n, self.batch_shape))
        return _wrapped(xp, self.loc + to_device(draws, xp, **place))

    @property
    def mean(self) -> Array:
        """The circular mean, shape batch_shape."""
        xp, _ = place_of(self.loc)
        return _wrapped(xp, self.loc)

    @property
    def variance(self) -> Array:
        """The circular variance 1 - E cos(X - loc), shape batch_shape."""
        return bessel_ratio_complement(self.concentration)

    @property
    def entropy(self) -> Array:
        k = self.concentration
        xp, _ = place_of(k)
        # log(2 pi I0) - k A, in which the large k has cancelled.
        return math.log(2 * math.pi) + xp.log(special(xp).i0e(k)) + k * bessel_ratio_complement(k)

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (-math.pi, math.pi)

    def quadrature_points(self) -> tuple[float, ...]:
        points = [-math.pi, math.pi]
        for loc, k in zip(hosted(self.mean), hosted(self.concentration), strict=True):
            width = min(1 / math.sqrt(k), 1.0) if k > 0 else 1.0
            for offset in (0.0, math.pi, *(sign * step * width for step in _STEPS for sign in (-1, 1))):
                if abs(offset) <= math.pi:
                    points.append(math.remainder(loc + offset, 2 * math.pi))
        return finite_points(point for point in points if abs(point) <= math.pi)


def _wrapped(xp: Any, angle: Array) -> Array:
    """The angle in [-pi, pi)."""
    turned = angle - 2 * math.pi * xp.floor((angle + math.pi) / (2 * math.pi))
    bound = xp.full_like(turned, math.pi)
    # Rounding may leave it a little outside.
    turned = xp.where(turned >= bound, -bound, xp.maximum(turned, -bound))
    return xp.where((angle >= -bound) & (angle < bound), angle, turned)


def _mass(xp: Any, x: Array, loc: Array, k: Array) -> Array:
    """The mass of [-pi, x], by pieces on which the density is monotone."""
    start, end = -math.pi - loc, x - loc
    total = 0 * x
    # Pieces between multiples of pi, as distances from the nearest mode: (-2 pi, -pi) falls away from a mode, (-pi, 0)
    # rises to one, and so on.
    for piece, mode in ((-2, -2), (-1, 0), (0, 0), (1, 2)):
        left = xp.minimum(xp.maximum(start, xp.full_like(x, piece * math.pi)), end)
        right = xp.maximum(xp.minimum(end, xp.full_like(x, (piece + 1) * math.pi)), left)
        ends = xp.abs(left - mode * math.pi), xp.abs(right - mode * math.pi)
        total = total + _piece(xp, xp.minimum(*ends), right - left, k)
    return xp.minimum(total / (2 * math.pi * special(xp).i0e(k)), xp.ones_like(total))


def _piece(xp: Any, near: Array, length: Array, k: Array) -> Array:
    """The integral of exp(k (cos t - 1)) over [near, near + length] within [0, pi], where it falls."""
    # Cut where the integrand has fallen by exp(-40): 2 k (sin^2(t / 2) - sin^2(near / 2)) = 40.
    sine = xp.sin(0.5 * near)
    one = xp.ones_like(k)
    height = sine * sine + 0.5 * _NEGLIGIBLE / xp.where(k > 0, k, one)
    cut = 2 * xp.asin(xp.sqrt(xp.minimum(height, one))) - near
    length = xp.where((k > 0) & (height < 1), xp.minimum(length, xp.maximum(cut, 0 * cut)), length)
    nodes, weights = gauss_legendre(_NODES, 0.0, 1.0)
    t = 0.5 * (near[..., None] + length[..., None] * like(nodes, k))
    values = xp.exp(-2 * k[..., None] * xp.sin(t) ** 2)
    return length * xp.sum(like(weights, k) * values, axis=-1)


def _lower_quantile(xp: Any, level: Array, loc: Array, k: Array) -> Array:
    """x with mass(x) = level <= 1/2, by Newton steps on the log of the mass within a shrinking bracket."""
    bound = xp.full_like(level, math.pi)
    low, high = -bound, bound
    positive = level > 0
    target = xp.log(xp.where(positive, level, xp.ones_like(level)))
    constant = 2 * math.pi * special(xp).i0e(k)
    x = xp.minimum(xp.maximum(loc, -bound), bound)
    for _ in range(200):
        mass = _mass(xp, x, loc, k)
        below = mass < level
        low, high = xp.where(below, x, low), xp.where(below, high, x)
        density = xp.exp(-2 * k * xp.sin(0.5 * (x - loc)) ** 2) / constant
        usable = (mass > 0) & (density > 0)
        one = xp.ones_like(mass)
        step = xp.where(usable, mass, one) / xp.where(usable, density, one)
        step = step * (xp.log(xp.where(usable, mass, one)) - target)
        moved = x - step
        inner = usable & (moved > low) & (moved < high)
        moved = xp.where(inner, moved, 0.5 * low + 0.5 * high)
        done = xp.abs(moved - x) <= 2 * float(xp.finfo(x.dtype).eps) * xp.abs(x)
        x = xp.where(positive & ~(mass == level), moved, x)
        if bool(xp.all(done | ~positive | (mass == level))):
            break
    return xp.where(positive, x, -bound)
