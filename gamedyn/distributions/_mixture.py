"""Finite mixtures of laws; Gaussian mixtures in d dimensions among them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, as_generator, float_arrays, to_device, to_host
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    check_probabilities,
    draw_shape,
    freeze,
    log_mass,
    place_of,
    quantile_argument,
)
from gamedyn.numerics import logsumexp

__all__ = ["Mixture"]


@dataclass(frozen=True, eq=False)
class Mixture(Distribution):
    """p(x) = sum_i weights[i] p_i(x).

    Parameters
    ----------
    weights : array_like, shape (k,)
        Non-negative, sum 1 (within the square root of the precision).
    components : sequence of k Distributions
        Of one event shape, all with densities or all discrete; batch shapes broadcast.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If the numbers of weights and components differ, components do not fit together, or weights are no pmf.

    Notes
    -----
    log_prob is a log-sum-exp, finite wherever a component's is. The score weighs the components' by their posterior
    probabilities; it is nan where the density is 0. icdf bisects between the smallest and the largest quantile of the
    components, down to neighbouring floats of the larger end; of a discrete mixture it is read off the atoms.

    Examples
    --------
    >>> from gamedyn.distributions import Normal
    >>> law = Mixture([0.5, 0.5], [Normal(-3.0, 1.0), Normal(3.0, 1.0)])
    >>> float(law.variance)  # 1 + 3^2
    10.0
    """

    weights: Array
    components: Sequence[Distribution]
    check: bool = field(default=True, kw_only=True, repr=False)
    _batch_shape: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = tuple(self.components)
        if not parts or not all(isinstance(part, Distribution) for part in parts):
            raise TypeError("`components` must be a non-empty sequence of Distributions.")
        # The means bring library, dtype and device of the components.
        names = ("weights", *(f"components[{i}]" for i in range(len(parts))))
        _, weights, *_ = float_arrays(self.weights, *(part.mean for part in parts), names=names)
        if tuple(weights.shape) != (len(parts),):
            raise ValueError(
                f"`weights` must have shape ({len(parts)},), one for each component, got shape {tuple(weights.shape)}."
            )
        if len({part.event_shape for part in parts}) > 1 or len({part.is_discrete for part in parts}) > 1:
            kinds = ", ".join(f"{type(part).__name__}{part.event_shape}" for part in parts)
            raise ValueError(f"`components` must share their event shape, and be all discrete or none, got {kinds}.")
        if self.check:
            check_probabilities("weights", weights)
        supports = {part.support for part in parts}
        mixed = "atoms" if parts[0].is_discrete else "real"
        freeze(
            self,
            weights=weights,
            components=parts,
            is_discrete=parts[0].is_discrete,
            support=supports.pop() if len(supports) == 1 else mixed,
            _batch_shape=numpy.broadcast_shapes(*(part.batch_shape for part in parts)),
        )

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return self._batch_shape

    @property
    def event_shape(self) -> tuple[int, ...]:
        return self.components[0].event_shape

    def _stacked(self, values: Sequence[Array]) -> tuple[Any, Array, Array]:
        """(namespace, values broadcast and stacked along a new last axis, weights of their dtype)."""
        names = ("weights", *(f"components[{i}]" for i in range(len(values))))
        xp, weights, *arrays = float_arrays(self.weights, *values, names=names)
        return xp, xp.stack(list(xp.broadcast_arrays(*arrays)), axis=-1), weights

    def _joint(self, x: Array) -> tuple[Any, Array]:
        """log(weights[i] p_i(x)) along the last axis."""
        xp, values, weights = self._stacked([part.log_prob(x) for part in self.components])
        return xp, values + log_mass(weights)

    def log_prob(self, x: Array) -> Array:
        _, joint = self._joint(x)
        return logsumexp(joint, axis=-1)

    def score(self, x: Array) -> Array:
        if self.is_discrete:
            return super().score(x)
        xp, joint = self._joint(x)
        total = logsumexp(joint, axis=-1, keepdims=True)
        somewhere = total > -xp.inf
        posterior = xp.exp(joint - xp.where(somewhere, total, xp.zeros_like(total)))
        _, scores, _ = self._stacked([part.score(x) for part in self.components])
        if self.event_shape:
            posterior, somewhere = posterior[..., None, :], somewhere[..., None, :]
        # A component without density at x has no score there, and no say.
        scores = xp.where(posterior > 0, scores, xp.zeros_like(scores))
        value = xp.sum(posterior * scores, axis=-1)
        return xp.where(somewhere[..., 0], value, xp.full_like(value, xp.nan))

    def cdf(self, x: Array) -> Array:
        xp, values, weights = self._stacked([part.cdf(x) for part in self.components])
        # Rounding may pass 1 by an ulp.
        total = xp.sum(values * weights, axis=-1)
        return xp.minimum(total, xp.ones_like(total))

    def icdf(self, u: Array) -> Array:
        if self.is_discrete:
            return self._discrete_icdf(u)
        xp, u, _ = quantile_argument(self, u, self.weights)
        _, quantiles, weights = self._stacked([part.icdf(u) for part in self.components])
        lower = xp.min(xp.where(weights > 0, quantiles, xp.inf), axis=-1)
        upper = xp.max(xp.where(weights > 0, quantiles, -xp.inf), axis=-1)
        # cdf(upper) >= u > cdf(below lower) throughout; every step halves the bracket.
        for _ in range(120 if quantiles.dtype == xp.float64 else 60):
            middle = 0.5 * lower + 0.5 * upper
            reached = self.cdf(middle) >= u
            lower, upper = xp.where(reached, lower, middle), xp.where(reached, middle, upper)
        return upper

    def _discrete_icdf(self, u: Array) -> Array:
        xp, u, _ = quantile_argument(self, u, self.weights)
        points = self.support_points()
        cumulative = xp.moveaxis(self.cdf(points), 0, -1)
        # Divided by its rounded total, it ends in exactly 1, from the last atom that carries mass; and u = 0 asks for
        # the first one.
        cumulative = cumulative / cumulative[..., -1:]
        u = xp.maximum(u, xp.full_like(u, float(xp.finfo(u.dtype).smallest_normal)))
        index = xp.sum(xp.astype(cumulative < u[..., None], xp.int64), axis=-1)
        return xp.reshape(xp.take(xp.reshape(points, (-1,)), xp.reshape(index, (-1,)), axis=0), index.shape)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        """Draw the component of each value, then the values; see `Distribution.sample`."""
        rng = as_generator(rng)
        shape = draw_shape(n, self.batch_shape)
        weights = to_host(self.weights).astype("float64")
        labels = rng.choice(len(weights), size=shape, p=weights / weights.sum())
        if self.batch_shape == ():
            return self._sample_in_groups(labels, rng)
        xp, place = place_of(self.weights)
        event = (1,) * len(self.event_shape)
        result = self._sample_everywhere(self.components[0], n, rng)
        for i, part in enumerate(self.components[1:], start=1):
            chosen = to_device((labels == i).reshape(shape + event), xp, device=place["device"])
            result = xp.where(chosen, self._sample_everywhere(part, n, rng), result)
        return result

    def _sample_everywhere(self, part: Distribution, n: int, rng: numpy.random.Generator) -> Array:
        """n draws of a component for each law of the batch, independent where one of its laws serves several."""
        batch = self.batch_shape
        own = (1,) * (len(batch) - len(part.batch_shape)) + part.batch_shape
        extra = tuple(size // mine for size, mine in zip(batch, own, strict=True))
        draws = part.sample(n * math.prod(extra), rng=rng)
        # (n, *extra, *own, *event) -> (n, extra_1, own_1, extra_2, own_2, ..., *event)
        xp, k, events = array_namespace(draws), len(batch), len(self.event_shape)
        draws = xp.reshape(draws, (n, *extra, *own, *self.event_shape))
        order = [0, *(1 + i + k * j for i in range(k) for j in (0, 1)), *range(1 + 2 * k, 1 + 2 * k + events)]
        return xp.reshape(xp.permute_dims(draws, tuple(order)), (n, *batch, *self.event_shape))

    def _sample_in_groups(self, labels: numpy.ndarray, rng: numpy.random.Generator) -> Array:
        """As many draws of each component as it has labels, put in the order of the labels."""
        counts = numpy.bincount(labels, minlength=len(self.components))
        draws = [part.sample(int(m), rng=rng) for part, m in zip(self.components, counts, strict=True)]
        xp, place = place_of(self.weights)
        where = numpy.empty_like(labels)
        where[numpy.argsort(labels, kind="stable")] = numpy.arange(len(labels))
        return xp.take(xp.concat(draws, axis=0), to_device(where, xp, device=place["device"]), axis=0)

    @property
    def mean(self) -> Array:
        xp, means, weights = self._stacked([part.mean for part in self.components])
        return xp.sum(means * weights, axis=-1)

    @property
    def variance(self) -> Array:
        xp, means, weights = self._stacked([part.mean for part in self.components])
        _, variances, _ = self._stacked([part.variance for part in self.components])
        return xp.sum((variances + (means - self.mean[..., None]) ** 2) * weights, axis=-1)

    @property
    def support_bounds(self) -> tuple[float, float]:
        bounds = [part.support_bounds for part in self._carrying()]
        return (min(lower for lower, _ in bounds), max(upper for _, upper in bounds))

    def quadrature_points(self) -> tuple[float, ...]:
        return tuple(sorted({point for part in self._carrying() for point in part.quadrature_points()}))

    def support_points(self) -> Array:
        xp, place = place_of(self.weights)
        hosted = [to_host(part.support_points()).reshape(-1, *self.event_shape) for part in self._carrying()]
        distinct = numpy.unique(numpy.concatenate(hosted), axis=0)
        shape = (len(distinct),) + (1,) * len(self.batch_shape) + self.event_shape
        return to_device(distinct.reshape(shape), xp, **place)

    def _carrying(self) -> list[Distribution]:
        """The components of positive weight."""
        return [part for part, w in zip(self.components, to_host(self.weights), strict=True) if w > 0]
