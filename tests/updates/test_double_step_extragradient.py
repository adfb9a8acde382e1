"""Extragradient with two decreasing steps: its order on a bilinear game, with and without noise."""

import numpy
import pytest

from gamedyn.games import Bilinear, DiracGAN, Quadratic, StochasticGame
from gamedyn.updates import DoubleStepExtragradient, Extragradient
from tests.updates.monotone import path


def test_both_steps_decrease_at_their_own_rate():
    # x^2 / 2, h = g = 1/2, exponents 1 and 2, from 8: 8 - 4 / 2 = 6; then g = 1/4, h = 1/8: 6 - (6 - 3/2) / 8.
    rule = DoubleStepExtragradient(0.5, exponents=(1, 2))
    points = path(rule, Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), 2)
    assert points[:, 0].tolist() == [8.0, 6.0, 5.4375]
    # From k + b = 2 on at once.
    later = DoubleStepExtragradient(0.5, exponents=(1, 2), offset=2.0)
    assert path(later, Quadratic([[[1.0]]], (1,)), numpy.array([6.0]), 1)[1].tolist() == [5.4375]


def test_constant_steps_are_extragradient(rng):
    z = rng.standard_normal((3, 2))
    rule = DoubleStepExtragradient(0.2, extrapolation_step=0.4, exponents=(0, 0))
    plain = path(Extragradient(0.2, extrapolation_step=0.4), DiracGAN(), z, 9)
    numpy.testing.assert_allclose(path(rule, DiracGAN(), z, 9), plain, rtol=1e-14)


def test_on_a_bilinear_game_the_distance_falls_as_a_power():
    # log |z_k| = -s^2 sum h_j g_j + O(1), and h_j g_j = h g / (j + 1): |z_k| ~ k^(-h g s^2).
    h, g, s = 0.3, 0.5, 2.0
    distances = numpy.linalg.norm(path(DoubleStepExtragradient(h, g), Bilinear([[s]]), numpy.ones(2), 8000), axis=-1)
    slope = numpy.log(distances[8000] / distances[2000]) / numpy.log(4)
    assert slope == pytest.approx(-h * g * s**2, rel=0.1, abs=0.0)
    # Exponents the other way round: the h_j^2 take over, and it runs away first.
    reversed_ = DoubleStepExtragradient(h, g, exponents=(2 / 3, 1 / 3))
    assert numpy.linalg.norm(path(reversed_, Bilinear([[s]]), numpy.ones(2), 2000)[-1]) > 5


class Noisy(Bilinear):
    """x y with a gradient off by a draw of its own, which `redraw` replaces."""

    def __init__(self, rng, size):
        super().__init__([[1.0]])
        self.rng, self.size = rng, size
        self.noise = rng.standard_normal(size)

    def simultaneous_gradient(self, z):
        return super().simultaneous_gradient(z) + self.noise

    def redraw(self):
        return Noisy(self.rng, self.size)


class NoisyGame(StochasticGame):
    dims = (1, 1)

    def draw(self, rng):
        return Noisy(rng, (200, 2))

    def full(self):
        return Bilinear([[1.0]])


def test_under_noise_it_converges_and_constant_steps_do_not(rng):
    means = {}
    for name, rule in {
        "double": DoubleStepExtragradient(0.5, 1.0, offset=10.0),
        "constant": DoubleStepExtragradient(0.2, exponents=(0, 0)),
    }.items():
        z = 3 * numpy.ones((200, 2))
        state = rule.init(NoisyGame().full(), z)
        for k in range(1, 4001):
            z, state = rule.step(NoisyGame().draw(rng), z, state)
            if k in (400, 4000):
                means[name, k] = numpy.mean((z**2).sum(-1))
    # Steady state of constant steps: E|z|^2 = 2 h^2 (1 + h^2) / (h^2 - h^4), about 2.17; its error is some 10 %.
    assert means["constant", 4000] == pytest.approx(2 * (1 + 0.04) / (1 - 0.04), rel=0.4, abs=0.0)
    assert means["double", 4000] < 0.6 * means["double", 400]
    assert means["double", 4000] < 0.2


def test_the_second_gradient_is_on_a_fresh_sample():
    class Once(Bilinear):
        def redraw(self):
            return Bilinear([[5.0]])

    # x y first, 5 x y then: ahead (1, 1) - (1, -1) = (0, 2), and (1, 1) - (10, 0).
    z, _ = path(DoubleStepExtragradient(1.0), Once([[1.0]]), numpy.ones(2), 1)[1]
    assert z == -9.0


def test_exponents_are_two_and_not_negative():
    with pytest.raises(ValueError, match=r"`exponents` must be a pair \(r_g, r_h\), got \(1,\)"):
        DoubleStepExtragradient(0.1, exponents=(1,))
    with pytest.raises(ValueError, match=r"`exponents` must be non-negative and finite, got -0\.5"):
        DoubleStepExtragradient(0.1, exponents=(0, -0.5))
    with pytest.raises(ValueError, match="`offset` must be positive and finite, got 0"):
        DoubleStepExtragradient(0.1, offset=0)


def test_equal_exponents_of_zero_make_a_linear_rule_with_the_matrix_of_extragradient(rng):
    jacobian = rng.standard_normal((3, 4, 4))
    rule = DoubleStepExtragradient(0.2, extrapolation_step=0.4, exponents=(0, 0))
    expected = Extragradient(0.2, extrapolation_step=0.4)
    assert rule.is_linear
    assert rule.is_time_invariant
    assert numpy.allclose(
        rule.iteration_matrix(jacobian, (2, 2)), expected.iteration_matrix(jacobian, (2, 2)), atol=1e-14
    )
    assert numpy.allclose(rule.symbol(0.3 + 1j), expected.symbol(0.3 + 1j), atol=1e-14)
    changing = DoubleStepExtragradient(0.2)
    assert not changing.is_linear
    assert not changing.is_time_invariant
    with pytest.raises(NotImplementedError, match="DoubleStepExtragradient has no matrix"):
        changing.iteration_matrix(jacobian, (2, 2))
