"""The categorical law on {0, ..., K - 1}."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gamedyn.backend import Array, array_namespace, float_arrays, host_uniform, to_device
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    check_probabilities,
    draw_shape,
    freeze,
    freeze_parameters,
    log_mass,
    place_of,
    quantile_argument,
)
from gamedyn.numerics import logsumexp

__all__ = ["Categorical"]


@dataclass(frozen=True, eq=False)
class Categorical(Distribution):
    """P(k) = probs[k] = e^logits[k] / sum_j e^logits[j], k = 0, ..., K - 1.

    Parameters
    ----------
    probs : array_like, shape batch + (K,)
        Non-negative, sums 1 along the last axis (within the square root of the precision); kept as given.
    logits : array_like, shape batch + (K,)
        Logarithms of the masses up to a constant, -inf allowed. Exactly one of the two is given; both are attributes,
        `logits` as normalised log masses.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If both or neither of `probs` and `logits` are given, or entries are no pmf.

    Notes
    -----
    Draws are floats of the dtype of the parameters.

    Examples
    --------
    >>> float(Categorical(probs=[0.25, 0.5, 0.25]).mean)
    1.0
    """

    probs: Array = None
    logits: Array = None
    check: bool = field(default=True, kw_only=True, repr=False)
    support = "integers"
    is_discrete = True

    def __post_init__(self) -> None:
        if (self.probs is None) == (self.logits is None):
            raise ValueError("exactly one of `probs` and `logits` must be given.")
        if self.logits is None:
            freeze_parameters(self, "probs")
            if self.check:
                check_probabilities("probs", self.probs)
            freeze(self, logits=log_mass(self.probs))
        else:
            xp = freeze_parameters(self, "logits")
            if self.check:
                _check_logits(self.logits)
            normalized = self.logits - logsumexp(self.logits, axis=-1, keepdims=True)
            freeze(self, logits=normalized, probs=xp.exp(normalized))

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.probs.shape[:-1])

    def _entry(self, table: Array, x: Array) -> tuple[Array, Array, Array]:
        """table[..., floor x] with x clipped to 0..K-1; x; the index."""
        xp, x, table = float_arrays(x, table, names=("x", "probs"))
        size = table.shape[-1]
        x = xp.broadcast_arrays(x, table[..., 0])[0]
        table = xp.broadcast_to(table, (*x.shape, size))
        bounded = xp.minimum(xp.maximum(xp.floor(x), xp.zeros_like(x)), xp.full_like(x, size - 1))
        bounded = xp.where(xp.isnan(x), xp.zeros_like(x), bounded)
        index = xp.astype(bounded, xp.int64)
        return xp.take_along_axis(table, index[..., None], axis=-1)[..., 0], x, bounded

    def log_prob(self, x: Array) -> Array:
        value, x, index = self._entry(self.logits, x)
        xp = array_namespace(value)
        elsewhere = xp.where(xp.isnan(x), x, xp.full_like(x, -xp.inf))
        return xp.where(x == index, value, elsewhere)

    def _cumulative(self) -> Array:
        xp = array_namespace(self.probs)
        partial = xp.cumulative_sum(self.probs, axis=-1)
        # Divided by the rounded total, it ends in exactly 1, from the last category that carries mass.
        return partial / partial[..., -1:]

    def cdf(self, x: Array) -> Array:
        value, x, _ = self._entry(self._cumulative(), x)
        xp = array_namespace(value)
        return xp.where(x < 0, xp.zeros_like(value), xp.where(xp.isnan(x), x, value))

    def icdf(self, u: Array) -> Array:
        """The smallest category that carries mass and whose cdf reaches u; see `Distribution.icdf`."""
        xp, u, cumulative = quantile_argument(self, u, self._cumulative())
        # u = 0 asks for the first category with mass.
        u = xp.maximum(u, xp.full_like(u, float(xp.finfo(u.dtype).smallest_normal)))
        return xp.sum(xp.astype(cumulative < u[..., None], u.dtype), axis=-1)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.probs)
        return self.icdf(host_uniform(rng, draw_shape(n, self.batch_shape), xp, **place))

    def _categories(self) -> Array:
        xp, place = place_of(self.probs)
        return to_device(list(range(self.probs.shape[-1])), xp, **place)

    @property
    def mean(self) -> Array:
        xp = array_namespace(self.probs)
        return xp.sum(self.probs * self._categories(), axis=-1)

    @property
    def variance(self) -> Array:
        xp = array_namespace(self.probs)
        return xp.sum(self.probs * (self._categories() - self.mean[..., None]) ** 2, axis=-1)

    @property
    def entropy(self) -> Array:
        xp = array_namespace(self.probs)
        finite = xp.where(self.logits > -xp.inf, self.logits, xp.zeros_like(self.logits))
        return -xp.sum(self.probs * finite, axis=-1)

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, float(self.probs.shape[-1] - 1))

    def support_points(self) -> Array:
        xp = array_namespace(self.probs)
        return xp.reshape(self._categories(), (self.probs.shape[-1],) + (1,) * len(self.batch_shape))


def _check_logits(logits: Array) -> None:
    xp = array_namespace(logits)
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise ValueError(f"`logits` must have an entry along its last axis, got shape {tuple(logits.shape)}.")
    if bool(xp.any(xp.isnan(logits) | (logits == xp.inf))):
        raise ValueError("`logits` must be finite or -inf, got nan or inf.")
    if not bool(xp.all(xp.any(logits > -xp.inf, axis=-1))):
        raise ValueError("`logits` must have a finite entry along the last axis, got -inf everywhere.")
