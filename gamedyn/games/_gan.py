"""The GANGame protocol: a generator against a critic, under an objective, on samples."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from gamedyn._checks import describe
from gamedyn.backend import Array, array_namespace
from gamedyn.games._base import Game, _basis, _complex_step, _move_first_to_last
from gamedyn.objectives import Objective

__all__ = ["GANGame", "check_objective"]


class GANGame(Game):
    """Player 0 is the generator theta, player 1 the discriminator phi; z = (theta, phi).

    With critic outputs s(x), real samples x_i and fake samples G_j, and the objective's a, b, c:
    L_0 = mean c(s(G_j)), L_1 = mean a(s(x_i)) + mean b(s(G_j)). Penalties and measures need no more than the methods
    below, so that one of them serves toys and networks alike.
    """

    objective: Objective

    @abstractmethod
    def real(self, z: Array) -> Array:
        """Real samples, broadcastable to (..., n, features)."""

    @abstractmethod
    def fake(self, z: Array) -> Array:
        """Generated samples at z (..., d), shape (..., m, features)."""

    @abstractmethod
    def critic(self, z: Array, x: Array) -> Array:
        """Critic outputs (..., batch) at x (..., batch, features): logits, or critic units for Wasserstein."""

    @abstractmethod
    def critic_input_gradient(self, z: Array, x: Array) -> Array:
        """Gradient of the critic in x, of the shape of x with the leading axes of z."""

    def real_inputs(self, z: Array) -> Array:
        """What the critic takes of the real samples: themselves, unless labels stand beside or several are joined."""
        return self.real(z)

    def fake_inputs(self, z: Array) -> Array:
        """What the critic takes of the generated samples."""
        return self.fake(z)

    def input_mask(self, z: Array) -> Array | None:
        """(inputs of the critic,): zeros at those that are labels, ones at coordinates of samples; None without labels.

        `critic_input_gradient` is zero there: penalties act on samples alone.
        """
        return None

    def losses(self, z: Array) -> Array:
        """(..., 2): (generator, discriminator)."""
        xp = array_namespace(z)
        real, fake = self.critic(z, self.real_inputs(z)), self.critic(z, self.fake_inputs(z))
        on_real, on_fake = self.objective.discriminator_loss(real, fake)
        generator = xp.mean(self.objective.generator_loss(fake), axis=-1)
        return xp.stack([generator, xp.mean(on_real, axis=-1) + xp.mean(on_fake, axis=-1)], axis=-1)

    def penalty(self, z: Array, x: Array) -> Array:
        """(...,): E |grad_x s(x)|^2 over x (..., batch, features), held fixed."""
        xp = array_namespace(z)
        return xp.mean(xp.sum(self.critic_input_gradient(z, x) ** 2, axis=-1), axis=-1)

    def input_gradient_pullback(self, z: Array, x: Array, w: Array) -> Array:
        """(..., d): the gradient in z of E w . grad_x s(x), with w of the shape of x held fixed."""
        xp = array_namespace(z)

        def total(point: Array) -> Array:
            return xp.mean(xp.sum(w * self.critic_input_gradient(point, x), axis=-1), axis=-1)

        return _move_first_to_last(_complex_step(total, z, _basis(z)))

    def penalty_gradient(self, z: Array, x: Array) -> Array:
        """(..., d): the gradient of `penalty` in z, zero in the generator's block."""
        return _move_first_to_last(_complex_step(lambda w: self.penalty(w, x), z, _basis(z)))

    def penalty_jvp(self, z: Array, x: Array, v: Array) -> Array:
        """The derivative of `penalty_gradient` along v, which may have extra leading axes.

        By complex step where `penalty_gradient` is a closed form. Its default is a complex step itself, so that this
        one is a difference, good to about nine digits.
        """
        return _complex_step(lambda w: self.penalty_gradient(w, x), z, v)


def check_objective(objective: Any) -> None:
    """Refuse what is no objective.

    Parameters
    ----------
    objective : object

    Raises
    ------
    TypeError
        The message says how a class becomes one.
    """
    if not isinstance(objective, Objective):
        hint = " Call it to make one." if isinstance(objective, type) else ""
        raise TypeError(f"`objective` must be an Objective, such as Minimax(), got {describe(objective)}.{hint}")
