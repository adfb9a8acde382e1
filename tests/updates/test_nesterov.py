"""Nesterov's acceleration with constant momentum."""

import math

import numpy
import pytest

from gamedyn.games import DiracGAN, Quadratic
from gamedyn.updates import Nesterov, SimultaneousGradientDescent
from tests.updates.monotone import path


def test_it_descends_from_where_momentum_leads():
    # x^2 / 2, h = b = 1/2 from 8: 4; u = 4 - 2 = 2, so that 1; u = 1 - 3/2 = -1/2, so that -1/4.
    points = path(Nesterov(0.5, momentum=0.5), Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), 3)
    assert points[:, 0].tolist() == [8.0, 4.0, 1.0, -0.25]


def test_without_momentum_it_is_descent(rng):
    z = rng.standard_normal((3, 2))
    plain = path(SimultaneousGradientDescent(0.3), DiracGAN(), z, 9)
    numpy.testing.assert_array_equal(path(Nesterov(0.3), DiracGAN(), z, 9), plain)


def test_its_momentum_of_a_quadratic_leaves_one_minus_the_root_of_the_condition():
    # h = 1 / L and b = (1 - q) / (1 + q), q = sqrt(mu / L): both multipliers of mu are 1 - q.
    mu, largest = 1.0, 25.0
    q = math.sqrt(mu / largest)
    moduli = abs(Nesterov(1 / largest, momentum=(1 - q) / (1 + q)).symbol(numpy.linspace(mu, largest, 50)))
    assert moduli.max() == pytest.approx(1 - q, rel=1e-7, abs=0.0)


@pytest.mark.parametrize("momentum", [1, -0.1])
def test_momentum_is_a_share(momentum):
    with pytest.raises(ValueError, match=r"`momentum` must lie in \[0, 1\), got "):
        Nesterov(0.1, momentum=momentum)


def test_it_has_no_flow():
    with pytest.raises(NotImplementedError, match="Nesterov has no flow"):
        Nesterov(0.1).flow(DiracGAN(), numpy.ones(2))
