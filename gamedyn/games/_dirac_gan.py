"""The Dirac-GAN: the data is one point, the generator one point, the discriminator a slope."""

from __future__ import annotations

from gamedyn.backend import Array, array_namespace
from gamedyn.games._gan import GANGame
from gamedyn.games._linear import over_batch
from gamedyn.objectives import Minimax, Objective

__all__ = ["DiracGAN"]


class DiracGAN(GANGame):
    """p_D = delta_0, the generator puts delta_theta, the discriminator outputs D(x) = psi x; z = (theta, psi).

    With s = psi theta the losses are c(s) and a(0) + b(s), so that xi = (c'(s) psi, b'(s) theta). At the equilibrium 0,
    J = [[0, c'(0)], [b'(0), 0]] has the eigenvalues plus and minus sqrt(b'(0) c'(0)): imaginary for zero-sum
    objectives, so that simultaneous descent does not converge.

    Parameters
    ----------
    objective : Objective
        Losses a, b and c on critic outputs; minimax by default.

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

    def __init__(self, objective: Objective | None = None) -> None:
        self.objective = Minimax() if objective is None else objective

    def __repr__(self) -> str:
        return f"DiracGAN({self.objective!r})"

    def real(self, z: Array) -> Array:
        """The point 0."""
        xp = array_namespace(z)
        return xp.zeros_like(z[..., :1])[..., None]

    def fake(self, z: Array) -> Array:
        """The point theta."""
        return z[..., :1][..., None]

    def critic(self, z: Array, x: Array) -> Array:
        """psi x."""
        return z[..., 1:] * x[..., 0]

    def critic_input_gradient(self, z: Array, x: Array) -> Array:
        """psi, everywhere."""
        xp = array_namespace(z)
        return z[..., 1:][..., None] * xp.ones_like(x)

    def penalty_gradient(self, z: Array, x: Array) -> Array:
        """(0, 2 psi)."""
        xp = array_namespace(z)
        return xp.concat([xp.zeros_like(z[..., :1]), 2 * z[..., 1:]], axis=-1)

    def penalty_jvp(self, z: Array, x: Array, v: Array) -> Array:
        """(0, 2 v_psi)."""
        return over_batch(self.penalty_gradient(v, x), z)

    def loss_gradients(self, z: Array) -> Array:
        """Rows c'(s) (psi, theta) and b'(s) (psi, theta)."""
        xp = array_namespace(z)
        c, b = self._slopes(z)
        swapped = xp.flip(z, axis=-1)
        return xp.stack([c * swapped, b * swapped], axis=-2)

    def simultaneous_gradient(self, z: Array) -> Array:
        """(c'(s) psi, b'(s) theta)."""
        xp = array_namespace(z)
        c, b = self._slopes(z)
        return xp.concat([c * z[..., 1:], b * z[..., :1]], axis=-1)

    def jacobian(self, z: Array) -> Array:
        """[[c'' psi^2, c' + c'' s], [b' + b'' s, b'' theta^2]] at s = psi theta."""
        xp = array_namespace(z)
        theta, psi = z[..., :1], z[..., 1:]
        s = theta * psi
        c, b = self._slopes(z)
        c2 = self.objective.generator_second_derivative(s)
        _, b2 = self.objective.discriminator_second_derivative(xp.zeros_like(s), s)
        rows = [xp.concat([c2 * psi**2, c + c2 * s], axis=-1), xp.concat([b + b2 * s, b2 * theta**2], axis=-1)]
        return xp.stack(rows, axis=-2)

    def jvp(self, z: Array, v: Array) -> Array:
        """J v."""
        xp = array_namespace(z)
        return xp.sum(self.jacobian(z) * v[..., None, :], axis=-1)

    def _slopes(self, z: Array) -> tuple[Array, Array]:
        xp = array_namespace(z)
        s = z[..., :1] * z[..., 1:]
        _, b = self.objective.discriminator_derivative(xp.zeros_like(s), s)
        return self.objective.generator_derivative(s), b
