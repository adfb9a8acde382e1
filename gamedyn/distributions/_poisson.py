"""The Poisson law on 0, 1, 2, ...."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_nonnegative
from gamedyn.backend import Array, as_generator, float_arrays, special, to_device, to_host
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._counting import atom_window, check_countable, counted_entropy, counting_quantile
from gamedyn.distributions._log_terms import log_poisson_term
from gamedyn.distributions._parameters import (
    counting_points,
    draw_shape,
    freeze_parameters,
    hosted,
    place_of,
    quantile_argument,
)

__all__ = ["Poisson"]


@dataclass(frozen=True, eq=False)
class Poisson(Distribution):
    """P(k) = rate^k e^-rate / k!, k = 0, 1, 2, ....

    Parameters
    ----------
    rate : array_like
        Mean >= 0; 0 is the law of the constant 0. Its shape is batch_shape.
    check : bool
        Validate parameters and quantile arguments; off inside jit.

    Raises
    ------
    ValueError
        If `rate` is negative or not finite.

    Notes
    -----
    Draws are floats of the dtype of the parameters. icdf(1) is inf where rate > 0. The quantile is found by bisection
    and the entropy by summation, on the host.

    Examples
    --------
    >>> float(Poisson(2.0).log_prob(0.0))
    -2.0
    """

    rate: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    support = "naturals"
    is_discrete = True

    def __post_init__(self) -> None:
        freeze_parameters(self, "rate")
        if self.check:
            check_nonnegative("rate", self.rate)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.rate.shape)

    def log_prob(self, x: Array) -> Array:
        xp, x, rate = float_arrays(x, self.rate, names=("x", "rate"))
        x, rate = xp.broadcast_arrays(x, rate)
        atom = (x >= 0) & (x == xp.floor(x)) & (x < xp.inf)
        k = xp.where(atom, x, xp.zeros_like(x))
        value = log_poisson_term(k, rate, k + 1)
        return xp.where(atom, value, xp.where(xp.isnan(x), x, xp.full_like(x, -xp.inf)))

    def cdf(self, x: Array) -> Array:
        xp, x, rate = float_arrays(x, self.rate, names=("x", "rate"))
        x, rate = xp.broadcast_arrays(x, rate)
        inside = (x >= 0) & (x < xp.inf)
        value = special(xp).gammaincc(xp.floor(xp.where(inside, x, xp.zeros_like(x))) + 1, rate)
        edge = xp.where(x < 0, xp.zeros_like(x), xp.where(xp.isnan(x), x, xp.ones_like(x)))
        return xp.where(inside, value, edge)

    def icdf(self, u: Array) -> Array:
        xp, u, rate = quantile_argument(self, u, self.rate)
        u, rate = xp.broadcast_arrays(u, rate)
        found = counting_quantile(lambda k: special(xp).gammaincc(k + 1, rate), u, rate, xp.full_like(rate, xp.inf))
        return xp.where((u == 1) & (rate > 0), xp.full_like(found, xp.inf), found)

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.rate)
        rates = to_host(self.rate)
        check_countable("rate", self.rate, rates)
        draws = as_generator(rng).poisson(rates, draw_shape(n, self.batch_shape))
        return to_device(numpy.asarray(draws, dtype=float), xp, **place)

    @property
    def mean(self) -> Array:
        return self.rate

    @property
    def variance(self) -> Array:
        return self.rate

    @property
    def entropy(self) -> Array:
        xp, place = place_of(self.rate)
        values = [
            counted_entropy(Poisson(rate).log_prob, math.floor(rate), math.inf, math.sqrt(rate), "rate", rate)
            for rate in hosted(self.rate)
        ]
        return to_device(numpy.reshape(values, self.batch_shape), xp, **place)

    @property
    def support_bounds(self) -> tuple[float, float]:
        return (0.0, math.inf if max(hosted(self.rate), default=0.0) > 0 else 0.0)

    def support_points(self) -> Array:
        largest = max(hosted(self.rate), default=0.0)
        _, last = atom_window(Poisson(largest).log_prob, math.floor(largest), math.inf)
        return counting_points(last, "rate", self.rate)
