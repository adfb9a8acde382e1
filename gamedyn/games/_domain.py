"""Where joint points live: all of R^d, boxes, simplices and products of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from gamedyn.backend import Array, array_namespace, like

__all__ = ["Box", "Domain", "Reals"]


class Domain(ABC):
    """A closed convex set of joint points."""

    @abstractmethod
    def contains(self, z: Array) -> Any:
        """Boolean array of shape z.shape[:-1]."""

    @abstractmethod
    def project(self, z: Array) -> Array:
        """The nearest point of the set, of the shape of z."""


class Reals(Domain):
    """R^d: everything is inside and projection is the identity."""

    def contains(self, z: Array) -> Any:
        """True for finite points."""
        xp = array_namespace(z)
        return xp.all(xp.isfinite(z), axis=-1)

    def project(self, z: Array) -> Array:
        """z itself."""
        return z


class Box(Domain):
    """{z : lower <= z <= upper}, coordinatewise.

    Parameters
    ----------
    lower, upper : array_like, broadcastable to (d,)
        Bounds with lower <= upper; infinite entries leave a side open.
    """

    def __init__(self, lower: Any, upper: Any) -> None:
        self.lower = lower
        self.upper = upper

    def contains(self, z: Array) -> Any:
        """Whether every coordinate lies between its bounds."""
        xp = array_namespace(z)
        return xp.all((z >= like(self.lower, z)) & (z <= like(self.upper, z)), axis=-1)

    def project(self, z: Array) -> Array:
        """Coordinatewise clipping."""
        xp = array_namespace(z)
        return xp.minimum(xp.maximum(z, like(self.lower, z)), like(self.upper, z))
