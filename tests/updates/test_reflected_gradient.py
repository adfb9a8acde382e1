"""The projected reflected gradient method."""

import numpy

from gamedyn.games import DiracGAN, Quadratic
from gamedyn.updates import OptimisticGradient, ReflectedGradient
from tests.updates.monotone import games, path


def test_the_gradient_is_taken_at_the_reflection():
    # x^2 / 2, h = 1/2 from 8: 8 - 4 = 4; reflection 0, so that 4 stays; reflection 4: 4 - 2 = 2; reflection 0.
    points = path(ReflectedGradient(0.5), Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), 4)
    assert points[:, 0].tolist() == [8.0, 4.0, 4.0, 2.0, 2.0]


def test_on_linear_games_it_is_optimistic(rng):
    for game in games(rng):
        z = rng.standard_normal((3, 4))
        numpy.testing.assert_allclose(
            path(ReflectedGradient(0.3), game, z, 30), path(OptimisticGradient(0.3), game, z, 30), rtol=0, atol=1e-13
        )


def test_on_others_it_is_not():
    z = numpy.array([1.5, -1.0])
    gap = path(ReflectedGradient(0.3), DiracGAN(), z, 5) - path(OptimisticGradient(0.3), DiracGAN(), z, 5)
    assert numpy.max(abs(gap[:2])) == 0
    assert numpy.max(abs(gap)) > 1e-3
