"""A checkerboard: the uniform law on every second square of a board."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, as_generator
from gamedyn.data._planar_law import PlanarLaw

__all__ = ["CheckerboardLaw", "checkerboard"]


@dataclass(frozen=True, eq=False)
class CheckerboardLaw(PlanarLaw):
    """Uniform on the squares (i, j), i + j even, of a board of side x side squares around 0.

    Parameters
    ----------
    side : int
        Squares per row.
    width : float
        Of one square.
    """

    side: int
    width: float

    def __post_init__(self) -> None:
        check_integer("side", self.side, minimum=1)
        check_positive("width", self.width)

    @property
    def centers(self) -> numpy.ndarray:
        """Centres of the squares that carry mass, (n, 2)."""
        i, j = numpy.nonzero(numpy.add.outer(numpy.arange(self.side), numpy.arange(self.side)) % 2 == 0)
        return (numpy.stack([i, j], axis=-1) - (self.side - 1) / 2) * self.width

    def _on_squares(self, xp: Any, a: Array, b: Array) -> Array:
        u, v = a / self.width + 0.5 * self.side, b / self.width + 0.5 * self.side
        inside = (u >= 0) & (u < self.side) & (v >= 0) & (v < self.side)
        total = xp.floor(xp.where(inside, u, xp.zeros_like(u))) + xp.floor(xp.where(inside, v, xp.zeros_like(v)))
        return inside & (total - 2 * xp.floor(0.5 * total) == 0)

    def _log_density(self, xp: Any, a: Array, b: Array) -> Array:
        count = (self.side**2 + 1) // 2
        level = xp.full_like(a, -math.log(count * self.width**2))
        value = xp.where(self._on_squares(xp, a, b), level, xp.full_like(a, -xp.inf))
        return xp.where(xp.isnan(a) | xp.isnan(b), xp.full_like(a, xp.nan), value)

    def _gradient(self, xp: Any, a: Array, b: Array) -> tuple[Array, Array]:
        value = xp.where(self._on_squares(xp, a, b), xp.zeros_like(a), xp.full_like(a, xp.nan))
        return value, value

    def sample(self, n: int, *, rng: Any = None) -> numpy.ndarray:
        """A square drawn at random, and a point of it; see `Distribution.sample`."""
        check_integer("n", n, 0)
        generator = as_generator(rng)
        centers = self.centers
        # Of [0, 1): the upper edges belong to the next squares.
        offset = self.width * (generator.random((n, 2)) - 0.5)
        return centers[generator.integers(len(centers), size=n)] + offset

    @property
    def mean(self) -> numpy.ndarray:
        return numpy.asarray(self.centers.mean(axis=0))

    @property
    def variance(self) -> numpy.ndarray:
        return numpy.asarray(self.centers.var(axis=0) + self.width**2 / 12)

    @property
    def entropy(self) -> float:
        return math.log(((self.side**2 + 1) // 2) * self.width**2)


def checkerboard(side: int = 4, *, width: float = 2.0) -> PlanarLaw:
    """The uniform law on the squares (i, j) with i + j even of a board around 0.

    Parameters
    ----------
    side : int
        Squares per row, i and j = 0, ..., side - 1 from below and left.
    width : float
        Width of a square; with the defaults the board is [-4, 4]^2.

    Notes
    -----
    The density has jumps: the score is 0 on the squares that carry mass and nan elsewhere. Half-open squares: left and
    lower edges belong to them.

    Examples
    --------
    >>> law = checkerboard()  # 8 squares of area 4
    >>> round(float(law.entropy), 12)  # log 32
    3.465735902800
    """
    return CheckerboardLaw(side, width)
