"""R1: the penalty on the discriminator's gradient at real samples."""

import numpy
import pytest

from gamedyn.games import Bilinear, DiracGAN, Regularized
from gamedyn.objectives import NonSaturating


@pytest.mark.parametrize("r1", [0.5, 1.0, 1.9, 3.0])
def test_eigenvalues_of_the_dirac_gan(r1):
    # J = [[0, -1/2], [1/2, r1]] at 0: l = (r1 +- sqrt(r1^2 - 1)) / 2, with positive real parts for every r1 > 0.
    game = Regularized(DiracGAN(), r1=r1)
    found = numpy.sort_complex(numpy.linalg.eigvals(game.jacobian(numpy.zeros(2))))
    root = numpy.sqrt(complex(r1**2 - 1))
    tolerance = 1e-7 if r1 == 1.0 else 1e-13
    numpy.testing.assert_allclose(found, numpy.sort_complex([(r1 - root) / 2, (r1 + root) / 2]), atol=tolerance)


def test_the_discriminator_alone_pays():
    plain, z = DiracGAN(NonSaturating()), numpy.array([1.0, 2.0])
    game = Regularized(plain, r1=0.3)
    # (r1 / 2) psi^2 = 0.6.
    numpy.testing.assert_allclose(game.losses(z) - plain.losses(z), [0.0, 0.6], rtol=1e-13)
    numpy.testing.assert_array_equal(game.player_gradient(z, 0), plain.player_gradient(z, 0))
    numpy.testing.assert_allclose(game.player_gradient(z, 1) - plain.player_gradient(z, 1), [0.6], rtol=1e-14)


def test_zero_weight_changes_nothing(rng):
    z = rng.standard_normal((3, 2))
    numpy.testing.assert_array_equal(
        Regularized(DiracGAN(), r1=0).simultaneous_gradient(z), DiracGAN().simultaneous_gradient(z)
    )


def test_penalties_add_up(rng):
    z = rng.standard_normal((3, 2))
    twice = Regularized(Regularized(DiracGAN(), r1=0.3), r1=0.4)
    numpy.testing.assert_allclose(twice.jacobian(z), Regularized(DiracGAN(), r1=0.7).jacobian(z), rtol=1e-14)


def test_other_games_have_no_critic():
    with pytest.raises(TypeError, match="`game` must be a GANGame, with samples and a critic, got Bilinear"):
        Regularized(Bilinear([[1.0]]), r1=1.0)
    with pytest.raises(ValueError, match="`r1` must be non-negative and finite, got -1"):
        Regularized(DiracGAN(), r1=-1)


def test_samples_are_passed_on():
    game = Regularized(DiracGAN(), r1=1.0)
    assert isinstance(game.redraw(), Regularized)
    assert game.full().r1 == 1.0
