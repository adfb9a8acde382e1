"""Games on which second-order rules are tested: nonlinear, with random spectra, zero-sum between players or not."""

import numpy

from gamedyn.games import Game, Quadratic, player_slices


def random_jacobian(rng, dims, zero_sum):
    """J with symmetric, positive definite own blocks of random spectra and any, or antisymmetric, cross blocks."""
    d = sum(dims)
    jacobian = rng.standard_normal((d, d)) / numpy.sqrt(d)
    if zero_sum:
        jacobian = jacobian - jacobian.T
    for block in player_slices(dims):
        size = block.stop - block.start
        half = rng.standard_normal((size, size)) / numpy.sqrt(size)
        jacobian[block, block] = half @ half.T + numpy.eye(size) / 2
    return jacobian


class Wavy(Game):
    """A quadratic game plus sum log cosh of every player's own coordinates, scaled: xi = J z + 0.3 tanh z."""

    def __init__(self, jacobian, dims):
        self.dims = dims
        self.quadratic = Quadratic.from_jacobian(jacobian, dims)

    def losses(self, z):
        own = numpy.log(numpy.cosh(z))
        parts = [numpy.sum(own[..., block], axis=-1) for block in player_slices(self.dims)]
        return self.quadratic.losses(z) + 0.3 * numpy.stack(parts, axis=-1)

    def loss_gradients(self, z):
        slope = 0.3 * numpy.tanh(z)
        rows = []
        for block in player_slices(self.dims):
            row = numpy.zeros_like(slope)
            row[..., block] = slope[..., block]
            rows.append(row)
        return self.quadratic.loss_gradients(z) + numpy.stack(rows, axis=-2)

    def simultaneous_gradient(self, z):
        return self.quadratic.simultaneous_gradient(z) + 0.3 * numpy.tanh(z)


def run(rule, game, z, steps=1):
    """(z, state) after some steps from the rule's cold start."""
    state = rule.init(game, z)
    for _ in range(steps):
        z, state = rule.step(game, z, state)
    return z, state


def expression_game():
    """SymPy losses of three players, cubic, general-sum, and their symbols."""
    import sympy

    x, u, y, w = sympy.symbols("x u y w")
    losses = [
        x**2 * y - u * w + x * u**2 + y * w * x + sympy.Rational(1, 3) * y**3,
        y**2 * x / 2 + u * y - w * y**2 + x**2 * w,
        w**3 / 3 - x * w + u * y * w + x * y * u,
    ]
    return losses, [[x, u], [y], [w]]


def tandem():
    """L_1 = (x + y)^2 - 2 x, L_2 = (x + y)^2 - 2 y (Letcher et al. 2019): xi = 0 on x + y = 1."""
    square = [[2.0, 2.0], [2.0, 2.0]]
    return Quadratic([square, square], (1, 1), [[-2.0, 0.0], [0.0, -2.0]])
