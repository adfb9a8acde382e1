"""Games whose orbits are known: the logistic map as descent, Lorenz's flow as a game of three players."""

import numpy

from gamedyn.games import Game


class Logistic(Game):
    """Descent with step 1 is x -> r x (1 - x)."""

    dims = (1,)

    def __init__(self, r):
        self.r = r

    def losses(self, z):
        return self.r * z**3 / 3 - (self.r - 1) * z**2 / 2

    def simultaneous_gradient(self, z):
        return z - self.r * z * (1 - z)


class Henon(Game):
    """Descent with step 1 is (x, y) -> (1 - 1.4 x^2 + y, 0.3 x)."""

    dims = (1, 1)

    def losses(self, z):
        x, y = z[..., 0], z[..., 1]
        return numpy.stack([x**2 / 2 - x + 1.4 * x**3 / 3 - x * y, y**2 / 2 - 0.3 * x * y], axis=-1)

    def simultaneous_gradient(self, z):
        x, y = z[..., 0], z[..., 1]
        return numpy.stack([x - (1 - 1.4 * x**2 + y), y - 0.3 * x], axis=-1)


class Lorenz(Game):
    """The gradient flow is Lorenz's, with sigma = 10, rho = 28, beta = 8 / 3."""

    dims = (1, 1, 1)

    def losses(self, z):
        x, y, w = z[..., 0], z[..., 1], z[..., 2]
        return numpy.stack(
            [5 * x**2 - 10 * x * y, y**2 / 2 - x * y * (28 - w), 4 * w**2 / 3 - x * y * w],
            axis=-1,
        )

    def simultaneous_gradient(self, z):
        x, y, w = z[..., 0], z[..., 1], z[..., 2]
        return -numpy.stack([10 * (y - x), x * (28 - w) - y, x * y - 8 * w / 3], axis=-1)
