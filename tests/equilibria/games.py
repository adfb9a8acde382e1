"""Games whose Jacobian is known by construction, written without the library's own games."""

import numpy

from gamedyn.backend import array_namespace, like
from gamedyn.games import Game


def times(z, matrix):
    """z @ matrix.T, also for complex z: PyTorch's matrix product does not promote, its elementwise product does."""
    return array_namespace(z).sum(z[..., None, :] * like(matrix, z), axis=-1)


class ZeroSum(Game):
    """min_x max_y x^T P x / 2 + x^T A y - y^T Q y / 2, so that J = [[P, A], [-A^T, Q]]."""

    def __init__(self, p, a, q, scales=(1.0, 1.0)):
        self.p, self.a, self.q = (numpy.atleast_2d(numpy.asarray(m, dtype=float)) for m in (p, a, q))
        self.dims = self.a.shape
        self.scales = scales

    def losses(self, z):
        xp = array_namespace(z)
        x, y = z[..., : self.dims[0]], z[..., self.dims[0] :]
        value = xp.sum(x * times(x, self.p), axis=-1) / 2 + xp.sum(x * times(y, self.a), axis=-1)
        value = value - xp.sum(y * times(y, self.q), axis=-1) / 2
        return xp.stack([self.scales[0] * value, -self.scales[1] * value], axis=-1)

    def simultaneous_gradient(self, z):
        xp = array_namespace(z)
        x, y = z[..., : self.dims[0]], z[..., self.dims[0] :]
        first, second = times(x, self.p) + times(y, self.a), times(y, self.q) - times(x, self.a.T)
        return xp.concat([self.scales[0] * first, self.scales[1] * second], axis=-1)


class LossesOnly(Game):
    """The same game without its closed-form gradient, so that second derivatives are differences."""

    def __init__(self, game):
        self.dims = game.dims
        self.losses = game.losses

    def losses(self, z):
        raise NotImplementedError


class GeneralSum(Game):
    """L_i = z_i^T J_ii z_i / 2 + sum_j z_i^T J_ij z_j for any J with symmetric diagonal blocks."""

    def __init__(self, jacobian, dims):
        self.matrix = numpy.asarray(jacobian, dtype=float)
        self.dims = tuple(dims)

    def losses(self, z):
        xp = array_namespace(z)
        product = times(z, self.matrix)
        losses, start = [], 0
        for size in self.dims:
            own = slice(start, start + size)
            half = times(z[..., own], self.matrix[own, own]) / 2
            losses.append(xp.sum(z[..., own] * (product[..., own] - half), axis=-1))
            start += size
        return xp.stack(losses, axis=-1)

    def simultaneous_gradient(self, z):
        return times(z, self.matrix)
