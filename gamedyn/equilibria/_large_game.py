"""What the checks of one point of a large game start from: products on the host, norms from random directions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy

from gamedyn.backend import Array, array_namespace, device_of, to_device, to_host
from gamedyn.equilibria._point import accuracy_of, relative_residuals
from gamedyn.games import Game, player_slices
from gamedyn.numerics import gmres

__all__ = ["LargeGame", "view_large"]

_PROBES = 8
# The mean of 8 squares |J v|^2 is below 1/16 of |J|^2 with a probability of 2e-4 at most, for any J.
_SAFETY = 4.0
_NEWTON_PRODUCTS = 20

_Product = Callable[[numpy.ndarray], numpy.ndarray]


@dataclass(frozen=True, eq=False)
class LargeGame:
    """A game around one point; arrays are NumPy's, on the host."""

    game: Game
    z: Array
    host: numpy.ndarray
    """(d,)"""
    xi: numpy.ndarray
    """(d,)"""
    blocks: tuple[slice, ...]
    is_zero_sum: bool
    directions: numpy.ndarray
    """(8, d), standard normal."""
    products: numpy.ndarray
    """(8, d): J times these."""
    sizes: numpy.ndarray
    """(n,): Frobenius norms of the players' rows of J, estimated."""
    residual: numpy.ndarray
    """(1,)"""
    uncertainties: numpy.ndarray
    """(n,): as of `LocalGames`, estimated with a factor of safety."""
    jvp: Callable[[Array], Array]
    """v -> J v where z lives."""

    def product(self, v: numpy.ndarray) -> numpy.ndarray:
        """J v."""
        return to_host(self.jvp(self._at_home(v)))

    @property
    def transpose(self) -> _Product | None:
        """u -> J^T u, None where that would take a matrix."""
        if len(self.blocks) == 1:
            return self.product
        if _has_own_vjp(self.game):
            linearize = getattr(self.game, "linearize_transposed", None)
            if linearize is not None:
                vjp = linearize(self.z)
                return lambda u: to_host(vjp(self._at_home(u)))
            return lambda u: to_host(self.game.vjp(self.z, self._at_home(u)))
        if self.is_zero_sum:
            # J = H + K with symmetric H, the own Hessians, and antisymmetric K.
            return lambda u: 2 * to_host(self.game.own_hvp(self.z, self._at_home(u))) - self.product(u)
        return None

    def own_product(self, player: int) -> _Product:
        """v -> H v for one player's own Hessian and vectors (d_i,)."""
        block = self.blocks[player]

        if hasattr(self.game, "linearize"):
            # J has the own Hessians on its diagonal, and its passes are kept.
            return lambda v: self.product(self.padded(v, player))[block]

        def product(v: numpy.ndarray) -> numpy.ndarray:
            return to_host(self.game.own_hvp(self.z, self._at_home(self.padded(v, player))))[block]

        return product

    def padded(self, v: numpy.ndarray, player: int) -> numpy.ndarray:
        """(d,): one player's v, zero elsewhere."""
        whole = numpy.zeros(len(self.host), dtype=v.dtype)
        whole[self.blocks[player]] = v
        return whole

    @property
    def has_zero_line(self) -> bool:
        """Whether a row of J is zero in all of the products, or a column in as many of the transpose."""
        if bool(numpy.any(numpy.all(self.products == 0, axis=0))):
            return True
        transpose = self.transpose
        if transpose is None:
            return False
        return bool(numpy.any(numpy.all(numpy.stack([transpose(v) for v in self.directions[:2]]) == 0, axis=0)))

    def _at_home(self, v: numpy.ndarray) -> Array:
        return to_device(v, array_namespace(self.z), dtype=self.z.dtype, device=device_of(self.z))


def view_large(game: Game, z: Array, zero_sum: tuple[bool, bool], rng: numpy.random.Generator) -> LargeGame:
    """The game around one point z (d,).

    Parameters
    ----------
    game : Game
    z : array, shape (d,)
    zero_sum : pair of bool
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        If the field or a product with J is not finite.
    """
    host, xi = to_host(z), to_host(game.simultaneous_gradient(z))
    blocks = player_slices(game.dims)
    directions = rng.standard_normal((_PROBES, len(host))).astype(host.dtype)

    def linear_at(place: Array) -> Callable[[Array], Array]:
        linearize = getattr(game, "linearize", None)
        return (lambda v: game.jvp(place, v)) if linearize is None else linearize(place)

    def products_at(place: Array) -> numpy.ndarray:
        jvp = linear_at(place)
        moved = (to_device(v, array_namespace(z), dtype=z.dtype, device=device_of(z)) for v in directions)
        return numpy.stack([to_host(jvp(v)) for v in moved])

    products = products_at(z)
    if not (numpy.all(numpy.isfinite(xi)) and numpy.all(numpy.isfinite(products))):
        raise ValueError("`game` must have finite first and second derivatives at `z`, got infinite or NaN values.")
    sizes = _norms(products, blocks)
    uncertainties = _SAFETY * accuracy_of(game, z) * sizes
    if numpy.any(xi):
        # What Newton's method would move by, as far as few products tell.
        step = gmres(lambda v: game.jvp(z, v), game.simultaneous_gradient(z), max_iterations=_NEWTON_PRODUCTS).solution
        with numpy.errstate(all="ignore"):
            change = products_at(z - step) - products
        known = bool(numpy.all(numpy.isfinite(change)))
        uncertainties = uncertainties + (4 * _SAFETY * _norms(change, blocks) if known else sizes)
    residual = relative_residuals(xi[None], sizes[None], host[None], blocks)
    return LargeGame(
        game,
        z,
        host,
        xi,
        blocks,
        all(zero_sum),
        directions,
        products,
        sizes,
        residual,
        uncertainties.astype(float),
        linear_at(z),
    )


def _norms(products: numpy.ndarray, blocks: tuple[slice, ...]) -> numpy.ndarray:
    """(n,): E |J_i v|^2 = |J_i|^2 in Frobenius norm, for standard normal v."""
    return numpy.array([math.sqrt(float(numpy.mean(numpy.sum(products[:, b] ** 2, axis=-1)))) for b in blocks])


def _has_own_vjp(game: Game) -> bool:
    inner = getattr(game, "game", None)
    if isinstance(inner, Game) and not _has_own_vjp(inner):
        return False
    return type(game).vjp is not Game.vjp
