"""A large game around a point by products alone: slopes, smallest own curvatures and Newton's step."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy

from gamedyn.backend import Array, array_namespace, device_of, host_normal, to_device, to_host
from gamedyn.games import Game, player_slices, replace_block
from gamedyn.numerics import gmres, lanczos_extremes

__all__ = ["LocalProducts", "view_products"]

_PROBES = 8
# GMRES has found Newton's step when what is left of xi is a hundredth.
_SOLVED = 1e-2


class LocalProducts(NamedTuple):
    """On the host; tuples have one entry for each player."""

    xi: numpy.ndarray
    """(d,), 0 where a bound holds."""
    slopes: tuple[float, ...]
    """Frobenius norms of the players' rows of J, estimated."""
    curvatures: tuple[float, ...]
    residuals: tuple[float, ...]
    newton_step: numpy.ndarray | None
    """(d,), or None where it was not found."""


def view_products(game: Game, z: Array, steps: int, rng: numpy.random.Generator, free: Array) -> LocalProducts:
    """All of it at one point z (d,), along the coordinates that are free to move both ways.

    Parameters
    ----------
    game : Game
    z : array, shape (d,)
    steps : int
        Products with each own Hessian.
    rng : numpy.random.Generator
    free : array, shape (d,)
        1 at such coordinates, 0 at those that a bound holds.

    Raises
    ------
    ValueError
        If the field or a product with J is not finite.
    """
    xp, blocks, d = array_namespace(z), player_slices(game.dims), z.shape[-1]
    linearize = getattr(game, "linearize", None)
    whole: Callable[[Array], Array] = (lambda v: game.jvp(z, v)) if linearize is None else linearize(z)
    own: Callable[[Array], Array] = (lambda v: game.own_hvp(z, v)) if linearize is None else whole

    def jvp(v: Array) -> Array:
        return free * whole(free * v)

    field = free * game.simultaneous_gradient(z)
    xi = to_host(field).astype(float)
    directions = rng.standard_normal((_PROBES, d))
    moved = (to_device(v, xp, dtype=z.dtype, device=device_of(z)) for v in directions)
    # A product may be written into an array that the next one reuses.
    products = numpy.stack([numpy.array(to_host(jvp(v)), dtype=float) for v in moved])
    if not (numpy.all(numpy.isfinite(xi)) and numpy.all(numpy.isfinite(products))):
        raise ValueError("`game` must have finite first and second derivatives at `z`, got infinite or NaN values.")
    # E |J_i v|^2 = |J_i|^2 for standard normal v.
    slopes = tuple(float(numpy.sqrt(numpy.mean(numpy.sum(products[:, b] ** 2, axis=-1)))) for b in blocks)
    curvatures, residuals = [], []
    for block in blocks:
        size = block.stop - block.start
        if not bool(xp.any(free[block] != 0)):
            curvatures.append(float("inf"))
            residuals.append(0.0)
            continue

        def product(v: Array, block: slice = block) -> Array:
            return free[block] * own(replace_block(xp.zeros_like(z), block, v))[block]

        # From such a start the Krylov space stays within the free coordinates.
        start = free[block] * host_normal(rng, (size,), xp, dtype=z.dtype, device=device_of(z))
        found = lanczos_extremes(product, size, steps=steps, start=start)
        curvatures.append(found.smallest)
        residuals.append(found.smallest_residual)
    return LocalProducts(xi, slopes, tuple(curvatures), tuple(residuals), _newton(jvp, field, 3 * steps))


def _newton(jvp: Callable[[Array], Array], field: Array, products: int) -> numpy.ndarray | None:
    found = gmres(jvp, field, tolerance=_SOLVED, restart=80, max_iterations=products)
    step: numpy.ndarray = to_host(found.solution).astype(float)
    # Written so that nan counts as not solved.
    return step if bool(numpy.all(numpy.isfinite(step))) and float(to_host(found.residual)) <= _SOLVED else None
