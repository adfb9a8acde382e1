"""The forward-reflected-backward method."""

import numpy

from gamedyn.games import Box, DiracGAN, Quadratic
from gamedyn.updates import ForwardReflectedBackward, OptimisticGradient
from tests.updates.monotone import path


def test_without_a_domain_it_is_optimistic(rng):
    z = rng.standard_normal((3, 2))
    numpy.testing.assert_array_equal(
        path(ForwardReflectedBackward(0.3), DiracGAN(), z, 20), path(OptimisticGradient(0.3), DiracGAN(), z, 20)
    )


def test_the_reflected_gradient_is_that_at_projected_points():
    # x^2 / 2 on [3, 9], h = 1/4 from 8: 8 - 2 = 6; 6 - (12 - 8) / 4 = 5; 5 - (10 - 6) / 4 = 4; 4 - (8 - 5) / 4 = 13/4;
    # 13/4 - (13/2 - 4) / 4 = 21/8, which is projected on 3; 3 - (6 - 13/4) / 4 < 3.
    game = Quadratic([[[1.0]]], (1,))
    game.domain = Box(3.0, 9.0)
    points = path(ForwardReflectedBackward(0.25), game, numpy.array([8.0]), 6)
    assert points[:, 0].tolist() == [8.0, 6.0, 5.0, 4.0, 3.25, 3.0, 3.0]
