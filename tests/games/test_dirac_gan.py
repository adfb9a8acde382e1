"""The Dirac-GAN, under every objective."""

import numpy
import pytest
import scipy.integrate
import sympy

from gamedyn import objectives
from gamedyn.games import DiracGAN

THETA, PSI = sympy.symbols("theta psi", real=True)
S = THETA * PSI
# (a(0) + b(s), c(s)) of every objective, from the papers' losses and not from ours.
LOSSES = {
    objectives.Minimax: (-sympy.log(1 - 1 / (1 + sympy.exp(-S))), sympy.log(1 - 1 / (1 + sympy.exp(-S)))),
    objectives.NonSaturating: (-sympy.log(1 - 1 / (1 + sympy.exp(-S))), -sympy.log(1 / (1 + sympy.exp(-S)))),
    objectives.Wasserstein: (S, -S),
    objectives.LeastSquares: (S**2 / 2, (S - 1) ** 2 / 2),
}


@pytest.mark.parametrize("kind", LOSSES)
def test_gradient_and_jacobian_are_those_of_the_formulas(kind, rng):
    discriminator, generator = LOSSES[kind]
    xi = sympy.Matrix([generator.diff(THETA), discriminator.diff(PSI)])
    jacobian = xi.jacobian([THETA, PSI])
    game = DiracGAN(kind())
    for z in rng.uniform(-2, 2, (5, 2)):
        at = {THETA: z[0], PSI: z[1]}
        numpy.testing.assert_allclose(game.simultaneous_gradient(z), numpy.ravel(xi.evalf(20, at)).astype(float), 1e-12)
        expected = numpy.array(jacobian.evalf(20, at)).astype(float)
        numpy.testing.assert_allclose(game.jacobian(z), expected, 1e-12, 1e-14)


def test_losses_at_a_known_point():
    # s = log 3: sigmoid(s) = 3/4, so the generator pays log(1/4) and the discriminator log 2 + log 4.
    losses = DiracGAN().losses(numpy.array([numpy.log(3.0), 1.0]))
    numpy.testing.assert_allclose(losses, [numpy.log(0.25), numpy.log(8.0)], rtol=1e-14)


def test_samples_and_critic_are_a_gans():
    game, z = DiracGAN(), numpy.array([[2.0, 3.0], [4.0, 5.0]])
    assert game.real(z).tolist() == [[[0.0]], [[0.0]]]
    assert game.fake(z).tolist() == [[[2.0]], [[4.0]]]
    assert game.critic(z, game.fake(z)).tolist() == [[6.0], [20.0]]
    assert game.critic_input_gradient(z, game.fake(z)).tolist() == [[[3.0]], [[5.0]]]


def test_far_points_stay_finite():
    # sigmoid saturates at s = +-1e6; probabilities would round to 0 and 1 and their logarithms to -inf.
    for z in ([1e3, 1e3], [-1e3, 1e3]):
        game = DiracGAN()
        assert numpy.isfinite(game.losses(numpy.array(z))).all()
        assert numpy.isfinite(game.jacobian(numpy.array(z))).all()


def test_instance_noise_takes_expectations_over_gaussians():
    z, sigma = numpy.array([0.9, -1.4]), 0.8

    def expectation(function):
        def weighted(e):
            return function(e) * numpy.exp(-e * e / 2) / numpy.sqrt(2 * numpy.pi)

        return scipy.integrate.quad(weighted, -12, 12, epsabs=1e-13, epsrel=1e-13)[0]

    fake = expectation(lambda e: numpy.log1p(numpy.exp(z[1] * (z[0] + sigma * e))))
    real = expectation(lambda e: numpy.log1p(numpy.exp(-z[1] * sigma * e)))
    losses = DiracGAN(instance_noise=sigma).losses(z)
    numpy.testing.assert_allclose(losses, [-fake, real + fake], rtol=1e-11)


def test_noise_of_size_0_is_no_noise(rng):
    z = rng.standard_normal((3, 2))
    numpy.testing.assert_array_equal(DiracGAN(instance_noise=0.0).jacobian(z), DiracGAN().jacobian(z))


def test_noise_is_checked():
    with pytest.raises(ValueError, match="`instance_noise` must be non-negative and finite, got -1"):
        DiracGAN(instance_noise=-1)
    with pytest.raises(ValueError, match="`nodes` must be at least 1, got 0"):
        DiracGAN(instance_noise=1.0, nodes=0)
