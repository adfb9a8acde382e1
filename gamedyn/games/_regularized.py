"""Regularized: a GAN whose discriminator also pays a penalty on its gradient."""

from __future__ import annotations

from typing import Any

from gamedyn._checks import check_nonnegative
from gamedyn.backend import Array, array_namespace
from gamedyn.games._base import Game, StochasticGame
from gamedyn.games._gan import GANGame

__all__ = ["Regularized"]


class Regularized(GANGame):
    """L_1 + (r1 / 2) E |grad_x D(x)|^2 over real samples x: the gradient penalty R1 for player 1, the discriminator.

    Parameters
    ----------
    game : GANGame
    r1 : float
        Weight gamma of R1, at least 0.

    Raises
    ------
    TypeError
        If the game is no GANGame: a penalty needs its samples and its critic.

    References
    ----------
    Mescheder, Geiger, Nowozin (2018), Which training methods for GANs do actually converge?

    Examples
    --------
    R1 moves the eigenvalues of the Dirac-GAN, (1 +- i sqrt(3)) / 4 here, into the right half plane, where small steps
    converge:

    >>> import numpy
    >>> from gamedyn.games import DiracGAN
    >>> numpy.linalg.eigvals(Regularized(DiracGAN(), r1=0.5).jacobian(numpy.zeros(2))).real.round(12).tolist()
    [0.25, 0.25]
    """

    def __init__(self, game: GANGame, *, r1: float) -> None:
        if not isinstance(game, GANGame):
            hint = " Wrap its draws with WrappedDraws." if isinstance(game, StochasticGame) else ""
            raise TypeError(f"`game` must be a GANGame, with samples and a critic, got {type(game).__name__}.{hint}")
        check_nonnegative("r1", r1)
        self.game = game
        self.r1 = r1
        self.dims = game.dims
        self.domain = game.domain
        self.objective = game.objective

    def __repr__(self) -> str:
        return f"Regularized({self.game!r}, r1={self.r1!r})"

    def real(self, z: Array) -> Array:
        """The game's."""
        return self.game.real(z)

    def fake(self, z: Array) -> Array:
        """The game's."""
        return self.game.fake(z)

    def critic(self, z: Array, x: Array) -> Array:
        """The game's."""
        return self.game.critic(z, x)

    def critic_input_gradient(self, z: Array, x: Array) -> Array:
        """The game's."""
        return self.game.critic_input_gradient(z, x)

    def penalty_gradient(self, z: Array, x: Array) -> Array:
        """The game's."""
        return self.game.penalty_gradient(z, x)

    def penalty_jvp(self, z: Array, x: Array, v: Array) -> Array:
        """The game's."""
        return self.game.penalty_jvp(z, x, v)

    def losses(self, z: Array) -> Array:
        """(L_0, L_1 + (r1 / 2) penalty)."""
        xp = array_namespace(z)
        penalty = 0.5 * self.r1 * self.game.penalty(z, self.game.real(z))[..., None]
        return self.game.losses(z) + xp.concat([xp.zeros_like(penalty), penalty], axis=-1)

    def loss_gradients(self, z: Array) -> Array:
        """Row 1 plus (r1 / 2) grad penalty."""
        xp = array_namespace(z)
        row = self._gradient(z)[..., None, :]
        return self.game.loss_gradients(z) + xp.concat([xp.zeros_like(row), row], axis=-2)

    def simultaneous_gradient(self, z: Array) -> Array:
        """xi plus (r1 / 2) grad penalty, which is zero in the generator's block."""
        return self.game.simultaneous_gradient(z) + self._gradient(z)

    def player_gradient(self, z: Array, player: int) -> Array:
        """The generator's is the game's."""
        own = self.game.player_gradient(z, player)
        return own if player == 0 else own + self._gradient(z)[..., self.dims[0] :]

    def jvp(self, z: Array, v: Array) -> Array:
        """J v plus (r1 / 2) times the penalty's Hessian times v."""
        return self.game.jvp(z, v) + self._hvp(z, v)

    def vjp(self, z: Array, u: Array) -> Array:
        """J^T u plus (r1 / 2) times the penalty's Hessian, symmetric, times u."""
        return self.game.vjp(z, u) + self._hvp(z, u)

    def own_hvp(self, z: Array, v: Array) -> Array:
        """The penalty is a function of the discriminator alone: its Hessian is part of H_d."""
        return self.game.own_hvp(z, v) + self._hvp(z, v)

    def redraw(self) -> Game:
        """On a fresh sample of the game."""
        return self._around(self.game.redraw())

    def full(self) -> Game:
        """On all data of the game."""
        return self._around(self.game.full())

    def _around(self, game: Any) -> Game:
        return Regularized(game, r1=self.r1)

    def _gradient(self, z: Array) -> Array:
        return 0.5 * self.r1 * self.game.penalty_gradient(z, self.game.real(z))

    def _hvp(self, z: Array, v: Array) -> Array:
        return 0.5 * self.r1 * self.game.penalty_jvp(z, self.game.real(z), v)
