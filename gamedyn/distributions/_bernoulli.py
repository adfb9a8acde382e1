"""The Bernoulli law on {0, 1}."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gamedyn.backend import Array, array_namespace, float_arrays, host_uniform, to_device
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    draw_shape,
    freeze,
    freeze_chance,
    place_of,
    quantile_argument,
)

__all__ = ["Bernoulli"]


@dataclass(frozen=True, eq=False)
class Bernoulli(Distribution):
    """P(1) = probs = 1 / (1 + e^-logits), P(0) = 1 - probs.

    Parameters
    ----------
    probs : array_like
        Probability of 1, in [0, 1]. Its shape is batch_shape.
    logits : array_like
        log probs / (1 - probs), -inf and inf allowed; exactly one of the two is given, and both are attributes.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If both or neither of `probs` and `logits` are given, or entries are out of range.

    Notes
    -----
    Draws are floats of the dtype of the parameters. From logits, masses keep their relative precision in both tails.

    Examples
    --------
    >>> float(Bernoulli(logits=-1000.0).log_prob(1.0))
    -1000.0
    """

    probs: Array = None
    logits: Array = None
    check: bool = field(default=True, kw_only=True, repr=False)
    _log_masses: tuple[Array, Array] = field(init=False, repr=False)
    support = "binary"
    is_discrete = True

    def __post_init__(self) -> None:
        freeze(self, _log_masses=freeze_chance(self))

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.probs.shape)

    def log_prob(self, x: Array) -> Array:
        xp, x, of_zero, of_one = float_arrays(x, *self._log_masses, names=("x", "logits", "logits"))
        x, of_zero, of_one = xp.broadcast_arrays(x, of_zero, of_one)
        elsewhere = xp.where(xp.isnan(x), x, xp.full_like(x, -xp.inf))
        return xp.where(x == 1, of_one, xp.where(x == 0, of_zero, elsewhere))

    def cdf(self, x: Array) -> Array:
        xp, x, of_zero = float_arrays(x, self._log_masses[0], names=("x", "logits"))
        below = xp.exp(of_zero) + xp.zeros_like(x)
        step = xp.where(x < 1, below, xp.ones_like(below))
        return xp.where(x < 0, xp.zeros_like(below), step) + xp.where(xp.isnan(x), x, xp.zeros_like(x))

    def icdf(self, u: Array) -> Array:
        """The smaller of 0 and 1 that carries mass and whose cdf reaches u; see `Distribution.icdf`."""
        xp, u, of_zero = quantile_argument(self, u, self._log_masses[0])
        mass = xp.exp(of_zero)
        return xp.astype((u > mass) | (mass == 0), u.dtype)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.probs)
        u = host_uniform(rng, draw_shape(n, self.batch_shape), xp, **place)
        return xp.astype(u < self.probs, self.probs.dtype)

    @property
    def mean(self) -> Array:
        return self.probs

    @property
    def variance(self) -> Array:
        xp = array_namespace(self.probs)
        return self.probs * xp.exp(self._log_masses[0])

    @property
    def entropy(self) -> Array:
        return _self_information(self._log_masses[0]) + _self_information(self._log_masses[1])

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, 1.0)

    def support_points(self) -> Array:
        xp, place = place_of(self.probs)
        return xp.reshape(to_device([0.0, 1.0], xp, **place), (2,) + (1,) * len(self.batch_shape))


def _self_information(log_p: Array) -> Array:
    """-p log p from log p, 0 at p = 0."""
    xp = array_namespace(log_p)
    finite = xp.where(log_p > -xp.inf, log_p, xp.zeros_like(log_p))
    return -xp.exp(finite) * finite
