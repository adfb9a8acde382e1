"""FiniteSum: the mean of several games, played on minibatches of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gamedyn._checks import check_integer
from gamedyn.backend import Array, as_generator
from gamedyn.games._base import Game, StochasticGame

__all__ = ["FiniteSum"]


class FiniteSum(StochasticGame):
    """L = (1/n) sum_i L^(i) over n component games; a draw is the mean over a minibatch of them.

    Parameters
    ----------
    games : sequence of Game
        The components, deterministic, with the same players; the first one's domain serves all.
    batch_size : int
        Components in a minibatch, >= 1.
    replace : bool
        Whether a component can be drawn more than once into a minibatch.

    Raises
    ------
    TypeError
        If a component is no Game.
    ValueError
        If there is none, players differ, or a minibatch without replacement is larger than the sum.

    Notes
    -----
    The mean of a minibatch, with or without replacement, is the whole mean in expectation.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> game = FiniteSum([Bilinear([[1.0]]), Bilinear([[3.0]])])
    >>> game.full().jacobian(numpy.zeros(2)).tolist()
    [[0.0, 2.0], [-2.0, 0.0]]
    >>> abs(game.draw(rng=0).jacobian(numpy.zeros(2))[0, 1]) in (1.0, 3.0)
    True
    """

    def __init__(self, games: Sequence[Game], *, batch_size: int = 1, replace: bool = True) -> None:
        self.games = tuple(games)
        if not self.games:
            raise ValueError("`games` must hold at least one game, got an empty sequence.")
        for i, game in enumerate(self.games):
            if not isinstance(game, Game):
                raise TypeError(f"`games[{i}]` must be a Game, got {type(game).__name__}.")
            if game.dims != self.games[0].dims:
                raise ValueError(
                    f"`games` must have the same players, got sizes {tuple(self.games[0].dims)} and, at {i}, "
                    f"{tuple(game.dims)}."
                )
        check_integer("batch_size", batch_size, minimum=1)
        if not replace and batch_size > len(self.games):
            raise ValueError(
                f"`batch_size` must be at most {len(self.games)}, the number of games, without replacement, "
                f"got {batch_size}."
            )
        self.batch_size = batch_size
        self.replace = replace
        self.dims = self.games[0].dims

    def __repr__(self) -> str:
        return f"FiniteSum({len(self.games)} games, batch_size={self.batch_size}, replace={self.replace})"

    def draw(self, rng: Any) -> Game:
        """The mean of `batch_size` components."""
        rng = as_generator(rng)
        chosen = rng.choice(len(self.games), self.batch_size, replace=self.replace)
        return _Mean(self, tuple(self.games[i] for i in chosen), int(rng.integers(2**63)))

    def full(self) -> Game:
        """The mean of all components."""
        return _Mean(self, self.games, None)


class _Mean(Game):
    """The mean of some components, and the seed of the next minibatch; None for the whole sum, which is no sample."""

    def __init__(self, source: FiniteSum, games: tuple[Game, ...], seed: int | None) -> None:
        self.source = source
        self.games = games
        self.seed = seed
        self.dims = source.dims
        self.domain = games[0].domain

    def __repr__(self) -> str:
        return f"{self.source!r} on {len(self.games)}"

    def _mean(self, name: str, *arguments: Any) -> Array:
        total = getattr(self.games[0], name)(*arguments)
        for game in self.games[1:]:
            total = total + getattr(game, name)(*arguments)
        return total / len(self.games)

    def losses(self, z: Array) -> Array:
        return self._mean("losses", z)

    def loss_gradients(self, z: Array) -> Array:
        return self._mean("loss_gradients", z)

    def simultaneous_gradient(self, z: Array) -> Array:
        return self._mean("simultaneous_gradient", z)

    def player_gradient(self, z: Array, player: int) -> Array:
        return self._mean("player_gradient", z, player)

    def jvp(self, z: Array, v: Array) -> Array:
        return self._mean("jvp", z, v)

    def vjp(self, z: Array, u: Array) -> Array:
        return self._mean("vjp", z, u)

    def own_hvp(self, z: Array, v: Array) -> Array:
        return self._mean("own_hvp", z, v)

    def cross_jvp(self, z: Array, v: Array) -> Array:
        return self._mean("cross_jvp", z, v)

    def cross_vjp(self, z: Array, u: Array) -> Array:
        return self._mean("cross_vjp", z, u)

    def jacobian(self, z: Array) -> Array:
        return self._mean("jacobian", z)

    def own_hessian(self, z: Array, player: int) -> Array:
        return self._mean("own_hessian", z, player)

    def loss_hessians(self, z: Array) -> Array:
        return self._mean("loss_hessians", z)

    def redraw(self) -> Game:
        return self if self.seed is None else self.source.draw(self.seed)

    def full(self) -> Game:
        return self if self.seed is None else self.source.full()
