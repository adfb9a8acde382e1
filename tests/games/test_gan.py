"""What the GANGame protocol derives by itself: losses and penalties."""

import numpy

from gamedyn.games import GANGame
from gamedyn.objectives import Minimax


class Cubic(GANGame):
    """Critic p x + q x^3 on two fixed samples; the generator shifts them by theta."""

    dims = (1, 2)
    objective = Minimax()
    samples = numpy.array([[1.0], [2.0]])

    def real(self, z):
        return self.samples

    def fake(self, z):
        return self.samples + z[..., :1][..., None]

    def critic(self, z, x):
        return z[..., 1:2] * x[..., 0] + z[..., 2:3] * x[..., 0] ** 3

    def critic_input_gradient(self, z, x):
        p, q = z[..., 1:2][..., None], z[..., 2:3][..., None]
        return p + 3 * q * x**2


Z = numpy.array([[0.5, 1.0, 2.0], [0.0, -1.0, 0.5]])


def test_the_penalty_is_the_mean_squared_input_gradient():
    # (p + 3 q x^2)^2 at x = 1 and 2: (7^2 + 25^2) / 2 = 337 for p = 1, q = 2.
    assert Cubic().penalty(Z, Cubic.samples).tolist() == [337.0, (0.5**2 + 5**2) / 2]


def test_its_gradient_and_hessian_product_come_by_default():
    game = Cubic()
    slope = Z[:, 1:2] + 3 * Z[:, 2:] * numpy.array([1.0, 4.0])
    gradient = numpy.stack([0 * slope[:, 0], slope.sum(1), (3 * slope * [1.0, 4.0]).sum(1)], axis=-1)
    numpy.testing.assert_allclose(game.penalty_gradient(Z, Cubic.samples), gradient, rtol=1e-14)
    hessian = numpy.array([[0.0, 0.0, 0.0], [0.0, 2.0, 15.0], [0.0, 15.0, 153.0]])
    v = numpy.array([[[1.0, 2.0, 3.0]] * 2, [[0.0, -1.0, 1.0]] * 2])
    product = game.penalty_jvp(Z, Cubic.samples, v)
    numpy.testing.assert_allclose(product, v @ hessian, rtol=1e-8)


def test_losses_are_means_over_samples():
    # Logits on fake at theta = 0, p = -1, q = 1/2: -1/2 and 2, on real the same.
    logits = numpy.array([-0.5, 2.0])
    paid = numpy.mean(numpy.log1p(numpy.exp(-logits))) + numpy.mean(numpy.log1p(numpy.exp(logits)))
    expected = [-numpy.mean(numpy.log1p(numpy.exp(logits))), paid]
    numpy.testing.assert_allclose(Cubic().losses(Z[1]), expected, rtol=1e-14)
