"""NoisyGame: a game whose gradient is known up to Gaussian noise."""

from __future__ import annotations

from typing import Any

from gamedyn._checks import check_nonnegative
from gamedyn.backend import Array, array_namespace, as_generator, like
from gamedyn.games._base import Game, StochasticGame, player_slices
from gamedyn.games._delegating import Delegating

__all__ = ["NoisyGame"]


class NoisyGame(StochasticGame):
    """xi + e, e ~ N(0, scale^2) drawn once for all points: L_i + e_i^T z_i, the loss that has this gradient.

    Noise on the gradient alone belongs to no game; with the linear term in every player's own block losses and all
    derivatives of a draw agree, and J is that of the game.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game's own draws get the noise on top.
    scale : float, or array_like of shape (d,)
        Standard deviation, >= 0, of every coordinate.

    Raises
    ------
    TypeError
        If the game is none.
    ValueError
        If a scale is negative, or their number does not fit.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> z, draw = numpy.array([1.0, 2.0]), NoisyGame(Bilinear([[1.0]]), 0.1).draw(rng=0)
    >>> noise = draw.simultaneous_gradient(z) - [2.0, -1.0]
    >>> bool(numpy.allclose(noise, 0.1 * numpy.random.default_rng(0).standard_normal(2)))
    True
    >>> draw.full().simultaneous_gradient(z).tolist()
    [2.0, -1.0]
    """

    def __init__(self, game: Game | StochasticGame, scale: Any) -> None:
        if not isinstance(game, (Game, StochasticGame)):
            raise TypeError(f"`game` must be a Game or a StochasticGame, got {type(game).__name__}.")
        self.game = game
        self.dims = game.dims
        d = sum(game.dims)
        deviations = [scale] * d if isinstance(scale, (int, float)) else list(scale)
        if len(deviations) != d:
            raise ValueError(f"`scale` must be a number or have shape ({d},), got {len(deviations)} numbers.")
        for deviation in deviations:
            check_nonnegative("scale", deviation)
        self.scale = scale
        self._deviations = tuple(float(deviation) for deviation in deviations)

    def __repr__(self) -> str:
        return f"NoisyGame({self.game!r}, scale={self.scale!r})"

    def draw(self, rng: Any) -> Game:
        """The game with one noise vector."""
        rng = as_generator(rng)
        game = self.game.draw(rng) if isinstance(self.game, StochasticGame) else self.game
        noise = rng.standard_normal(len(self._deviations)) * self._deviations
        return _Noisy(self, game, noise, int(rng.integers(2**63)))

    def full(self) -> Game:
        """The game without noise."""
        return self.game.full()


class _Noisy(Delegating):
    """One draw: every player's loss has a linear term in its own block."""

    def __init__(self, source: NoisyGame, game: Game, noise: Any, seed: int) -> None:
        self.source = source
        self.game = game
        self.noise = noise
        self.seed = seed
        self.dims = game.dims
        self.domain = game.domain

    def __repr__(self) -> str:
        return f"{self.source!r} drawn"

    def losses(self, z: Array) -> Array:
        xp = array_namespace(z)
        terms = like(self.noise, z) * z
        own = [xp.sum(terms[..., block], axis=-1) for block in player_slices(self.dims)]
        return self.game.losses(z) + xp.stack(own, axis=-1)

    def loss_gradients(self, z: Array) -> Array:
        xp = array_namespace(z)
        noise = like(self.noise, z)
        rows = []
        for block in player_slices(self.dims):
            zeros = xp.zeros_like(noise)
            rows.append(xp.concat([zeros[: block.start], noise[block], zeros[block.stop :]]))
        return self.game.loss_gradients(z) + xp.stack(rows)

    def simultaneous_gradient(self, z: Array) -> Array:
        return self.game.simultaneous_gradient(z) + like(self.noise, z)

    def player_gradient(self, z: Array, player: int) -> Array:
        return self.game.player_gradient(z, player) + like(self.noise, z)[player_slices(self.dims)[player]]

    def redraw(self) -> Game:
        return self.source.draw(self.seed)

    def full(self) -> Game:
        return self.source.full()
