"""The past extragradient method: its cold start and its one gradient per step."""

import numpy

from gamedyn.games import Counted, DiracGAN, Quadratic
from gamedyn.updates import Extragradient, PastExtragradient
from tests.updates.monotone import path


def test_it_steps_with_the_gradient_ahead_and_looks_ahead_with_the_one_before():
    # x^2 / 2, h = 1/2 from 8: z~ = 8 - 4 = 4, z = 8 - 2 = 6; z~ = 6 - 2 = 4, z = 6 - 2 = 4; z~ = 4 - 2 = 2, z = 3.
    points = path(PastExtragradient(0.5), Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), 3)
    assert points[:, 0].tolist() == [8.0, 6.0, 4.0, 3.0]


def test_the_first_step_is_one_of_extragradient(rng):
    z = rng.standard_normal((4, 2))
    first = path(PastExtragradient(0.3), DiracGAN(), z, 1)[1]
    numpy.testing.assert_array_equal(first, Extragradient(0.3).step(DiracGAN(), z, None)[0])


def test_the_start_costs_one_gradient_once():
    game = Counted(DiracGAN())
    path(PastExtragradient(0.1), game, numpy.ones(2), 7)
    assert game.gradients == 8
