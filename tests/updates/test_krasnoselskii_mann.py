"""Averaged resolvent steps."""

import numpy
import pytest

from gamedyn.games import Bilinear, DiracGAN, Quadratic
from gamedyn.updates import KrasnoselskiiMann, ProximalPoint
from tests.updates.monotone import path


def test_it_goes_a_share_of_the_implicit_step():
    # x^2 / 2, h = 1 from 8: the implicit step leads to 4; three quarters of the way is 5.
    rule = KrasnoselskiiMann(1.0, relaxation=0.75)
    assert path(rule, Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), 1)[1].tolist() == [5.0]


def test_a_whole_share_is_the_proximal_point_method(rng):
    z = rng.standard_normal((3, 2))
    whole = path(KrasnoselskiiMann(0.7, relaxation=1), DiracGAN(), z, 5)
    numpy.testing.assert_allclose(whole, path(ProximalPoint(0.7), DiracGAN(), z, 5), rtol=1e-13)


def test_newton_steps_are_those_asked_for():
    z, game = numpy.array([2.0, -1.0]), DiracGAN()
    one, five = (path(KrasnoselskiiMann(1.0, newton_steps=count), game, z, 1)[1] for count in (1, 5))
    assert numpy.max(abs(one - five)) > 1e-3
    assert KrasnoselskiiMann(1.0, newton_steps=1).cost.solves == 1


def test_twice_the_share_reflects_and_keeps_distances(rng):
    z, game = rng.standard_normal((3, 4)), Bilinear(rng.standard_normal((2, 2)))
    distances = numpy.linalg.norm(path(KrasnoselskiiMann(1.3, relaxation=2), game, z, 20), axis=-1)
    numpy.testing.assert_allclose(distances, numpy.broadcast_to(distances[0], distances.shape), rtol=1e-13)
    nearer = numpy.linalg.norm(path(KrasnoselskiiMann(1.3, relaxation=1.9), game, z, 20), axis=-1)
    assert (numpy.diff(nearer, axis=0) < 0).all()


@pytest.mark.parametrize("relaxation", [0, 2.1])
def test_the_relaxation_is_at_most_two(relaxation):
    with pytest.raises(ValueError, match=r"`relaxation` must lie in \(0, 2\], got "):
        KrasnoselskiiMann(0.1, relaxation=relaxation)
