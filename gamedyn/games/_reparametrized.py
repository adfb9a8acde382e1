"""Games on simplices through unconstrained logits: softmax for any number of actions, sigmoid for two."""

from __future__ import annotations

from abc import abstractmethod

from gamedyn.backend import Array, array_namespace, device_of, real_dtype
from gamedyn.games._base import Game, check_game, player_slices
from gamedyn.games._domain import Reals
from gamedyn.games._product import Product
from gamedyn.games._simplex import Simplex
from gamedyn.games._simplices import on_simplices
from gamedyn.numerics import sigmoid

__all__ = ["SigmoidParametrized", "SoftmaxParametrized"]


class _Reparametrized(Game):
    """L_i(F(w)) for a game with losses L_i on simplices and a smooth map F that acts on each player's block alone."""

    domain = Reals()

    def __init__(self, game: Game) -> None:
        check_game(game)
        if not on_simplices(game):
            raise ValueError(
                f"`game` must have one simplex per player as its domain, got {game.domain!r} for players of sizes "
                f"{tuple(game.dims)}."
            )
        self.game = game
        self.dims = self._sizes()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.game!r})"

    @abstractmethod
    def _sizes(self) -> tuple[int, ...]:
        """The players' numbers of logits."""

    @abstractmethod
    def strategies(self, z: Array) -> Array:
        """The players' mixed strategies F(z), a point of the game without logits."""

    @abstractmethod
    def _push(self, x: Array, v: Array) -> Array:
        """DF v."""

    @abstractmethod
    def _pull(self, x: Array, g: Array) -> Array:
        """DF^T g."""

    @abstractmethod
    def _curve(self, x: Array, g: Array, v: Array) -> Array:
        """D(DF^T g) v with g held fixed: symmetric, one block per player."""

    def losses(self, z: Array) -> Array:
        """The losses of the mixed strategies."""
        return self.game.losses(self.strategies(z))

    def loss_gradients(self, z: Array) -> Array:
        """DF^T applied to every row."""
        x = self.strategies(z)
        return self._pull(x[..., None, :], self.game.loss_gradients(x))

    def simultaneous_gradient(self, z: Array) -> Array:
        """DF^T xi(F(z)): F acts on every block alone."""
        x = self.strategies(z)
        return self._pull(x, self.game.simultaneous_gradient(x))

    def jvp(self, z: Array, v: Array) -> Array:
        """DF^T J DF v + D(DF^T xi) v."""
        x = self.strategies(z)
        curved = self._curve(x, self.game.simultaneous_gradient(x), v)
        return self._pull(x, self.game.jvp(x, self._push(x, v))) + curved

    def vjp(self, z: Array, u: Array) -> Array:
        """DF^T J^T DF u + D(DF^T xi) u, the second map being symmetric."""
        x = self.strategies(z)
        curved = self._curve(x, self.game.simultaneous_gradient(x), u)
        return self._pull(x, self.game.vjp(x, self._push(x, u))) + curved

    def loss_hessians(self, z: Array) -> Array:
        """DF^T H_i DF plus the curvature of F weighted by the gradient of L_i."""
        xp = array_namespace(z)
        x = self.strategies(z)[..., None, :]
        basis = xp.eye(z.shape[-1], dtype=real_dtype(z), device=device_of(z))
        # (..., 1, d_w, d_x): row k is DF e_k, one matrix for all players' losses.
        pushed = self._push(x[..., None, :], basis)
        hessians = pushed @ self.game.loss_hessians(x[..., 0, :]) @ xp.matrix_transpose(pushed)
        gradients = self.game.loss_gradients(x[..., 0, :])
        return hessians + self._curve(x[..., None, :], gradients[..., None, :], basis)


