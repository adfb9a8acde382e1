"""The Dirichlet law on the simplex."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, array_namespace, as_generator, float_arrays, special, to_device, to_host
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import draw_shape, freeze_parameters, place_of
from gamedyn.numerics import digamma_remainder, relative_entropy_gap, stirling_remainder, xlogy

__all__ = ["Dirichlet"]

# From here on a parameter's power and normaliser cancel to a deviance.
_LARGE = 10.0


@dataclass(frozen=True, eq=False)
class Dirichlet(Distribution):
    """log p(x) = sum_i (a_i - 1) log x_i + log Gamma(sum_i a_i) - sum_i log Gamma(a_i), a the concentration.

    Parameters
    ----------
    concentration : array_like, shape batch + (K,)
        a_i > 0, K >= 2. The mean is a_i / sum(a).
    check : bool
        Validate the parameters; off inside jit.

    Raises
    ------
    ValueError
        If `concentration` has fewer than two entries, or is not positive and finite.

    Notes
    -----
    The density is with respect to the Lebesgue measure of K - 1 of the coordinates. It is 0 off the simplex: where an
    entry is negative, or the entries do not sum to 1 within the square root of the precision. On the boundary it is the
    limit of each factor; 0 where one is 0, even if another is infinite. The score is the gradient of the formula with
    all K entries free, (a - 1) / x; less its mean, it is the gradient along the simplex. It is nan off the simplex.

    Draws are normalised gamma variables, made from their logarithms, so that tiny concentrations do not underflow.

    Examples
    --------
    >>> round(float(Dirichlet([1.0, 1.0, 1.0]).log_prob([0.2, 0.3, 0.5])), 12)  # uniform: log 2!
    0.69314718056
    """

    concentration: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    support = "simplex"

    def __post_init__(self) -> None:
        freeze_parameters(self, "concentration")
        if self.concentration.ndim == 0 or self.concentration.shape[-1] < 2:
            raise ValueError(
                "`concentration` must have at least two entries along its last axis, "
                f"got shape {tuple(self.concentration.shape)}."
            )
        if self.check:
            check_positive("concentration", self.concentration)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.concentration.shape[:-1])

    @property
    def event_shape(self) -> tuple[int, ...]:
        return (int(self.concentration.shape[-1]),)

    def _aligned(self, x: Array) -> tuple[Any, Array, Array, Array]:
        """The namespace, x, a, and whether x is on the simplex."""
        xp, x, a = float_arrays(x, self.concentration, names=("x", "concentration"))
        if x.ndim == 0 or x.shape[-1] != a.shape[-1]:
            raise ValueError(f"`x` must have shape (..., {a.shape[-1]}), got {tuple(x.shape)}.")
        x, a = xp.broadcast_arrays(x, a)
        tolerance = float(xp.finfo(x.dtype).eps) ** 0.5
        on = xp.all(x >= 0, axis=-1) & (xp.abs(xp.sum(x, axis=-1) - 1) <= tolerance)
        return xp, x, a, on

    def log_prob(self, x: Array) -> Array:
        xp, x, a, on = self._aligned(x)
        size, half = xp.sum(a, axis=-1), xp.full_like(x, 0.5)
        y = xp.where(on[..., None], x, half)
        large = (a >= _LARGE) & (y > 0)
        total = size[..., None]
        # (a - 1) log x - log Gamma(a) + a log(total) - total x, which sums to the formula but for what depends on the
        # total: for a large a, all of the order of a has cancelled in it.
        b, z, ten = xp.where(large, a, half * 20), xp.where(large, y, half), half * 20
        deviance = relative_entropy_gap(b, total * z)
        tight = 0.5 * xp.log(b / (2 * math.pi)) - deviance - stirling_remainder(b) - xp.log(z)
        small, w = xp.where(large, ten, a), xp.where(large, half, y)
        direct = xlogy(small - 1, w) - special(xp).gammaln(small) + small * xp.log(total) - total * w
        terms = xp.where(large, tight, direct)
        rest = size * (xp.sum(y, axis=-1) - 1) + stirling_remainder(size) + 0.5 * xp.log(2 * math.pi / size)
        empty = xp.any(terms == -xp.inf, axis=-1)
        value = xp.sum(xp.where(empty[..., None], xp.zeros_like(terms), terms), axis=-1) + rest
        outside = xp.where(xp.any(xp.isnan(x), axis=-1), xp.full_like(value, xp.nan), xp.full_like(value, -xp.inf))
        return xp.where(on & ~empty, value, outside)

    def score(self, x: Array) -> Array:
        xp, x, a, on = self._aligned(x)
        flat = (a == 1) | ~on[..., None]
        with numpy.errstate(divide="ignore"):
            slope = xp.where(flat, xp.zeros_like(x), (a - 1) / xp.where(flat, xp.ones_like(x), x))
        return xp.where(on[..., None], slope, xp.full_like(x, xp.nan))

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.concentration)
        a = to_host(self.concentration).astype(float)
        generator, shape = as_generator(rng), draw_shape(n, self.batch_shape, self.event_shape)
        # A gamma variable of concentration a is one of a + 1 times U^(1/a).
        logs = numpy.log(generator.standard_gamma(a + 1, shape)) - generator.standard_exponential(shape) / a
        weights = numpy.exp(logs - logs.max(axis=-1, keepdims=True))
        return to_device(weights / weights.sum(axis=-1, keepdims=True), xp, **place)

    @property
    def mean(self) -> Array:
        xp = array_namespace(self.concentration)
        return self.concentration / xp.sum(self.concentration, axis=-1, keepdims=True)

    @property
    def variance(self) -> Array:
        xp = array_namespace(self.concentration)
        total = xp.sum(self.concentration, axis=-1, keepdims=True)
        return self.mean * ((total - self.concentration) / total) / (total + 1)

    @property
    def entropy(self) -> Array:
        xp, a = array_namespace(self.concentration), self.concentration
        total, count = xp.sum(a, axis=-1), a.shape[-1]
        # log B(a) + (total - K) digamma(total) - sum (a - 1) digamma(a), its large terms taken out.
        parts = 0.5 * xp.log(2 * math.pi * a) + stirling_remainder(a) + (a - 1) * digamma_remainder(a)
        whole = 0.5 * math.log(2 * math.pi) + (count - 0.5) * xp.log(total) + stirling_remainder(total)
        return xp.sum(parts, axis=-1) - whole - (total - count) * digamma_remainder(total)
