"""Extragradient with a shorter second step."""

import numpy
import pytest

from gamedyn.games import DiracGAN, Quadratic
from gamedyn.updates import Extragradient, ExtragradientPlus
from tests.updates.monotone import path, rotations


def test_the_second_step_is_a_share_of_the_first():
    # x^2 / 2, h = 1/2, alpha = 1/4 from 8: ahead is 4, and 8 - 4 / 8 = 15/2.
    rule = ExtragradientPlus(0.5, alpha=0.25)
    assert rule.step(Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), None)[0].tolist() == [7.5]


def test_a_whole_share_is_extragradient(rng):
    z = rng.standard_normal((3, 2))
    numpy.testing.assert_array_equal(
        ExtragradientPlus(0.3, alpha=1).step(DiracGAN(), z, None)[0], Extragradient(0.3).step(DiracGAN(), z, None)[0]
    )


def test_it_converges_in_a_game_that_is_not_monotone():
    # l = -1/10 + 9 i / 10: |1 - l + l^2| > 1, and |1 - (l - l^2) / 2| < 1.
    game, z = rotations([numpy.arctan2(0.9, -0.1)], [numpy.hypot(0.1, 0.9)]), numpy.array([1.0, 0.0])
    assert numpy.linalg.norm(path(Extragradient(1.0), game, z, 200)[-1]) > 1e3
    assert numpy.linalg.norm(path(ExtragradientPlus(1.0), game, z, 200)[-1]) < 1e-6


@pytest.mark.parametrize("alpha", [0, 1.1])
def test_alpha_is_a_share(alpha):
    with pytest.raises(ValueError, match=r"`alpha` must lie in \(0, 1\], got "):
        ExtragradientPlus(0.1, alpha=alpha)
