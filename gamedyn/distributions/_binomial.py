"""The binomial law on {0, ..., n}."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_nonnegative, describe
from gamedyn.backend import Array, as_generator, float_arrays, to_device, to_host
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._counting import check_countable, counted_entropy, counting_quantile
from gamedyn.distributions._log_terms import log_binomial_term
from gamedyn.distributions._parameters import (
    counting_points,
    draw_shape,
    freeze,
    freeze_chance,
    hosted,
    place_of,
    quantile_argument,
)
from gamedyn.distributions._trials import at_most, chances

__all__ = ["Binomial"]


@dataclass(frozen=True, eq=False)
class Binomial(Distribution):
    """P(k) = n! / (k! (n - k)!) probs^k (1 - probs)^(n - k), k = 0, ..., n = total_count.

    Parameters
    ----------
    total_count : array_like
        Number of trials n, a whole number >= 0.
    probs : array_like, broadcastable
        Probability of success, in [0, 1]; 0 and 1 are the laws of the constants 0 and n. The broadcast shape is
        batch_shape.
    logits : array_like, broadcastable
        log probs / (1 - probs), -inf and inf allowed; exactly one of the two is given, and both are attributes.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If both or neither of `probs` and `logits` are given, or entries are out of range.

    Notes
    -----
    Draws are floats of the dtype of the parameters. The incomplete beta function is SciPy's, on the host, where the
    array library has none of its own; the quantile is found by bisection and the entropy by summation, on the host.

    Examples
    --------
    >>> round(float(Binomial(4, 0.5).log_prob(2.0)), 12)  # log(6 / 16)
    -0.980829253012
    """

    total_count: Array
    probs: Array = None
    logits: Array = None
    check: bool = field(default=True, kw_only=True, repr=False)
    _log_masses: tuple[Array, Array] = field(init=False, repr=False)
    _chances: tuple[Array, Array] = field(init=False, repr=False)
    support = "integers"
    is_discrete = True

    def __post_init__(self) -> None:
        given = "logits" if self.probs is None else "probs"
        log_masses = freeze_chance(self)
        names = ("total_count", "probs", "logits", given, given, given, given)
        xp, n, probs, logits, *rest = float_arrays(
            self.total_count, self.probs, self.logits, *log_masses, *chances(self, given), names=names
        )
        if self.check:
            check_nonnegative("total_count", n)
            if not bool(xp.all(n == xp.floor(n))):
                raise ValueError(f"`total_count` must be a whole number, got {describe(n)}.")
        n, probs, logits, of_zero, of_one, p, q = xp.broadcast_arrays(n, probs, logits, *rest)
        freeze(self, total_count=n, probs=probs, logits=logits, _log_masses=(of_zero, of_one), _chances=(p, q))

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.total_count.shape)

    def _aligned(self, x: Array) -> tuple[Any, ...]:
        names = ("x", "total_count", *["probs"] * 4)
        xp, *arrays = float_arrays(x, self.total_count, *self._chances, *self._log_masses[::-1], names=names)
        return (xp, *xp.broadcast_arrays(*arrays))

    def log_prob(self, x: Array) -> Array:
        xp, x, n, p, q, log_p, log_q = self._aligned(x)
        atom = (x >= 0) & (x == xp.floor(x)) & (x <= n)
        k = xp.where(atom, x, xp.zeros_like(x))
        value = log_binomial_term(k, n - k, p, q, log_p, log_q)
        return xp.where(atom, value, xp.where(xp.isnan(x), x, xp.full_like(x, -xp.inf)))

    def cdf(self, x: Array) -> Array:
        xp, x, n, p, q, _, _ = self._aligned(x)
        inside = (x >= 0) & (x < n)
        k = xp.where(inside, xp.floor(x), xp.zeros_like(x))
        value = at_most(xp, k, xp.where(inside, n - k, xp.ones_like(x)), p, q)
        edge = xp.where(x < 0, xp.zeros_like(x), xp.where(xp.isnan(x), x, xp.ones_like(x)))
        return xp.where(inside, value, edge)

    def icdf(self, u: Array) -> Array:
        """The smallest count whose cdf reaches u, the outermost that carries mass for u = 0 and 1."""
        xp, u, n, p, q = quantile_argument(self, u, self.total_count, *self._chances)
        u, n, p, q = xp.broadcast_arrays(u, n, p, q)
        one = xp.ones_like(u)

        def cdf(k: Array) -> Array:
            return xp.where(k < n, at_most(xp, k, xp.where(k < n, n - k, one), p, q), one)

        found = counting_quantile(cdf, xp.where(u == 1, 0 * u, u), n * p, n)
        top = xp.where(p == 0, 0 * n, n)
        return xp.where((u == 1) | (q == 0), top, found)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.probs)
        trials = to_host(self.total_count)
        check_countable("total_count", self.total_count, trials)
        trials = trials.astype("int64")
        draws = as_generator(rng).binomial(trials, to_host(self.probs), draw_shape(n, self.batch_shape))
        return to_device(numpy.asarray(draws, dtype=float), xp, **place)

    @property
    def mean(self) -> Array:
        return self.total_count * self.probs

    @property
    def variance(self) -> Array:
        return self.total_count * self._chances[0] * self._chances[1]

    @property
    def entropy(self) -> Array:
        xp, place = place_of(self.probs)
        values = []
        for n, logit in zip(hosted(self.total_count), hosted(self.logits), strict=True):
            law = Binomial(n, logits=logit)
            mode = min(math.floor((n + 1) * float(law.probs)), n)
            values.append(counted_entropy(law.log_prob, mode, n, math.sqrt(law.variance), "total_count", n))
        return to_device(numpy.reshape(values, self.batch_shape), xp, **place)

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, max(hosted(self.total_count), default=0.0))

    def support_points(self) -> Array:
        return counting_points(self.support_bounds[1], "total_count", self.total_count)
