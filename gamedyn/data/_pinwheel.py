"""A pinwheel: Gaussian arms twisted around the origin by a rotation that grows with the radius."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_nonnegative, check_positive
from gamedyn.backend import Array, as_generator
from gamedyn.data._planar_law import PlanarLaw
from gamedyn.numerics import logsumexp

__all__ = ["PinwheelLaw", "pinwheel"]


@dataclass(frozen=True, eq=False)
class PinwheelLaw(PlanarLaw):
    """R(2 pi k / arms + rate e^|f|) f, f ~ N((1, 0), diag(radial^2, tangential^2)), k uniform on 0, ..., arms - 1.

    A rotation by an angle that depends on the radius alone keeps areas, so that the density at x is the mean over the
    arms of the density of f at R(-angle) x.

    Parameters
    ----------
    arms : int
        At least 3.
    radial, tangential : float
        Standard deviations along and across an arm.
    rate : float
        Angle per e^radius; 0 for straight arms.
    """

    arms: int
    radial: float
    tangential: float
    rate: float

    def __post_init__(self) -> None:
        check_integer("arms", self.arms, minimum=3)
        check_positive("radial", self.radial)
        check_positive("tangential", self.tangential)
        check_nonnegative("rate", self.rate)

    def _angles(self, xp: Any, radius: Array) -> list[Array]:
        # Beyond a radius of 30 nothing can be told about an angle of 1e12, nor is there any mass.
        twist = self.rate * xp.exp(xp.minimum(radius, xp.full_like(radius, 30.0)))
        return [twist + 2 * math.pi * k / self.arms for k in range(self.arms)]

    def _untwisted(self, xp: Any, a: Array, b: Array) -> tuple[Array, list[tuple[Array, Array, Array, Array]]]:
        """(radius, (cos, sin, f_0, f_1) for each arm)."""
        radius = xp.hypot(a, b)
        arms = []
        for angle in self._angles(xp, radius):
            c, s = xp.cos(angle), xp.sin(angle)
            arms.append((c, s, c * a + s * b, c * b - s * a))
        return radius, arms

    def _log_kernels(self, xp: Any, arms: list[tuple[Array, Array, Array, Array]]) -> Array:
        terms = [-0.5 * (((f - 1) / self.radial) ** 2 + (g / self.tangential) ** 2) for _, _, f, g in arms]
        return xp.stack(terms, axis=-1)

    def _log_density(self, xp: Any, a: Array, b: Array) -> Array:
        a, b, outside = _finite(xp, a, b)
        _, arms = self._untwisted(xp, a, b)
        value = logsumexp(self._log_kernels(xp, arms), axis=-1)
        value = value - math.log(2 * math.pi * self.radial * self.tangential * self.arms)
        return xp.where(outside, xp.full_like(value, -xp.inf), value)

    def _gradient(self, xp: Any, a: Array, b: Array) -> tuple[Array, Array]:
        a, b, outside = _finite(xp, a, b)
        radius, arms = self._untwisted(xp, a, b)
        kernels = self._log_kernels(xp, arms)
        shares = xp.exp(kernels - logsumexp(kernels, axis=-1, keepdims=True))
        # At the origin f is 0, and the twist has no say.
        safe = xp.where(radius > 0, radius, xp.ones_like(radius))
        slope = self.rate * xp.exp(xp.minimum(radius, xp.full_like(radius, 30.0))) / safe
        total_a, total_b = xp.zeros_like(a), xp.zeros_like(b)
        for k, (c, s, f, g) in enumerate(arms):
            by_f, by_g = (1 - f) / self.radial**2, -g / self.tangential**2
            twist = slope * (by_f * g - by_g * f)
            total_a = total_a + shares[..., k] * (c * by_f - s * by_g + twist * a)
            total_b = total_b + shares[..., k] * (s * by_f + c * by_g + twist * b)
        unknown = xp.full_like(a, xp.nan)
        return xp.where(outside, unknown, total_a), xp.where(outside, unknown, total_b)

    def sample(self, n: int, *, rng: Any = None) -> numpy.ndarray:
        """f, and its rotation; see `Distribution.sample`."""
        check_integer("n", n, 0)
        generator = as_generator(rng)
        f = generator.standard_normal((n, 2)) * [self.radial, self.tangential] + [1.0, 0.0]
        angle = self.rate * numpy.exp(numpy.hypot(f[:, 0], f[:, 1]))
        angle = angle + 2 * math.pi * generator.integers(self.arms, size=n) / self.arms
        c, s = numpy.cos(angle), numpy.sin(angle)
        return numpy.stack([c * f[:, 0] - s * f[:, 1], s * f[:, 0] + c * f[:, 1]], axis=-1)

    @property
    def mean(self) -> numpy.ndarray:
        return numpy.zeros(2)

    @property
    def variance(self) -> numpy.ndarray:
        # A law with three arms or more looks the same in all directions to second moments, and |x| = |f|.
        return numpy.full(2, 0.5 * (1 + self.radial**2 + self.tangential**2))


def _finite(xp: Any, a: Array, b: Array) -> tuple[Array, Array, Array]:
    """The coordinates with infinite points moved to 0, and where those were."""
    outside = (xp.isinf(a) | xp.isinf(b)) & ~(xp.isnan(a) | xp.isnan(b))
    return xp.where(outside, xp.zeros_like(a), a), xp.where(outside, xp.zeros_like(b), b), outside


def pinwheel(arms: int = 5, *, radial: float = 0.3, tangential: float = 0.1, rate: float = 0.25) -> PlanarLaw:
    """R(2 pi k / arms + rate e^|f|) f, f ~ N((1, 0), diag(radial^2, tangential^2)), k uniform on 0, ..., arms - 1.

    Parameters
    ----------
    arms : int
        At least 3.
    radial, tangential : float
        Standard deviations along and across an arm.
    rate : float
        Angle in radians per e^radius; 0 for straight arms.

    Notes
    -----
    R turns counter-clockwise. The pinwheel of Johnson and others (2016) turns by rate e^(f_0), the coordinate along the
    arm in place of the radius |f|, and clockwise; that map folds the plane far from the arms and has no density in
    closed form. Here the angle depends on the radius alone, the map keeps areas, and the density is exact.

    References
    ----------
    Johnson, Duvenaud, Wiltschko, Datta and Adams (2016), Composing graphical models with neural networks, its code.

    Examples
    --------
    >>> law = pinwheel()
    >>> [round(float(v), 12) for v in law.variance]  # (1 + 0.3^2 + 0.1^2) / 2
    [0.55, 0.55]
    """
    return PinwheelLaw(arms, radial, tangential, rate)
