"""The negative binomial law on 0, 1, 2, ...: successes before a given number of failures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_positive, describe
from gamedyn.backend import Array, as_generator, float_arrays, to_device, to_host
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._counting import atom_window, check_countable, counted_entropy, counting_quantile
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

__all__ = ["NegativeBinomial"]


@dataclass(frozen=True, eq=False)
class NegativeBinomial(Distribution):
    """P(k) = Gamma(k + r) / (Gamma(r) k!) probs^k (1 - probs)^r, k = 0, 1, 2, ..., r = total_count.

    As in PyTorch, the number of successes, of chance `probs` each, before the r-th failure: the mean is
    r probs / (1 - probs). SciPy's nbinom(n, p) has n = r and p = 1 - probs.

    Parameters
    ----------
    total_count : array_like
        Number r > 0 of failures, any real number.
    probs : array_like, broadcastable
        Probability of success, in [0, 1); 0 is the law of the constant 0. The broadcast shape is batch_shape.
    logits : array_like, broadcastable
        log probs / (1 - probs), -inf allowed; exactly one of the two is given, and both are attributes.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If both or neither of `probs` and `logits` are given, or entries are out of range.

    Notes
    -----
    Draws are Poisson counts of a gamma-distributed rate, as floats of the dtype of the parameters. icdf(1) is inf where
    probs > 0. The incomplete beta function is SciPy's, on the host, where the array library has none of its own; the
    quantile is found by bisection and the entropy by summation, on the host.

    Examples
    --------
    >>> float(NegativeBinomial(3.0, 0.5).mean)
    3.0
    """

    total_count: Array
    probs: Array = None
    logits: Array = None
    check: bool = field(default=True, kw_only=True, repr=False)
    _log_masses: tuple[Array, Array] = field(init=False, repr=False)
    _chances: tuple[Array, Array] = field(init=False, repr=False)
    support = "naturals"
    is_discrete = True

    def __post_init__(self) -> None:
        given = "logits" if self.probs is None else "probs"
        log_masses = freeze_chance(self)
        names = ("total_count", "probs", "logits", given, given, given, given)
        xp, r, probs, logits, *rest = float_arrays(
            self.total_count, self.probs, self.logits, *log_masses, *chances(self, given), names=names
        )
        if self.check:
            check_positive("total_count", r)
            if not bool(xp.all(rest[3] > 0)):
                value = describe(getattr(self, given))
                raise ValueError(f"`{given}` must leave a chance of failure above 0, got {value}.")
        r, probs, logits, of_zero, of_one, p, q = xp.broadcast_arrays(r, probs, logits, *rest)
        freeze(self, total_count=r, probs=probs, logits=logits, _log_masses=(of_zero, of_one), _chances=(p, q))

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.total_count.shape)

    def _aligned(self, x: Array) -> tuple[Any, ...]:
        names = ("x", "total_count", *["probs"] * 4)
        xp, *arrays = float_arrays(x, self.total_count, *self._chances, *self._log_masses[::-1], names=names)
        return (xp, *xp.broadcast_arrays(*arrays))

    def log_prob(self, x: Array) -> Array:
        xp, x, r, p, q, log_p, log_q = self._aligned(x)
        atom = (x >= 0) & (x == xp.floor(x)) & (x < xp.inf)
        k = xp.where(atom, x, xp.zeros_like(x))
        # r / (k + r) times a binomial term: the last trial is a failure.
        value = log_binomial_term(k, r, p, q, log_p, log_q) - xp.log1p(k / r)
        return xp.where(atom, value, xp.where(xp.isnan(x), x, xp.full_like(x, -xp.inf)))

    def cdf(self, x: Array) -> Array:
        xp, x, r, p, q, _, _ = self._aligned(x)
        inside = (x >= 0) & (x < xp.inf)
        value = at_most(xp, xp.where(inside, xp.floor(x), xp.zeros_like(x)), r, p, q)
        edge = xp.where(x < 0, xp.zeros_like(x), xp.where(xp.isnan(x), x, xp.ones_like(x)))
        return xp.where(inside, value, edge)

    def icdf(self, u: Array) -> Array:
        xp, u, r, p, q = quantile_argument(self, u, self.total_count, *self._chances)
        u, r, p, q = xp.broadcast_arrays(u, r, p, q)
        found = counting_quantile(lambda k: at_most(xp, k, r, p, q), u, r * p / q, xp.full_like(u, xp.inf))
        return xp.where((u == 1) & (p > 0), xp.full_like(found, xp.inf), found)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.probs)
        generator = as_generator(rng)
        rates = generator.standard_gamma(to_host(self.total_count), draw_shape(n, self.batch_shape))
        odds = to_host(self._chances[0]) / to_host(self._chances[1])
        check_countable("probs", self.probs, rates * odds)
        return to_device(numpy.asarray(generator.poisson(rates * odds), dtype=float), xp, **place)

    @property
    def mean(self) -> Array:
        return self.total_count * self._chances[0] / self._chances[1]

    @property
    def variance(self) -> Array:
        return self.mean / self._chances[1]

    def _host_laws(self) -> list[tuple[NegativeBinomial, float]]:
        """Every law of the batch on the host, with its mode."""
        laws = [
            NegativeBinomial(r, logits=logit)
            for r, logit in zip(hosted(self.total_count), hosted(self.logits), strict=True)
        ]
        return [(law, float(max(math.floor(law.mean * (1 - 1 / law.total_count)), 0))) for law in laws]

    @property
    def entropy(self) -> Array:
        xp, place = place_of(self.probs)
        values = [
            counted_entropy(law.log_prob, mode, math.inf, math.sqrt(law.variance), "probs", float(law.probs))
            for law, mode in self._host_laws()
        ]
        return to_device(numpy.reshape(values, self.batch_shape), xp, **place)

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, math.inf if max(hosted(self.probs), default=0.0) > 0 else 0.0)

    def support_points(self) -> Array:
        ends = [atom_window(law.log_prob, mode, math.inf)[1] for law, mode in self._host_laws()]
        return counting_points(max(ends, default=0.0), "probs", self.probs)
