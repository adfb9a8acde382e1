"""W_1 between a sample and a mixture on the line: the area between their distribution functions, without quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import array_namespace, to_host
from gamedyn.distributions import Distribution, Empirical, Laplace, Mixture, Normal
from gamedyn.numerics import integrate

__all__ = ["area_between"]

# In units of scale: beyond the last of them a tail is below the smallest double.
_NORMAL = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0, 27.0, 39.0)
_LAPLACE = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 750.0)

# An error d of a crossing costs the density times d^2.
_HALVINGS = 40


def area_between(p: Distribution, q: Distribution, tolerance: float) -> tuple[float, float, int] | None:
    """The integral of |F - G|, its error estimate and the number of nodes; None for other laws.

    Parameters
    ----------
    p, q : Distribution
        One Empirical and one Mixture of Normal and Laplace laws, both single laws on the line, in either order.
    tolerance : float
        Bound of the relative error that the quadrature estimates.

    Notes
    -----
    Between neighbouring atoms one distribution function is constant and the other rises, so that they cross once at
    most: there, at the atoms and at some places of the components the line is cut, and all pieces are smooth. Above the
    last atom it is the upper tail that is integrated, which 1 - F would round away. Host-only, in float64.

    References
    ----------
    Vallender (1974), Calculation of the Wasserstein distance between probability distributions on the line.
    """
    sample, law = (p, q) if isinstance(p, Empirical) else (q, p)
    if not isinstance(sample, Empirical) or not isinstance(law, Mixture) or sample.event_shape or law.batch_shape:
        return None
    parts = _parts(law)
    if parts is None:
        return None
    atoms, below = _steps(sample)
    cuts = numpy.unique(numpy.concatenate([atoms, *(part.places() for part in parts)]))
    cuts = numpy.union1d(cuts, _crossings(parts, atoms, below, cuts))

    def gap(x: numpy.ndarray) -> Any:
        index = numpy.searchsorted(atoms, x, side="right")
        is_above = index == len(atoms)
        # 1 - F above the last atom.
        return numpy.abs(numpy.where(is_above, _mass(parts, x, upper=True), _mass(parts, x) - below[index]))

    most = 200_000 + 84 * len(cuts)
    sought = max(tolerance, 1e-13)
    found = integrate(gap, cuts[0], cuts[-1], breakpoints=cuts.tolist(), tolerance=sought, max_evaluations=most)
    # F and its steps are rounded, too, and their differences small.
    rounding = 4 * float(numpy.finfo(float).eps) * float(atoms[-1] - atoms[0])
    return float(found.value), float(found.standard_error) + rounding, int(found.n)


@dataclass(frozen=True)
class _Part:
    """One component."""

    weight: float
    loc: float
    scale: float
    is_normal: bool

    def mass(self, x: numpy.ndarray, upper: bool) -> numpy.ndarray:
        """P(X <= x), or P(X > x)."""
        from scipy.special import ndtr

        # Of a narrow component infinity is far enough.
        with numpy.errstate(over="ignore"):
            z = (self.loc - x if upper else x - self.loc) / self.scale
        if self.is_normal:
            return numpy.asarray(ndtr(z))
        tail = numpy.exp(-numpy.abs(z)) / 2
        return numpy.where(z < 0, tail, 1 - tail)

    def places(self) -> numpy.ndarray:
        """Where to cut, both ends of all that a double can hold among them."""
        steps = self.scale * numpy.asarray(_NORMAL if self.is_normal else _LAPLACE)
        return numpy.concatenate([self.loc - steps, self.loc + steps])


def _parts(law: Mixture) -> list[_Part] | None:
    """The components of positive weight; None where one is neither normal nor Laplace."""
    weights = to_host(law.weights).astype(float)
    found = []
    for weight, part in zip(weights / weights.sum(), law.components, strict=True):
        if not isinstance(part, (Normal, Laplace)):
            return None
        if weight > 0:
            loc, scale = float(to_host(part.loc)), float(to_host(part.scale))
            found.append(_Part(float(weight), loc, scale, isinstance(part, Normal)))
    return found


def _steps(sample: Empirical) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Atoms in rising order (m,), and the masses below each of them and below infinity (m + 1,)."""
    points = sample.support_points()
    masses = to_host(array_namespace(points).exp(sample.log_prob(points))).astype(float)
    atoms = to_host(points).astype(float)[masses > 0]
    sums = numpy.concatenate([[0.0], numpy.cumsum(masses[masses > 0])])
    return atoms, sums / sums[-1]


def _mass(parts: list[_Part], x: numpy.ndarray, *, upper: bool = False) -> Any:
    return sum(part.weight * part.mass(x, upper) for part in parts)


def _crossings(parts: list[_Part], atoms: numpy.ndarray, below: numpy.ndarray, cuts: numpy.ndarray) -> Any:
    """Where F passes the height of a step, by halving the pieces in which it does."""
    left: Any = cuts[:-1]
    right: Any = cuts[1:]
    height = below[numpy.searchsorted(atoms, left, side="right")]
    heights_at = _mass(parts, cuts)
    passes = (heights_at[:-1] < height) & (height < heights_at[1:])
    left, right, height = left[passes], right[passes], height[passes]
    for _ in range(_HALVINGS):
        middle = 0.5 * left + 0.5 * right
        reached = _mass(parts, middle) >= height
        left, right = numpy.where(reached, left, middle), numpy.where(reached, middle, right)
    return right
