"""Penalties on a critic's input gradient: values by hand, samples, and what happens at a gradient of 0."""

import numpy
import pytest

from gamedyn.games import DiracGAN, GANGame, Regularized
from gamedyn.objectives import Wasserstein
from tests.gan_games import PARAMETERS, neural_gan

Z = numpy.asarray(PARAMETERS) + 0.1


def slopes(game, x):
    """grad_x D at samples x by complex step of the critic, one coordinate after the other."""
    steps = 1e-30j * numpy.eye(x.shape[-1])
    return numpy.stack([game.critic(Z, x + step).imag / 1e-30 for step in steps], axis=-1)


def paid(game, **options):
    return Regularized(game, **options).losses(Z) - game.losses(Z)


def test_r1_and_r2_are_mean_squares_at_real_and_at_fake_samples():
    game = neural_gan().full()
    for option, samples in (("r1", game.real(Z)), ("r2", game.fake(Z))):
        expected = 0.35 * numpy.mean((slopes(game, samples) ** 2).sum(-1))
        numpy.testing.assert_allclose(paid(game, **{option: 0.7}), [0.0, expected], rtol=1e-12, atol=1e-15)


def test_the_norm_penalty_sits_between_real_and_fake_samples():
    game = neural_gan().full()
    share = ((numpy.arange(5) + 0.5) * 0.6180339887498949 % 1.0)[:, None]
    between = share * game.real(Z) + (1 - share) * game.fake(Z)
    norms = numpy.sqrt((slopes(game, between) ** 2).sum(-1))
    expected = 0.35 * numpy.mean((norms - 0.4) ** 2)
    numpy.testing.assert_allclose(paid(game, gradient_penalty=(0.7, 0.4)), [0.0, expected], rtol=1e-12, atol=1e-15)


def test_dragan_sits_around_real_samples():
    game = neural_gan().full()
    norms = numpy.sqrt((slopes(game, game.real(Z)) ** 2).sum(-1))
    at_the_samples = 0.35 * numpy.mean((norms - 1) ** 2)
    assert paid(game, dragan=(0.7, 0.0))[1] == pytest.approx(at_the_samples, rel=1e-12)
    assert paid(game, dragan=(0.7, 0.5))[1] != pytest.approx(at_the_samples, rel=1e-3)


def test_the_field_jumps_where_the_norm_is_0_and_the_gradient_there_is_0():
    # (|psi| - g0) sign(psi) tends to -g0 and g0 from both sides.
    game = Regularized(DiracGAN(Wasserstein()), gradient_penalty=(0.7, 0.5))
    sides = game.simultaneous_gradient(numpy.array([[0.0, -1e-9], [0.0, 0.0], [0.0, 1e-9]]))[:, 1]
    numpy.testing.assert_allclose(sides, [0.35, 0.0, -0.35], atol=1e-8)
    assert numpy.isfinite(game.jacobian(numpy.zeros(2))).all()


def test_the_default_pullback_is_that_of_the_closed_forms(rng):
    game = neural_gan().full()
    x, w = rng.standard_normal((2, 4, 2))
    closed = game.input_gradient_pullback(Z, x, w)
    numpy.testing.assert_allclose(closed, GANGame.input_gradient_pullback(game, Z, x, w), rtol=1e-12, atol=1e-14)
    dirac, z = DiracGAN(), numpy.array([0.3, 0.4])
    x, w = x[:, :1], w[:, :1]
    numpy.testing.assert_allclose(
        dirac.input_gradient_pullback(z, x, w), GANGame.input_gradient_pullback(dirac, z, x, w), rtol=1e-13
    )


def test_what_is_refused():
    with pytest.raises(ValueError, match="`r2` must be non-negative and finite, got -1"):
        Regularized(DiracGAN(), r2=-1)
    with pytest.raises(TypeError, match=r"`gradient_penalty` must be a pair \(weight, target\), got 1.0"):
        Regularized(DiracGAN(), gradient_penalty=1.0)
    with pytest.raises(ValueError, match="`dragan: spread` must be non-negative"):
        Regularized(DiracGAN(), dragan=(1.0, -0.1))


def test_options_survive_redraws():
    game = Regularized(neural_gan().draw(0), r2=0.1, gradient_penalty=(0.5, 1.0), dragan=(0.1, 0.2))
    for other in (game.redraw(), game.full()):
        assert (other.r2, other.gradient_penalty, other.dragan) == (0.1, (0.5, 1.0), (0.1, 0.2))
