"""Finite games in normal form: payoffs of pure strategies, played with mixed ones."""

from __future__ import annotations

import math
from typing import Any

from gamedyn.backend import Array, array_namespace, device_of, float_arrays, like
from gamedyn.games._base import Game, check_finite, check_points, player_slices
from gamedyn.games._linear import over_batch, times
from gamedyn.games._product import Product
from gamedyn.games._simplex import Simplex

__all__ = ["NormalFormGame"]


class NormalFormGame(Game):
    """n players with a_i actions; L_i(z) = -sum_k payoffs[i, k] prod_j x_j[k_j], x_j player j's mixed strategy.

    Payoffs are utilities, as in the literature; losses are minus the expected ones. z = (x_1, ..., x_n) lives on the
    product of simplices, `domain`, and losses are the multilinear polynomials of this formula everywhere else. Minus
    xi(z) holds the payoff of every action against the others' strategies. No player's loss is curved in its own block.

    Parameters
    ----------
    payoffs : array_like, shape (n, a_1, ..., a_n)
        payoffs[i, k_1, ..., k_n] is what player i gets when every player j plays action k_j; finite.

    Raises
    ------
    ValueError
        If the shape is not of this form, or a payoff is not finite.

    Examples
    --------
    Stag hunt: both hunt the stag, or each a hare of its own.

    >>> import numpy
    >>> game = NormalFormGame([[[4.0, 0.0], [3.0, 3.0]], [[4.0, 3.0], [0.0, 3.0]]])
    >>> game.losses(numpy.array([1.0, 0.0, 0.0, 1.0])).tolist()
    [-0.0, -3.0]
    """

    def __init__(self, payoffs: Any) -> None:
        _, self.payoffs = float_arrays(payoffs, names=("payoffs",))
        shape = tuple(self.payoffs.shape)
        if len(shape) < 2 or shape[0] != len(shape) - 1 or 0 in shape:
            raise ValueError(
                "`payoffs` must have shape (n, a_1, ..., a_n), one table of pure strategies for each of the n players, "
                f"got {shape}."
            )
        check_finite("`payoffs`", self.payoffs)
        self.dims = shape[1:]
        self.domain = Product([Simplex()] * len(self.dims), self.dims)

    def __repr__(self) -> str:
        return self.name or f"{type(self).__name__}(dims={self.dims})"

    def _expected(self, z: Array, *kept: int) -> Array:
        """(..., n, a_k for k in kept): payoffs averaged over the actions of all players but those kept."""
        check_points(self, z)
        xp = array_namespace(z)
        blocks = player_slices(self.dims)
        others = [j for j in range(len(self.dims)) if j not in kept]
        sizes = tuple(self.payoffs.shape[1:][j] for j in kept)
        tensor = xp.permute_dims(like(self.payoffs, z), (0, *(1 + j for j in kept), *(1 + j for j in others)))
        if not others:
            return xp.broadcast_to(tensor, (*z.shape[:-1], *tensor.shape))
        batch, rows = z.shape[:-1], math.prod(tensor.shape)
        # The last player by one product of two matrices, the rest by one for every point.
        rows //= self.dims[others[-1]]
        table = times(xp.reshape(tensor, (rows, -1)), z[..., blocks[others[-1]]])
        for j in reversed(others[:-1]):
            rows //= self.dims[j]
            table = xp.reshape(table, (*batch, rows, self.dims[j])) @ z[..., blocks[j], None]
        return xp.reshape(table, (*batch, self.payoffs.shape[0], *sizes))

    def losses(self, z: Array) -> Array:
        """Minus the expected payoffs."""
        return -self._expected(z)

    def loss_gradients(self, z: Array) -> Array:
        """Minus every player's payoff for every action of every player, against the mixtures of the others."""
        xp = array_namespace(z)
        return -xp.concat([self._expected(z, j) for j in range(len(self.dims))], axis=-1)

    def simultaneous_gradient(self, z: Array) -> Array:
        """Minus the payoff of each player's actions."""
        xp = array_namespace(z)
        return xp.concat([self.player_gradient(z, j) for j in range(len(self.dims))], axis=-1)

    def player_gradient(self, z: Array, player: int) -> Array:
        """Minus the payoff of this player's actions."""
        return -self._own(player)._expected(z, player)[..., 0, :]

    def _own(self, player: int) -> NormalFormGame:
        """This player's table alone, for sums that need no other."""
        alone = object.__new__(NormalFormGame)
        alone.payoffs, alone.dims = self.payoffs[player : player + 1, ...], self.dims
        return alone

    def jacobian(self, z: Array) -> Array:
        """Block (i, j) is minus player i's payoff for every pair of their actions; 0 on the diagonal."""
        xp = array_namespace(z)
        return xp.concat([self._own(i)._hessian_rows(z, i)[..., 0, :, :] for i in range(len(self.dims))], axis=-2)

    def loss_hessians(self, z: Array) -> Array:
        """Blocks (i, j) of minus every player's payoff; 0 on the diagonal."""
        xp = array_namespace(z)
        return xp.concat([self._hessian_rows(z, i) for i in range(len(self.dims))], axis=-2)

    def _hessian_rows(self, z: Array, i: int) -> Array:
        """(..., n, a_i, d): the rows of the losses' Hessians that belong to player i."""
        xp = array_namespace(z)
        shape = (*z.shape[:-1], self.payoffs.shape[0], self.dims[i], self.dims[i])
        own = xp.zeros(shape, dtype=z.dtype, device=device_of(z))
        parts = [own if j == i else -self._expected(z, i, j) for j in range(len(self.dims))]
        return xp.concat([xp.astype(part, z.dtype) for part in parts], axis=-1)

    def jvp(self, z: Array, v: Array) -> Array:
        """J v."""
        return (self.jacobian(z) @ v[..., None])[..., 0]

    def vjp(self, z: Array, u: Array) -> Array:
        """J^T u."""
        return (array_namespace(z).matrix_transpose(self.jacobian(z)) @ u[..., None])[..., 0]

    def own_hvp(self, z: Array, v: Array) -> Array:
        """Zero: no player's loss is curved in its own block."""
        xp = array_namespace(z)
        return over_batch(xp.zeros_like(v), z)
