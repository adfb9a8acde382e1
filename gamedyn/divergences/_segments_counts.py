"""Segments between laws of counts: Poisson, and geometric or negative binomial of one number of successes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import Array, float_arrays
from gamedyn.divergences._excess import log_ratio
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._quiet import exponential
from gamedyn.divergences._segment import Segment
from gamedyn.divergences._terms import relative_entropy_terms
from gamedyn.numerics import log1mexp

__all__ = ["FailureSegment", "PoissonSegment", "between_failures", "between_poissons"]


def _on_line(xp: Any, ends: tuple[Array, Array], s: Any) -> Array:
    """(1 - s) a + s b for logarithms a and b that may be -inf, the log of a mass or rate of 0."""
    a, b = ends
    with numpy.errstate(invalid="ignore"):
        middle = (1 - s) * a + s * b
    place = s + xp.zeros_like(a)
    return xp.where((a == b) | (place == 0), a, xp.where(place == 1, b, middle))


def _step(xp: Any, here: Array, there: Array, log_step: Array) -> Array:
    """e^here - e^there from here, there and, where both are finite and it is small, there - here."""
    near = (xp.abs(log_step) < 0.5) & (here > -math.inf) & (there > -math.inf)
    close = -exponential(xp, here) * xp.expm1(xp.where(near, log_step, 0.0))
    return xp.where(near, close, exponential(xp, here) - exponential(xp, there))


@dataclass(frozen=True, eq=False)
class PoissonSegment(Segment):
    """A(theta) = e^theta, theta the log of the rate: r log(r / r') - r + r' from the rate r to r'."""

    xp: Any
    logs: tuple[Array, Array]
    step: Array  # of the log rates, 0 where one of them is infinite

    def kl(self, s: Any, e: Any, t: Any) -> Array:
        xp = self.xp
        here, there = _on_line(xp, self.logs, s), _on_line(xp, self.logs, e)
        difference = _step(xp, here, there, t * self.step)
        pair = Pair(xp, exponential(xp, here), exponential(xp, there), here, there, difference)
        return relative_entropy_terms(pair)

    def inside(self, s: Any) -> Array:
        return _on_line(self.xp, self.logs, s) < math.inf


def between_poissons(p: Any, q: Any) -> PoissonSegment:
    """Of two Poisson laws; rates may be 0."""
    xp, a, b = float_arrays(p.rate, q.rate, names=("p.rate", "q.rate"))
    a, b = xp.broadcast_arrays(a, b)
    logs = tuple(xp.where(x > 0, xp.log(xp.where(x > 0, x, 1.0)), -math.inf) for x in (a, b))
    both = (a > 0) & (b > 0)
    step = xp.where(both, log_ratio(xp, xp.where(both, b, 1.0), xp.where(both, a, 1.0)), 0.0)
    return PoissonSegment(xp, (logs[0], logs[1]), step)


@dataclass(frozen=True, eq=False)
class FailureSegment(Segment):
    """A(theta) = -weight log(1 - e^theta), theta the log of the chance of one more count, at most 0.

    KL is weight / (1 - e^theta) times KL between the two trials, each of which fails or succeeds.
    """

    xp: Any
    logs: tuple[Array, Array]
    step: Array
    weight: Any = 1.0

    def kl(self, s: Any, e: Any, t: Any) -> Array:
        xp = self.xp
        here, there = _on_line(xp, self.logs, s), _on_line(xp, self.logs, e)
        difference = _step(xp, here, there, t * self.step)
        stops = log1mexp(here), log1mexp(there)
        pair = Pair(
            xp,
            xp.exp(xp.stack([here, stops[0]], axis=-1)),
            xp.exp(xp.stack([there, stops[1]], axis=-1)),
            xp.stack([here, stops[0]], axis=-1),
            xp.stack([there, stops[1]], axis=-1),
            xp.stack([difference, -difference], axis=-1),
        )
        return self.weight * xp.sum(relative_entropy_terms(pair), axis=-1) / -xp.expm1(here)

    def inside(self, s: Any) -> Array:
        return _on_line(self.xp, self.logs, s) < 0


def between_failures(p: Any, q: Any, weight: Any = 1.0) -> FailureSegment:
    """Of two laws with `probs` of one more count: log masses p.log_more and their complements.

    `p` and `q` are (probability of one more, its log, the probability of none).
    """
    names = ("p.probs", "p.logits", "p.probs", "q.probs", "q.logits", "q.probs")
    xp, more_p, log_p, stop_p, more_q, log_q, stop_q = float_arrays(*p, *q, names=names)
    arrays = xp.broadcast_arrays(more_p, log_p, stop_p, more_q, log_q, stop_q)
    more_p, log_p, stop_p, more_q, log_q, stop_q = arrays
    both = (log_p > -math.inf) & (log_q > -math.inf)
    plain = xp.where(both, log_q, 0.0) - xp.where(both, log_p, 0.0)
    # Next to the diagonal from the difference of the probabilities as they were given, which is exact.
    change = xp.where(more_p < 0.5, more_q - more_p, stop_p - stop_q) / xp.where(more_p > 0, more_p, 1.0)
    near = both & (xp.abs(plain) < 0.25) & (more_p > 1e-3)
    step = xp.where(near, xp.log1p(xp.where(near, change, 0.0)), plain)
    return FailureSegment(xp, (log_p, log_q), xp.where(both, step, 0.0), weight)
