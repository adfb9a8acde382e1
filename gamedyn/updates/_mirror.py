"""Mirror steps: moves along the dual coordinates of a game's domain, and their limit as they vanish."""

from __future__ import annotations

from gamedyn.backend import Array, array_namespace, like
from gamedyn.games import Domain

__all__ = ["mirror_step", "mirror_velocity"]


def mirror_step(domain: Domain, z: Array, move: Array) -> Array:
    """The point whose dual coordinates are those of z less `move`: z exp(-move) / sum on a simplex, z - move on R^d.

    Parameters
    ----------
    domain : Domain
    z, move : array, shape (..., d)
    """
    return domain.mirror_inverse(domain.mirror(z) - move)


def mirror_velocity(domain: Domain, z: Array, xi: Array) -> Array:
    """lim (mirror_step(z, h xi) - z) / h as h -> 0: z (z . xi - xi) on a simplex, -xi on R^d.

    Parameters
    ----------
    domain : Domain
    z, xi : array, shape (..., d)
    """
    xp = array_namespace(z)
    # Complex step: inverse mirror maps are analytic. Coordinates at a bound have infinite duals, and the speed 0.
    return xp.imag(domain.mirror_inverse(domain.mirror(z) - like(1e-20j, z) * xi)) / 1e-20
