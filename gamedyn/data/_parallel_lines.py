"""Parallel lines: segments side by side, with Gaussian noise, in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, as_generator, special
from gamedyn.data._planar_law import PlanarLaw
from gamedyn.numerics import log1mexp, logsumexp

__all__ = ["ParallelLinesLaw", "parallel_lines"]


@dataclass(frozen=True, eq=False)
class ParallelLinesLaw(PlanarLaw):
    """Uniform on vertical segments, plus noise N(0, scale^2 I).

    Parameters
    ----------
    lines : int
        Number of segments.
    spacing, length, scale : float
        Distance of neighbours, length of each, standard deviation of the noise.
    """

    lines: int
    spacing: float
    length: float
    scale: float

    def __post_init__(self) -> None:
        check_integer("lines", self.lines, minimum=1)
        check_positive("spacing", self.spacing)
        check_positive("length", self.length)
        check_positive("scale", self.scale)

    @property
    def offsets(self) -> numpy.ndarray:
        """First coordinates of the segments, (lines,)."""
        return self.spacing * (numpy.arange(self.lines) - (self.lines - 1) / 2)

    def _across(self, xp: Any, a: Array) -> Array:
        """-z^2 / 2 for each segment, along a new last axis."""
        return xp.stack([-0.5 * ((a - float(c)) / self.scale) ** 2 for c in self.offsets], axis=-1)

    def _along(self, xp: Any, b: Array) -> tuple[Array, Array, Array]:
        """(log(Phi(upper) - Phi(lower)), lower, upper), the ends seen from -|b|, where neither Phi is near 1."""
        below = -xp.abs(b)
        lower, upper = (below - 0.5 * self.length) / self.scale, (below + 0.5 * self.length) / self.scale
        log_ndtr = special(xp).log_ndtr
        at_lower, at_upper = log_ndtr(lower), log_ndtr(upper)
        gone = xp.isinf(at_upper)
        gap = xp.where(gone, -xp.ones_like(b), at_lower - xp.where(gone, xp.zeros_like(b), at_upper))
        return at_upper + log1mexp(gap), lower, upper

    def _log_density(self, xp: Any, a: Array, b: Array) -> Array:
        across = logsumexp(self._across(xp, a), axis=-1) - 0.5 * math.log(2 * math.pi)
        along, _, _ = self._along(xp, b)
        return across + along - math.log(self.lines * self.scale * self.length)

    def _gradient(self, xp: Any, a: Array, b: Array) -> tuple[Array, Array]:
        z = self._across(xp, a)
        total = logsumexp(z, axis=-1, keepdims=True)
        with numpy.errstate(invalid="ignore"):
            shares = xp.exp(z - total)
            centre = sum(shares[..., k] * float(c) for k, c in enumerate(self.offsets))
            by_a = (centre - a) * (1 / self.scale**2)
            along, lower, upper = self._along(xp, b)
            # The density of the noise at the two ends over the mass between them; outwards it falls.
            log_root = along + 0.5 * math.log(2 * math.pi)
            slope = xp.exp(-0.5 * upper**2 - log_root) - xp.exp(-0.5 * lower**2 - log_root)
        return by_a, -xp.sign(b) * slope / self.scale

    def sample(self, n: int, *, rng: Any = None) -> numpy.ndarray:
        """A segment drawn at random, a point of it, and noise; see `Distribution.sample`."""
        check_integer("n", n, 0)
        generator = as_generator(rng)
        a = self.offsets[generator.integers(self.lines, size=n)]
        b = self.length * (generator.random(n) - 0.5)
        return numpy.stack([a, b], axis=-1) + self.scale * generator.standard_normal((n, 2))

    @property
    def mean(self) -> numpy.ndarray:
        return numpy.zeros(2)

    @property
    def variance(self) -> numpy.ndarray:
        return numpy.asarray([self.offsets.var(), self.length**2 / 12]) + self.scale**2


def parallel_lines(lines: int = 2, *, spacing: float = 1.0, length: float = 1.0, scale: float = 0.05) -> PlanarLaw:
    """Uniform on `lines` vertical segments around 0, plus noise N(0, scale^2 I).

    Parameters
    ----------
    lines : int
        Number of segments.
    spacing, length, scale : float
        Distance of neighbouring segments, length of each, standard deviation of the noise.

    Notes
    -----
    Without noise these are the segments of Arjovsky, Chintala and Bottou (2017), on which the Jensen-Shannon divergence
    of two of them does not depend on their distance and the Wasserstein distance does.

    References
    ----------
    Arjovsky, Chintala and Bottou (2017), Wasserstein generative adversarial networks.

    Examples
    --------
    >>> law = parallel_lines(2, spacing=2.0, length=3.0, scale=0.5)
    >>> [round(float(v), 12) for v in law.variance]  # 1 + 1/4, 9/12 + 1/4
    [1.25, 1.0]
    """
    return ParallelLinesLaw(lines, spacing, length, scale)
