"""The Domain protocol, where joint points live, and all of R^d."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from gamedyn._checks import describe
from gamedyn.backend import Array, array_namespace

__all__ = ["Domain", "Reals", "as_domain"]


class Domain(ABC):
    """A closed convex set of joint points, with its Euclidean and its mirror geometry.

    Points are (..., d) with any leading batch axes. Complex points branch on their real parts, so that complex step
    works where the maps are smooth. Beyond membership, methods expect points of the set, but for `project`. `size` is
    d where the set fixes it.
    """

    size: int | None = None

    @abstractmethod
    def contains(self, z: Array) -> Any:
        """Boolean array of shape z.shape[:-1]."""

    @abstractmethod
    def project(self, z: Array) -> Array:
        """The nearest point of the set, of the shape of z."""

    @abstractmethod
    def mirror(self, z: Array) -> Array:
        """The gradient of the set's mirror potential at z: z in dual coordinates, where mirror steps are sums."""

    @abstractmethod
    def mirror_inverse(self, dual: Array) -> Array:
        """The point of the set with these dual coordinates."""

    @abstractmethod
    def tangent_projection(self, z: Array, v: Array) -> Array:
        """The nearest direction to v that does not leave the set at z: lim (project(z + h v) - z) / h as h -> 0+."""


class Reals(Domain):
    """R^d: everything is inside, and every map is the identity."""

    def __repr__(self) -> str:
        return "Reals()"

    def contains(self, z: Array) -> Any:
        """True for finite points."""
        xp = array_namespace(z)
        return xp.all(xp.isfinite(z), axis=-1)

    def project(self, z: Array) -> Array:
        """z itself."""
        return z

    def mirror(self, z: Array) -> Array:
        """z itself, the gradient of |z|^2 / 2."""
        return z

    def mirror_inverse(self, dual: Array) -> Array:
        """The dual point itself."""
        return dual

    def tangent_projection(self, z: Array, v: Array) -> Array:
        """v itself: every direction stays inside."""
        return v


def as_domain(domain: Any, d: int) -> Domain:
    """The domain of a game; all of R^d for None.

    Parameters
    ----------
    domain : Domain or None
    d : int
        Coordinates of a joint point.

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        If its points have another size.
    """
    if domain is None:
        return Reals()
    if not isinstance(domain, Domain):
        raise TypeError(f"`domain` must be a Domain, such as Box(0.0, 1.0), got {describe(domain)}.")
    if domain.size not in (None, d):
        raise ValueError(f"`domain` must hold points of {d} coordinates, got {domain!r} of {domain.size}.")
    return domain
