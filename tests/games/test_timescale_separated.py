"""Players at different speeds."""

import numpy
import pytest

from gamedyn.games import Bilinear, Quadratic, TimescaleSeparated
from gamedyn.updates import SimultaneousGradientDescent


def three_players(rng):
    return Quadratic.from_jacobian(rng.standard_normal((3, 3)), (1, 1, 1))


def test_a_step_moves_player_1_tau_times_as_far():
    z, rule = numpy.array([1.0, 2.0]), SimultaneousGradientDescent(0.1)
    moved = rule.step(TimescaleSeparated(Bilinear([[1.0]]), 3.0), z, None)[0] - z
    plain = rule.step(Bilinear([[1.0]]), z, None)[0] - z
    numpy.testing.assert_allclose(moved, plain * [1.0, 3.0], rtol=1e-14)


def test_every_player_may_have_a_factor(rng):
    game = three_players(rng)
    scaled = TimescaleSeparated(game, (2.0, 0.5, 4.0))
    jacobian = numpy.diag([2.0, 0.5, 4.0]) @ game.jacobian(numpy.zeros(3))
    numpy.testing.assert_allclose(scaled.jacobian(numpy.zeros(3)), jacobian, rtol=1e-15)


def test_factors_must_fit(rng):
    with pytest.raises(ValueError, match="`tau` must have one factor per player, got one number for 3 players"):
        TimescaleSeparated(three_players(rng), 2.0)
    with pytest.raises(ValueError, match="one factor for each of the 2 players, got 3"):
        TimescaleSeparated(Bilinear([[1.0]]), (1.0, 2.0, 3.0))
    with pytest.raises(ValueError, match=r"`tau` must be positive and finite, got -1\.0"):
        TimescaleSeparated(Bilinear([[1.0]]), -1.0)


def test_samples_are_passed_on():
    game = TimescaleSeparated(Bilinear([[1.0]]), 3.0)
    assert game.redraw().tau == 3.0
    assert isinstance(game.full(), TimescaleSeparated)


def test_every_point_of_a_batch_may_have_factors_of_its_own(rng):
    # On every derivative, and against the game with numbers as factors, one point at a time.
    game = Quadratic.from_jacobian(numpy.array([[2.0, 0.5, 1.0], [0.5, 1.0, -1.0], [3.0, 1.0, 1.5]]), (2, 1))
    z, v, taus = rng.standard_normal((3, 3)), rng.standard_normal((3, 3)), numpy.array([0.5, 2.0, 7.0])
    for tau, single in ((taus, lambda i: float(taus[i])), ((taus, 2.0), lambda i: (float(taus[i]), 2.0))):
        together = TimescaleSeparated(game, tau)
        for i in range(3):
            alone = TimescaleSeparated(game, single(i))
            for name in ("losses", "loss_gradients", "simultaneous_gradient", "jacobian", "loss_hessians"):
                numpy.testing.assert_allclose(
                    getattr(together, name)(z)[i], getattr(alone, name)(z[i]), rtol=1e-14, err_msg=name
                )
            for name in ("jvp", "vjp", "own_hvp", "cross_jvp", "cross_vjp"):
                expected = getattr(alone, name)(z[i], v[i])
                numpy.testing.assert_allclose(
                    getattr(together, name)(z, v)[i], expected, rtol=1e-13, atol=1e-15, err_msg=name
                )
            for player in (0, 1):
                for name in ("player_gradient", "own_hessian"):
                    expected = getattr(alone, name)(z[i], player)
                    numpy.testing.assert_allclose(getattr(together, name)(z, player)[i], expected, rtol=1e-14)
    shared = TimescaleSeparated(game, taus).jacobian(numpy.zeros((2, 3, 3)))
    assert shared.shape == (2, 3, 3, 3)
    with pytest.raises(ValueError, match="`tau` must be positive and finite, got an array"):
        TimescaleSeparated(game, numpy.array([1.0, -1.0]))
