"""GANs of a normal law on the line against a critic that is a polynomial: the shared derivatives."""

from __future__ import annotations

import numpy

from gamedyn._checks import check_in_interval, check_integer, check_positive
from gamedyn.backend import Array, array_namespace, like
from gamedyn.games._base import Game, check_points
from gamedyn.games._gan import check_objective
from gamedyn.games._zero_sum import rows_of_players
from gamedyn.objectives import Objective

__all__ = ["PolynomialGAN"]

_LARGEST_MEAN = 1e150  # its square is finite


class PolynomialGAN(Game):
    """Fake samples offset + scale e and real ones mean + deviation e, e ~ N(0, 1), under D(x) = sum w_k x^k.

    Expectations are taken by the Gauss-Hermite rule: exact for the Wasserstein and least-squares objectives.

    Parameters
    ----------
    objective : Objective
    mean, deviation : float
        Of the data; the deviation positive.
    nodes : int
        Of the rule.
    """

    powers: tuple[int, ...]
    """Exponents k of the critic, in the order of its weights."""

    offset_first: bool
    """Whether the generator's parameters are (offset, scale), else (scale, offset)."""

    def __init__(self, objective: Objective, mean: float, deviation: float, nodes: int) -> None:
        check_objective(objective)
        check_in_interval("mean", mean, -_LARGEST_MEAN, _LARGEST_MEAN)
        check_positive("deviation", deviation)
        check_integer("nodes", nodes, minimum=1)
        self.objective, self.mean, self.deviation, self.nodes = objective, mean, deviation, nodes
        self.dims = (2, len(self.powers))
        points, weights = numpy.polynomial.hermite_e.hermegauss(nodes)
        self._noise, self._weights = points, weights / weights.sum()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.objective!r}, mean={self.mean!r}, deviation={self.deviation!r})"

    def losses(self, z: Array) -> Array:
        """(E c(D(fake)), E a(D(real)) + E b(D(fake)))."""
        xp = array_namespace(z)
        real, fake = self._samples(z)
        outputs = self._critic(z, real), self._critic(z, fake)
        on_real, on_fake = self.objective.discriminator_loss(*outputs)
        values = [self.objective.generator_loss(outputs[1]), on_real + on_fake]
        return xp.stack([self._mean(value) for value in values], axis=-1)

    def loss_gradients(self, z: Array) -> Array:
        """Means of a', b' and c' times the gradient of D at a sample in all parameters."""
        xp = array_namespace(z)
        real, fake = self._samples(z)
        a, b = self.objective.discriminator_derivative(self._critic(z, real), self._critic(z, fake))
        c = self.objective.generator_derivative(self._critic(z, fake))
        on_real, on_fake = self._output_gradient(z, real, 0), self._output_gradient(z, fake, 1)
        rows = [
            self._mean(c[..., None, :] * on_fake),
            self._mean(b[..., None, :] * on_fake + a[..., None, :] * on_real),
        ]
        return xp.stack(rows, axis=-2)

    def loss_hessians(self, z: Array) -> Array:
        """Means of a'', b'' and c'' times squares of that gradient, and of b' and c' times the Hessian of D."""
        xp = array_namespace(z)
        real, fake = self._samples(z)
        outputs = self._critic(z, real), self._critic(z, fake)
        _, b = self.objective.discriminator_derivative(*outputs)
        a2, b2 = self.objective.discriminator_second_derivative(*outputs)
        c, c2 = self.objective.generator_derivative(outputs[1]), self.objective.generator_second_derivative(outputs[1])
        on_real, on_fake = self._output_gradient(z, real, 0), self._output_gradient(z, fake, 1)
        squares = [g[..., :, None, :] * g[..., None, :, :] for g in (on_real, on_fake)]
        curvature = self._output_hessian(z, fake)

        def weighted(slope: Array, matrices: Array) -> Array:
            return self._mean(slope[..., None, None, :] * matrices)

        first = weighted(c2, squares[1]) + weighted(c, curvature)
        second = weighted(b2, squares[1]) + weighted(b, curvature) + weighted(a2, squares[0])
        return xp.stack([first, second], axis=-3)

    def jacobian(self, z: Array) -> Array:
        """Every player's rows of its Hessian."""
        return rows_of_players(self.loss_hessians(z), self.dims)

    def jvp(self, z: Array, v: Array) -> Array:
        """J v."""
        return array_namespace(z).sum(self.jacobian(z) * v[..., None, :], axis=-1)

    def _mean(self, values: Array) -> Array:
        return array_namespace(values).sum(values * like(self._weights, values), axis=-1)

    def _samples(self, z: Array) -> tuple[Array, Array]:
        """Real and fake samples at the nodes, (..., nodes)."""
        check_points(self, z)
        xp, noise = array_namespace(z), like(self._noise, z)
        offset, scale = (z[..., :1], z[..., 1:2]) if self.offset_first else (z[..., 1:2], z[..., :1])
        return xp.zeros_like(offset) + (self.mean + self.deviation * noise), offset + scale * noise

    def _critic(self, z: Array, x: Array, derivative: int = 0) -> Array:
        """D or one of its first two derivatives in x, (..., nodes)."""
        total = array_namespace(z).zeros_like(x)
        for k, power in enumerate(self.powers):
            if power >= derivative:
                factor = float(numpy.prod([power - i for i in range(derivative)]))
                total = total + factor * z[..., 2 + k : 3 + k] * x ** (power - derivative)
        return total

    def _output_gradient(self, z: Array, x: Array, moves: int) -> Array:
        """(..., d, nodes): the derivatives of D(x) in all parameters; real samples do not move."""
        xp = array_namespace(z)
        slope = moves * self._critic(z, x, 1)
        generator = [slope, slope * like(self._noise, z)]
        return xp.stack([*(generator if self.offset_first else generator[::-1]), *(x**k for k in self.powers)], axis=-2)

    def _output_hessian(self, z: Array, x: Array) -> Array:
        """(..., d, d, nodes): the second derivatives of D(x) in all parameters."""
        xp = array_namespace(z)
        ones, noise = xp.ones_like(x), xp.zeros_like(x) + like(self._noise, z)
        parts = [ones, noise] if self.offset_first else [noise, ones]
        slopes = [k * x ** (k - 1) if k else xp.zeros_like(x) for k in self.powers]
        bend, zero = self._critic(z, x, 2), xp.zeros_like(x)
        rows = [[bend * p * q for q in parts] + [p * s for s in slopes] for p in parts]
        rows += [[s * p for p in parts] + [zero for _ in slopes] for s in slopes]
        return xp.stack([xp.stack(row, axis=-2) for row in rows], axis=-3)
