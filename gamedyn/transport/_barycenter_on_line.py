"""Barycenters on the line: quantile functions averaged, of samples and of laws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, as_generator, device_of, float_arrays, to_device, to_host
from gamedyn.distributions import Distribution
from gamedyn.transport._on_line_numpy import UNIT, integer_shares
from gamedyn.transport._weights import check_finite, check_weights, shares_of

__all__ = ["QuantileAverage", "average_of_laws", "average_of_samples"]

_ROUNDING = 1 << 12  # of UNIT, 2e-15
_HALVINGS = 1100  # of a level in (0, 1/2]: down to the smallest double


def average_of_samples(
    samples: Sequence[Any], weights: Any, sample_weights: Sequence[Any] | None
) -> tuple[Array, Array]:
    """Points sum_k w_k F_k^-1(u) and the lengths of the pieces of (0, 1) where they are taken, as `barycenter` says."""
    count = len(samples)
    if sample_weights is None:
        sample_weights = [None] * count
    if len(sample_weights) != count:
        raise ValueError(f"`sample_weights` must have an entry for each of {count} samples, got {len(sample_weights)}.")
    xp, *points = float_arrays(*samples, names=tuple(f"samples[{k}]" for k in range(count)))
    masses = []
    for k, (x, given) in enumerate(zip(points, sample_weights, strict=True)):
        if x.ndim != 1 or x.shape[0] == 0:
            raise ValueError(f"`samples[{k}]` must have shape (n,) with n >= 1, got {tuple(x.shape)}.")
        check_finite(xp, x, f"samples[{k}]")
        if given is not None:
            _, given, _ = float_arrays(given, x, names=(f"sample_weights[{k}]", f"samples[{k}]"))
            if given.shape != x.shape:
                raise ValueError(
                    f"`sample_weights[{k}]` must have one weight for each of {x.shape[0]} values, got shape "
                    f"{tuple(given.shape)}."
                )
            check_weights(xp, given, f"sample_weights[{k}]")
            given = to_host(given)
        masses.append(given)
    shares = shares_of(xp, weights, points[0], count, "weights", "samples")
    orders = [xp.argsort(x, stable=True) for x in points]
    ends = [_levels(mass, order, int(x.shape[0])) for mass, order, x in zip(masses, orders, points, strict=True)]
    levels = numpy.unique(numpy.concatenate(ends))
    # Levels that differ by the rounding of masses are one.
    levels = levels[numpy.diff(levels, append=2 * UNIT) > _ROUNDING]
    lengths = numpy.diff(levels, prepend=0)
    middles = levels - lengths // 2
    total, device = 0.0, device_of(points[0])
    for k, (x, order, end) in enumerate(zip(points, orders, ends, strict=True)):
        index = to_device(numpy.searchsorted(end, middles), xp, device=device)
        total = total + shares[k] * xp.take(xp.take(x, order, axis=0), index, axis=0)
    return total, to_device(lengths / UNIT, xp, dtype=points[0].dtype, device=device)


def _levels(weights: numpy.ndarray | None, order: Array, size: int) -> numpy.ndarray:
    """Cumulative masses in sorted order, as integers of which the last is UNIT."""
    if weights is None:
        # Rounded the same way for every size, so that levels that are equal fractions meet.
        return numpy.array([UNIT * i // size for i in range(1, size + 1)], dtype=numpy.int64)
    return numpy.cumsum(integer_shares(weights.astype(float), size, UNIT)[to_host(order)])


@dataclass(frozen=True, eq=False)
class QuantileAverage(Distribution):
    """The law of quantile function sum_k weights[k] F_k^-1(u): the W_2 barycenter of laws on the line.

    Parameters
    ----------
    laws : sequence of Distributions
        With densities, or all discrete, on the line.
    weights : array, shape (k,)
        Positive, of sum 1.
    """

    laws: tuple[Distribution, ...]
    weights: Array

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return numpy.broadcast_shapes(*(law.batch_shape for law in self.laws))

    def _sum(self, values: Sequence[Array]) -> Array:
        total = self.weights[0] * values[0]
        for k, value in enumerate(values[1:], start=1):
            total = total + self.weights[k] * value
        return total

    def icdf(self, u: Array) -> Array:
        return self._sum([law.icdf(u) for law in self.laws])

    def cdf(self, x: Array) -> Array:
        """The level u with icdf(u) = x, by bisection; see `Distribution.cdf`."""
        xp, x, probe = float_arrays(x, self.icdf(0.5), names=("x", "laws"))
        x = xp.broadcast_to(x, numpy.broadcast_shapes(x.shape, probe.shape))
        lower, upper = xp.zeros_like(x), xp.ones_like(x)
        for _ in range(_HALVINGS):
            middle = 0.5 * lower + 0.5 * upper
            if not bool(xp.any((middle > lower) & (middle < upper))):
                break
            above = self.icdf(middle) > x
            lower, upper = xp.where(above, lower, middle), xp.where(above, middle, upper)
        inside = x >= self.icdf(xp.zeros_like(x))
        return xp.where(inside, xp.where(x >= self.icdf(xp.ones_like(x)), xp.ones_like(x), lower), xp.zeros_like(x))

    def log_prob(self, x: Array) -> Array:
        """-log of the derivative sum_k weights[k] / p_k(F_k^-1(u)) of the quantile function at u = cdf(x)."""
        u = self.cdf(x)
        xp = array_namespace(u)
        densities = [xp.exp(law.log_prob(law.icdf(u))) for law in self.laws]
        with numpy.errstate(divide="ignore"):
            slope = self._sum([1 / p for p in densities])
            return xp.where((u > 0) & (u < 1), -xp.log(slope), xp.full_like(u, -xp.inf))

    def sample(self, n: int, *, rng: Any = None) -> Array:
        probe = self.icdf(0.5)
        u = as_generator(rng).random((n, *self.batch_shape))
        return self.icdf(to_device(u, array_namespace(probe), dtype=probe.dtype, device=device_of(probe)))

    @property
    def mean(self) -> Array:
        return self._sum([law.mean for law in self.laws])


def average_of_laws(laws: Sequence[Distribution], weights: Any) -> Distribution:
    """The barycenter of laws on the line, of their own family where it is closed under averages of quantiles."""
    probe = laws[0].icdf(0.5)
    xp = array_namespace(probe)
    shares = shares_of(xp, weights, probe, len(laws), "weights", "laws")
    family = type(laws[0])
    names = _AFFINE.get(family.__name__)
    if names is not None and all(type(law) is family for law in laws):
        parameters = {n: sum(shares[k] * getattr(law, n) for k, law in enumerate(laws)) for n in names}
        return family(**parameters)
    # A law without weight has no say, even where its quantile is infinite.
    carrying = [k for k, share in enumerate(to_host(shares)) if share > 0]
    index = to_device(numpy.array(carrying), xp, device=device_of(probe))
    return QuantileAverage(tuple(laws[k] for k in carrying), xp.take(shares, index, axis=0))


# Families whose quantiles are linear in these parameters.
_AFFINE = {
    "Normal": ("loc", "scale"),
    "Laplace": ("loc", "scale"),
    "Cauchy": ("loc", "scale"),
    "Gumbel": ("loc", "scale"),
    "Uniform": ("low", "high"),
    "HalfNormal": ("scale",),
    "Rayleigh": ("scale",),
}