class SoftmaxParametrized(_Reparametrized):
    """A game on simplices played through logits: L_i(softmax(w_1), ..., softmax(w_n)), on all of R^d.

    Every player has as many logits as actions. A common shift of a player's logits changes nothing, so that J is
    singular everywhere, and no pure strategy is reached by finite logits.

    Parameters
    ----------
    game : Game
        With one simplex per player as its domain.

    Raises
    ------
    TypeError
        If the game is none.
    ValueError
        If the game has another domain.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import MatrixGame
    >>> pennies = SoftmaxParametrized(MatrixGame([[1.0, -1.0], [-1.0, 1.0]]))
    >>> pennies.strategies(numpy.array([7.0, 7.0, 0.0, -numpy.inf])).tolist()
    [0.5, 0.5, 1.0, 0.0]
    """

    def _sizes(self) -> tuple[int, ...]:
        return tuple(self.game.dims)

    def strategies(self, z: Array) -> Array:
        """Every player's softmax."""
        softmax = Product([Simplex()] * len(self.dims), self.dims)
        return softmax.mirror_inverse(z)

    def _push(self, x: Array, v: Array) -> Array:
        """x (v - x . v), block by block; DF is symmetric."""
        return x * (v - self._means(x, v))

    def _pull(self, x: Array, g: Array) -> Array:
        return self._push(x, g)

    def _curve(self, x: Array, g: Array, v: Array) -> Array:
        """h v - h (x . v) - x (h . v) with h = x (g - x . g)."""
        h = self._push(x, g)
        return h * (v - self._means(x, v)) - x * self._means(h, v)

    def _means(self, x: Array, v: Array) -> Array:
        """Every player's x . v, repeated over its block."""
        xp = array_namespace(x, v)
        products = x * v
        sums = [xp.sum(products[..., block], axis=-1, keepdims=True) for block in player_slices(self.dims)]
        repeated = [xp.broadcast_to(s, (*s.shape[:-1], k)) for s, k in zip(sums, self.dims, strict=True)]
        return xp.concat(repeated, axis=-1)


class SigmoidParametrized(_Reparametrized):
    """A game of two actions per player, one logit each: player i plays its first action with chance sigmoid(w_i).

    Parameters
    ----------
    game : Game
        With a simplex of two actions per player as its domain.

    Raises
    ------
    TypeError
        If the game is none.
    ValueError
        If the game has another domain, or a player another number of actions.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import MatrixGame
    >>> pennies = SigmoidParametrized(MatrixGame([[1.0, -1.0], [-1.0, 1.0]]))
    >>> pennies.jacobian(numpy.zeros(2)).tolist()
    [[0.0, -0.25], [0.25, 0.0]]
    """

    def _sizes(self) -> tuple[int, ...]:
        sizes = tuple(self.game.dims)
        if any(size != 2 for size in sizes):
            raise ValueError(f"`game` must have two actions for every player, got {sizes}. Use SoftmaxParametrized.")
        return (1,) * len(sizes)

    def strategies(self, z: Array) -> Array:
        """(sigmoid(w_i), sigmoid(-w_i)) for every player, both without cancellation."""
        return self._pairs(sigmoid(z), sigmoid(-z))

    def _push(self, x: Array, v: Array) -> Array:
        slopes = x[..., 0::2] * x[..., 1::2] * v
        return self._pairs(slopes, -slopes)

    def _pull(self, x: Array, g: Array) -> Array:
        return x[..., 0::2] * x[..., 1::2] * (g[..., 0::2] - g[..., 1::2])

    def _curve(self, x: Array, g: Array, v: Array) -> Array:
        """p q (q - p) (g_1 - g_2) v: the second derivative of the sigmoid."""
        return self._pull(x, g) * (x[..., 1::2] - x[..., 0::2]) * v

    def _pairs(self, first: Array, second: Array) -> Array:
        """(first_1, second_1, first_2, second_2, ...)."""
        xp = array_namespace(first)
        both = xp.stack([first, second], axis=-1)
        return xp.reshape(both, (*first.shape[:-1], 2 * first.shape[-1]))
