"""The geometric law on 0, 1, 2, ...: failures before the first success."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import describe
from gamedyn.backend import Array, array_namespace, as_generator, float_arrays, to_device
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import (
    counting_points,
    draw_shape,
    freeze,
    freeze_chance,
    hosted,
    log_survival,
    place_of,
    quantile_argument,
)

__all__ = ["Geometric"]

# exp(-745.2) underflows in double precision.
_UNDERFLOW = 745.2


@dataclass(frozen=True, eq=False)
class Geometric(Distribution):
    """P(k) = probs (1 - probs)^k, k = 0, 1, 2, ...: the number of failures before the first success.

    Parameters
    ----------
    probs : array_like
        Probability of success, in (0, 1]. Its shape is batch_shape.
    logits : array_like
        log probs / (1 - probs), inf allowed; exactly one of the two is given, and both are attributes.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If both or neither of `probs` and `logits` are given, or entries are out of range.

    Notes
    -----
    Draws are floats of the dtype of the parameters. icdf(1) is inf where probs < 1. `support_points` serves probs from
    about 7.5e-5 on.

    Examples
    --------
    >>> float(Geometric(0.25).mean)
    3.0
    """

    probs: Array = None
    logits: Array = None
    check: bool = field(default=True, kw_only=True, repr=False)
    _log_masses: tuple[Array, Array] = field(init=False, repr=False)
    support = "naturals"
    is_discrete = True

    def __post_init__(self) -> None:
        given = "logits" if self.probs is None else "probs"
        freeze(self, _log_masses=freeze_chance(self))
        xp = array_namespace(self.probs)
        of_zero, of_one = self._log_masses
        if self.check and not bool(xp.all((of_one > -xp.inf) & (of_zero < 0))):
            value = describe(getattr(self, given))
            raise ValueError(f"`{given}` must give a chance of success that floats can tell from 0, got {value}.")

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.probs.shape)

    def log_prob(self, x: Array) -> Array:
        xp, x, of_zero, of_one = float_arrays(x, *self._log_masses, names=("x", "logits", "logits"))
        x, of_zero, of_one = xp.broadcast_arrays(x, of_zero, of_one)
        counted = (x > 0) & (x < xp.inf)
        # A sure success has of_zero = -inf, and 0 failures.
        with numpy.errstate(over="ignore"):
            failures = xp.where(counted, x, xp.ones_like(x)) * of_zero
        value = of_one + xp.where(counted, failures, xp.zeros_like(x))
        atom = (x >= 0) & (x == xp.floor(x)) & (x < xp.inf)
        return xp.where(atom, value, xp.where(xp.isnan(x), x, xp.full_like(x, -xp.inf)))

    def cdf(self, x: Array) -> Array:
        xp, x, of_zero = float_arrays(x, self._log_masses[0], names=("x", "logits"))
        with numpy.errstate(over="ignore"):
            return -xp.expm1((xp.floor(xp.maximum(x, -xp.ones_like(x))) + 1) * _finite(xp, of_zero))

    def icdf(self, u: Array) -> Array:
        xp, u, of_zero = quantile_argument(self, u, self._log_masses[0])
        rate = _finite(xp, of_zero)
        guess = xp.ceil(log_survival(u) / rate - 1)
        guess = xp.maximum(guess, xp.zeros_like(guess))
        # The quotient is rounded: the smallest count whose own cdf reaches u may be its neighbour.
        below = (guess > 0) & (-xp.expm1(guess * rate) >= u)
        guess = xp.where(below, guess - 1, guess)
        guess = xp.where(-xp.expm1((guess + 1) * rate) < u, guess + 1, guess)
        return xp.where(of_zero == -xp.inf, xp.zeros_like(guess), guess)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.probs)
        draws = as_generator(rng).standard_exponential(draw_shape(n, self.batch_shape))
        # The whole part of an exponential variable is geometric; `0.0 -` turns -0 into 0.
        return 0.0 - xp.ceil(to_device(draws, xp, **place) / self._log_masses[0])

    @property
    def mean(self) -> Array:
        xp = array_namespace(self.probs)
        with numpy.errstate(over="ignore", divide="ignore"):
            return xp.exp(self._log_masses[0]) / self.probs

    @property
    def variance(self) -> Array:
        with numpy.errstate(over="ignore", divide="ignore"):
            return self.mean / self.probs

    @property
    def entropy(self) -> Array:
        xp = array_namespace(self.probs)
        return -self._log_masses[1] - self.mean * _finite(xp, self._log_masses[0])

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, math.inf)

    def support_points(self) -> Array:
        slowest = -max(hosted(self._log_masses[0]), default=-math.inf)
        last = math.ceil(_UNDERFLOW / slowest) if slowest > 0 else math.inf
        return counting_points(last, "probs", self.probs)


def _finite(xp: Any, log_p: Array) -> Array:
    """log(1 - p), with the least finite number for the log of 0, so that its product with 0 is 0."""
    return xp.maximum(log_p, xp.full_like(log_p, float(xp.finfo(log_p.dtype).min)))
