"""Products with the Jacobian of a GAN at one point and with its transpose, from passes that are made once."""

from __future__ import annotations

from gamedyn.backend import Array, array_namespace
from gamedyn.models._critic_view import CriticView
from gamedyn.models._kept_pass import KeptPass
from gamedyn.nn import Network
from gamedyn.objectives import Objective

__all__ = ["KeptProducts"]


class KeptProducts:
    """J v and J^T u, J = D xi, for the losses of `Linearisation`.

    The critic's cotangents are kept for s itself, and scaled by c'(s) / m or b'(s) / m: one tangent of its backward
    pass on fake samples serves both players.

    Parameters
    ----------
    generator, discriminator : Network
        Of dense layers and activations (`is_plain`).
    objective : Objective
    theta : array, shape (..., P_0)
    phi : array, shape (..., P_1)
    real : array, shape (n, inputs of the discriminator)
        As it is shown.
    latent : array, shape (m, inputs of the generator)
    noise : array, shape (m, features), optional
    view : CriticView, optional
        Of the fake samples.
    """

    def __init__(
        self,
        generator: Network,
        discriminator: Network,
        objective: Objective,
        theta: Array,
        phi: Array,
        real: Array,
        latent: Array,
        noise: Array | None = None,
        view: CriticView | None = None,
    ) -> None:
        self.view = view = view or CriticView()
        fake = generator.forward(theta, latent)[0]
        self.fake = KeptPass(discriminator, phi, view.show(fake if noise is None else fake + noise))
        on_real, on_fake = discriminator.forward(phi, real)[0], self.fake.output
        real_first, fake_first = objective.discriminator_derivative(on_real, on_fake)
        real_second, fake_second = objective.discriminator_second_derivative(on_real, on_fake)
        n, m = real.shape[-2], on_fake.shape[-2]
        self.real = KeptPass(discriminator, phi, real, real_first / n)
        self.real_second, self.second = real_second / n, fake_second / m
        self.first, self.own_first = fake_first / m, objective.generator_derivative(on_fake) / m
        self.own_second = objective.generator_second_derivative(on_fake) / m
        self.generator = KeptPass(generator, theta, latent, view.pull(self.own_first * self.fake.x_bar))
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
