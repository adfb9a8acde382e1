"""The Dirac-GAN: the data is one point, the generator one point, the discriminator a slope."""

from __future__ import annotations

import numpy

from gamedyn._checks import check_integer, check_nonnegative
from gamedyn.backend import Array, array_namespace, like
from gamedyn.games._base import check_points
from gamedyn.games._gan import GANGame, check_objective
from gamedyn.games._linear import over_batch
from gamedyn.objectives import Minimax, Objective

__all__ = ["DiracGAN"]


class DiracGAN(GANGame):
    """p_D = delta_0, the generator puts delta_theta, the discriminator outputs D(x) = psi x; z = (theta, psi).

    With s = psi theta the losses are c(s) and a(0) + b(s), so that xi = (c'(s) psi, b'(s) theta). At the equilibrium 0,
    J = [[0, c'(0)], [b'(0), 0]] has the eigenvalues plus and minus sqrt(b'(0) c'(0)): imaginary for zero-sum
    objectives, so that simultaneous descent does not converge.

    Instance noise adds sigma e, e ~ N(0, 1), to real and fake samples; losses are then expectations over it. At 0 it
    puts sigma^2 (a''(0) + b''(0)) into J's last entry, like R1 of that weight: minimax converges for every sigma.

    Parameters
    ----------
    objective : Objective
        Losses a, b and c on critic outputs; minimax by default.
    instance_noise : float
        Standard deviation sigma >= 0 of the noise.
    nodes : int
        Of the Gauss-Hermite rule that takes the expectations. With the default, minimax is exact to rounding up to
        |psi| sigma = 1; at 3 its losses are good to 2e-8 and its Jacobian to 3e-6. Objectives with kinks lose more.

    Raises
    ------
    TypeError
        If the objective is none.
    ValueError
        If the noise is negative or there are no nodes.

    References
    ----------
    Mescheder, Geiger, Nowozin (2018), Which training methods for GANs do actually converge?

    Examples
    --------
    >>> import numpy
    >>> numpy.linalg.eigvals(DiracGAN().jacobian(numpy.zeros(2))).imag.round(12).tolist()
    [0.5, -0.5]
    """

    dims = (1, 1)

    def __init__(self, objective: Objective | None = None, *, instance_noise: float = 0.0, nodes: int = 64) -> None:
        check_nonnegative("instance_noise", instance_noise)
        check_integer("nodes", nodes, minimum=1)
        self.objective = Minimax() if objective is None else objective
        check_objective(self.objective)
        self.instance_noise = instance_noise
        self.nodes = nodes
        if instance_noise:
            points, weights = numpy.polynomial.hermite_e.hermegauss(nodes)
            self._noise, self._weights = instance_noise * points, weights / weights.sum()
        else:
            self._noise, self._weights = numpy.zeros(1), numpy.ones(1)

    def __repr__(self) -> str:
        noise = f", instance_noise={self.instance_noise!r}" if self.instance_noise else ""
        return f"DiracGAN({self.objective!r}{noise})"

    def real(self, z: Array) -> Array:
        """The point 0; with noise, the nodes around it, which carry Gaussian weights."""
        xp = array_namespace(z)
        return (xp.zeros_like(z[..., :1]) + like(self._noise, z))[..., None]

    def fake(self, z: Array) -> Array:
        """The point theta; with noise, the nodes around it."""
        return (z[..., :1] + like(self._noise, z))[..., None]

    def critic(self, z: Array, x: Array) -> Array:
        """psi x."""
        return z[..., 1:] * x[..., 0]

    def critic_input_gradient(self, z: Array, x: Array) -> Array:
        """psi, everywhere."""
        xp = array_namespace(z)
        return z[..., 1:][..., None] * xp.ones_like(x)

    def input_gradient_pullback(self, z: Array, x: Array, w: Array) -> Array:
        """(0, E w)."""
        xp = array_namespace(z)
        slope = xp.mean(w[..., 0], axis=-1)[..., None]
        return over_batch(xp.concat([xp.zeros_like(slope), slope], axis=-1), z)

    def penalty_gradient(self, z: Array, x: Array) -> Array:
        """(0, 2 psi)."""
        xp = array_namespace(z)
        return xp.concat([xp.zeros_like(z[..., :1]), 2 * z[..., 1:]], axis=-1)

    def penalty_jvp(self, z: Array, x: Array, v: Array) -> Array:
        """(0, 2 v_psi)."""
        return over_batch(self.penalty_gradient(v, x), z)

    def losses(self, z: Array) -> Array:
        """(E c(s), E a(psi e) + E b(s)), s = psi (theta + e)."""
        xp = array_namespace(z)
        noise, s = self._outputs(z)
        on_real, on_fake = self.objective.discriminator_loss(noise, s)
        return xp.concat([self._mean(self.objective.generator_loss(s)), self._mean(on_real + on_fake)], axis=-1)

    def loss_gradients(self, z: Array) -> Array:
        """Rows E c'(s) (psi, x) and E b'(s) (psi, x) + (0, E a' e), x = theta + e."""
        xp = array_namespace(z)
        c, b, a = self._slopes(z)
        x, psi = z[..., :1] + like(self._noise, z), z[..., 1:]
        rows = [
            xp.concat([psi * self._mean(c), self._mean(c * x)], axis=-1),
            xp.concat([psi * self._mean(b), self._mean(b * x + a * like(self._noise, z))], axis=-1),
        ]
        return xp.stack(rows, axis=-2)

    def simultaneous_gradient(self, z: Array) -> Array:
        """(psi E c'(s), E b'(s) x + E a' e)."""
        xp = array_namespace(z)
        c, b, a = self._slopes(z)
        noise = like(self._noise, z)
        columns = [z[..., 1:] * self._mean(c), self._mean(b * (z[..., :1] + noise) + a * noise)]
        # Coordinate by coordinate: columns are written, and read by the next step, as wholes.
        return xp.moveaxis(xp.stack([column[..., 0] for column in columns], axis=0), 0, -1)

    def jacobian(self, z: Array) -> Array:
        """E [[c'' psi^2, c' + c'' s], [b' + b'' s, b'' x^2 + a'' e^2]] at s = psi x, x = theta + e."""
        xp = array_namespace(z)
        c, b, _ = self._slopes(z)
        real, s = self._outputs(z)
        noise = like(self._noise, z)
        x, psi = z[..., :1] + noise, z[..., 1:]
        c2 = self.objective.generator_second_derivative(s)
        a2, b2 = self.objective.discriminator_second_derivative(real, s)
        rows = [
            xp.concat([self._mean(c2) * psi**2, self._mean(c + c2 * s)], axis=-1),
            xp.concat([self._mean(b + b2 * s), self._mean(b2 * x**2 + a2 * noise**2)], axis=-1),
        ]
        return xp.stack(rows, axis=-2)

    def jvp(self, z: Array, v: Array) -> Array:
        """J v."""
        xp = array_namespace(z)
        return xp.sum(self.jacobian(z) * v[..., None, :], axis=-1)

    def _outputs(self, z: Array) -> tuple[Array, Array]:
        """Critic outputs at the nodes around 0 and around theta."""
        check_points(self, z)
        noise = like(self._noise, z)
        return z[..., 1:] * noise, z[..., 1:] * (z[..., :1] + noise)

    def _slopes(self, z: Array) -> tuple[Array, Array, Array]:
        """c', b' and a' at the nodes; a' has one value for all where there is no noise."""
        real, fake = self._outputs(z)
        if not self.instance_noise:
            real = like(self._noise, z)
        a, b = self.objective.discriminator_derivative(real, fake)
        return -b if self.objective.is_zero_sum else self.objective.generator_derivative(fake), b, a

    def _mean(self, values: Array) -> Array:
        """(..., 1): the expectation over the noise of values (..., nodes)."""
        if not self.instance_noise:
            return values
        return array_namespace(values).sum(values * like(self._weights, values), axis=-1)[..., None]
