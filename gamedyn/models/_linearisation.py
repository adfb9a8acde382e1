"""One forward pass of a GAN of two networks, and the first and second derivatives that can be read off it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.models._frozen_point import FrozenPoint

__all__ = ["Linearisation", "Tangent"]


class Linearisation:
    """The losses of `FrozenPoint` around it, as functions of all parameters.

    Blocks of their gradients are computed one by one, and nothing that is not asked for.

    Parameters
    ----------
    point : FrozenPoint
    """

    def __init__(self, point: FrozenPoint) -> None:
        self.generator, self.discriminator, self.objective = point.generator, point.discriminator, point.objective
        self.phi, self.real, self.latent, self.view = point.phi, point.real, point.latent, point.view
        images, self.generator_tape = self.generator.forward(point.theta, self.latent)
        self.on_fake, self.fake_tape = self.discriminator.forward(self.phi, point.shown(images))

    @cached_property
    def _real_pass(self) -> tuple[Array, Any]:
        return self.discriminator.forward(self.phi, self.real)

    @property
    def on_real(self) -> Array:
        """Critic outputs on real samples, (..., n, 1)."""
        return self._real_pass[0]

    @property
    def real_tape(self) -> Any:
        """The critic's tape on real samples."""
        return self._real_pass[1]

    @cached_property
    def _generator_cotangent(self) -> Array:
        return self.objective.generator_derivative(self.on_fake) / self.on_fake.shape[-2]

    @cached_property
    def _discriminator_cotangents(self) -> tuple[Array, Array]:
        on_real, on_fake = self.objective.discriminator_derivative(self.on_real, self.on_fake)
        return on_real / self.real.shape[-2], on_fake / self.on_fake.shape[-2]

    @property
    def real_cotangent(self) -> Array:
        """dL_1 / ds_real = a'(s_real) / n, (..., n, 1)."""
        return self._discriminator_cotangents[0]

    def fake_cotangent(self, player: int) -> Array:
        """dL_player / ds_fake = c'(s_fake) / m or b'(s_fake) / m, (..., m, 1)."""
        return self._generator_cotangent if player == 0 else self._discriminator_cotangents[1]

    def sample_bar(self, player: int) -> Array:
        """The gradient of L_player in the fake samples, (..., m, features)."""
        return self.view.pull(self.discriminator.input_bar(self.fake_tape, self.fake_cotangent(player)))

    def theta_bar(self, player: int) -> Array:
        """The gradient of L_player in theta, (..., P_0)."""
        return self.generator.theta_bar(self.generator_tape, self.sample_bar(player))

    def phi_bar(self, player: int) -> Array:
        """The gradient of L_player in phi, (..., P_1)."""
        on_fake = self.discriminator.theta_bar(self.fake_tape, self.fake_cotangent(player))
        if player == 0:
            return on_fake
        return on_fake + self.discriminator.theta_bar(self.real_tape, self.real_cotangent)


class Tangent:
    """The derivative of a `Linearisation` in one direction: blocks of D^2 L_player (theta_dot, phi_dot).

    Parameters
    ----------
    at : Linearisation
    theta_dot : array, shape (..., P_0)
    phi_dot : array, shape (..., P_1)
        One direction, or many along leading axes.
    """

    def __init__(self, at: Linearisation, theta_dot: Array, phi_dot: Array) -> None:
        self.at, self.phi_dot = at, phi_dot
        still = array_namespace(at.latent).zeros_like(at.latent)
        fake_dot, self.generator_tape = at.generator.forward_jvp(at.generator_tape, theta_dot, still)
        self.on_fake, self.fake_tape = at.discriminator.forward_jvp(at.fake_tape, phi_dot, at.view.move(fake_dot))

    def theta_bar(self, player: int) -> Array:
        """The tangent of `Linearisation.theta_bar`, (..., P_0)."""
        at, sample_bar_dot = self.at, self.at.view.pull(self._fake_pass(player)[1])
        tapes = at.generator_tape, self.generator_tape
        return at.generator.backward_jvp(*tapes, at.sample_bar(player), sample_bar_dot)[0]

    def phi_bar(self, player: int) -> Array:
        """The tangent of `Linearisation.phi_bar`, (..., P_1)."""
        on_fake, at = self._fake_pass(player)[0], self.at
        if player == 0:
            return on_fake
        still = array_namespace(at.real).zeros_like(at.real)
        on_real_dot, tape_dot = at.discriminator.forward_jvp(at.real_tape, self.phi_dot, still)
        curvature = at.objective.discriminator_second_derivative(at.on_real, at.on_fake)[0] / at.real.shape[-2]
        tapes = at.real_tape, tape_dot
        return on_fake + at.discriminator.backward_jvp(*tapes, at.real_cotangent, curvature * on_real_dot)[0]

    def _fake_pass(self, player: int) -> tuple[Array, Array]:
        """The tangents of the critic's backward pass on fake samples: (phi_bar_dot, that of what it is shown)."""
        at, objective = self.at, self.at.objective
        if player == 0:
            curvature = objective.generator_second_derivative(at.on_fake)
        else:
            curvature = objective.discriminator_second_derivative(at.on_real, at.on_fake)[1]
        cotangent_dot = curvature / at.on_fake.shape[-2] * self.on_fake
        return at.discriminator.backward_jvp(at.fake_tape, self.fake_tape, at.fake_cotangent(player), cotangent_dot)
