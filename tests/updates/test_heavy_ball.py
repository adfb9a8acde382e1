"""Heavy-ball momentum of either sign, at once and in turn."""

import math

import numpy
import pytest

from gamedyn.games import Bilinear, DiracGAN, Quadratic
from gamedyn.updates import AlternatingGradientDescent, HeavyBall, SimultaneousGradientDescent
from tests.updates.monotone import path


def test_a_share_of_the_last_move_is_kept():
    # x^2 / 2, h = b = 1/2 from 8: 4; then 4 - 2 - 2 = 0; then 0 - 0 - 2 = -2.
    points = path(HeavyBall(0.5, momentum=0.5), Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), 3)
    assert points[:, 0].tolist() == [8.0, 4.0, 0.0, -2.0]


def test_in_turn_gradients_are_fresh_and_momentum_is_not():
    # x y, h = 1, b = -1/2 from (4, 4): x = 0, y = 4. Then x = 0 - 4 + 2 = -2, y = 4 - 2 - 0 = 2.
    points = path(HeavyBall(1.0, momentum=-0.5, schedule="alternating"), Bilinear([[1.0]]), numpy.array([4.0, 4.0]), 2)
    assert points.tolist() == [[4.0, 4.0], [0.0, 4.0], [-2.0, 2.0]]


def test_without_momentum_it_is_descent(rng):
    z = rng.standard_normal((3, 2))
    for schedule, plain in (("simultaneous", SimultaneousGradientDescent), ("alternating", AlternatingGradientDescent)):
        rule = HeavyBall(0.3, schedule=schedule)
        numpy.testing.assert_array_equal(path(rule, DiracGAN(), z, 9), path(plain(0.3), DiracGAN(), z, 9))


def test_negative_momentum_in_turn_comes_to_rest_and_positive_does_not():
    z, game = numpy.array([1.0, 1.0]), Bilinear([[1.0]])
    last = {
        (b, schedule): numpy.linalg.norm(path(HeavyBall(0.5, momentum=b, schedule=schedule), game, z, 400)[-1])
        for b in (-0.5, 0.5)
        for schedule in ("simultaneous", "alternating")
    }
    assert last.pop((-0.5, "alternating")) < 1e-6
    assert min(last.values()) > 1e3


def test_the_best_momentum_of_a_quadratic_is_polyaks():
    # h = 4 / (sqrt L + sqrt mu)^2 and b = q^2, q = (sqrt L - sqrt mu) / (sqrt L + sqrt mu): radius q over [mu, L].
    mu, largest = 1.0, 25.0
    q = (math.sqrt(largest) - math.sqrt(mu)) / (math.sqrt(largest) + math.sqrt(mu))
    rule = HeavyBall(4 / (math.sqrt(largest) + math.sqrt(mu)) ** 2, momentum=q**2)
    moduli = abs(rule.symbol(numpy.linspace(mu, largest, 50)))
    numpy.testing.assert_allclose(moduli, q, rtol=1e-7)


@pytest.mark.parametrize("momentum", [1, -1.0, 1.5, float("nan"), numpy.array([0.5, 2.0])])
def test_momentum_lies_between_minus_one_and_one(momentum):
    with pytest.raises(ValueError, match=r"`momentum` must lie in \(-1, 1\), got "):
        HeavyBall(0.1, momentum=momentum)


def test_schedules_are_two():
    with pytest.raises(ValueError, match="`schedule` must be one of 'simultaneous', 'alternating', got 'alternate'"):
        HeavyBall(0.1, schedule="alternate")


def test_it_has_no_flow():
    with pytest.raises(NotImplementedError, match="HeavyBall has no flow"):
        HeavyBall(0.1).flow(DiracGAN(), numpy.ones(2))
