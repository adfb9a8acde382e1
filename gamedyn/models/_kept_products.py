"""Products with the Jacobian of a GAN at one point and with its transpose, from passes that are made once."""

from __future__ import annotations

from gamedyn.backend import Array, array_namespace
from gamedyn.models._frozen_point import FrozenPoint
from gamedyn.models._kept_pass import KeptPass

__all__ = ["KeptProducts"]


class KeptProducts:
    """J v and J^T u, J = D xi, for the losses of `FrozenPoint`.

    The critic's cotangents are kept for s itself, and scaled by c'(s) / m or b'(s) / m: one tangent of its backward
    pass on fake samples serves both players.

    Parameters
    ----------
    point : FrozenPoint
        Of networks that are plain (`is_plain`).
    """

    def __init__(self, point: FrozenPoint) -> None:
        critic, phi, self.view = point.discriminator, point.phi, point.view
        images = point.generator.forward(point.theta, point.latent)[0]
        self.fake = KeptPass(critic, phi, point.shown(images))
        outputs = critic.forward(phi, point.real)[0], self.fake.output
        real_first, self.first, self.own_first = point.first(*outputs)
        self.real_second, self.second, self.own_second = point.second(*outputs)
        self.real = KeptPass(critic, phi, point.real, real_first)
        bar = self.view.pull(self.own_first * self.fake.x_bar)
        self.generator = KeptPass(point.generator, point.theta, point.latent, bar)
        self.alphas = self.fake.scaled(self.first)

    def jvp(self, theta_dot: Array, phi_dot: Array) -> tuple[Array, Array]:
        """J v in its two blocks."""
        generator, fake = self.generator, self.fake
        steps, critic_steps = generator.matrices(theta_dot), fake.matrices(phi_dot)
        sample_dot, generator_moved, _ = generator.forward(steps)
        fake_dot = self.view.move(sample_dot)
        y_dot, moved, _ = fake.forward(critic_steps, fake_dot)
        alphas_dot = fake.backward(critic_steps, moved, array_namespace(y_dot).zeros_like(y_dot))
        fake_bar_dot = self.own_first * fake.x_bar_dot(critic_steps, alphas_dot) + self.own_second * y_dot * fake.x_bar
        theta = generator.parameters(
            generator_moved, generator.backward(steps, generator_moved, self.view.pull(fake_bar_dot))
        )
        first_dot = self.second * y_dot
        scaled = [self.first * dot + first_dot * alpha for dot, alpha in zip(alphas_dot, fake.alphas, strict=True)]
        return theta, fake.parameters(moved, scaled, self.alphas) + self._on_real(critic_steps)

    def vjp(self, theta_dot: Array, phi_dot: Array) -> tuple[Array, Array]:
        """J^T u = D^2 L_0 (u_0, 0) + D^2 L_1 (0, u_1) in its two blocks, from one tangent.

        All is linear in each sample's directions: the one of L_0 goes in times c'(s) / m, that of L_1 times b'(s) / m.
        """
        generator, fake = self.generator, self.fake
        steps, critic_steps = generator.matrices(theta_dot), fake.matrices(phi_dot)
        sample_dot, generator_moved, _ = generator.forward(steps)
        fake_dot = self.view.move(sample_dot)
        _, moved, by_critic = fake.forward(critic_steps, self.own_first * fake_dot, self.first)
        xp = array_namespace(fake_dot)
        by_generator = xp.sum(fake.x_bar * fake_dot, axis=-1, keepdims=True)
        first_dot = self.own_second * by_generator + self.second * by_critic
        alphas_dot = fake.backward(critic_steps, moved, first_dot, self.alphas)
        fake_bar_dot = fake.x_bar_dot(critic_steps, alphas_dot, self.alphas)
        theta = generator.parameters(
            generator_moved, generator.backward(steps, generator_moved, self.view.pull(fake_bar_dot))
        )
        return theta, fake.parameters(moved, alphas_dot) + self._on_real(critic_steps)

    def _on_real(self, critic_steps: list[Array]) -> Array:
        """The second derivative of mean a(D(phi, x)) along a direction, (..., P_1)."""
        y_dot, moved, _ = self.real.forward(critic_steps)
        return self.real.parameters(moved, self.real.backward(critic_steps, moved, self.real_second * y_dot))
