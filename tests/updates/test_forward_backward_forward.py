"""The forward-backward-forward method."""

import numpy

from gamedyn.games import Box, Quadratic
from gamedyn.updates import Extragradient, ForwardBackwardForward
from tests.updates.monotone import games


def test_the_second_step_corrects_the_first():
    # x^2 / 2, h = 1/2 from 8: y = 4, and 4 - (4 - 8) / 2 = 6.
    assert ForwardBackwardForward(0.5).step(Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), None)[0].tolist() == [6.0]


def test_without_a_domain_it_is_extragradient(rng):
    for game in games(rng):
        z = rng.standard_normal((3, 4))
        moved = ForwardBackwardForward(0.7).step(game, z, None)[0]
        numpy.testing.assert_allclose(moved, Extragradient(0.7).step(game, z, None)[0], rtol=1e-12, atol=1e-13)


def test_every_step_comes_nearer_by_what_theory_promises(rng):
    # |z+ - z*|^2 <= |z - z*|^2 - (1 - h^2 L^2) |y - z|^2, also on a box that holds z* = 0, here on its boundary.
    for game in games(rng):
        game.domain = Box(numpy.array([0.0, -1.0, -1.0, 0.0]), numpy.ones(4))
        for h in (0.3, 0.9):
            z = game.domain.project(rng.standard_normal((20, 4)))
            for _ in range(10):
                moved, _ = ForwardBackwardForward(h).step(game, z, None)
                y = game.domain.project(z - h * game.simultaneous_gradient(z))
                bound = (z**2).sum(-1) - (1 - h**2) * ((y - z) ** 2).sum(-1)
                assert ((moved**2).sum(-1) <= bound + 1e-12).all()
                z = moved
