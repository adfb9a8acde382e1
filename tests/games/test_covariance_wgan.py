"""WGANs that learn two moments: equilibria, spectra, and the derivative of the trace by hand."""

import numpy
import pytest

from gamedyn.equilibria import game_spectrum
from gamedyn.games import CovarianceWGAN, mean_wgan


def test_the_value_is_the_difference_of_two_expectations(rng):
    sigma = numpy.array([[2.0, 0.5], [0.5, 1.0]])
    v, w = rng.standard_normal((2, 3)), rng.standard_normal((2, 2))
    game = CovarianceWGAN(sigma, rank=3)
    z = numpy.concatenate([v.ravel(), w.ravel()])
    f = numpy.trace(w.T @ sigma) - numpy.trace(v.T @ w @ v)
    numpy.testing.assert_allclose(game.losses(z), [f, -f], rtol=1e-13)
    expected = numpy.concatenate([(-(w + w.T) @ v).ravel(), -(sigma - v @ v.T).ravel()])
    numpy.testing.assert_allclose(game.simultaneous_gradient(z), expected, rtol=1e-12, atol=1e-14)


def test_every_root_of_the_covariance_is_at_rest_and_nothing_damps(rng):
    root = rng.standard_normal((2, 2))
    sigma = root @ root.T
    game = CovarianceWGAN((sigma + sigma.T) / 2)
    z = numpy.concatenate([root.ravel(), numpy.zeros(4)])
    assert numpy.abs(game.simultaneous_gradient(z)).max() < 1e-14
    spectrum = game_spectrum(game, z)
    # Rotations of the root are a line of equilibria: zero is a double eigenvalue there, known to half of the digits.
    assert numpy.abs(spectrum.real).max() < 1e-6
    assert numpy.abs(spectrum.imag).max() > 0.1


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"`covariance` must have shape \(n, n\), got \(1, 2\)"):
        CovarianceWGAN([[1.0, 2.0]])
    with pytest.raises(ValueError, match="`covariance` must be symmetric"):
        CovarianceWGAN([[1.0, 2.0], [0.0, 1.0]])
    with pytest.raises(ValueError, match="`rank` must be at least 1, got 0"):
        CovarianceWGAN([[1.0]], rank=0)
    with pytest.raises(ValueError, match=r"`mean` must have shape \(n,\), got \(1, 1\)"):
        mean_wgan([[1.0]])


def test_the_mean_is_learned_by_turning(rng):
    v, theta, w = rng.standard_normal((3, 3))
    game, z = mean_wgan(v), numpy.concatenate([theta, w])
    # Up to the constant that no player moves: f = <w, v - theta>.
    numpy.testing.assert_allclose(game.losses(z), [w @ (v - theta), -w @ (v - theta)], rtol=1e-12)
    numpy.testing.assert_allclose(game.simultaneous_gradient(z), numpy.concatenate([-w, theta - v]), rtol=1e-13)
    numpy.testing.assert_allclose(sorted(game_spectrum(game, z).imag), [-1, -1, -1, 1, 1, 1], rtol=1e-13)


def test_forty_dimensions_fit(rng):
    # A table of third derivatives would take 110 GB.
    covariance = numpy.diag(numpy.arange(1.0, 41.0))
    game = CovarianceWGAN(covariance, rank=20)
    z, v = rng.standard_normal(sum(game.dims)), rng.standard_normal(sum(game.dims))
    h = 1e-6
    slope = (game.simultaneous_gradient(z + h * v) - game.simultaneous_gradient(z - h * v)) / (2 * h)
    numpy.testing.assert_allclose(game.jvp(z, v), slope, rtol=1e-6, atol=1e-5)
    assert numpy.vdot(game.vjp(z, z), v) == pytest.approx(numpy.vdot(z, game.jvp(z, v)), rel=1e-10)
