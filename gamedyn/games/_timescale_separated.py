"""TimescaleSeparated: the same game with each player's loss rescaled, so that players move at different speeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array, array_namespace, like
from gamedyn.games._base import Game, check_game, player_slices

__all__ = ["TimescaleSeparated"]


class TimescaleSeparated(Game):
    """xi_tau = (xi_0, tau xi_1): player 1 moves tau times as fast; J_tau has player 1's rows multiplied by tau.

    Each loss is multiplied by its player's factor, so that this is a game in its own right with the same equilibria.

    Parameters
    ----------
    game : Game
    tau : float, array, or sequence of n of either
        Positive. One number is the factor of player 1 in a game of two; a sequence has one factor per player. An array
        in the place of a number has the batch shape of the points, one factor for each.
    check : bool
        False skips the test that factors are positive, which waits for the device where they are arrays.

    Raises
    ------
    TypeError
        If the game is none.
    ValueError
        If tau is not positive, or the number of factors does not fit the players.

    References
    ----------
    Heusel et al. (2017), GANs trained by a two time-scale update rule converge to a local Nash equilibrium.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> TimescaleSeparated(Bilinear([[1.0]]), tau=4.0).jacobian(numpy.zeros(2)).tolist()
    [[0.0, 1.0], [-4.0, 0.0]]
    """

    def __init__(self, game: Game, tau: Any, *, check: bool = True) -> None:
        check_game(game)
        self.game = game
        self.dims = game.dims
        self.domain = game.domain
        self.is_affine = game.is_affine
        self.tau = tau
        factors = tuple(tau) if isinstance(tau, Sequence) else (1.0, tau)
        if check:
            for factor in factors:
                check_positive("tau", factor)
        if len(factors) != len(self.dims):
            raise ValueError(
                f"`tau` must have one factor for each of the {len(self.dims)} players, got {len(factors)}."
                if isinstance(tau, Sequence)
                else f"`tau` must have one factor per player, got one number for {len(self.dims)} players."
            )
        self._factors = tuple(factor if hasattr(factor, "dtype") else float(factor) for factor in factors)
        # Numbers alone are one vector of weights, which spares most of the work of a batch of them.
        self._numbers = all(isinstance(factor, float) for factor in self._factors)
        self._weights = [f for f, size in zip(self._factors, self.dims, strict=True) for _ in range(size)]

    def __repr__(self) -> str:
        return f"TimescaleSeparated({self.game!r}, tau={self.tau!r})"

    def _factor(self, player: int, values: Array, axes: int) -> Any:
        """The player's factor, ready to multiply `values`, whose last `axes` axes are not of the batch."""
        factor = self._factors[player]
        return factor if isinstance(factor, float) else like(factor, values)[(..., *(None,) * axes)]

    def _rows(self, values: Array, axes: int = 1) -> Array:
        """Every player's block multiplied by its factor, along the first of the last `axes` axes."""
        if self._numbers:
            return like(self._weights, values)[(..., *(None,) * (axes - 1))] * values
        xp = array_namespace(values)
        rest = (slice(None),) * (axes - 1)
        parts = [
            self._factor(i, values, axes) * values[(..., block, *rest)]
            for i, block in enumerate(player_slices(self.dims))
        ]
        return xp.concat(_same_batch(parts, axes), axis=-axes)

    def _losses(self, values: Array, axes: int) -> Array:
        """Every player's entry multiplied by its factor, along the first of the last `axes` axes."""
        if self._numbers:
            return like(self._factors, values)[(..., *(None,) * (axes - 1))] * values
        xp = array_namespace(values)
        rest = (slice(None),) * (axes - 1)
        parts = [self._factor(i, values, axes - 1) * values[(..., i, *rest)] for i in range(len(self.dims))]
        return xp.stack(_same_batch(parts, axes - 1), axis=-axes)

    def losses(self, z: Array) -> Array:
        """tau_i L_i."""
        return self._losses(self.game.losses(z), 1)

    def loss_gradients(self, z: Array) -> Array:
        """Rows multiplied by tau_i."""
        return self._losses(self.game.loss_gradients(z), 2)

    def simultaneous_gradient(self, z: Array) -> Array:
        """Blocks multiplied by tau_i."""
        return self._rows(self.game.simultaneous_gradient(z))

    def player_gradient(self, z: Array, player: int) -> Array:
        """The player's block multiplied by its factor."""
        gradient = self.game.player_gradient(z, player)
        return self._factor(player, gradient, 1) * gradient

    def jvp(self, z: Array, v: Array) -> Array:
        """T J v, T the diagonal of factors."""
        return self._rows(self.game.jvp(z, v))

    def vjp(self, z: Array, u: Array) -> Array:
        """J^T T u."""
        return self.game.vjp(z, self._rows(u))

    def own_hvp(self, z: Array, v: Array) -> Array:
        """T H_d v."""
        return self._rows(self.game.own_hvp(z, v))

    def jacobian(self, z: Array) -> Array:
        """T J."""
        return self._rows(self.game.jacobian(z), 2)

    def own_hessian(self, z: Array, player: int) -> Array:
        """The player's Hessian multiplied by its factor."""
        hessian = self.game.own_hessian(z, player)
        return self._factor(player, hessian, 2) * hessian

    def loss_hessians(self, z: Array) -> Array:
        """Hessians multiplied by tau_i."""
        return self._losses(self.game.loss_hessians(z), 3)

    def redraw(self) -> Game:
        """On a fresh sample of the game."""
        return self._around(self.game.redraw())

    def full(self) -> Game:
        """On all data of the game."""
        return self._around(self.game.full())

    def _around(self, game: Game) -> Game:
        return self if game is self.game else TimescaleSeparated(game, self.tau, check=False)


def _same_batch(parts: list[Array], axes: int) -> list[Array]:
    """The parts with their batch axes, all but the last `axes`, broadcast to one shape."""
    xp = array_namespace(parts[0])
    batches = [part.shape[: part.ndim - axes] for part in parts]
    if all(batch == batches[0] for batch in batches):
        return parts
    longest = max(len(batch) for batch in batches)
    padded = [(1,) * (longest - len(batch)) + tuple(batch) for batch in batches]
    batch = tuple(max(sizes) for sizes in zip(*padded, strict=True))
    return [xp.broadcast_to(part, (*batch, *part.shape[part.ndim - axes :])) for part in parts]
