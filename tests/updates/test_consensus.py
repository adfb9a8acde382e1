"""Consensus optimisation."""

import numpy
import pytest

from gamedyn.games import DiracGAN, Quadratic
from gamedyn.updates import Consensus, SimultaneousGradientDescent


def test_the_second_term_descends_the_size_of_the_gradient(rng):
    game, gamma, h = DiracGAN(), 0.7, 0.1
    z = rng.standard_normal(2)
    size = lambda w: numpy.sum(game.simultaneous_gradient(w) ** 2) / 2  # noqa: E731
    slope = numpy.array([size(z + 1e-30j * e).imag / 1e-30 for e in numpy.eye(2)])
    moved, _ = Consensus(h, gamma=gamma).step(game, z, None)
    numpy.testing.assert_allclose(moved, z - h * (game.simultaneous_gradient(z) + gamma * slope), rtol=1e-13)


def test_without_it_consensus_is_simultaneous_descent(rng):
    z = rng.standard_normal((3, 2))
    numpy.testing.assert_allclose(
        Consensus(0.1, gamma=0).step(DiracGAN(), z, None)[0],
        SimultaneousGradientDescent(0.1).step(DiracGAN(), z, None)[0],
        rtol=1e-15,
    )


def test_it_may_rest_where_nobody_wants_to():
    # L = -x^2/2: J = -1, so that xi + J^T xi = 0 everywhere for gamma = 1, and any point is stationary for the rule.
    game = Quadratic([[[-1.0]]], (1,))
    assert Consensus(0.1, gamma=1.0).stationary_residual(game, numpy.array([3.0])).tolist() == [0.0]
    assert Consensus(0.1, gamma=0.5).stationary_residual(game, numpy.array([3.0])).tolist() == [-1.5]


def test_the_weight_must_not_be_negative():
    with pytest.raises(ValueError, match="`gamma` must be non-negative and finite, got -1"):
        Consensus(0.1, gamma=-1)
