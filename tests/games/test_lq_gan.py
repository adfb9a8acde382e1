"""The LQ-GAN: its quadratic form, its equilibrium under three objectives, and exact expectations."""

import numpy
import pytest
import scipy.integrate

from gamedyn.dynamics import flow
from gamedyn.equilibria import game_spectrum
from gamedyn.games import LQGAN
from gamedyn.objectives import Minimax, NonSaturating


def test_under_wasserstein_it_compares_two_moments(rng):
    z = rng.standard_normal((5, 4))
    a, b, w1, w2 = z.T
    f = w1 * (0.5 - b) + w2 * (0.25 + 2.25 - a * a - b * b)
    losses = LQGAN(mean=0.5, deviation=1.5).losses(z)
    moments = w1 * b + w2 * (a * a + b * b)
    numpy.testing.assert_allclose(losses, numpy.stack([-moments, -f], axis=-1), rtol=1e-12, atol=1e-12)


def test_spectra_at_the_equilibrium():
    # Wasserstein at a = s, b = m: cross blocks (dD/da, dD/db) = -(0, 2 s), -(1, 2 m); all eigenvalues imaginary.
    z = numpy.array([1.5, 0.5, 0.0, 0.0])
    cross = numpy.array([[0.0, 3.0], [1.0, 1.0]])
    expected = numpy.sort(numpy.concatenate([s * numpy.linalg.svd(cross)[1] for s in (1, -1)]))
    spectrum = game_spectrum(LQGAN(mean=0.5, deviation=1.5), z)
    numpy.testing.assert_allclose(numpy.sort(spectrum.imag), expected, rtol=1e-12)
    numpy.testing.assert_allclose(spectrum.real, 0, atol=1e-12)
    for objective in (Minimax(), NonSaturating()):
        assert game_spectrum(LQGAN(objective, mean=0.5, deviation=1.5), z).real.min() > 0.01


def test_the_minimax_flow_finds_the_law():
    end = flow(LQGAN(Minimax(), mean=0.5, deviation=1.5), [1.2, 0.3, 0.0, 0.0], [0.0, 200.0], tolerance=1e-6)[-1]
    numpy.testing.assert_allclose(end, [1.5, 0.5, 0.0, 0.0], atol=1e-2)


def test_expectations_are_those_of_quadrature():
    z = numpy.array([0.7, 0.2, -0.5, 0.4])

    def expectation(function):
        def weighted(e):
            return function(e) * numpy.exp(-e * e / 2) / numpy.sqrt(2 * numpy.pi)

        return scipy.integrate.quad(weighted, -12, 12, epsabs=1e-13, epsrel=1e-13)[0]

    def critic(x):
        return -0.5 * x + 0.4 * x * x

    fake = expectation(lambda e: numpy.logaddexp(0, critic(0.7 * e + 0.2)))
    real = expectation(lambda e: numpy.logaddexp(0, -critic(0.5 + 0.8 * e)))
    losses = LQGAN(Minimax(), mean=0.5, deviation=0.8, nodes=128).losses(z)
    numpy.testing.assert_allclose(losses, [-fake, real + fake], rtol=1e-7)


def test_what_is_refused():
    with pytest.raises(ValueError, match="`deviation` must be positive and finite, got 0"):
        LQGAN(deviation=0)
