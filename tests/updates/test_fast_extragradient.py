"""The fast extragradient method against its published bound, monotone games and less."""

import numpy
import pytest

from gamedyn.games import Bilinear, DiracGAN, Quadratic
from gamedyn.updates import Extragradient, FastExtragradient, SimultaneousGradientDescent
from tests.updates.monotone import games, path, rotations, sizes

K = numpy.arange(301)[:, None]
FREQUENCIES = numpy.geomspace(1e-3, 1, 40)


def test_look_ahead_and_step_have_lengths_of_their_own():
    # x^2 / 2, h = 1/2 from 8: b = 1, so that 8 - 4 = 4. Then b = 1/2, c = 6, ahead 6 - 1 = 5, and 6 - 5/2 = 7/2.
    points = path(FastExtragradient(0.5), Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), 2)
    assert points[:, 0].tolist() == [8.0, 4.0, 3.5]
    # rho = 1/4: ahead 6 - (1/2 + 1/2) 4 / 2 = 4, and 6 - 4 / 2 - 4 / 4 = 3.
    points = path(FastExtragradient(0.5, comonotonicity=0.25), Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), 2)
    assert points[:, 0].tolist() == [8.0, 4.0, 3.0]


def test_the_first_step_is_a_plain_one(rng):
    z = rng.standard_normal((3, 2))
    first = path(FastExtragradient(0.3), DiracGAN(), z, 1)[1]
    numpy.testing.assert_allclose(first, SimultaneousGradientDescent(0.3).step(DiracGAN(), z, None)[0], rtol=1e-15)


def test_the_gradient_obeys_the_published_bound(rng):
    for game in [*games(rng), rotations([numpy.pi / 2] * 40, FREQUENCIES)]:
        z = rng.standard_normal((8, sum(game.dims)))
        z /= numpy.linalg.norm(z, axis=-1, keepdims=True)
        assert (K**2 * sizes(FastExtragradient(1.0), game, z, 300) ** 2 <= 4 + 1e-12).all()


def test_the_bound_is_attained_where_the_paper_says():
    # On x y from (1, 0) with h = 1: z_{4 l + 2} = (0, 1 / (2 l + 1)), so that |xi| k = 2.
    points = path(FastExtragradient(1.0), Bilinear([[1.0]]), numpy.array([1.0, 0.0]), 402)[2::4]
    expected = numpy.stack([numpy.zeros(101), 1 / (2 * numpy.arange(101.0) + 1)], axis=-1)
    numpy.testing.assert_allclose(points, expected, rtol=0, atol=1e-14)


def test_the_bound_tells_it_from_extragradient():
    # The worst frequency of all: k |xi| / |z_0| reaches 2 = 2 L, and leaves it far behind without the anchor.
    game = rotations([numpy.pi / 2] * 40, FREQUENCIES)
    z = numpy.tile([1.0, 0.0], 40)
    worst = {}
    for rule in (FastExtragradient(1.0), Extragradient(0.7)):
        points = path(rule, game, z, 1000).reshape(1001, 40, 2)
        sizes_ = numpy.linalg.norm(points, axis=-1) * FREQUENCIES
        worst[type(rule)] = numpy.max(numpy.arange(1001)[:, None] * sizes_)
    assert worst[FastExtragradient] == pytest.approx(2.0, rel=1e-12, abs=0.0)
    assert worst[Extragradient] > 10


def test_the_game_may_be_less_than_monotone():
    # Eigenvalues l = r e^(i t) on the circle Re l = rho |l|^2, rho = -3/10: |xi| <= 2 |z_0| / ((h + 2 rho) k).
    rho = -0.3
    sizes_ = numpy.geomspace(1e-2, 1, 40)
    game = rotations(numpy.arccos(rho * sizes_), sizes_)
    rule = FastExtragradient(1.0, comonotonicity=rho)
    points = path(rule, game, numpy.tile([1.0, 0.0], 40), 1000).reshape(1001, 40, 2)
    scaled = numpy.arange(1001)[:, None] * numpy.linalg.norm(points, axis=-1) * sizes_
    assert numpy.max(scaled) <= 2 / (1 + 2 * rho)
    # Told nothing of rho, it breaks that bound.
    points = path(FastExtragradient(1.0), game, numpy.tile([1.0, 0.0], 40), 300).reshape(301, 40, 2)
    assert numpy.max(K * numpy.linalg.norm(points, axis=-1) * sizes_) > 2 / (1 + 2 * rho)


def test_comonotonicity_is_bounded_below_by_the_step():
    with pytest.raises(ValueError, match="`comonotonicity` must be greater than -`step_size` / 2, got "):
        FastExtragradient(1.0, comonotonicity=-0.5)
    with pytest.raises(TypeError, match="`comonotonicity` must be a number or array, got 'weak' of type str"):
        FastExtragradient(1.0, comonotonicity="weak")
