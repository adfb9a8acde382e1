"""The law of a sample: atoms with weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, as_generator, device_of, float_arrays, to_device, to_host
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    check_finite,
    check_probabilities,
    draw_shape,
    freeze,
    log_mass,
    place_of,
    quantile_argument,
)

__all__ = ["Empirical"]


@dataclass(frozen=True, eq=False)
class Empirical(Distribution):
    """sum_i weights[i] delta(x - samples[i]).

    Parameters
    ----------
    samples : array_like, shape (n,) or (n, d)
        On the line, or in d dimensions. Equal samples become one atom.
    weights : array_like, shape (n,), optional
        Non-negative, sum 1 (within the square root of the precision); equal by default.
    check : bool
        Validate parameters and quantile arguments.

    Raises
    ------
    ValueError
        If there is no sample, a sample is not finite, or weights do not fit.

    Notes
    -----
    Atoms are sorted and merged on the host, when the law is made; in several dimensions `log_prob` looks them up on the
    host too. `variance` is that of the law, the mean square about the mean: no n - 1.

    Examples
    --------
    >>> law = Empirical([3.0, 1.0, 1.0, 2.0])
    >>> float(law.cdf(1.0)), float(law.icdf(0.75)), float(law.mean)
    (0.5, 2.0, 1.75)
    """

    samples: Array
    weights: Array = None
    check: bool = field(default=True, kw_only=True, repr=False)
    _atoms: Array = field(init=False, repr=False)
    _masses: Array = field(init=False, repr=False)
    support = "atoms"
    is_discrete = True

    def __post_init__(self) -> None:
        xp, samples = float_arrays(self.samples, names=("samples",))
        if samples.ndim not in (1, 2) or 0 in samples.shape:
            raise ValueError(f"`samples` must have shape (n,) or (n, d) with n, d >= 1, got {tuple(samples.shape)}.")
        n = samples.shape[0]
        weights = xp.full((n,), 1 / n, dtype=samples.dtype, device=device_of(samples))
        if self.weights is not None:
            xp, samples, weights = float_arrays(samples, self.weights, names=("samples", "weights"))
        if tuple(weights.shape) != (n,):
            raise ValueError(f"`weights` must have shape ({n},), one for each sample, got {tuple(weights.shape)}.")
        if self.check:
            check_finite("samples", samples)
            check_probabilities("weights", weights)
        atoms, label = numpy.unique(to_host(samples), axis=0, return_inverse=True)
        masses = numpy.bincount(label.ravel(), weights=to_host(weights))
        _, place = place_of(samples)
        freeze(
            self,
            samples=samples,
            weights=weights,
            _atoms=to_device(atoms, xp, **place),
            _masses=to_device(masses / masses.sum(), xp, **place),
        )

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return ()

    @property
    def event_shape(self) -> tuple[int, ...]:
        return tuple(self.samples.shape[1:])

    def log_prob(self, x: Array) -> Array:
        """Log mass of the atom at x, -inf elsewhere (compared exactly); see `Distribution.log_prob`."""
        xp, x, atoms, masses = float_arrays(x, self._atoms, self._masses, names=("x", "samples", "weights"))
        if self.event_shape:
            return self._log_prob_on_host(x)
        index = xp.searchsorted(atoms, xp.reshape(x, (-1,)))
        index = xp.reshape(xp.minimum(index, xp.full_like(index, atoms.shape[0] - 1)), x.shape)
        log_masses = xp.where(self._take(atoms, index) == x, log_mass(self._take(masses, index)), -xp.inf)
        return log_masses + xp.where(xp.isnan(x), x, xp.zeros_like(x))

    def _log_prob_on_host(self, x: Array) -> Array:
        if x.ndim == 0 or tuple(x.shape[-1:]) != self.event_shape:
            raise ValueError(f"`x` must have shape (..., {self.event_shape[0]}), got {tuple(x.shape)}.")
        points, atoms = to_host(x).reshape(-1, *self.event_shape), to_host(self._atoms)
        distinct, label = numpy.unique(numpy.concatenate([atoms, points]), axis=0, return_inverse=True)
        masses = numpy.zeros(len(distinct))
        masses[label.ravel()[: len(atoms)]] = to_host(self._masses)
        xp, place = place_of(x)
        values = to_device(masses[label.ravel()[len(atoms) :]].reshape(x.shape[:-1]), xp, **place)
        return log_mass(values)

    @staticmethod
    def _take(values: Array, index: Array) -> Array:
        xp = array_namespace(values)
        return xp.reshape(xp.take(values, xp.reshape(index, (-1,)), axis=0), index.shape)

    def _cumulative(self) -> Array:
        """P(X < atom k) for k = 0, ..., m: from 0 to exactly 1."""
        xp = array_namespace(self._masses)
        partial = xp.cumulative_sum(self._masses, axis=0, include_initial=True)
        return partial / partial[-1]

    def cdf(self, x: Array) -> Array:
        if self.event_shape:
            return super().cdf(x)
        cumulative = self._cumulative()
        xp, x, atoms, cumulative = float_arrays(x, self._atoms, cumulative, names=("x", "samples", "weights"))
        count = xp.reshape(xp.searchsorted(atoms, xp.reshape(x, (-1,)), side="right"), x.shape)
        return self._take(cumulative, count) + xp.where(xp.isnan(x), x, xp.zeros_like(x))

    def icdf(self, u: Array) -> Array:
        """The smallest atom with mass whose cdf reaches u; see `Distribution.icdf`."""
        if self.event_shape:
            return super().icdf(u)
        xp, u, atoms, cumulative = quantile_argument(self, u, self._atoms, self._cumulative())
        u = xp.maximum(u, xp.full_like(u, float(xp.finfo(u.dtype).smallest_normal)))
        index = xp.reshape(xp.searchsorted(cumulative[1:], xp.reshape(u, (-1,))), u.shape)
        return self._take(atoms, index)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        (size,) = draw_shape(n)
        masses = to_host(self._masses).astype("float64")
        index = as_generator(rng).choice(len(masses), size=size, p=masses / masses.sum())
        xp, place = place_of(self._atoms)
        return xp.take(self._atoms, to_device(index, xp, device=place["device"]), axis=0)

    def _average(self, values: Array) -> Array:
        xp = array_namespace(values)
        masses = self._masses[:, None] if self.event_shape else self._masses
        return xp.sum(values * masses, axis=0)

    @property
    def mean(self) -> Array:
        return self._average(self._atoms)

    @property
    def variance(self) -> Array:
        return self._average((self._atoms - self.mean) ** 2)

    @property
    def entropy(self) -> Array:
        xp = array_namespace(self._masses)
        carrying = xp.where(self._masses > 0, self._masses, xp.ones_like(self._masses))
        return -xp.sum(carrying * xp.log(carrying))

    @property
    def support_bounds(self) -> tuple[float, float]:
        if self.event_shape:
            return super().support_bounds
        return (float(self._atoms[0]), float(self._atoms[-1]))

    def support_points(self) -> Array:
        return self._atoms
