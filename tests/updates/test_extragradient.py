"""The extragradient method."""

import numpy
import pytest

from gamedyn.games import Bilinear, DiracGAN, Quadratic
from gamedyn.updates import Extragradient


def test_the_gradient_is_taken_where_the_first_one_leads():
    # L = x^2 / 2 alone: x - h (x - g x) with h = 1/2 and g = 1/4 at x = 8: 8 - 6 / 2 = 5.
    game = Quadratic([[[1.0]]], (1,))
    assert Extragradient(0.5, extrapolation_step=0.25).step(game, numpy.array([8.0]), None)[0].tolist() == [5.0]
    assert Extragradient(0.5).step(game, numpy.array([8.0]), None)[0].tolist() == [6.0]


def test_it_agrees_with_the_proximal_point_to_second_order():
    # The implicit step's expansion z - h xi + h^2 J xi - ... is met up to h^2: halving h divides the gap by eight.
    from gamedyn.updates import ProximalPoint

    game, z, gaps = DiracGAN(), numpy.array([1.0, -0.5]), []
    for h in (0.02, 0.01):
        implicit = ProximalPoint(h)
        gaps.append(
            numpy.linalg.norm(
                Extragradient(h).step(game, z, None)[0] - implicit.step(game, z, implicit.init(game, z))[0]
            )
        )
    assert gaps[0] / gaps[1] == pytest.approx(8, rel=0.05, abs=0.0)


def test_in_turn_players_see_the_newest_blocks():
    # x y, h = 1/2 from (4, 4). Ahead: x = 4 - 2 = 2, y = 4 + 1 = 5. Then x = 4 - 5/2 = 3/2, y = 4 + 3/4.
    rule = Extragradient(0.5, schedule="alternating")
    assert rule.step(Bilinear([[1.0]]), numpy.array([4.0, 4.0]), None)[0].tolist() == [1.5, 4.75]
    with pytest.raises(ValueError, match="`schedule` must be one of 'simultaneous', 'alternating', got 'both'"):
        Extragradient(0.5, schedule="both")


def test_the_extrapolation_must_be_positive():
    with pytest.raises(ValueError, match="`extrapolation_step` must be positive and finite, got 0"):
        Extragradient(0.1, extrapolation_step=0)
