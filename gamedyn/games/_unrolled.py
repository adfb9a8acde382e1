"""Unrolled: a player who sees k descent steps of the others ahead, and differentiates through them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn._checks import check_choice, check_integer, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games._base import Game, _basis, _complex_step, _move_first_to_last, check_game, player_slices

__all__ = ["Unrolled"]


class Unrolled(Game):
    """L_i(w_k) for one player i, with w_0 = z and w_t+1 = w_t - h Q xi(w_t), where Q keeps the others' blocks.

    The others descend k times on their own losses, all at once where there are several, while player i waits; their
    own losses stay as they are. The gradient passes through all k steps, by reverse accumulation: with g_k = grad
    L_i(w_k), g_t = g_t+1 - h J(w_t)^T Q g_t+1, one vector-Jacobian product a step. Its first half alone, grad L_i at
    w_k with w_k held fixed, is another field, and no gradient.

    In a GAN of a zero-sum objective player i pays minus the others' losses at w_k, the paper's f, and not L_i(w_k): the
    real samples' term, which L_0 leaves out as the generator cannot move it, moves through the steps.

    Parameters
    ----------
    game : Game
        With a vjp that is exact at complex points, as those of this package where they have closed forms: second
        derivatives are complex steps of the gradient.
    player : int
        Who looks ahead; 0, the generator, unless told otherwise.
    steps : int
        k, at least 0; 0 is the game itself.
    step_size : float
        h > 0.
    zero_sum : bool, optional
        Whether the player pays minus the sum of the others' losses at w_k; None asks the game's `objective`, and means
        no for games without one.

    Raises
    ------
    TypeError
        If the game is none.
    ValueError
        If there is no such player, k is negative or h not positive.

    Notes
    -----
    All steps see the game's own frozen sample, and go as on R^d whatever its domain. Points where xi = 0 stay at rest
    where the game is zero-sum, as grad L_i is then zero altogether; in others, the non-saturating GAN among them, they
    may move. A penalty of the discriminator's is a gain of the generator's in a zero-sum game. Memory holds the k
    points. The authors' program unrolls steps of Adam; these are plain.

    References
    ----------
    Metz, Poole, Pfau, Sohl-Dickstein (2017), Unrolled generative adversarial networks, equations 7, 10 and 11.

    Examples
    --------
    In L_0 = x y and L_1 = -x y, y climbs to y + k h x, so that x pays x y + k h x^2: rotation becomes attraction.

    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> game = Unrolled(Bilinear([[1.0]]), steps=5, step_size=0.1)
    >>> float(game.jacobian(numpy.zeros(2)).trace().round(12))
    1.0
    """

    def __init__(
        self, game: Game, player: int = 0, *, steps: int = 5, step_size: float = 0.1, zero_sum: bool | None = None
    ) -> None:
        check_game(game)
        check_choice("player", player, range(len(game.dims)))
        check_integer("steps", steps, minimum=0)
        check_positive("step_size", step_size)
        self.game, self.player, self.steps, self.step_size = game, player, steps, step_size
        own = getattr(game, "objective", None)
        self.zero_sum = (own is not None and own.is_zero_sum) if zero_sum is None else zero_sum
        self.dims, self.domain = game.dims, game.domain
        self._block = player_slices(game.dims)[player]

    def __repr__(self) -> str:
        options = f"steps={self.steps}, step_size={self.step_size!r}, zero_sum={self.zero_sum}"
        return f"Unrolled({self.game!r}, player={self.player}, {options})"

    def losses(self, z: Array) -> Array:
        """Those of the game, and L_i(w_k) for the player."""
        xp, i = array_namespace(z), self.player
        losses, ahead = self.game.losses(z), self.game.losses(self._path(z)[-1])
        return xp.concat([losses[..., :i], self._paid(ahead[..., None]), losses[..., i + 1 :]], axis=-1)

    def loss_gradients(self, z: Array) -> Array:
        """Those of the game, and the player's in all of z through the steps."""
        xp, i, own = array_namespace(z), self.player, self._gradient(z)[..., None, :]
        rows = self.game.loss_gradients(z)
        return xp.concat([rows[..., :i, :], own, rows[..., i + 1 :, :]], axis=-2)

    def simultaneous_gradient(self, z: Array) -> Array:
        """The game's xi with the player's block through the steps."""
        return self._replaced(self.game.simultaneous_gradient(z), self._gradient(z), self._block)

    def player_gradient(self, z: Array, player: int) -> Array:
        """Through the steps for the player who looks ahead; the game's for the others."""
        if player == self.player:
            return self._gradient(z)[..., self._block]
        return self.game.player_gradient(z, player)

    def jvp(self, z: Array, v: Array) -> Array:
        """The game's, with the player's block by complex step of the gradient."""
        return self._replaced(self.game.jvp(z, v), _complex_step(self._gradient, z, v), self._block)

    def vjp(self, z: Array, u: Array) -> Array:
        """J^T u: the others' rows by the game, the player's by the symmetric Hessian of L_i(w_k)."""
        xp = array_namespace(z)
        zero, own = xp.zeros_like(u), u[..., self._block]
        alone = self._replaced(zero, u, self._block)
        others = xp.concat([u[..., : self._block.start], xp.zeros_like(own), u[..., self._block.stop :]], axis=-1)
        return self.game.vjp(z, others) + _complex_step(self._gradient, z, alone)

    def loss_hessians(self, z: Array) -> Array:
        """Those of the game, and the player's by d complex steps of the gradient."""
        xp, i = array_namespace(z), self.player
        own = _move_first_to_last(_complex_step(self._gradient, z, _basis(z)))[..., None, :, :]
        hessians = self.game.loss_hessians(z)
        return xp.concat([hessians[..., :i, :, :], own, hessians[..., i + 1 :, :, :]], axis=-3)

    def redraw(self) -> Game:
        """On a fresh sample of the game."""
        return self._around(self.game.redraw())

    def full(self) -> Game:
        """On all data of the game."""
        return self._around(self.game.full())

    def _around(self, game: Any) -> Game:
        if game is self.game:
            return self
        return Unrolled(game, self.player, steps=self.steps, step_size=self.step_size, zero_sum=self.zero_sum)

    def _others(self, v: Array) -> Array:
        """H Q v."""
        return self.step_size * self._replaced(v, array_namespace(v).zeros_like(v), self._block)

    def _path(self, z: Array) -> list[Array]:
        """w_0, ..., w_k."""
        points = [z]
        for _ in range(self.steps):
            w = points[-1]
            moved = [
                w[..., block] if i == self.player else w[..., block] - self.step_size * self.game.player_gradient(w, i)
                for i, block in enumerate(player_slices(self.dims))
            ]
            points.append(array_namespace(w).concat(moved, axis=-1))
        return points

    def _gradient(self, z: Array) -> Array:
        """(..., d): the gradient of L_i(w_k) in z."""
        *before, last = self._path(z)
        g = self._paid(self.game.loss_gradients(last))
        for w in reversed(before):
            g = g - self._transposed(w)(self._others(g))
        return g

    def _transposed(self, w: Array) -> Callable[[Array], Array]:
        """u -> J(w)^T u, by kept passes at real points of a game that has them."""
        kept = getattr(self.game, "linearize_transposed", None)
        if kept is None or array_namespace(w).isdtype(w.dtype, "complex floating"):
            return lambda u: self.game.vjp(w, u)
        return kept(w)  # type: ignore[no-any-return]

    def _paid(self, values: Array) -> Array:
        """What the player pays, of all losses or their gradients (..., n, size)."""
        own = values[..., self.player, :]
        return own - array_namespace(values).sum(values, axis=-2) if self.zero_sum else own

    @staticmethod
    def _replaced(values: Array, by: Array, block: slice) -> Array:
        """`values` with the entries of the last axis in `block` from `by`."""
        parts = [values[..., : block.start], by[..., block], values[..., block.stop :]]
        return array_namespace(values).concat(parts, axis=-1)
