"""Families of one-dimensional and planar maps whose bifurcations are known in closed form."""

import numpy

from gamedyn.games import Game
from gamedyn.updates import SimultaneousGradientDescent, StepMap


class Line(Game):
    """Losses and their slopes as given; one player on the line, unless other `dims` are."""

    def __init__(self, loss, slope, dims=(1,)):
        self._loss, self._slope, self.dims = loss, slope, dims

    def losses(self, z):
        return self._loss(z)

    def simultaneous_gradient(self, z):
        return self._slope(z)


def logistic(r):
    """r x (1 - x): descent of step 1 on (1 - r) x^2 / 2 + r x^3 / 3."""
    game = Line(lambda x: (1 - r) * x**2 / 2 + r * x**3 / 3, lambda x: (1 - r) * x + r * x**2)
    return StepMap(SimultaneousGradientDescent(1.0), game)


def polynomial(loss, slope, step=0.1):
    """c -> descent on loss(x, c)."""
    return lambda c: StepMap(SimultaneousGradientDescent(step), Line(lambda x: loss(x, c), lambda x: slope(x, c)))


def rotation(k, copies=1):
    """Each pair (x, y): losses k x^2 / 2 - x y + x^4 / 4 and k y^2 / 2 + x y + y^4 / 4.

    J(0) = [[k, -1], [1, k]], and descent has the multipliers 1 - h (k +- i): Neimark-Sacker at h = 2 k / (1 + k^2).
    """

    def losses(z):
        x, y = z[..., :copies], z[..., copies:]
        one = (k * x**2 / 2 - x * y + x**4 / 4).sum(-1)
        two = (k * y**2 / 2 + x * y + y**4 / 4).sum(-1)
        return numpy.stack([one, two], -1)

    def slopes(z):
        x, y = z[..., :copies], z[..., copies:]
        return numpy.concatenate([k * x - y + x**3, k * y + x + y**3], -1)

    return Line(losses, slopes, (copies, copies))
