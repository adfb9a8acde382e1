"""Restricted: one player's own problem, while the others stand still."""

from __future__ import annotations

from typing import Any

from gamedyn._checks import check_choice
from gamedyn.backend import Array, array_namespace, device_of, like
from gamedyn.games._base import Game, check_game, check_points, player_slices, replace_block
from gamedyn.games._domain import Domain, Reals

__all__ = ["Restricted"]


class Restricted(Game):
    """x -> L_i(z with x for block i): a game of one player.

    Parameters
    ----------
    game : Game
    z : array, shape (..., d)
        Where the others stand; its block i is not looked at. Points x (..., d_i) broadcast against it.
    player : int
        i.

    Raises
    ------
    TypeError
        If the game is none.
    ValueError
        If there is no such player, or z has another size than the game's points.

    Examples
    --------
    In f = x y, where y = 3, x pays 3 x:

    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> game = Restricted(Bilinear([[1.0]]), numpy.array([0.0, 3.0]), 0)
    >>> game.losses(numpy.array([2.0])).tolist(), game.simultaneous_gradient(numpy.array([2.0])).tolist()
    ([6.0], [3.0])
    """

    def __init__(self, game: Game, z: Array, player: int) -> None:
        check_game(game)
        check_choice("player", player, range(len(game.dims)))
        check_points(game, z)
        self.game, self.z, self.player = game, z, player
        self.dims = (game.dims[player],)
        self.is_affine = game.is_affine
        self._block = player_slices(game.dims)[player]
        self.domain = game.domain if isinstance(game.domain, Reals) else _Factor(game.domain, self._whole, self._block)

    def __repr__(self) -> str:
        return f"Restricted({self.game!r}, {self.z!r}, player={self.player})"

    def losses(self, z: Array) -> Array:
        """(..., 1): L_i."""
        return self.game.losses(self._whole(z))[..., self.player : self.player + 1]

    def loss_gradients(self, z: Array) -> Array:
        """(..., 1, d_i): the player's own gradient."""
        return self.simultaneous_gradient(z)[..., None, :]

    def simultaneous_gradient(self, z: Array) -> Array:
        """The player's own gradient."""
        return self.game.player_gradient(self._whole(z), self.player)

    def jvp(self, z: Array, v: Array) -> Array:
        """The player's own Hessian times v."""
        xp, whole = array_namespace(z), self._whole(z)
        zeros = xp.zeros((*v.shape[:-1], whole.shape[-1]), dtype=v.dtype, device=device_of(v))
        return self.game.jvp(whole, replace_block(zeros, self._block, v))[..., self._block]

    def vjp(self, z: Array, u: Array) -> Array:
        """The same: it is symmetric."""
        return self.jvp(z, u)

    def own_hvp(self, z: Array, v: Array) -> Array:
        """The same."""
        return self.jvp(z, v)

    def jacobian(self, z: Array) -> Array:
        """The player's own Hessian."""
        return self.game.own_hessian(self._whole(z), self.player)

    def loss_hessians(self, z: Array) -> Array:
        """(..., 1, d_i, d_i): the same."""
        return self.jacobian(z)[..., None, :, :]

    def redraw(self) -> Game:
        """On a fresh sample of the game."""
        return self._around(self.game.redraw())

    def full(self) -> Game:
        """On all data of the game."""
        return self._around(self.game.full())

    def _around(self, game: Any) -> Game:
        return self if game is self.game else Restricted(game, self.z, self.player)

    def _whole(self, x: Array) -> Array:
        """The joint point (..., d) with x (..., d_i) in its place."""
        if x.shape[-1] != self.dims[0]:
            raise ValueError(f"Points of {self!r} must be arrays of shape (..., {self.dims[0]}), got {tuple(x.shape)}.")
        z = like(self.z, x)
        if x.shape[:-1] != z.shape[:-1]:
            xp = array_namespace(x)
            lead = xp.broadcast_arrays(x[..., 0], z[..., 0])[0].shape
            z, x = xp.broadcast_to(z, (*lead, z.shape[-1])), xp.broadcast_to(x, (*lead, x.shape[-1]))
        return replace_block(z, self._block, x)


class _Factor(Domain):
    """The player's factor of a product, through joint points with the others' blocks filled in."""

    def __init__(self, domain: Domain, whole: Any, block: slice) -> None:
        self.domain, self.whole, self.block = domain, whole, block

    def __repr__(self) -> str:
        return f"<factor {self.block.start}:{self.block.stop} of {self.domain!r}>"

    def contains(self, z: Array) -> Any:
        """Whether the joint point is inside."""
        return self.domain.contains(self.whole(z))

    def project(self, z: Array) -> Array:
        """The block of the joint point's projection."""
        return self.domain.project(self.whole(z))[..., self.block]

    def mirror(self, z: Array) -> Array:
        """The block of the joint point's dual coordinates."""
        return self.domain.mirror(self.whole(z))[..., self.block]

    def mirror_inverse(self, dual: Array) -> Array:
        """The block of the joint point's with these dual coordinates."""
        return self.domain.mirror_inverse(self.whole(dual))[..., self.block]

    def tangent_projection(self, z: Array, v: Array) -> Array:
        """The block of the joint direction's."""
        zeros = 0 * self.whole(z)
        return self.domain.tangent_projection(self.whole(z), replace_block(zeros, self.block, v))[..., self.block]
