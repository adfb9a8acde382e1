"""Games whose Jacobian is known by construction, written without the library's own games."""

import numpy

from gamedyn.backend import array_namespace, like
from gamedyn.games import Game


class ZeroSum(Game):
    """min_x max_y x^T P x / 2 + x^T A y - y^T Q y / 2, so that J = [[P, A], [-A^T, Q]]."""

    def __init__(self, p, a, q, scales=(1.0, 1.0)):
        self.p, self.a, self.q = (numpy.atleast_2d(numpy.asarray(m, dtype=float)) for m in (p, a, q))
        self.dims = self.a.shape
        self.scales = scales

    def losses(self, z):
        xp = array_namespace(z)
        x, y = z[..., : self.dims[0]], z[..., self.dims[0] :]
        p, a, q = (like(m, z) for m in (self.p, self.a, self.q))
        value = xp.sum(x * (x @ p.T), axis=-1) / 2 + xp.sum(x * (y @ a.T), axis=-1) - xp.sum(y * (y @ q.T), axis=-1) / 2
        return xp.stack([self.scales[0] * value, -self.scales[1] * value], axis=-1)

    def simultaneous_gradient(self, z):
        xp = array_namespace(z)
        x, y = z[..., : self.dims[0]], z[..., self.dims[0] :]
        p, a, q = (like(m, z) for m in (self.p, self.a, self.q))
        return xp.concat([self.scales[0] * (x @ p.T + y @ a.T), self.scales[1] * (y @ q.T - x @ a)], axis=-1)


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
        product = z @ like(self.matrix, z).T
        losses, start = [], 0
        for size in self.dims:
            own = slice(start, start + size)
            half = z[..., own] @ like(self.matrix[own, own], z).T / 2
            losses.append(xp.sum(z[..., own] * (product[..., own] - half), axis=-1))
            start += size
        return xp.stack(losses, axis=-1)

    def simultaneous_gradient(self, z):
        return z @ like(self.matrix, z).T
